"""The waiting room: order, limits, and what those who wait are told."""

from __future__ import annotations

from dataclasses import replace

from llmchat.domain.chat import ChatRequest
from llmchat.domain.job import Done, Failed, Job, JobId, Status, Target
from llmchat.domain.messages import Cancel, Command, Run
from llmchat.jobs.dispatcher import Dispatcher
from llmchat.jobs.records import Record


class _Workers:
    """Workers that note what they are told."""

    def __init__(self, *up: int) -> None:
        self.up = frozenset(up)
        self.told: list[tuple[int, Command]] = []

    def put(self, slot: int, command: Command) -> None:
        self.told.append((slot, command))

    def runs(self) -> list[tuple[int, str, int]]:
        return [(slot, one.job.id, one.attempt) for slot, one in self.told if isinstance(one, Run)]


def _record(name: str, endpoint: str = "remote") -> Record:
    return Record(Job(JobId(name), ChatRequest([]), Target(endpoint, "m")))


def _positions(record: Record) -> list[int | None]:
    return [e.event.position for e in record.log.since(None) if isinstance(e.event, Status)]


def _dispatcher(workers: _Workers, slots: int = 1000, *, loading: bool = False) -> Dispatcher:
    return Dispatcher(workers, lambda _: slots, lambda _: loading)


def test_jobs_go_to_the_least_busy_worker() -> None:
    workers = _Workers(0, 1)
    dispatcher = _dispatcher(workers)
    for name in "abc":
        dispatcher.enqueue(_record(name))
    assert workers.runs() == [(0, "a", 1), (1, "b", 1), (0, "c", 1)]


def test_jobs_wait_in_order_until_there_is_a_worker() -> None:
    workers = _Workers()
    dispatcher = _dispatcher(workers)
    for name in "abc":
        dispatcher.enqueue(_record(name))
    assert workers.runs() == []
    workers.up = frozenset({0})
    dispatcher.dispatch()
    assert workers.runs() == [(0, "a", 1), (0, "b", 1), (0, "c", 1)]


def test_those_who_wait_learn_their_place_and_when_it_changes() -> None:
    dispatcher = _dispatcher(_Workers(0), slots=1)
    first, second, third = (_record(name) for name in "abc")
    for record in (first, second, third):
        dispatcher.enqueue(record)
    assert _positions(third) == [2]  # of those who wait
    first.finish(Done("stop"))
    dispatcher.remove(first, cancel=False)
    assert _positions(third) == [2, 1]
    assert _positions(second) == [1, None]  # None: it runs
    assert _positions(first) == [None]
    told = third.log.since(None)[-1].event
    assert isinstance(told, Status)
    assert told.eta_seconds == 1.0  # jobs are quick here


def test_a_full_endpoint_does_not_hold_up_another_one() -> None:
    workers = _Workers(0)
    dispatcher = Dispatcher(workers, {"full": 0, "free": 1}.__getitem__, lambda _: False)
    dispatcher.enqueue(_record("a", "full"))
    dispatcher.enqueue(_record("b", "free"))
    assert workers.runs() == [(0, "b", 1)]


def test_those_who_wait_for_a_model_are_told_so() -> None:
    record = _record("a")
    _dispatcher(_Workers(0), slots=0, loading=True).enqueue(record)
    assert record.log.since(None)[-1].event == Status("loading", model="m", endpoint="remote")


def test_a_running_job_that_is_removed_is_cancelled_at_its_worker() -> None:
    workers = _Workers(3)
    dispatcher = _dispatcher(workers)
    record = _record("a")
    dispatcher.enqueue(record)
    dispatcher.remove(record, cancel=True)
    dispatcher.remove(record, cancel=True)
    assert workers.told[1:] == [(3, Cancel(JobId("a")))]


def test_a_waiting_job_that_is_removed_never_starts() -> None:
    workers = _Workers()
    dispatcher = _dispatcher(workers)
    record = _record("a")
    dispatcher.enqueue(record)
    dispatcher.remove(record, cancel=True)
    workers.up = frozenset({0})
    dispatcher.dispatch()
    assert workers.told == []


def test_jobs_of_a_dead_worker_go_before_those_that_wait() -> None:
    workers = _Workers(0)
    dispatcher = _dispatcher(workers, slots=1)
    lost, waiting = _record("lost"), _record("waiting")
    dispatcher.enqueue(lost)
    dispatcher.enqueue(waiting)
    assert dispatcher.lost_with(0) == [lost]
    lost.leave(Status("restarted"))
    dispatcher.requeue([lost])
    assert workers.runs() == [(0, "lost", 1), (0, "lost", 3)]


def test_a_job_that_turns_to_another_endpoint_goes_before_those_that_wait_there() -> None:
    workers = _Workers(0)
    dispatcher = _dispatcher(workers, slots=1)
    failed, waiting, running = _record("failed"), _record("waiting", "b"), _record("running", "b")
    failed.job = replace(failed.job, fallbacks=(Target("b", "n"),))
    for record in (failed, running, waiting):
        dispatcher.enqueue(record)
    assert failed.fail_over(Failed("upstream-unreachable", "It is not there."))
    dispatcher.move(failed)
    running.finish(Done("stop"))
    dispatcher.remove(running, cancel=False)
    assert workers.runs() == [(0, "failed", 1), (0, "running", 1), (0, "failed", 3)]
    assert _positions(waiting)[-1] == 1


def test_what_waits_when_the_server_ends_is_given_back_and_never_starts() -> None:
    workers = _Workers(0)
    dispatcher = _dispatcher(workers, slots=1)
    running, waiting = _record("running"), _record("waiting")
    dispatcher.enqueue(running)
    dispatcher.enqueue(waiting)
    assert dispatcher.withdraw_all() == [waiting]
    running.finish(Done("stop"))
    dispatcher.remove(running, cancel=False)
    dispatcher.dispatch()
    assert workers.runs() == [(0, "running", 1)]


def test_only_the_first_twenty_are_told_each_step() -> None:
    dispatcher = _dispatcher(_Workers(0), slots=1)
    records = [_record(str(n)) for n in range(40)]
    for record in records:
        dispatcher.enqueue(record)
    for record in records[:3]:
        dispatcher.remove(record, cancel=True)
    assert _positions(records[4]) == [4, 3, 2, 1]
    assert _positions(records[39]) == [39]
    assert _positions(records[23]) == [23, 20]
