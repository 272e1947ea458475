"""The feed of changes: what a page has to know to show what another one has done."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Sequence
from weakref import WeakValueDictionary

import msgspec

from llmchat.domain.conversation import Conversation

KEPT = 1000  # the last changes of an account, for a reader that comes back
MOST_IDLE = 100  # accounts whose changes are kept although nobody reads them now


class Changes:
    """What changes, for each account by itself: a reader gets a Feed, and hears nothing of others.

    A feed is there while somebody has it, and for some time after that. Of an account that nobody
    has asked for, nothing has to be kept.
    """

    def __init__(self) -> None:
        self._feeds: WeakValueDictionary[str, Feed] = WeakValueDictionary()
        self._recent: OrderedDict[str, Feed] = OrderedDict()

    def of(self, account: str) -> Feed:
        """What changes for an account from now on; and what has, if somebody has asked before."""
        feed = self._feeds.get(account)
        if feed is None:
            feed = self._feeds[account] = Feed()
        self._recent[account] = feed
        self._recent.move_to_end(account)
        if len(self._recent) > MOST_IDLE:
            self._recent.popitem(last=False)
        return feed

    def publish(
        self,
        account: str,
        conversation_id: str,
        item: Conversation | None,
        message_ids: Sequence[str] = (),
    ) -> None:
        """A conversation is as `item` now, None if it is gone; these messages have changed."""
        feed = self._feeds.get(account)
        if feed is not None:
            feed.publish(conversation_id, item, message_ids)

    def reset(self, account: str) -> None:
        """So much has changed that its readers have to load everything anew."""
        feed = self._feeds.get(account)
        if feed is not None:
            feed.reset()

    def publish_projects(self, account: str) -> None:
        """Projects have changed: who shows them reads them anew, which is seldom."""
        feed = self._feeds.get(account)
        if feed is not None:
            feed.publish_projects()


class Feed:
    """The last changes of one account in memory, each with a number. Ids are `<run>-<number>`:
    those of another run of the server, or of another account, say nothing here.
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
        """See Changes."""
        data = msgspec.json.encode(
            {"conversation": conversation_id, "item": item, "messages": message_ids}
        )
        self._add(b"change", data)

    def publish_projects(self) -> None:
        """See Changes."""
        self._add(b"projects", b"{}")

    def reset(self) -> None:
        """See Changes."""
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
