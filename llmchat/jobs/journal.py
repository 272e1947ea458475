"""What is left of a job when it is over: its figures in the metrics, and one line in the log."""

from __future__ import annotations

import logging
from time import monotonic

from llmchat.domain.job import Done, Failed, Usage
from llmchat.jobs.metrics import Metrics
from llmchat.jobs.records import Record, end_state
from llmchat.logs import Fields

log = logging.getLogger("llmchat.job")


async def note_end(record: Record, metrics: Metrics) -> None:
    """Count a job that has its final event, and write its line: never what was said in it.

    Only when the event is stored, as for every reader: a store that fails ends a job otherwise.
    """
    await record.log.stored()
    final = record.log.final
    if final is None:
        return
    metrics.ended(record.job.endpoint, final)
    if log.isEnabledFor(logging.INFO):
        log.info(line(record, final))


def line(record: Record, final: Done | Failed) -> Fields:
    """The line of a job. Seconds are counted by the server: waiting in the queue, from the first
    start at a worker to the first text, and from the question to the end; the question of a job
    that an earlier run has left counts from the start of this one.
    """
    meter, job = record.meter, record.job
    done = final if isinstance(final, Done) else None
    usage = (done and done.usage) or Usage()
    started = record.started
    return Fields(
        job_id=job.id,
        request_id=record.request_id or None,
        account=record.account or None,
        user=job.request.user or None,
        model=(done and done.model) or job.model or None,
        endpoint=job.endpoint,
        state=end_state(final),
        finish_reason=done and done.finish_reason,
        error=final.code if isinstance(final, Failed) else None,
        deliveries=record.deliveries,
        attempts=record.attempt,
        queue_seconds=_seconds(record.submitted, started),
        first_token_seconds=_seconds(started, meter.first),
        total_seconds=_seconds(record.submitted, monotonic()),
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        pieces=meter.pieces,
        text_bytes=meter.text_bytes,
    )


def _seconds(since: float | None, until: float | None) -> float | None:
    return None if since is None or until is None else round(until - since, 4)
