"""Job events as Server-Sent Events: their bytes, and the response that carries them.

Wire format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import StreamWriter
from aiohttp_sse import EventSourceResponse

from llmchat.domain.access import Caller
from llmchat.domain.job import END, EVENT_NAMES, TEXT_NAMES, EventId, Failed
from llmchat.jobs.log import Entry, JobLog
from llmchat.server.caller import CALLER

# A reader that lags gets its text in pieces of this size, and waits between them for its socket.
PIECE_BYTES = 64 * 1024
HELD_BYTES = 64 * 1024  # that wait in memory for one socket; what comes then stays in the log
_NAMES = {name: name.encode() for name in EVENT_NAMES.values()}
_TEXT = b'{"text":"'
_BEFORE, _AFTER = len(_TEXT), -len(b'"}')
_HELLO = b": ok\r\n\r\n"
_RESTART = b"event: restart\r\ndata: {}\r\nretry: 1000\r\n\r\n"
SESSION_ENDED = Failed("session-ended", "You were signed out. Sign in again.", retryable=False)
_SESSION_ENDED = b"event: error\r\ndata: %b\r\n\r\n" % msgspec.json.encode(SESSION_ENDED)


class EventStream(EventSourceResponse):
    """An EventSourceResponse that takes events as bytes (`send` spends most of its time on text).

    A test holds the bytes to those of `send`.
    """

    def __init__(self, **options: Any) -> None:  # those of EventSourceResponse, passed on
        super().__init__(**options)
        self.headers["Cache-Control"] = "no-cache, no-transform"
        self.caller: Caller | None = None  # who opened it
        self._writer: StreamWriter | None = None

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send the headers, and a comment so that they leave at once."""
        first = not self.prepared
        writer = await super().prepare(request)
        if first:
            self.caller = request.get(CALLER)
            await self.write(_HELLO)
            self._writer = writer if isinstance(writer, StreamWriter) else None
        return writer

    async def send_encoded(self, data: bytes) -> None:
        """Send whole events. Waits while the client does not read.

        Unlike `send` it sets no timer of its own: the connection ends with any client that reads
        nothing for `Limits.stall_seconds`, and that cancels the handler.
        """
        if not self.send_now(data):
            if self._writer is not None:
                await self._writer.drain()
            await self.write(data)

    def send_now(self, data: bytes) -> bool:
        """Send whole events past aiohttp's writer, whose way is longer than that of the data.

        False, and nothing is sent, if the client has more to read already than is kept for it.
        """
        writer = self._writer
        transport = None if writer is None else writer.transport
        if writer is None or transport is None or transport.is_closing():
            return False
        if transport.get_write_buffer_size() > HELD_BYTES:
            return False
        transport.write(b"%x\r\n%b\r\n" % (len(data), data) if writer.chunked else data)
        return True


class ServerEndsError(Exception):
    """The server stops: come back soon."""


class SessionEndedError(Exception):
    """Who reads has signed out, or must not be served any more."""


