"""Durable before visible: events go into the store first, and only then to their readers.

One write is under way at a time; what comes meanwhile goes together in the next. So a lone event
is stored at once, and under load one commit carries the events of many jobs: then the next one
begins a moment after the last has ended, which is in proportion to how long that took.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from time import monotonic

from llmchat.domain.errors import StorageError
from llmchat.domain.job import EVENT_NAMES
from llmchat.jobs.log import Entry
from llmchat.jobs.records import Record, end_state
from llmchat.storage.jobs import Ending, JobStore
from llmchat.storage.journal import Fold

PAUSE_FACTOR = 2.0  # docs/decisions.md, "Durable before visible"
LONGEST_PAUSE_SECONDS = 0.004
FOLD_BYTES = 4 * 1024  # of one job that are in the journal only
JOURNAL_BYTES = 256 * 1024  # then all jobs are folded, and the journal is empty again
LARGE_BYTES = 1024 * 1024
HELD_BYTES = 1024 * 1024  # of one job that may wait in memory for a store that cannot write
RETRY_SECONDS = 1.0
GIVE_UP_SECONDS = 10.0  # then the job ends, and what could not be stored is told from memory

_NAMES = {name: name.encode() for name in EVENT_NAMES.values()}

log = logging.getLogger(__name__)


class Recorder:
    """Stores and publishes the events of records. `on_lost` gets a job that cannot be stored."""

    def __init__(self, store: JobStore, on_lost: Callable[[Record, str], None]) -> None:
        self._store = store
        self._on_lost = on_lost
        self._dirty: dict[Record, None] = {}
        self._journaled: dict[Record, None] = {}  # those with events in the journal only
        self._journal_bytes = 0
        self._busy = False
        self._began = 0.0
        self._not_before = 0.0
        self._failing_since: float | None = None
        self._writing_bytes = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def hold(self) -> Awaitable[None] | None:
        """What to await before more events are taken from a worker, while a large write is under
        way: what comes faster than it can be stored waits in the pipe, and there in the worker.
        """
        if not self._busy or self._writing_bytes < LARGE_BYTES:
            return None
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        return future

    def note(self, record: Record) -> None:
        """There is something new in a record's log. What is not accepted yet is noted then."""
        if not record.number:
            return
        self._dirty[record] = None
        if not self._busy:
            self._plan()

    def _plan(self) -> None:
        self._busy = True
        loop = asyncio.get_running_loop()
        if loop.time() >= self._not_before:
            loop.call_soon(self._store_all)  # after this turn of the loop, in which more may come
        else:
            loop.call_at(self._not_before, self._store_all)

    def _store_all(self) -> None:
        self._began = asyncio.get_running_loop().time()
        checkpoint = self._journal_bytes > JOURNAL_BYTES
        records = {**self._journaled, **self._dirty} if checkpoint else self._dirty
        self._dirty = {}
        write = _Write(records, checkpoint=checkpoint)
        self._writing_bytes = len(write.journal) + sum(len(one.events) for one in write.folds)
        future = self._store.append(
            write.journal, write.folds, write.endings, checkpoint=checkpoint
        )
        future.add_done_callback(lambda done: self._stored(done, write))

    def _stored(self, done: asyncio.Future[None], write: _Write) -> None:
        self._writing_bytes = 0
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()
        error = None if done.cancelled() else done.exception()
        if error is not None:
            self._not_stored(error, [record for record, _, _ in write.records])
            return
        self._failing_since = None
        self._journal_bytes = len(write.journal) + (0 if write.checkpoint else self._journal_bytes)
        now = asyncio.get_running_loop().time()
        self._not_before = now + min(PAUSE_FACTOR * (now - self._began), LONGEST_PAUSE_SECONDS)
        for record, count, folded in write.records:
            if folded:
                self._journaled.pop(record, None)
            else:
                self._journaled[record] = None
            record.log.publish(count, folded=folded)
        self._go_on()

    def _go_on(self) -> None:
        if self._dirty:
            self._plan()
        else:
            self._busy = False

    def _not_stored(self, error: BaseException, records: list[Record]) -> None:
        """Keep what could not be stored and try again, up to the limits of time and size."""
        loop = asyncio.get_running_loop()
        if self._failing_since is None:
            self._failing_since = loop.time()
            log.error("the store cannot write: %s", error)
        message = error.message if isinstance(error, StorageError) else "The store is broken."
        late = loop.time() - self._failing_since > GIVE_UP_SECONDS
        for record in records:
            if not record.log.unpublished:
                continue
            if late or sum(len(entry.data) for entry in record.log.unpublished) > HELD_BYTES:
                self._give_up(record, message)
            else:
                self._dirty[record] = None
        loop.call_later(RETRY_SECONDS, self._go_on)

    def _give_up(self, record: Record, message: str) -> None:
        """End a job whose events cannot be stored: readers get the end, and no text unstored.

        The end itself is stored at a checkpoint, if the store can write again by then.
        """
        record.log.drop_unpublished()
        self._on_lost(record, message)
        self._dirty.pop(record, None)
        self._journaled[record] = None
        self._journal_bytes = JOURNAL_BYTES + 1
        record.log.publish(len(record.log.unpublished))


class _Write:
    """What goes into one transaction, and how many new events it has of each record."""

    def __init__(self, records: Iterable[Record], *, checkpoint: bool) -> None:
        self.checkpoint = checkpoint
        self.folds: list[Fold] = []
        self.endings: list[Ending] = []
        self.records: list[tuple[Record, int, bool]] = []
        journal = []
        for record in records:
            log = record.log
            new = log.unpublished
            folded = checkpoint or log.final is not None or log.unfolded_bytes > FOLD_BYTES
            if folded:
                self._fold(record)
            else:
                journal.append(b"[%d,[%b]]" % (record.number, _encode(new)))
            self.records.append((record, len(new), folded))
        self.journal = b",".join(journal)

    def _fold(self, record: Record) -> None:
        entries = record.log.unfolded
        self.folds.append(Fold(record.number, *entries[-1].id, _encode(entries)))
        final = record.log.final
        if final is not None:
            model = getattr(final, "model", None) or record.job.model
            self.endings.append(
                Ending(
                    *(record.number, end_state(final), record.job.endpoint, model, record.attempt),
                    thinking_seconds=record.meter.thinking_seconds(monotonic()),
                )
            )


def _encode(entries: list[Entry]) -> bytes:
    return b",".join(
        [
            b'[%d,%d,"%b",%b]' % (entry.attempt, entry.seq, _NAMES[entry.name], entry.data)
            for entry in entries
        ]
    )
