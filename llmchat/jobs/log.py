"""The append-only event log of a job, and the readers that follow it by offset."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from llmchat.domain.job import END, FINAL_EVENTS, Event, EventId


@dataclass(frozen=True, slots=True)
class Entry:
    """An event at its place in the log."""

    id: EventId
    event: Event


class JobLog:
    """The events of one job in order.

    The text is held once, whatever the number of readers: a reader is an offset and a future.
    """

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def last_id(self) -> EventId | None:
        return self._entries[-1].id if self._entries else None

    @property
    def final(self) -> Event | None:
        """The final event, once there is one."""
        last = self._entries[-1].event if self._entries else None
        return last if isinstance(last, FINAL_EVENTS) else None

    def append(self, event_id: EventId, event: Event) -> bool:
        """Add an event. False, and nothing is added, if its id is not greater than the last one."""
        last = self.last_id
        if last is not None and event_id <= last:
            return False
        if (event_id == END) != isinstance(event, FINAL_EVENTS):
            raise ValueError(f"{event!r} cannot have the id {event_id}")
        self._entries.append(Entry(event_id, event))
        for reader in self._waiting:
            if not reader.done():
                reader.set_result(None)
        self._waiting.clear()
        return True

    def since(self, after: EventId | None) -> Sequence[Entry]:
        """The entries after an id; all of them for None."""
        return self._entries[self._offset(after) :]

    async def follow(self, after: EventId | None) -> AsyncIterator[Sequence[Entry]]:
        """Yield what comes after an id, in batches of all that is new; end with the final event."""
        offset = self._offset(after)
        while True:
            batch = self._entries[offset:]
            offset += len(batch)
            if batch:
                yield batch
            if self.final is not None and offset == len(self._entries):
                return
            if offset == len(self._entries):
                await self._changed()

    def _offset(self, after: EventId | None) -> int:
        return 0 if after is None else bisect_right(self._entries, after, key=lambda e: e.id)

    async def _changed(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)
