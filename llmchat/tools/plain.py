"""What a tool server says, as plain text: no control characters, no end in sight cut off."""

from __future__ import annotations

import json
import re

from llmchat.domain.chat import JSON

# ANSI sequences whole (ECMA-48: CSI, and OSC up to its end), so that no "[31m" is left of them.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)?|\x1b[@-_]"
)
# As in redaction.py and logs.py, with what is invisible: zero-width, tags (U+E0000), fillers.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def plain(text: str, most: int) -> str:
    """`text` without what is not shown, of at most so many characters; lines stay lines."""
    text = _HIDDEN.sub("", _ESCAPES.sub("", text[: 2 * most + 4096]).replace("\r\n", "\n"))
    text = text.replace("\r", "\n")
    return text if len(text) <= most else f"{text[: most - 1]}…"


def plain_line(text: str, most: int) -> str:
    """The same on one line."""
    return " ".join(plain(text, most).split())


def visible(document: str) -> str:
    """The same JSON, in which nothing hides: who allows arguments has seen all of them."""
    return _HIDDEN.sub(lambda match: json.dumps(match[0])[1:-1], document)


def plain_json(value: JSON, most: int) -> JSON:
    """A document whose texts are plain."""
    if isinstance(value, str):
        return plain(value, most)
    if isinstance(value, list):
        return [plain_json(one, most) for one in value]
    if isinstance(value, dict):
        return {plain_line(name, 200): plain_json(one, most) for name, one in value.items()}
    return value
