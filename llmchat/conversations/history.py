"""What a model is told of a conversation: its questions and answers, without thoughts."""

from __future__ import annotations

from collections.abc import Sequence

from llmchat.attachments.parts import reference
from llmchat.conversations.calls import has_calls, with_calls
from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.conversation import Conversation, Message

MERGE = (
    "Here are {count} answers to this. Write one that keeps what is right and useful in them,"
    " settles where they disagree, and says nothing twice. Answer the question itself, and do not"
    " mention these answers."
)


def history(
    conversation: Conversation | None, path: Sequence[Message], *, calls: bool = False
) -> list[JSONObject]:
    """The messages of a request: what the settings say first, then the path from the root. Files
    are only named: `attachments/parts.py`. `calls`: also what tools were called and gave, which
    endpoints take only together with tools.

    An answer that failed before it said anything is left out. Some models refuse two messages of
    the same role in a row: such neighbours are joined.
    """
    told: list[JSONObject] = []
    system = conversation.settings.get("system") if conversation is not None else None
    if isinstance(system, str) and system:
        told.append({"role": "system", "content": system})
    newest = next((one.id for one in reversed(path) if has_calls(one)), None)
    for message in path:
        if calls and has_calls(message):
            told += with_calls(message, newest=message.id == newest)
            continue
        if message.role == "tool":  # it answers a call that is not told either
            continue
        content = _content(message)
        if not content:
            continue
        if told and told[-1]["role"] == message.role and "tool_calls" not in told[-1]:
            told[-1] = {"role": message.role, "content": _join(told[-1]["content"], content)}
        else:
            told.append({"role": message.role, "content": content})
    return told


def merging(messages: list[JSONObject], answers: Sequence[str]) -> list[JSONObject]:
    """The same question with answers to it, of which one is to be made."""
    told = [f"<answer {number}>\n{text}" for number, text in enumerate(answers, 1)]
    asked = _join(messages[-1]["content"], "\n\n".join([MERGE.format(count=len(answers)), *told]))
    return [*messages[:-1], {**messages[-1], "content": asked}]


def _content(message: Message) -> JSON:
    """A text, or its parts if there are files, which come first: questions are better read last."""
    if message.role != "user" or not message.attachments:
        return message.content
    return [*map(reference, message.attachments), *_parts(message.content)]


def _join(first: JSON, second: JSON) -> JSON:
    if isinstance(first, str) and isinstance(second, str):
        return f"{first}\n\n{second}"
    return [*_parts(first), *_parts(second)]


def _parts(content: JSON) -> list[JSON]:
    if isinstance(content, list):
        return content
    return [{"type": "text", "text": content}] if content else []
