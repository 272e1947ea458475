"""The waiting room: order, limits, and what those who wait are told."""

from __future__ import annotations

from dataclasses import replace

from llmchat.domain.account_limits import AccountLimits
from llmchat.domain.chat import ChatRequest
from llmchat.domain.job import Done, Failed, Job, JobId, Status, Target
from llmchat.domain.messages import Cancel, Command, Run
from llmchat.jobs.dispatcher import Dispatcher
from llmchat.jobs.quotas import Quotas
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


def _of(account: str, name: str, endpoint: str = "remote") -> Record:
    return Record(Job(JobId(name), ChatRequest([]), Target(endpoint, "m")), account=account)


def _limited(workers: _Workers, running: int) -> Dispatcher:
    quotas = Quotas(AccountLimits(running=running))
    return Dispatcher(workers, lambda _: 1000, lambda _: False, quotas=quotas)


def _end(dispatcher: Dispatcher, record: Record) -> None:
    record.finish(Done("stop"))
    dispatcher.remove(record, cancel=False)


def test_of_an_account_no_more_run_than_may_and_the_others_do_not_wait_for_it() -> None:
    workers = _Workers(0)
    dispatcher = _limited(workers, 2)
    anna = [_of("anna", f"a{n}", "one" if n < 3 else "two") for n in range(5)]
    for record in (*anna, _of("bert", "b0", "one"), _of("bert", "b1", "two")):
        dispatcher.enqueue(record)
    assert [name for _, name, _ in workers.runs()] == ["a0", "a1", "b0", "b1"]
    assert _positions(anna[2])[-1] == 1  # those who wait know where they stand
    assert dispatcher.waiting_for("two") == anna[3:]
    _end(dispatcher, anna[0])
    assert workers.runs()[-1][1] == "a2"
    for record in anna[1:]:  # also when what ended was for another endpoint
        _end(dispatcher, record)
    assert [name for _, name, _ in workers.runs()][-2:] == ["a3", "a4"]


def test_a_waiting_job_of_a_full_account_can_be_stopped_and_one_that_is_lost_comes_back() -> None:
    workers = _Workers(0)
    dispatcher = _limited(workers, 1)
    first, second, third = (_of("anna", name) for name in "abc")
    for record in (first, second, third):
        dispatcher.enqueue(record)
    dispatcher.remove(second, cancel=True)
    [lost] = dispatcher.lost_with(0)
    lost.leave(Status("restarted"))
    dispatcher.requeue([lost])
    assert [name for _, name, _ in workers.runs()] == ["a", "a"]
    _end(dispatcher, first)
    assert workers.runs()[-1][1] == "c"
    _end(dispatcher, third)
    assert dispatcher.waiting() == {"remote": 0}
    assert dispatcher.running() == {"remote": 0}
