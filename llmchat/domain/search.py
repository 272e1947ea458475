"""What is searched for, as a person types it, and what is found."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from llmchat.domain.conversation import ConversationId, MessageId, Role

MAX_CHARACTERS = 1000

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_PART = re.compile(
    r"""
    (?P<name>pinned|archived|model|project|before|after):(?:"(?P<quoted>[^"]*)"|(?P<value>\S*))
    | "(?P<phrase>[^"]*)"(?!\S)
    | (?P<word>\S+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DATE = re.compile("(19[7-9]|2[0-9]{2})[0-9]-[0-9]{2}-[0-9]{2}", re.ASCII)
_ANSWERS = {"": True, "yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True, slots=True)
class Query:
    """All `words` must occur, in any case of letters, also inside of other words; a phrase counts
    as a word. `before` and `after` are milliseconds since the epoch; None is anything.
    """

    words: tuple[str, ...] = ()
    pinned: bool | None = None
    archived: bool | None = None
    model: str | None = None
    project: str | None = None
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text; `hit`: it is one of the words."""

    text: str
    hit: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found, or a conversation by its title: then `message_id` is None and
    `created` is when something was last said in it.
    """

    conversation_id: ConversationId
    title: str
    title_parts: list[Part]
    message_id: MessageId | None
    role: Role | None
    created: int
    archived: bool
    snippet: list[Part]


def parse_query(text: str) -> Query:
    """Understand any text. What is no prefix with a good value is searched for as it stands; what
    comes after `MAX_CHARACTERS` is not looked at.
    """
    query, words = Query(), dict[str, None]()
    for part in _PART.finditer(_UNSTORABLE.sub("", text[:MAX_CHARACTERS])):
        if part["name"]:
            value = part["value"] if part["quoted"] is None else part["quoted"]
            known = _with(query, part["name"].lower(), value)
            if known is not None:
                query = known
                continue
        word = part[0] if part["phrase"] is None else part["phrase"]
        if word.strip():
            words[word] = None
    return replace(query, words=tuple(words))


def _with(query: Query, name: str, value: str) -> Query | None:
    """The query with a prefix; None if its value means nothing."""
    match name:
        case "pinned" | "archived":
            answer = _ANSWERS.get(value.lower())
            if answer is None:
                return None
            return (
                replace(query, pinned=answer)
                if name == "pinned"
                else replace(query, archived=answer)
            )
        case "model":
            return replace(query, model=value) if value.strip() else None
        case "project":
            return replace(query, project=value) if value.strip() else None
        case _:
            moment = _start_of_day(value)
            if moment is None:
                return None
            return (
                replace(query, before=moment) if name == "before" else replace(query, after=moment)
            )


def _start_of_day(text: str) -> int | None:
    """Midnight where the server is, since most people sit at it."""
    if not _DATE.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
        return int(datetime.combine(day, time.min).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError, OSError):  # no such day; or too early for the system's clock
        return None
