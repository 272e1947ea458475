"""A share is a copy of a branch of a conversation that a link shows to whoever has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

SharedState: TypeAlias = Literal["done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Share:
    """What its owner sees of a link; its token is told once, and not kept. Times are milliseconds
    since the epoch; without `expires` it leads somewhere until it is revoked.
    """

    id: str
    conversation_id: str
    title: str
    created: int
    expires: int | None
    reasoning: bool
    files: bool


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file of a shared message. The link has it under its number in the whole copy, from 0."""

    number: int
    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class SharedMessage:
    """A question or an answer, and nothing of it that is not to be read by others: `model` has no
    folder and no address in it, and why an answer `failed` is not told. `withheld` is how many
    files it had that are not part of the copy.
    """

    role: Literal["user", "assistant"]
    content: str
    reasoning: str = ""
    thinking_seconds: float | None = None
    model: str | None = None
    state: SharedState = "done"
    files: list[SharedFile] = field(default_factory=list)
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class SharedChat:
    """All that a link shows. `created` is when the copy was made."""

    title: str
    created: int
    messages: list[SharedMessage]
