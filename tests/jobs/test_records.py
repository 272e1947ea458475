"""What is kept of jobs, and for how long."""

from __future__ import annotations

import pytest

from llmchat.domain.chat import ChatRequest
from llmchat.domain.errors import NoSuchJobError, RequestError
from llmchat.domain.job import Delta, Done, EventId, Failed, Job, JobId, Status, Timings
from llmchat.jobs.records import Record, Records

HI = ChatRequest([{"role": "user", "content": "hi"}])


def _record(name: str, key: str | None = None) -> Record:
    return Record(Job(JobId(name), HI, "e", "m"), key)


def test_the_oldest_finished_jobs_make_room_and_active_ones_never_do() -> None:
    records = Records(max_kept=2)
    active = _record("active")
    records.add(active)
    for name in "abc":
        record = _record(name, key=name)
        records.add(record)
        record.finish(Done("stop"))
        records.over(record)
        records.over(record)
    assert [one.job.id for one in records.all()] == ["active", "b", "c"]
    with pytest.raises(NoSuchJobError):
        records.get(JobId("a"))
    assert records.repeated("a", HI) is None
    assert records.repeated("b", HI) is records.get(JobId("b"))
    records.forget(records.get(JobId("b")))
    assert records.active() == [active]


def test_a_key_that_was_used_for_another_request_is_refused() -> None:
    records = Records()
    records.add(_record("a", key="k"))
    with pytest.raises(RequestError) as refusal:
        records.repeated("k", ChatRequest([]))
    assert (refusal.value.code, refusal.value.status) == ("idempotency-mismatch", 422)


def test_events_of_an_earlier_attempt_are_not_listened_to() -> None:
    record = _record("a")
    record.give_to(0)
    record.begin_attempt(Status("restarted"))
    assert not record.add(EventId(1, 1), Delta("late"))
    assert record.add(EventId(2, 1), Delta("now"))


def test_the_first_final_event_stands() -> None:
    record = _record("a")
    assert record.finish(Done("cancelled"))
    assert not record.finish(Failed("worker-crashed", ""))
    assert record.view().state == "cancelled"


def test_the_time_in_the_queue_is_added_to_what_the_worker_measured() -> None:
    record = _record("a")
    record.give_to(0)
    record.submitted -= 5
    record.finish(Done("stop", timings=Timings(0.0, 0.1, 0.2)))
    assert isinstance(record.log.final, Done)
    assert record.log.final.timings is not None
    assert 5 <= record.log.final.timings.queue_seconds < 6


@pytest.mark.parametrize(
    ("final", "state"),
    [(Done("stop"), "done"), (Done("cancelled"), "cancelled"), (Failed("x", ""), "error")],
)
def test_the_state_of_a_finished_job(final: Done | Failed, state: str) -> None:
    record = _record("a")
    record.finish(final)
    assert record.view().state == state
