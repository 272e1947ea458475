"""What a model is told of a conversation: its questions and answers, without thoughts."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.conversation import Attachment, Conversation, Message

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

ReadFile: TypeAlias = Callable[[str], Awaitable[bytes | None]]
"""Gives the content of a file by its id, None if it is not there."""


async def history(
    conversation: Conversation | None, path: Sequence[Message], read: ReadFile
) -> list[JSONObject]:
    """The messages of a request: what the settings say first, then the path from the root.

    An answer that failed before it said anything is left out. Some models refuse two messages of
    the same role in a row: such neighbours are joined.
    """
    told: list[JSONObject] = []
    system = conversation.settings.get("system") if conversation is not None else None
    if isinstance(system, str) and system:
        told.append({"role": "system", "content": system})
    for message in path:
        if message.role == "tool":  # it answers a call that is not told either
            continue
        content = await _content(message, read)
        if not content:
            continue
        if told and told[-1]["role"] == message.role:
            told[-1] = {"role": message.role, "content": _join(told[-1]["content"], content)}
        else:
            told.append({"role": message.role, "content": content})
    return told


async def _content(message: Message, read: ReadFile) -> JSON:
    """A text, or its parts if there are images."""
    images = [] if message.role != "user" else await _images(message.attachments, read)
    if not images:
        return message.content
    return [*_parts(message.content), *images]


async def _images(attachments: Sequence[Attachment], read: ReadFile) -> list[JSON]:
    parts: list[JSON] = []
    for one in attachments:
        if one.type in IMAGES and (data := await read(one.file)) is not None:
            url = f"data:{one.type};base64,{base64.b64encode(data).decode()}"
            parts.append({"type": "image_url", "image_url": {"url": url}})
    return parts


def _join(first: JSON, second: JSON) -> JSON:
    if isinstance(first, str) and isinstance(second, str):
        return f"{first}\n\n{second}"
    return [*_parts(first), *_parts(second)]


def _parts(content: JSON) -> list[JSON]:
    if isinstance(content, list):
        return content
    return [{"type": "text", "text": content}] if content else []
