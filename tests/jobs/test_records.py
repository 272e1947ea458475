"""What is known of a job while it lives, and what is listened to."""

from __future__ import annotations

import pytest

from llmchat.domain.chat import ChatRequest
from llmchat.domain.errors import RequestError
from llmchat.domain.job import (
    Delta,
    Done,
    EventId,
    Failed,
    Job,
    JobId,
    Status,
    Target,
    Timings,
)
from llmchat.jobs.log import Entry, JobLog
from llmchat.jobs.records import Record, Records

HI = ChatRequest([{"role": "user", "content": "hi"}])


def _record(name: str, key: str | None = None, *, fallbacks: tuple[Target, ...] = ()) -> Record:
    return Record(Job(JobId(name), HI, Target("e", "m"), fallbacks), key)


def _gone(message: str) -> Failed:
    return Failed("upstream-unreachable", message)


def _ids(record: Record) -> list[str]:
    return [str(entry.id) for entry in record.log.since(None)]


def test_a_job_that_is_over_is_not_active_and_one_that_is_forgotten_is_gone() -> None:
    records = Records()
    first, second = _record("a", key="k"), _record("b")
    records.add(first)
    records.add(second)
    assert records.over(first)
    assert not records.over(first)
    assert records.active() == [second]
    assert records.find("a") is records.repeated("", "k", HI) is first
    records.forget(first)
    assert records.find("a") is records.repeated("", "k", HI) is None


def test_a_key_that_was_used_for_another_request_is_refused() -> None:
    records = Records()
    records.add(_record("a", key="k"))
    with pytest.raises(RequestError) as refusal:
        records.repeated("", "k", ChatRequest([]))
    assert (refusal.value.code, refusal.value.status) == ("idempotency-mismatch", 422)


def test_one_key_of_two_accounts_is_two_jobs() -> None:
    records = Records()
    first = Record(Job(JobId("a"), HI, Target("e", "m")), "k", account="anna")
    records.add(first)
    assert records.repeated("bert", "k", HI) is None
    second = Record(Job(JobId("b"), HI, Target("e", "m")), "k", account="bert")
    records.add(second)
    assert records.active_of("bert") == [second]
    records.forget(second)
    assert records.repeated("anna", "k", HI) is first


def test_events_of_an_earlier_attempt_are_not_listened_to() -> None:
    record = _record("a")
    record.give_to(0)
    record.leave(Status("restarted"))
    assert not record.add(Entry.of(EventId(1, 1), Delta("late")))
    record.give_to(0)
    assert record.add(Entry.of(EventId(3, 1), Delta("now")))


def test_ids_grow_through_waiting_running_and_running_again() -> None:
    record = _record("a")
    record.wait(Status("queued", position=2))
    record.wait(Status("queued", position=1))
    record.give_to(0)
    record.leave(Status("restarted"))
    record.wait(Status("queued", position=1))
    record.give_to(1)
    assert _ids(record) == ["0-1", "0-2", "1-0", "2-0", "2-1", "3-0"]
    assert (record.attempt, record.deliveries) == (3, 2)


def test_a_job_turns_to_the_next_endpoint_until_there_is_none() -> None:
    record = _record("a", fallbacks=(Target("f", "n"),))
    record.give_to(0)
    assert record.fail_over(_gone("e is not there."))
    assert (record.job.endpoint, record.job.model, record.job.fallbacks) == ("f", "n", ())
    assert record.log.since(None)[-1].event == Status(
        "failover", endpoint="f", reason="e is not there.", code="upstream-unreachable"
    )
    assert not record.add(Entry.of(EventId(1, 1), Delta("late")))
    assert not record.fail_over(_gone("f is not there."))


def test_starts_at_an_endpoint_that_failed_are_not_held_against_a_job() -> None:
    record = _record("a", fallbacks=(Target("f", "n"),))
    record.give_to(0)
    record.fail_over(_gone("e is not there."))
    record.give_to(0)
    assert (record.deliveries, record.tries) == (2, 1)
    again = _record("a")
    again.restore(list(record.log.since(None)))
    assert (again.attempt, again.deliveries, again.tries) == (3, 2, 1)


def test_a_job_that_has_shown_text_stays_where_it_is() -> None:
    record = _record("a", fallbacks=(Target("f", "n"),))
    record.give_to(0)
    record.add(Entry.of(EventId(1, 1), Delta("text")))
    assert not record.fail_over(_gone("e broke."))


def test_a_job_that_was_stopped_turns_to_no_other_endpoint() -> None:
    record = _record("a", fallbacks=(Target("f", "n"),))
    record.give_to(0)
    record.finish(Done("cancelled"))
    assert not record.fail_over(_gone("e broke."))  # told by the worker before it heard of the stop
    assert record.job.endpoint == "e"


def test_a_stored_job_goes_on_where_it_was() -> None:
    first = _record("a")
    first.wait(Status("queued", position=1))
    first.give_to(0)
    entries = list(first.log.since(None))
    again = _record("a")
    again.log = JobLog(last=entries[-1].id)
    again.restore(entries)
    assert (again.attempt, again.deliveries, again.shown) == (1, 1, False)
    again.leave(Status("restarted"))
    again.give_to(0)
    assert _ids(again) == ["2-0", "3-0"]


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
