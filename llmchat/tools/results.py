"""What a tool gave, as one text: that is all a model gets of it, and all the page shows."""

from __future__ import annotations

import mcp_types
import msgspec

from llmchat.tools.plain import plain, plain_line

_CUT = "\n[The rest of this result is left out: it is longer than {most} characters.]"


def text_of(result: mcp_types.CallToolResult, most: int) -> str:
    """The texts of a result. Pictures and sounds are only mentioned; nothing is fetched."""
    parts = [_text(block) for block in result.content]
    text = "\n".join(part for part in parts if part)
    if not text and result.structured_content is not None:
        text = msgspec.json.format(msgspec.json.encode(result.structured_content)).decode()
    shown = plain(text, most)
    if len(text) > most:
        shown += _CUT.format(most=most)
    return shown or "[The tool gave no text.]"


def _text(block: mcp_types.ContentBlock) -> str:
    match block:
        case mcp_types.TextContent():
            return block.text
        case mcp_types.ImageContent() | mcp_types.AudioContent():
            kind = plain_line(block.mime_type, 60)
            return f"[{kind}, {len(block.data) * 3 // 4} bytes, which is not shown.]"
        case mcp_types.ResourceLink():
            return f"[{plain_line(block.name, 200)}: {plain_line(block.uri, 500)}]"
        case mcp_types.EmbeddedResource():
            resource = block.resource
            if isinstance(resource, mcp_types.TextResourceContents):
                return resource.text
            return f"[{plain_line(resource.uri, 500)}, which is not shown.]"
