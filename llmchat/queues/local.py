"""Queues between a process and the one that it spawned, over a pipe of their own each.

A queue has one writer and one reader and lives as long as they do: the end of file is how each
side learns that the other is dead. A stdlib `multiprocessing.Queue` cannot take its place: its
locks are shared, so the death of one process wedges the others (docs/decisions.md, "Queues").

The bytes on the pipe are those of `multiprocessing.Connection`: a 4-byte length and a frame of
`codec.py`. On POSIX asyncio reads and writes them; elsewhere, where pipes have no asyncio
transport, a thread on each side does.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from typing import Generic, Protocol, TypeVar, cast

from llmchat.queues import codec
from llmchat.queues.base import QueueClosedError
from llmchat.queues.pipes import PipeReader, PipeWriter
from llmchat.queues.threads import ThreadReader, ThreadWriter

Item = TypeVar("Item", bound=codec.Message)

FRAME_BYTES = 32 * 1024  # larger batches are cut, so that one busy job does not hold up the others
HELD_BYTES = 1024 * 1024
USE_THREADS = os.name == "nt"


class _Writer(Protocol):
    async def open(self) -> None: ...
    def write(self, frame: bytes) -> None: ...
    @property
    def congested(self) -> bool: ...
    async def drained(self) -> None: ...
    def close(self) -> None: ...


class _Reader(Protocol):
    async def open(self) -> None: ...
    def pause(self, paused: bool) -> None: ...
    def close(self) -> None: ...


class LocalOutbox(Generic[Item]):
    """The put side. All that is put in one turn of the event loop travels as one frame."""

    def __init__(self, connection: Connection, *, threads: bool = USE_THREADS) -> None:
        self._connection = connection
        self._writer: _Writer = ThreadWriter(connection) if threads else PipeWriter(connection)
        self._batch: list[bytes] = []
        self._batch_bytes = 0
        self._closed = False

    async def open(self) -> None:
        await self._writer.open()

    def put(self, item: Item) -> None:
        if self._closed:
            return
        # Encoded here and not when it is sent: what cannot be is the fault of who put it.
        encoded = codec.encode(item)
        if not self._batch:
            asyncio.get_running_loop().call_soon(self._flush)
        elif self._batch_bytes + len(encoded) > FRAME_BYTES:
            self._flush()
            asyncio.get_running_loop().call_soon(self._flush)
        self._batch.append(encoded)
        self._batch_bytes += len(encoded)

    @property
    def congested(self) -> bool:
        return self._writer.congested

    async def drained(self) -> None:
        await self._writer.drained()

    def put_now(self, item: Item) -> None:
        try:
            self._connection.send_bytes(codec.frame([codec.encode(item)]))
        except OSError as error:
            raise QueueClosedError from error

    def close(self) -> None:
        self._flush()
        self._closed = True
        self._writer.close()

    def _flush(self) -> None:
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        if batch:
            self._writer.write(codec.frame(batch))


class LocalInbox(Generic[Item]):
    """The get side. The reader is paused while more than HELD_BYTES wait for `get`."""

    def __init__(self, connection: Connection, *, threads: bool = USE_THREADS) -> None:
        self._connection = connection
        reader = ThreadReader if threads else PipeReader
        self._reader: _Reader = reader(connection, self._received, self._ended)
        self._items: list[Item] = []
        self._held_bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self._over = False

    async def open(self) -> None:
        await self._reader.open()

    async def get(self) -> list[Item]:
        while not self._items:
            if self._over:
                raise QueueClosedError
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        items, self._items, self._held_bytes = self._items, [], 0
        self._reader.pause(False)
        return items

    def wait_closed(self) -> None:
        try:
            while True:
                self._connection.recv_bytes()
        except (EOFError, OSError):
            return

    def close(self) -> None:
        self._reader.close()
        self._ended()

    def _received(self, frame: bytes) -> None:
        # Both ends are made by this module: what they may put is known to the type checker.
        self._items += cast("list[Item]", codec.decode(frame))
        self._held_bytes += len(frame)
        if self._held_bytes > HELD_BYTES:
            self._reader.pause(True)
        self._wake()

    def _ended(self) -> None:
        self._over = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def make_queue(context: SpawnContext) -> tuple[Connection, Connection]:
    """The reading and the writing end of a new queue; one of them goes to the spawned process.

    Close the other process's end after the spawn: the end of file never comes otherwise.
    """
    return context.Pipe(duplex=False)


Config = TypeVar("Config")
Entry = Callable[[LocalOutbox[codec.Message], LocalInbox[codec.Message], Config], None]


def enter(entry: Entry[Config], reports: Connection, commands: Connection, config: Config) -> None:
    """Run a spawned process: wrap its ends of the two queues and call its entry point."""
    entry(LocalOutbox(reports), LocalInbox(commands), config)
