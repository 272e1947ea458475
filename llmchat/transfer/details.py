"""Parts the text of an answer from the HTML in which Open WebUI kept thoughts and tool calls."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from llmchat.domain.chat import JSONObject
from llmchat.transfer.values import tool_call

_OPEN = re.compile(r'<details\s+type="([a-z_]{1,40})"([^>]{0,200000})>', re.IGNORECASE)
_CLOSE = "</details>"
_ATTRIBUTE = re.compile(r'([a-z_]{1,40})="([^"]*)"', re.IGNORECASE)
_SUMMARY = re.compile(r"\A\s*<summary>[^<]*</summary>\n?")
_QUOTED = re.compile(r"^> ?", re.MULTILINE)


@dataclass(slots=True)
class Parted:
    """What an answer consists of."""

    text: str = ""
    reasoning: list[str] = field(default_factory=list)
    tool_calls: list[JSONObject] = field(default_factory=list)


def part(content: str) -> Parted:
    """Take the generated blocks out. `<details>` that somebody wrote has no type, and stays."""
    result = Parted()
    kept = []
    at = 0
    while match := _OPEN.search(content, at):
        end = content.find(_CLOSE, match.end())
        kept.append(content[at : match.start()])
        inside = content[match.end() : end if end >= 0 else len(content)]
        _take(result, match[1].lower(), match[2], inside)
        at = len(content) if end < 0 else end + len(_CLOSE)
    if not kept:
        result.text = content
        return result
    kept.append(content[at:])
    result.text = "\n\n".join(filter(None, (one.strip() for one in kept)))
    return result


def _take(result: Parted, kind: str, attributes: str, inside: str) -> None:
    if kind == "reasoning":
        thought = _QUOTED.sub("", _SUMMARY.sub("", inside, count=1))
        result.reasoning.append(html.unescape(thought).strip())
    elif kind == "tool_calls":
        values = {one[1].lower(): html.unescape(one[2]) for one in _ATTRIBUTE.finditer(attributes)}
        result.tool_calls.append(
            tool_call(
                values.get("id", ""),
                values.get("name", ""),
                values.get("arguments", ""),
                values.get("result", ""),
            )
        )
