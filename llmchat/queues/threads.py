"""The ends of a queue where pipes have no asyncio transport (Windows): one thread each."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection

HIGH_WATER_BYTES = 256 * 1024


class ThreadWriter:
    """Writes frames in a thread, which may block; the loop only counts the bytes that wait."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._frames: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._waiting_bytes = 0
        self._resumed = asyncio.Event()
        self._open = False
        self._has_thread = False

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._open = self._has_thread = True
        self._resumed.set()
        threading.Thread(target=self._run, name="queue-writer", daemon=True).start()

    def write(self, frame: bytes) -> None:
        if not self._open:
            return
        self._waiting_bytes += len(frame)
        if self._waiting_bytes > HIGH_WATER_BYTES:
            self._resumed.clear()
        self._frames.put(frame)

    @property
    def congested(self) -> bool:
        return not self._resumed.is_set()

    async def drained(self) -> None:
        await self._resumed.wait()

    def close(self) -> None:
        if self._open:
            self._open = False
            self._frames.put(None)
        elif not self._has_thread:  # which closes it at its end
            self._connection.close()

    def _run(self) -> None:
        try:
            while (frame := self._frames.get()) is not None:
                self._connection.send_bytes(frame)
                _tell(self._loop, self._written, len(frame))
        except OSError:
            pass  # the reader is gone; its owner sees that by the queue in the other direction
        finally:
            self._connection.close()
            _tell(self._loop, self._ended)

    def _written(self, size: int) -> None:
        self._waiting_bytes -= size
        if self._waiting_bytes <= HIGH_WATER_BYTES // 4:
            self._resumed.set()

    def _ended(self) -> None:
        self._open = False
        self._resumed.set()


class ThreadReader:
    """Reads frames in a thread and hands them to the loop, a few ahead of it at most."""

    def __init__(
        self,
        connection: Connection,
        received: Callable[[bytes], None],
        ended: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._received = received
        self._ended = ended
        self._go_on = threading.Event()
        self._closed = False

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._go_on.set()
        threading.Thread(target=self._run, name="queue-reader", daemon=True).start()

    def pause(self, paused: bool) -> None:
        if paused:
            self._go_on.clear()
        else:
            self._go_on.set()

    def close(self) -> None:
        # A read in progress cannot be called off: the thread ends with its writer, or the process.
        self._closed = True
        self._go_on.set()

    def _run(self) -> None:
        try:
            while self._go_on.wait() and not self._closed:
                _tell(self._loop, self._received, self._connection.recv_bytes())
        except (EOFError, OSError):
            pass  # the end of the queue, told below
        finally:
            self._connection.close()
            _tell(self._loop, self._ended)


def _tell(loop: asyncio.AbstractEventLoop, callback: Callable[..., None], *args: object) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
        loop.call_soon_threadsafe(callback, *args)
