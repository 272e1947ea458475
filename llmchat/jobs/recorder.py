"""Durable before visible: events go into the store first, and only then to their readers.

One write is under way at a time; what comes meanwhile goes together in the next. So a lone event
is stored at once, and under load one commit carries the events of many jobs: then the next one
begins a moment after the last has ended, which is in proportion to how long that took.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from llmchat.domain.errors import StorageError
from llmchat.domain.job import EVENT_NAMES
from llmchat.jobs.log import Entry
from llmchat.jobs.records import Record, end_state
from llmchat.storage.jobs import Batch, Ending, JobStore

PAUSE_FACTOR = 2.0  # docs/decisions.md, "Durable before visible"
LONGEST_PAUSE_SECONDS = 0.004
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
        self._busy = False
        self._began = 0.0
        self._not_before = 0.0
        self._failing_since: float | None = None

    def note(self, record: Record) -> None:
        """There is something new in a record's log."""
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
        writing = [(record, record.log.unpublished) for record in self._dirty]
        self._dirty = {}
        future = self._store.append([_batch(record, entries) for record, entries in writing])
        future.add_done_callback(lambda done: self._stored(done, writing))

    def _stored(
        self, done: asyncio.Future[None], writing: list[tuple[Record, list[Entry]]]
    ) -> None:
        error = None if done.cancelled() else done.exception()
        if error is None:
            self._failing_since = None
            now = asyncio.get_running_loop().time()
            pause = PAUSE_FACTOR * (now - self._began)
            self._not_before = now + min(pause, LONGEST_PAUSE_SECONDS)
            for record, entries in writing:
                record.log.publish(len(entries))
            self._go_on()
        else:
            self._not_stored(error, [record for record, _ in writing])

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
            if late or sum(len(entry.data) for entry in record.log.unpublished) > HELD_BYTES:
                self._give_up(record, message)
            else:
                self._dirty[record] = None
        loop.call_later(RETRY_SECONDS, self._go_on)

    def _give_up(self, record: Record, message: str) -> None:
        """End a job whose events cannot be stored: readers get the end, and no text unstored."""
        record.log.drop_unpublished()
        self._on_lost(record, message)
        self._dirty.pop(record, None)
        record.log.publish(len(record.log.unpublished), stored=False)


def _batch(record: Record, entries: list[Entry]) -> Batch:
    final = record.log.final
    ending = None
    if final is not None:
        job = record.job
        model = getattr(final, "model", None) or job.model
        ending = Ending(end_state(final), job.endpoint, model, record.attempt)
    events = b",".join(
        b'[%d,%d,"%b",%b]' % (*entry.id, _NAMES[entry.name], entry.data) for entry in entries
    )
    return Batch(record.number, entries[-1].id, events, ending)
