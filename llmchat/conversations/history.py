"""What a model is told of a conversation: its questions and answers, without thoughts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmchat.attachments.parts import reference
from llmchat.conversations.calls import has_calls, with_calls
from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.chat_settings import system_of
from llmchat.domain.conversation import Message
from llmchat.domain.project import Project

COMPACT = "compact"
"""The parameter of a message that is a summary of what is above it."""
_SUMMARY = "Summary of the conversation so far:"

MERGE = (
    "Here are {count} answers to this. Write one that keeps what is right and useful in them,"
    " settles where they disagree, and says nothing twice. Answer the question itself, and do not"
    " mention these answers."
)


def history(
    settings: Mapping[str, JSON],
    path: Sequence[Message],
    *,
    project: Project | None = None,
    calls: bool = False,
) -> list[JSONObject]:
    """The messages of a request: what the project and then the settings say first, then the path
    from the root, with the files of the project before the first question. Files are only named:
    `attachments/parts.py`. `calls`: also what tools were called and gave, which endpoints take only
    together with tools.

    An answer that failed before it said anything is left out. Some models refuse two messages of
    the same role in a row: such neighbours are joined. The last summary stands for what is above
    it; with `history` in the settings, only so many questions and what follows them are told.
    """
    summary = next((n for n in reversed(range(len(path))) if is_summary(path[n])), None)
    first = [project.system if project else None, system_of(settings)]
    if summary is not None:
        first.append(f"{_SUMMARY}\n\n{path[summary].content}")
    system = "\n\n".join(filter(None, first))
    told: list[JSONObject] = [{"role": "system", "content": system}] if system else []
    rest = path[0 if summary is None else summary + 1 :]
    newest = next((one.id for one in reversed(path) if has_calls(one)), None)
    for message in rest[_start(rest, settings.get("history")) :]:
        if calls and has_calls(message):
            told += with_calls(message, newest=message.id == newest)
            continue
        if message.role == "tool":  # it answers a call that is not told either
            continue
        if message.parameters.get(COMPACT):  # a summary that was cut
            continue
        content = _content(message)
        if not content:
            continue
        if told and told[-1]["role"] == message.role and "tool_calls" not in told[-1]:
            told[-1] = {"role": message.role, "content": _join(told[-1]["content"], content)}
        else:
            told.append({"role": message.role, "content": content})
    return told if project is None else _with_files(told, project)


def _with_files(told: list[JSONObject], project: Project) -> list[JSONObject]:
    files: list[JSON] = [reference(one, asked=False) for one in project.files]
    if not files:
        return told
    at = 1 if told and told[0]["role"] == "system" else 0
    if at < len(told) and told[at]["role"] == "user":
        first = {**told[at], "content": _join(files, told[at]["content"])}
        return [*told[:at], first, *told[at + 1 :]]
    return [*told[:at], {"role": "user", "content": files}, *told[at:]]


def is_summary(message: Message) -> bool:
    """Whether a message stands for all above it: one that is complete, or that a person wrote."""
    whole = message.state == "done" or message.edited is not None
    return message.parameters.get(COMPACT) is True and whole and message.content != ""


def _start(path: Sequence[Message], questions: JSON) -> int:
    """Where so many questions begin; all are told where nothing is said of that."""
    if not isinstance(questions, int) or questions < 1:
        return 0
    places = [n for n, message in enumerate(path) if message.role == "user"]
    return places[-questions] if len(places) > questions else 0


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
