"""The ends of a queue on POSIX, read and written by the event loop itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from multiprocessing.connection import Connection

HEADER_BYTES = 4
HIGH_WATER_BYTES = 256 * 1024
MAX_FRAME_BYTES = 256 * 1024 * 1024  # only a broken peer sends more: the length is then garbage


class PipeWriter(asyncio.BaseProtocol):
    """Writes frames; what the pipe does not take at once is kept by the transport."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._transport: asyncio.WriteTransport | None = None
        self._resumed = asyncio.Event()

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_write_pipe(lambda: self, self._connection)
        transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)
        self._transport = transport
        self._resumed.set()

    def write(self, frame: bytes) -> None:
        if self._transport is not None:
            self._transport.write(len(frame).to_bytes(HEADER_BYTES, "big") + frame)

    @property
    def congested(self) -> bool:
        return not self._resumed.is_set()

    async def drained(self) -> None:
        await self._resumed.wait()

    def close(self) -> None:
        if self._transport is None:
            self._connection.close()
        else:
            self._transport.close()

    def pause_writing(self) -> None:
        self._resumed.clear()

    def resume_writing(self) -> None:
        self._resumed.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._resumed.set()


class PipeReader(asyncio.Protocol):
    """Reads frames. A frame that ends in the middle, by the death of its writer, is dropped."""

    def __init__(
        self,
        connection: Connection,
        received: Callable[[bytes], None],
        ended: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._received = received
        self._ended = ended
        self._buffer = bytearray()
        self._transport: asyncio.ReadTransport | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.connect_read_pipe(lambda: self, self._connection)

    def pause(self, paused: bool) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if paused:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def close(self) -> None:
        if self._transport is None:
            self._connection.close()
        else:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        start = 0
        while len(buffer) - start >= HEADER_BYTES:
            body = start + HEADER_BYTES
            length = int.from_bytes(buffer[start:body], "big")
            if length > MAX_FRAME_BYTES:
                self.close()
                return
            if len(buffer) - body < length:
                break
            self._received(bytes(buffer[body : body + length]))
            start = body + length
        del buffer[:start]

    def eof_received(self) -> None:
        self._ended()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._ended()
