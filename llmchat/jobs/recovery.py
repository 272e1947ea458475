"""What becomes of the jobs that the last run of the server left without a final event."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from llmchat.domain.errors import RequestError
from llmchat.domain.job import Done, Failed, Status
from llmchat.jobs.catalogue import Catalogue
from llmchat.jobs.records import Record

MAX_DELIVERIES = 2
# An answer that nobody has waited for in so long is not asked for by a start of the server.
RERUN_SECONDS = 3600.0
STOPPED = Failed(
    "interrupted", "llmchat was stopped before this answer was complete. Continue to go on."
)

log = logging.getLogger(__name__)


def sort_out(
    records: Sequence[Record], finish: Callable[[Record, Done | Failed], None]
) -> list[Record]:
    """End what cannot go on: text was shown, it was tried twice, or it is old. Returns the rest."""
    again = []
    oldest = time.time() - RERUN_SECONDS
    for record in records:
        if record.shown or record.tries >= MAX_DELIVERIES or record.created < oldest:
            finish(record, STOPPED)
        else:
            again.append(record)
    return again


def aim(record: Record, catalogue: Catalogue) -> Failed | None:
    """Choose anew where to ask a job; what there is may have changed. Returns why it cannot be."""
    try:
        model = record.job.request.model
        target, *fallbacks = catalogue.resolve(model, record.account, record.role)
    except RequestError as error:
        return Failed("no-such-endpoint", error.message)
    record.job = replace(record.job, target=target, fallbacks=tuple(fallbacks))
    if record.deliveries:
        record.leave(
            Status("restarted", reason="llmchat was started again.", code="server-restarted")
        )
    return None


def crashed(what: str, shown: bool) -> Failed:
    """The end of a job whose process died, if it is not run again."""
    rest = (
        "The text so far is kept and may be complete. Continue it, or ask again."
        if shown
        else "It was tried twice. Ask again, or choose another model."
    )
    return Failed("worker-crashed", f"{what} while it answered. {rest}")
