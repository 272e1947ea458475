"""One SQLite file: one thread writes and commits in groups, a few connections read.

A commit takes all that waits, so that the price of a commit is shared by what came during the one
before; a lone write is committed at once (docs/decisions.md, "Store").
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from llmchat.domain.errors import StorageError
from llmchat.storage.ballast import Ballast
from llmchat.storage.migrations import open_migrated
from llmchat.storage.problems import is_full, problem_of

READERS = 2
BUSY_SECONDS = 5.0  # that another program may keep the file to itself

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Write(Generic[T]):
    work: Callable[[sqlite3.Connection], T]
    sync: bool
    future: asyncio.Future[T]
    result: T | None = None
    error: Exception | None = None


class Database:
    """Use it within one event loop. `on_commit` gets the seconds and the writes of each commit."""

    def __init__(self, path: Path, busy_seconds: float) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._writer = open_migrated(path, busy_seconds)
        self._ballast = Ballast(path.with_suffix(".ballast"))
        self._full_sync = True  # as `open_migrated` leaves it
        self._queue: SimpleQueue[_Write[Any] | None] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._local = threading.local()
        self._reading: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()
        self.on_commit: Callable[[float, int], None] | None = None

    @classmethod
    def open(cls, path: Path, busy_seconds: float = BUSY_SECONDS) -> Database:
        """Open or make the file, and bring it up to date. Raises ConfigError for a file that is
        damaged, newer, or not ours; that is never changed.
        """
        return cls(path, busy_seconds)

    @property
    def path(self) -> Path:
        """The file, for who reads it with a connection of its own."""
        return self._path

    @property
    def full(self) -> bool:
        """Whether the disk is full, so that only the reserve is left."""
        return self._ballast.spent

    def write(
        self, work: Callable[[sqlite3.Connection], T], *, sync: bool = False
    ) -> asyncio.Future[T]:
        """Run `work` in the next transaction; the future is done when that is committed.

        A process that is killed after that loses nothing; with `sync` neither does a power cut.
        A work that raises undoes itself and not its neighbours. sqlite's errors come out as
        StorageError, a full disk as StorageFullError.
        """
        self._loop = loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if self._closed:
            future.set_exception(StorageError("The store is closed."))
        else:
            self._queue.put(_Write(work, sync, future))
        return future

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on a read-only connection: it sees all that was committed before."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._readers, self._read, work)
        except sqlite3.Error as error:
            raise problem_of(error) from error
        except RuntimeError as error:  # the executor is shut down
            raise StorageError("The store is closed.") from error

    def check_space(self) -> None:
        """If the disk was full: see, every few seconds, whether there is room again."""
        if self._ballast.spent:
            self._readers.submit(self._ballast.restore)

    async def close(self) -> None:
        """Commit what waits, then close the file."""
        if self._closed:
            return
        self._closed = True
        self._readers.shutdown()
        for connection in self._reading:
            connection.close()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            address = f"{self._path.absolute().as_uri()}?mode=ro"
            connection = sqlite3.connect(
                address,
                uri=True,
                timeout=self._busy_seconds,
                isolation_level=None,
                check_same_thread=False,  # they are closed by another one
            )
            self._local.connection = connection
            self._reading.append(connection)
        return work(connection)

    def _run(self) -> None:
        """The writer's thread."""
        last = False
        while not last:
            first = self._queue.get()
            batch = [] if first is None else [first]
            last = first is None
            while not last and not self._queue.empty():
                more = self._queue.get()
                last = more is None
                if more is not None:
                    batch.append(more)
            if batch:
                self._commit(batch)
        with contextlib.suppress(sqlite3.Error):
            self._writer.execute("pragma wal_checkpoint(truncate)")
        self._writer.close()

    def _commit(self, batch: Sequence[_Write[Any]]) -> None:
        started = time.perf_counter()
        try:
            self._transact(batch)
        except sqlite3.Error as error:
            if is_full(error) and self._ballast.spend():
                self._commit(batch)
                return
            for write in batch:
                write.error = problem_of(error)
        except Exception as error:  # noqa: BLE001 - the boundary of a work: its caller gets it
            for write in batch:
                write.error = error
        seconds = time.perf_counter() - started
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._tell, batch, seconds)

    def _transact(self, batch: Sequence[_Write[Any]]) -> None:
        """Everything or nothing, but for works that raise an error of their own."""
        sync = any(write.sync for write in batch)
        if sync != self._full_sync:
            self._writer.execute(f"pragma synchronous = {'full' if sync else 'normal'}")
            self._full_sync = sync
        self._writer.execute("begin immediate")
        try:
            if len(batch) == 1:
                batch[0].result = batch[0].work(self._writer)
            else:
                for write in batch:
                    self._in_savepoint(write)
            self._writer.execute("commit")
        except BaseException:
            if self._writer.in_transaction:
                self._writer.execute("rollback")
            raise

    def _in_savepoint(self, write: _Write[Any]) -> None:
        self._writer.execute("savepoint one")
        try:
            write.result = write.work(self._writer)
        except Exception as error:
            if not self._writer.in_transaction or (
                isinstance(error, sqlite3.Error) and is_full(error)
            ):
                raise
            self._writer.execute("rollback to one")
            write.error = problem_of(error) if isinstance(error, sqlite3.Error) else error
        self._writer.execute("release one")

    def _tell(self, batch: Sequence[_Write[Any]], seconds: float) -> None:
        """On the event loop: the works of a commit are done."""
        for write in batch:
            if write.future.done():  # nobody waits for it any more
                continue
            if write.error is not None:
                write.future.set_exception(write.error)
            else:
                write.future.set_result(write.result)
        if self.on_commit is not None:
            self.on_commit(seconds, len(batch))
