"""The checker finds what it is there for: each broken history is told, a good one is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos.checks import Rules, violations
from tests.chaos.history import END, Call, History, Seen, Stop, good_text, text_of
from tests.chaos.plan import GOOD, Plan, Setting
from tests.chaos.processes import Holdings

RULES = Rules(Setting(2, 3, 1, embedded_last=False), ("sk-canary",), "a question")
PLAN = Plan(tag="job-1", first=(GOOD,), length=30, pause=0.0)
TEXT = good_text("job-1", 1, 30)
RUNNING = Seen((1, 0), "status", {"state": "running"})
FIRST = Seen((1, 1), "delta", {"text": TEXT[:10]})
SECOND = Seen((1, 2), "delta", {"text": TEXT[10:]})
DONE = Seen(END, "done", {"finish_reason": "stop"})


def _good() -> History:
    job = History(PLAN, job_ids={"x"}, first_text=2.0, over=True)
    job.calls = [Call(1, 1.0, 0)]
    job.stored = [RUNNING, FIRST, SECOND, DONE]
    job.readers = [[RUNNING, FIRST, SECOND, DONE], [RUNNING, FIRST]]
    return job


def _found(job: History) -> str:
    return " | ".join(violations(job, RULES))


def test_a_good_history_has_no_violation() -> None:
    assert _found(_good()) == ""
    stopped = _good()
    stopped.stored = [RUNNING, FIRST, Seen(END, "done", {"finish_reason": "cancelled"})]
    stopped.readers = [stopped.stored]
    stopped.stops = [Stop(None, 3.0)]
    assert _found(stopped) == ""
    crashed = _good()
    crashed.touched = {"worker"}
    crashed.stored = [RUNNING, FIRST, Seen(END, "error", {"code": "worker-crashed"})]
    crashed.readers = [[RUNNING, FIRST]]
    assert _found(crashed) == ""


def test_a_request_on_a_kept_connection_that_was_closed_may_be_sent_again() -> None:
    job = _good()
    job.calls = [Call(1, 0.5, 0, silent=True), Call(2, 1.0, 0)]
    job.stored[1:3] = [Seen((1, 2), "delta", {"text": good_text("job-1", 2, 30)})]
    job.readers = []
    assert _found(job) == ""


def _no_end(job: History) -> None:
    job.stored.pop()


def _two_ends(job: History) -> None:
    job.stored.append(DONE)


def _lost_text(job: History) -> None:
    job.stored.remove(SECOND)


def _seen_but_not_stored(job: History) -> None:
    job.readers[1].append(Seen((1, 2), "delta", {"text": "something else"}))


def _status_not_stored(job: History) -> None:
    job.readers[1].append(Seen((1, 2), "status", {"state": "waiting"}))


def _text_after_the_end(job: History) -> None:
    job.readers[0].append(SECOND)


def _an_id_twice(job: History) -> None:
    job.readers[1].append(FIRST)


def _end_without_the_text(job: History) -> None:
    job.readers[1].append(DONE)


def _text_of_another_job(job: History) -> None:
    job.stored[1] = Seen((1, 1), "delta", {"text": good_text("job-2", 1, 10)})
    job.readers = []


def _two_calls_mixed(job: History) -> None:
    job.calls.append(Call(2, 1.5, 0))
    job.stored[2] = Seen((1, 2), "delta", {"text": good_text("job-1", 2, 30)})
    job.readers = []


def _another_end(job: History) -> None:
    job.stored[-1] = Seen(END, "error", {"code": "worker-crashed"})
    job.readers = []


def _asked_after_text(job: History) -> None:
    job.calls.append(Call(2, 2.5, 0))


def _asked_too_often(job: History) -> None:
    job.calls.append(Call(2, 1.5, 0))


def _run_again_after_text(job: History) -> None:
    job.touched = {"worker"}
    job.stored.insert(3, Seen((2, 0), "status", {"state": "restarted"}))


def _asked_after_a_stop(job: History) -> None:
    job.stops = [Stop(None, 0.0)]
    job.calls = [Call(1, 100.0, 0)]
    job.first_text = None


def _stopped_by_nobody(job: History) -> None:
    job.stored[-1] = Seen(END, "done", {"finish_reason": "cancelled"})
    job.readers = []


def _two_jobs_of_a_key(job: History) -> None:
    job.job_ids = {"x", "y"}


def _a_key_in_an_event(job: History) -> None:
    job.stored[0] = Seen((1, 0), "status", {"reason": "the key sk-canary is wrong"})
    job.readers = []


def _a_question_in_an_event(job: History) -> None:
    job.stored[0] = Seen((1, 0), "status", {"reason": "about a question"})
    job.readers = []


def _other_after_a_start(job: History) -> None:
    job.stored_again = job.stored[:-1]


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (_no_end, "I1"),
        (_two_ends, "I1"),
        (_lost_text, "I3"),
        (_seen_but_not_stored, "I3/I4"),
        (_status_not_stored, "I4"),
        (_text_after_the_end, "I5"),
        (_an_id_twice, "I5"),
        (_end_without_the_text, "I3"),
        (_text_of_another_job, "I3"),
        (_two_calls_mixed, "I3"),
        (_another_end, "I8"),
        (_asked_after_text, "I7"),
        (_asked_too_often, "I6"),
        (_run_again_after_text, "I7"),
        (_asked_after_a_stop, "I6"),
        (_stopped_by_nobody, "I8"),
        (_two_jobs_of_a_key, "I6"),
        (_a_key_in_an_event, "I11"),
        (_a_question_in_an_event, "I11"),
        (_other_after_a_start, "I4"),
    ],
)
def test_a_broken_history_is_told(break_it: Callable[[History], None], told: str) -> None:
    job = _good()
    break_it(job)
    assert told in _found(job)


def test_a_text_that_is_not_whole_is_told_even_with_its_end() -> None:
    job = _good()
    job.stored = [RUNNING, FIRST, DONE]
    job.readers = []
    assert text_of(job.stored) != TEXT
    assert "not whole" in _found(job)


def test_what_is_held_longer_than_before_is_told() -> None:
    base = Holdings(100_000_000, 20, 10, 3)
    assert replace(base, memory_bytes=110_000_000).excess(base) == []
    for more in ({"memory_bytes": 130_000_000}, {"descriptors": 40}, {"processes": 4}):
        assert len(replace(base, **more).excess(base)) == 1, more
