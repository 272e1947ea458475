"""The append-only event log of a job, and the readers that follow it by their place in it."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from llmchat.domain.errors import StorageError
from llmchat.domain.job import (
    END,
    FINAL_NAMES,
    SHOWN_NAMES,
    Done,
    Event,
    EventId,
    Failed,
    Packed,
)
from llmchat.queues.events import pack, unpack

# Entries that stay in memory after they were folded. A reader who is further behind reads from
# the store, so that neither a long answer nor a slow reader costs memory.
KEPT = 64
KEPT_BYTES = 256 * 1024  # a job with more than that keeps none


class Entry(Struct, frozen=True, gc=False):
    """An event at its place in the log: its name, and the JSON that readers get.

    There is one for each piece of text: the collector need not look at what can have no cycles.
    """

    attempt: int
    seq: int
    name: str
    data: bytes

    @classmethod
    def of(cls, event_id: EventId, event: Event) -> Entry:
        """The entry of an event that is not encoded yet."""
        return cls(*event_id, *pack(event))

    @property
    def id(self) -> EventId:
        """Its place."""
        return EventId(self.attempt, self.seq)

    @property
    def event(self) -> Event:
        """The event itself, decoded anew each time."""
        return unpack(Packed(self.name, self.data))


Past: TypeAlias = Callable[[EventId | None], Coroutine[Any, Any, Sequence[Entry]]]


class JobLog:
    """The events of one job in order: added, then stored, then published to the readers.

    A reader is a place and a callback, whatever has come meanwhile. `past` reads some entries
    after an id from the store, of those that were folded; `last` and `final` are where a stored
    log goes on.
    """

    __slots__ = (
        "_entries",
        "_folded",
        "_gone",
        "_held_bytes",
        "_listeners",
        "_published",
        "final",
        "past",
        "shown",
        "unfolded_bytes",
    )

    def __init__(
        self, past: Past | None = None, last: EventId | None = None, final: Event | None = None
    ) -> None:
        self.past = past
        self._gone = last  # entries up to this one are only in the store
        self._entries: list[Entry] = []
        self._published = 0
        self._folded = 0
        self._listeners: tuple[Callable[[], None], ...] = ()
        self.final: Done | Failed | None = final if isinstance(final, Done | Failed) else None
        self.shown = False  # whether a reader may have seen text
        self.unfolded_bytes = 0
        self._held_bytes = 0

    @property
    def last_id(self) -> EventId | None:
        """The id of the last entry, published or not."""
        return self._entries[-1].id if self._entries else self._gone

    @property
    def published_id(self) -> EventId | None:
        """The id of the last entry that readers get."""
        return self._entries[self._published - 1].id if self._published else self._gone

    @property
    def unpublished(self) -> list[Entry]:
        """What is still to be stored."""
        return self._entries[self._published :]

    @property
    def unfolded(self) -> list[Entry]:
        """What the store has not in rows of this job: it is in the journal, or to be stored."""
        return self._entries[self._folded :]

    def append(self, event_id: EventId, event: Event) -> bool:
        """Add an event of this server. See `add`."""
        return self.add(Entry.of(event_id, event))

    def add(self, entry: Entry) -> bool:
        """Add an entry. False, and nothing is added, if its id is not greater than the last one."""
        last = self.last_id
        if last is not None and entry.id <= last:
            return False
        name = entry.name
        if (entry.id == END) != (name in FINAL_NAMES):
            raise ValueError(f"the event {name} cannot have the id {entry.id}")
        self._entries.append(entry)
        self._held_bytes += len(entry.data)
        self.unfolded_bytes += len(entry.data)
        if name in SHOWN_NAMES:
            self.shown = True
        elif isinstance(event := entry.event if name in FINAL_NAMES else None, Done | Failed):
            self.final = event
        return True

    def publish(self, count: int, *, folded: bool = False) -> None:
        """Let the readers have the next `count` entries. `folded`: they and all before them are in
        rows of this job in the store, so that memory may drop the oldest.
        """
        self._published += count
        if count:
            for published in self._listeners:
                published()
        if folded:
            # After the listeners, who take from memory what is new, however much that is.
            self._folded = self._published
            self.unfolded_bytes = sum(len(entry.data) for entry in self.unpublished)
            if self._held_bytes > KEPT_BYTES:
                self._drop(self._published)
            elif self._published > 2 * KEPT:
                self._drop(self._published - KEPT)

    def _drop(self, count: int) -> None:
        self._gone = self._entries[count - 1].id
        self._held_bytes -= sum(len(entry.data) for entry in self._entries[:count])
        del self._entries[:count]
        self._published -= count
        self._folded -= count

    def drop_unpublished(self) -> None:
        """Forget what could not be stored: nobody has seen it."""
        self._held_bytes -= sum(len(entry.data) for entry in self.unpublished)
        del self._entries[self._published :]
        self.final = None

    def since(self, after: EventId | None) -> Sequence[Entry]:
        """The published entries after an id that are in memory."""
        start = 0 if after is None else bisect_right(self._entries, after, key=lambda one: one.id)
        return self._entries[start : self._published]

    async def read(self, after: EventId | None) -> Sequence[Entry]:
        """Some of what comes after an id; nothing if there is nothing yet. Raises StorageError."""
        if self._gone is None or (after is not None and after >= self._gone):
            return self.since(after)
        if self.past is None or not (entries := await self.past(after)):
            raise StorageError("The store has lost a part of this answer.")
        return entries

    async def read_all(self, after: EventId | None) -> Sequence[Entry]:
        """All that is published after an id. Raises StorageError."""
        entries: list[Entry] = []
        while more := await self.read(entries[-1].id if entries else after):
            entries += more
        return entries

    async def follow(self, after: EventId | None) -> AsyncIterator[Sequence[Entry]]:
        """Yield what comes after an id, in batches of all that is new; end with the final event.

        Raises StorageError.
        """
        while after != END:
            batch = await self.read(after)
            if batch:
                after = batch[-1].id
                yield batch
            else:
                await self.changed()

    async def stored(self) -> None:
        """Return when all that was added is published."""
        while self.unpublished:
            await self.changed()

    async def changed(self) -> None:
        """Return when something is published."""
        future = asyncio.get_running_loop().create_future()

        def published() -> None:
            if not future.done():
                future.set_result(None)

        self.listen(published)
        try:
            await future
        finally:
            self.unlisten(published)

    def listen(self, published: Callable[[], None]) -> None:
        """Have `published` called, which must not raise, whenever there is more for readers."""
        self._listeners += (published,)

    @property
    def watched(self) -> bool:
        """Whether somebody follows the job now."""
        return bool(self._listeners)

    def unlisten(self, published: Callable[[], None]) -> None:
        """Have it called no more."""
        self._listeners = tuple(one for one in self._listeners if one != published)
