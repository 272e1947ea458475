"""What was seen of each job, from outside of the server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.chaos.plan import Plan

END = (4294967295, 0)
FINAL = ("done", "error")


class Seen(NamedTuple):
    """An event as a reader got it."""

    id: tuple[int, int]
    name: str
    data: Any

    def short(self) -> str:
        """The event on one line."""
        return f"{self.id[0]}-{self.id[1]} {self.name} {str(self.data)[:150]}"


@dataclass
class Call:
    """One request to an endpoint of ours, with times on the monotonic clock.

    `silent`: its connection ends before a byte of a reply. If it is one that was kept, the request
    is sent once more, and nobody is told.
    """

    number: int
    started: float
    endpoint: int
    silent: bool = False


@dataclass
class Stop:
    """A request to stop; `acknowledged` is when the 204 came."""

    seen: str | None
    acknowledged: float | None = None


@dataclass
class History:
    """A job. `touched` are the kinds of fault that may have met it before its end."""

    plan: Plan
    job_ids: set[str] = field(default_factory=set)
    readers: list[list[Seen]] = field(default_factory=list)
    first_text: float | None = None
    stops: list[Stop] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    server_kills: int = 0
    stored: list[Seen] = field(default_factory=list)
    stored_again: list[Seen] | None = None  # after another start of the server
    over: bool = False  # somebody has seen its end

    @property
    def job_id(self) -> str | None:
        """The id, once the job was accepted."""
        return next(iter(self.job_ids), None)

    def describe(self) -> str:
        """All that is known, for a person."""
        lines = [f"{self.plan}", f"ids {self.job_ids}, touched by {sorted(self.touched)}"]
        lines += [f"call {one}" for one in self.calls]
        lines += [f"stop {one}" for one in self.stops]
        lines.append(f"first text seen at {self.first_text}")
        for number, events in enumerate(self.readers):
            lines.append(f"reader {number}:")
            lines += shortened(events)
        lines += ["stored:", *shortened(self.stored)]
        return "\n  ".join(lines)


def shortened(events: Sequence[Seen]) -> list[str]:
    """The first and the last events, one line each."""
    lines = [f"  {one.short()}" for one in events]
    return lines if len(lines) <= 24 else [*lines[:12], "  ...", *lines[-12:]]


def text_of(events: Iterable[Seen]) -> str:
    """The text that these events show."""
    return "".join(one.data["text"] for one in events if one.name == "delta")


def good_text(tag: str, call: int, length: int) -> str:
    """What an endpoint answers well with: another text for each job and each call."""
    word = f"{tag}/{call} äß漢🙂 "
    numbered = (f"{number} {word}" for number in range(length // len(word) + 1))
    return "".join(numbered)[:length]
