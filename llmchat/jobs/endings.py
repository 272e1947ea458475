"""How jobs end: by a worker, a stop or a crash; and which of them get another try instead."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from llmchat.domain.errors import FAILOVER_CODES
from llmchat.domain.job import Done, EventId, Failed, Status
from llmchat.jobs.dispatcher import Dispatcher
from llmchat.jobs.journal import note_end
from llmchat.jobs.metrics import Metrics
from llmchat.jobs.records import Record, Records
from llmchat.jobs.recovery import MAX_DELIVERIES, STOPPED, crashed
from llmchat.jobs.room import Room

LINGER_SECONDS = 30.0  # that a finished job stays in memory, where most readers still want it
TEMPORARY_SECONDS = 600.0  # that one does of which there is nothing in the store


class Endings:
    """Gives every job its one final event. `background` runs what need not be waited for; `idle` is
    set when no job is active any more.
    """

    def __init__(
        self,
        records: Records,
        dispatcher: Dispatcher,
        room: Room,
        metrics: Metrics,
        background: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self.idle = asyncio.Event()
        self._records = records
        self._dispatcher = dispatcher
        self._room = room
        self._metrics = metrics
        self._background = background

    def ended(self, record: Record, event: Done | Failed) -> None:
        """A worker ended a job, or the next endpoint has its turn."""
        if (
            isinstance(event, Failed)
            and event.code in FAILOVER_CODES
            and not self._room.closing
            and record.fail_over(event)
        ):
            self._dispatcher.move(record)
        elif record.finish(event):
            self._over(record)

    def finish(self, record: Record, event: Done | Failed) -> None:
        """End a job that its worker has not ended."""
        if record.finish(event):
            self._over(record, cancel=True)

    def stop(self, record: Record, seen: EventId | None = None) -> None:
        """Somebody stops a job, who had its events up to `seen`."""
        kept = None if seen is None else str(seen)
        job = record.job
        self.finish(record, Done("cancelled", model=job.model, endpoint=job.endpoint, seen=kept))

    def not_stored(self, record: Record, message: str) -> None:
        """The store does not take the events of a job."""
        self.finish(record, Failed("storage", message))

    def run_again(self, records: Sequence[Record], code: str, what: str) -> None:
        """Start jobs anew whose process died, as long as nothing was shown, and once only."""
        again = []
        for record in records:
            if record.shown or record.tries >= MAX_DELIVERIES:
                self.finish(record, crashed(what, record.shown))
            else:
                record.leave(Status("restarted", reason=f"{what}.", code=code))
                again.append(record)
        self._dispatcher.requeue(again)

    def leave(self, record: Record) -> None:
        """The server closes: what is stored is answered after the next start."""
        if record.temporary:
            self.finish(record, STOPPED)
        else:
            self._records.over(record)

    def check_idle(self) -> None:
        """Tell who waits for the last job."""
        if not self._records.active_count:
            self.idle.set()

    def _over(self, record: Record, *, cancel: bool = False) -> None:
        self._dispatcher.remove(record, cancel=cancel)
        if self._records.over(record):
            self._background(note_end(record, self._metrics))
            loop = asyncio.get_running_loop()
            # A program that asked with a key has its answer, or is gone.
            kept = record.temporary and not record.job.request.api_key
            linger = TEMPORARY_SECONDS if kept else LINGER_SECONDS
            loop.call_later(linger, self._records.forget, record)
        self.check_idle()