class Streams:
    """The open streams of a server."""

    def __init__(self) -> None:
        self._open: dict[asyncio.Timeout, Caller | None] = {}
        self._ended: set[asyncio.Timeout] = set()  # whose caller is not to be served any more

    async def send(self, log: JobLog, after: EventId | None, response: EventStream) -> None:
        """Send what comes after an id, until the final event or until the server ends."""
        await self.hold(_Reader(log, after, response).run(), response)

    async def hold(self, sending: Awaitable[None], response: EventStream) -> None:
        """Let something be sent until it is all, until the server ends, or until who reads it may
        not any more.
        """
        try:
            async with self.lease(response.caller):
                await sending
        except ServerEndsError:
            await response.send_encoded(_RESTART)
        except SessionEndedError:
            await response.send_encoded(_SESSION_ENDED)

    @asynccontextmanager
    async def lease(self, caller: Caller | None) -> AsyncIterator[None]:
        """Do something as long as the server runs and the caller may. Raises ServerEndsError or
        SessionEndedError.
        """
        deadline = asyncio.timeout(None)
        self._open[deadline] = caller
        try:
            async with deadline:
                yield
        except TimeoutError:
            if not deadline.expired():
                raise
            raise SessionEndedError if deadline in self._ended else ServerEndsError from None
        finally:
            del self._open[deadline]
            self._ended.discard(deadline)

    @property
    def open_count(self) -> int:
        return len(self._open)

    def end(self) -> None:
        """End every stream now, with an event that makes the client come back soon."""
        for deadline in self._open:
            _expire(deadline)

    def end_expired(self, now: int) -> None:
        """End the streams of callers whose time is over; `now` is in ms since the epoch."""
        self._end(lambda caller: caller.until is not None and caller.until <= now)

    async def check(self, still: Callable[[Caller], Awaitable[bool]]) -> None:
        """End the streams of those who are not to be served any more. Raises StorageError."""
        for caller in {caller for caller in self._open.values() if caller is not None}:
            if not await still(caller):
                self._end(caller.__eq__)

    def _end(self, which: Callable[[Caller], bool]) -> None:
        for deadline, caller in self._open.items():
            if caller is not None and which(caller):
                self._ended.add(deadline)
                _expire(deadline)


def _expire(deadline: asyncio.Timeout) -> None:
    if deadline.when() is None:  # else it ends already
        deadline.reschedule(asyncio.get_running_loop().time())


class _Reader:
    """A reader of a log. While it keeps up, each publication is one write to its socket, made
    from where it is published; while it does not, a task reads on when the socket takes more.
    """

    def __init__(self, log: JobLog, after: EventId | None, response: EventStream) -> None:
        self._log = log
        self._after = after
        self._response = response
        self._lags = asyncio.Event()

    async def run(self) -> None:
        await self._catch_up()
        while self._after != END:
            # Without an await since the log was found to have no more: nothing is missed.
            self._lags.clear()
            self._log.listen(self._published)
            try:
                await self._lags.wait()
            finally:
                self._log.unlisten(self._published)
            await self._catch_up()

    async def _catch_up(self) -> None:
        while self._after != END and (batch := await self._log.read(self._after)):
            for piece in encode_batch(batch):
                await self._response.send_encoded(piece)
            self._after = batch[-1].id

    def _published(self) -> None:
        if self._lags.is_set():
            return
        batch = self._log.since(self._after)
        if self._response.send_now(b"".join(encode_batch(batch))):
            self._after = batch[-1].id
            if self._after == END:
                self._lags.set()
        else:
            self._lags.set()


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
    place, name = (entry.attempt, entry.seq), _NAMES[entry.name]
    return b"id: %d-%d\r\nevent: %b\r\ndata: %b\r\n\r\n" % (*place, name, entry.data)


def merge(batch: Sequence[Entry]) -> Iterator[Entry]:
    """Join neighbouring pieces of text into one event with the last one's id.

    Who resumes after that id has all of the text before it, and after an id in between gets the
    rest: the joined text is the same either way.
    """
    run: list[Entry] = []
    size = 0
    for entry in batch:
        if run and (size >= PIECE_BYTES or not _joins(run[0], entry)):
            yield _joined(run)
            run, size = [], 0
        run.append(entry)
        size += len(entry.data) - _BEFORE + _AFTER
    if run:
        yield _joined(run)


def _joins(first: Entry, second: Entry) -> bool:
    same = first.name == second.name and first.name in TEXT_NAMES
    return same and first.data.startswith(_TEXT) and second.data.startswith(_TEXT)


def _joined(run: list[Entry]) -> Entry:
    """Pieces of text look alike, `{"text":"..."}`: what is between the quotes is joined."""
    if len(run) == 1:
        return run[0]
    texts = b"".join([entry.data[_BEFORE:_AFTER] for entry in run])
    last = run[-1]
    data = last.data[:_BEFORE] + texts + last.data[_AFTER:]
    return Entry(last.attempt, last.seq, last.name, data)
