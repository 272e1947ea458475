"""Job events as Server-Sent Events: their bytes, and the response that carries them.

Wire format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp_sse import EventSourceResponse

from llmchat.domain.job import EVENT_NAMES, Delta, Event, EventId, Reasoning
from llmchat.jobs.log import Entry, JobLog

# A reader that lags gets its text in pieces of this size, and waits between them for its socket.
PIECE_BYTES = 64 * 1024
_NAMES = {event: name.encode() for event, name in EVENT_NAMES.items()}
_HELLO = b": ok\r\n\r\n"
_RESTART = b"event: restart\r\ndata: {}\r\nretry: 1000\r\n\r\n"


class EventStream(EventSourceResponse):
    """An EventSourceResponse that takes events as bytes (`send` spends most of its time on text).

    A test holds the bytes to those of `send`.
    """

    def __init__(self, **options: Any) -> None:  # those of EventSourceResponse, passed on
        super().__init__(**options)
        self.headers["Cache-Control"] = "no-cache, no-transform"

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send the headers, and a comment so that they leave at once."""
        first = not self.prepared
        writer = await super().prepare(request)
        if first:
            await self.send_encoded(_HELLO)
        return writer

    async def send_encoded(self, data: bytes) -> None:
        """Send whole events. Waits while the client does not read.

        Unlike `send` it sets no timer of its own: the connection ends with any client that reads
        nothing for `Limits.stall_seconds`, and that cancels the handler.
        """
        await self.write(data)


class Streams:
    """The open streams of a server."""

    def __init__(self) -> None:
        self._open: set[asyncio.Timeout] = set()

    async def send(self, log: JobLog, after: EventId | None, response: EventStream) -> None:
        """Send what comes after an id, until the final event or until the server ends."""
        deadline = asyncio.timeout(None)
        self._open.add(deadline)
        try:
            async with deadline:
                async for batch in log.follow(after):
                    for piece in encode_batch(batch):
                        await response.send_encoded(piece)
        except TimeoutError:
            await response.send_encoded(_RESTART)
        finally:
            self._open.discard(deadline)

    @property
    def open_count(self) -> int:
        return len(self._open)

    def end(self) -> None:
        """End every stream now, with an event that makes the client come back soon."""
        for deadline in self._open:
            deadline.reschedule(asyncio.get_running_loop().time())


def encode_batch(batch: Sequence[Entry]) -> Iterator[bytes]:
    """The events as pieces that end between two events, each about PIECE_BYTES long."""
    if len(batch) == 1:  # the usual case of a live stream
        yield encode(batch[0])
        return
    piece = bytearray()
    for entry in merge(batch):
        piece += encode(entry)
        if len(piece) >= PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def encode(entry: Entry) -> bytes:
    """One event. JSON has no line breaks of its own, so that `data` is one line."""
    attempt, seq = entry.id
    return b"id: %d-%d\r\nevent: %b\r\ndata: %b\r\n\r\n" % (
        attempt,
        seq,
        _NAMES[type(entry.event)],
        entry.data,
    )


def merge(batch: Sequence[Entry]) -> Iterator[Entry]:
    """Join neighbouring pieces of text into one event with the last one's id.

    Who resumes after that id has all of the text before it, and after an id in between gets the
    rest: the joined text is the same either way.
    """
    run: list[Entry] = []
    size = 0
    for entry in batch:
        if run and (size >= PIECE_BYTES or not _joins(run[0].event, entry.event)):
            yield _joined(run)
            run, size = [], 0
        run.append(entry)
        size += _size(entry.event)
    if run:
        yield _joined(run)


def _joins(first: Event, second: Event) -> bool:
    return type(first) is type(second) and isinstance(first, Delta | Reasoning)


def _size(event: Event) -> int:
    return len(event.text) if isinstance(event, Delta | Reasoning) else 0


def _joined(run: list[Entry]) -> Entry:
    first = run[0].event
    if len(run) == 1 or not isinstance(first, Delta | Reasoning):
        return run[-1]
    text = "".join(entry.event.text for entry in run if isinstance(entry.event, type(first)))
    return Entry.of(run[-1].id, type(first)(text))
