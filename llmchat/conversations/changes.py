"""The feed of changes: what a page has to know to show what another one has done."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncGenerator, Sequence

import msgspec

from llmchat.domain.conversation import Conversation

KEPT = 1000  # the last changes, for a reader that comes back


class Changes:
    """The last changes in memory, each with a number. Ids are `<run>-<number>`: those of another
    run of the server say nothing here.
    """

    def __init__(self) -> None:
        self._run = secrets.token_hex(6)
        self._kept: deque[bytes] = deque(maxlen=KEPT)
        self._last = 0
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def position(self) -> int:
        """The number of the last change."""
        return self._last

    def publish(
        self, conversation_id: str, item: Conversation | None, message_ids: Sequence[str] = ()
    ) -> None:
        """A conversation is as `item` now, None if it is gone; these messages have changed."""
        data = msgspec.json.encode(
            {"conversation": conversation_id, "item": item, "messages": message_ids}
        )
        self._add(b"change", data)

    def publish_projects(self) -> None:
        """Projects have changed: who shows them reads them anew, which is seldom."""
        self._add(b"projects", b"{}")

    def reset(self) -> None:
        """So much has changed that readers have to load everything anew."""
        self._add(b"reset", b"{}")

    def place(self, event_id: str | None) -> int | None:
        """The number of an event id; None if what came after it is not known any more. Without an
        id it is the present one.
        """
        if event_id is None:
            return self._last
        run, _, number = event_id.rpartition("-")
        if run != self._run or not (number.isascii() and number.isdigit()) or len(number) > 18:
            return None
        place = int(number)
        return place if self._last - len(self._kept) <= place <= self._last else None

    def hello(self, place: int | None) -> bytes:
        """What a stream begins with: the run of the server, whether its reader has missed changes,
        and the id to come back with, also if nothing happens.
        """
        data = msgspec.json.encode({"run": self._run, "missed": place is None})
        return _encode(b"hello", self._id(self._last if place is None else place), data)

    def lost(self) -> bytes:
        """The event for a reader whose place is not known."""
        return _encode(b"reset", self._id(self._last), b"{}")

    async def follow(self, place: int | None) -> AsyncGenerator[bytes, None]:
        """Yield the events after a place, as bytes of a stream, without end."""
        while True:
            if place is None or place < self._last - len(self._kept):
                place = self._last
                yield self.lost()
            elif place < self._last:
                new = list(self._kept)[place - self._last :]
                place = self._last
                yield b"".join(new)
            else:
                await self._changed()

    def _add(self, name: bytes, data: bytes) -> None:
        self._last += 1
        self._kept.append(_encode(name, self._id(self._last), data))
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()

    def _id(self, number: int) -> bytes:
        return f"{self._run}-{number}".encode()

    async def _changed(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)


def _encode(name: bytes, event_id: bytes, data: bytes) -> bytes:
    return b"id: %b\r\nevent: %b\r\ndata: %b\r\n\r\n" % (event_id, name, data)
