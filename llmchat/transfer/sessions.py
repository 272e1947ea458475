"""Gathers the records of a JSONL file, in which each conversation is a session and its messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.imported import Skipped
from llmchat.transfer.documents import MAX_DOCUMENT_BYTES, Broken
from llmchat.transfer.trees import MAX_MESSAGES
from llmchat.transfer.values import members, name, text


@dataclass(slots=True)
class Session:
    """The first record of a conversation, and its messages in the order of the file."""

    head: JSONObject
    messages: list[JSONObject] = field(default_factory=list)
    size: int = 0
    refused: str = ""

    @property
    def title(self) -> str:
        """What a person knows it by."""
        return text(self.head.get("name")) or name(self.head.get("id"))


def is_record(document: JSON) -> bool:
    """Whether a document is a line of such a file."""
    record = members(document)
    if record.get("type") == "session":
        return "messages" not in record
    return record.get("type") == "message" and "message" in record


def gather(lines: Iterable[tuple[int, JSON | Broken]]) -> Iterator[Session | Skipped]:
    """The sessions of a file, one after the other. Each line comes with its size."""
    session: Session | None = None
    for number, (size, line) in enumerate(lines, start=1):
        if isinstance(line, Broken):
            yield Skipped(f"line {number}", line.why)
            continue
        record = members(line)
        kind = record.get("type")
        if kind == "session":
            if session is not None:
                yield _checked(session)
            session = Session(record)
        elif kind == "message" and session is None:
            yield Skipped(f"line {number}", "it is a message before any session")
        elif kind == "message" and session is not None:
            _add(session, members(record.get("message")), size)
    if session is not None:
        yield _checked(session)


def _add(session: Session, message: JSONObject, size: int) -> None:
    if session.refused:
        return
    session.size += size
    if len(session.messages) >= MAX_MESSAGES:
        session.refused = f"it has more than {MAX_MESSAGES:,} messages"
    elif session.size > MAX_DOCUMENT_BYTES:
        session.refused = f"it is larger than {MAX_DOCUMENT_BYTES // (1024 * 1024)} MB"
    else:
        session.messages.append(message)
    if session.refused:
        session.messages.clear()


def _checked(session: Session) -> Session | Skipped:
    return Skipped(session.title, session.refused) if session.refused else session
