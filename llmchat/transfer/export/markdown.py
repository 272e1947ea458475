"""One conversation as Markdown, to be read by people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from llmchat.domain.chat import JSONObject
from llmchat.domain.conversation import Attachment, Message
from llmchat.storage.exports import ExportedConversation, ExportedMessage
from llmchat.transfer.export.sessions import finished

_ROLES = {"user": "You", "assistant": "Assistant", "system": "System prompt", "tool": "Tool"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&])")
_UNITS = ("bytes", "KB", "MB", "GB")


def markdown(one: ExportedConversation, branch: Iterator[ExportedMessage]) -> Iterator[bytes]:
    """The messages of a branch, under the title. Their own Markdown is left as it is."""
    title = plain(one.conversation.title) or "Chat"
    yield f"# {title}\n\n*{_time(one.conversation.created)}*\n".encode()
    for exported in branch:
        yield _section(finished(exported.message)).encode("utf-8", "replace")


def plain(text: str) -> str:
    """A text on one line in which nothing is Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _section(message: Message) -> str:
    model = f" · {plain(message.model)}" if message.model and message.role == "assistant" else ""
    parts = [f"\n## {_ROLES[message.role]}{model}\n", f"*{_time(message.created)}*\n"]
    parts += [f"Attached: {_named(file)}\n" for file in message.attachments]
    if message.reasoning:
        reasoning = re.sub(r"</(?=details)", "&lt;/", message.reasoning, flags=re.IGNORECASE)
        parts.append(
            f"<details><summary>Reasoning</summary>\n\n{reasoning.strip()}\n\n</details>\n"
        )
    if message.content:
        parts.append(f"{message.content.strip()}\n")
    parts += [f"Called: {plain(_called(call))}\n" for call in message.tool_calls]
    if message.state == "cancelled":
        parts.append("*The answer was stopped here.*\n")
    if message.state == "error":
        parts.append(f"*The answer failed: {plain(_reason(message))}*\n")
    return "\n".join(parts)


def _named(file: Attachment) -> str:
    return f"{plain(file.name)} ({plain(file.type)}, {_size(file.size)})"


def _called(call: JSONObject) -> str:
    function = call.get("function")
    return str(function.get("name", "")) if isinstance(function, dict) else ""


def _reason(message: Message) -> str:
    return str((message.error or {}).get("message") or "for an unknown reason")


def _size(size: float) -> str:
    unit = 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size /= 1000
        unit += 1
    return f"{size:.3g} {_UNITS[unit]}"


def _time(milliseconds: int) -> str:
    """In the time zone of the machine, which it names."""
    try:
        time = datetime.fromtimestamp(milliseconds / 1000, tz=UTC).astimezone()
    except (OverflowError, ValueError, OSError):
        return "at an unknown time"
    return time.strftime("%Y-%m-%d %H:%M %z")
