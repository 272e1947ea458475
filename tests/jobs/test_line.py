"""Whose turn it is: fair between users, first come first served for each."""

from __future__ import annotations

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from llmchat.domain.chat import ChatRequest, JSONObject
from llmchat.domain.job import Job, JobId, Target
from llmchat.jobs.estimates import Estimates, calm
from llmchat.jobs.line import Line, cost
from llmchat.jobs.records import Record


def _record(
    name: str,
    user: str = "",
    *,
    account: str = "",
    background: bool = False,
    tokens: int = 500,
) -> Record:
    parameters: JSONObject = {"user": user, "max_tokens": tokens}
    request = ChatRequest([], parameters=parameters, background=background)
    return Record(Job(JobId(name), request, Target("remote", "m")), account=account)


def _line(*records: Record) -> Line:
    line = Line()
    for record in records:
        line.add(record)
    return line


def _names(records: list[Record]) -> list[str]:
    return [record.job.id for record in records]


def _take_all(line: Line) -> list[str]:
    return _names([line.take() for _ in range(len(line))])


def test_the_jobs_of_one_user_keep_their_order() -> None:
    names = [str(n) for n in range(50)]
    assert _take_all(_line(*(_record(name) for name in names))) == names


def test_users_take_turns_however_many_jobs_one_of_them_has() -> None:
    many = [_record(f"a{n}", "a") for n in range(1000)]
    line = _line(*many, _record("b0", "b"), _record("b1", "b"))
    assert _take_all(line)[:5] == ["a0", "b0", "a1", "b1", "a2"]


def test_an_account_has_one_share_whoever_it_asks_for() -> None:
    many = [_record(f"a{n}", f"user {n}", account="a") for n in range(100)]
    other = [_record(f"b{n}", account="b") for n in range(3)]
    order = _take_all(_line(*many, *other))
    assert order[:6] == ["a0", "b0", "a1", "b1", "a2", "b2"]
    assert order[6:] == [f"a{n}" for n in range(3, 100)]


def test_who_asks_for_more_has_fewer_turns() -> None:
    long = [_record(f"long{n}", "a", tokens=2000) for n in range(10)]
    short = [_record(f"short{n}", "b") for n in range(10)]
    first = _take_all(_line(*long, *short))[:10]
    assert sum(name.startswith("short") for name in first) == 8
    assert any(name.startswith("long") for name in first)


def test_background_jobs_run_when_nobody_waits_for_another() -> None:
    line = _line(_record("later", background=True), _record("a"), _record("b", "other"))
    assert _take_all(line) == ["a", "b", "later"]


def test_jobs_that_had_their_turn_go_first() -> None:
    line = _line(_record("new"))
    line.put_first(_record("lost1"))
    line.put_first(_record("lost2", background=True))
    assert _take_all(line) == ["lost1", "lost2", "new"]


def test_a_job_that_is_removed_holds_up_nobody() -> None:
    first, second, third = _record("a"), _record("b"), _record("c", "other")
    line = _line(first, second, third)
    assert line.remove(first)
    assert not line.remove(first)
    assert (_take_all(line), len(line)) == (["b", "c"], 0)


whose = st.tuples(st.sampled_from(["", "me", "you"]), st.sampled_from(["", "a", "b", "c"]))
tokens = st.integers(min_value=1, max_value=9000)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), whose, st.booleans(), tokens),
        st.tuples(st.just("first"), whose, st.booleans(), tokens),
        st.tuples(st.just("take"), st.just(("", "")), st.just(False), st.just(1)),
        st.tuples(st.just("remove"), st.just(("", "")), st.just(False), tokens),
    ),
    max_size=60,
)


@given(steps)
def test_the_order_that_is_shown_is_the_one_that_comes_true(
    steps: list[tuple[str, tuple[str, str], bool, int]],
) -> None:
    line, inside = Line(), list[Record]()
    for number, (what, (account, user), background, size) in enumerate(steps):
        record = _record(str(number), user, account=account, background=background, tokens=size)
        if what == "add":
            line.add(record)
            inside.append(record)
        elif what == "first":
            line.put_first(record)
            inside.append(record)
        elif what == "take" and inside:
            inside.remove(line.take())
        elif what == "remove" and inside:
            assert line.remove(inside.pop(size % len(inside)))
        assert len(line) == len(inside)
    shown = _names(list(line.order()))
    assert sorted(shown) == sorted(_names(inside))
    assert _names(list(islice(line.order(), 3))) == shown[:3]
    assert _take_all(line) == shown


def test_what_a_job_costs() -> None:
    image: JSONObject = {"type": "image_url", "image_url": {"url": "data:"}}
    parts: JSONObject = {"role": "user", "content": [{"type": "text", "text": "x" * 400}, image]}
    assert cost(ChatRequest([{"role": "user", "content": "x" * 400}])) == 600
    assert cost(ChatRequest([parts], parameters={"max_tokens": 10})) == 110
    assert cost(ChatRequest([{"role": "user", "content": "x" * 10**6}])) == 4000  # the most
    tokens: JSONObject = {"input": ["x" * 400, [1, 2]]}
    assert cost(ChatRequest([], parameters=tokens, embeds=True)) == 102


def test_an_estimate_needs_a_measurement() -> None:
    estimates = Estimates()
    assert estimates.eta("e", 1, 4) is None
    estimates.measured("e", 8.0)
    assert estimates.eta("e", 1, 4) == 1.0
    assert estimates.eta("e", 10, 4) == 20.0
    assert estimates.eta("e", 10, 0) is None
    assert estimates.eta("other", 1, 1) is None


def test_times_are_told_as_people_say_them() -> None:
    assert [calm(s) for s in (0.1, 4, 14, 31, 100, 200)] == [1, 5, 15, 45, 120, 180]
