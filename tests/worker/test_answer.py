"""One attempt at a job: its events, its retries, and its one final event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from llmchat.domain.chat import ChatRequest
from llmchat.domain.endpoint import Listing, Model
from llmchat.domain.errors import ProviderError
from llmchat.domain.job import (
    Delta,
    Done,
    Event,
    Failed,
    Job,
    JobId,
    Prefill,
    Reasoning,
    Status,
    Target,
    Timings,
    Usage,
)
from llmchat.providers.base import Provider
from llmchat.worker.answer import answer
from llmchat.worker.retries import delay_before_retry

BUSY = ProviderError("It is busy.", code="upstream-error", transient=True)
NO = ProviderError("It says no.", code="upstream-rejected", retryable=False)


class _Scripted:
    """A provider that plays one script per question: events, and errors that it raises."""

    def __init__(self, *scripts: list[Event | Exception], listing: Listing | None = None) -> None:
        self._scripts = list(scripts)
        self._listing = listing or Listing("e")
        self.asked: list[str] = []

    async def stream(
        self, request: ChatRequest, model: str, prefill: Prefill = "prompt"
    ) -> AsyncGenerator[Event, None]:
        self.asked.append(model)
        for step in self._scripts.pop(0):
            if isinstance(step, Exception):
                raise step
            yield step

    async def models(self) -> Listing:
        return self._listing

    async def close(self) -> None:
        pass


async def _answer(provider: Provider, model: str = "m") -> list[Event]:
    events: list[Event] = []

    async def emit(event: Event) -> None:
        events.append(event)

    await answer(_job(model), lambda _: provider, emit)
    return events


def _job(model: str = "m", *fallbacks: Target) -> Job:
    return Job(JobId("j"), ChatRequest([]), Target("e", model), fallbacks)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let time stand still: the waits are noted, not waited for."""
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", note)
    return waits


async def test_events_are_passed_on_and_the_last_one_tells_who_answered() -> None:
    events = await _answer(
        _Scripted([Reasoning("hm"), Delta("a"), Delta("b"), Done("stop", Usage(1, 2))])
    )
    assert events[:3] == [Reasoning("hm"), Delta("a"), Delta("b")]
    last = events[3]
    assert isinstance(last, Done)
    assert (last.finish_reason, last.usage, last.model, last.endpoint) == (
        "stop",
        Usage(1, 2),
        "m",
        "e",
    )
    assert isinstance(last.timings, Timings)
    assert last.timings.first_token_seconds is not None
    assert last.timings.first_token_seconds <= last.timings.total_seconds


async def test_a_transient_failure_is_tried_twice_again(no_waiting: list[float]) -> None:
    provider = _Scripted([BUSY], [BUSY], [Delta("a"), Done("stop")])
    events = await _answer(provider)
    states = [event.state for event in events if isinstance(event, Status)]
    assert states == ["retrying", "running", "retrying", "running"]
    assert isinstance(events[-1], Done)
    assert 0.5 <= no_waiting[0] < 1 <= no_waiting[1] < 2


async def test_the_third_failure_ends_the_job() -> None:
    events = await _answer(_Scripted([BUSY], [BUSY], [BUSY]))
    assert events[-1] == Failed("upstream-error", "It is busy.")


async def test_after_the_first_text_nothing_is_tried_again() -> None:
    provider = _Scripted([Delta("a"), BUSY])
    assert await _answer(provider) == [Delta("a"), Failed("upstream-error", "It is busy.")]
    assert len(provider.asked) == 1


async def test_a_refusal_is_not_repeated() -> None:
    assert await _answer(_Scripted([NO])) == [Failed("upstream-rejected", "It says no.", False)]


async def test_a_bug_ends_the_job_without_internals(caplog: pytest.LogCaptureFixture) -> None:
    [event] = await _answer(_Scripted([RuntimeError("secret detail")]))
    assert isinstance(event, Failed)
    assert event.code == "internal"
    assert "secret detail" not in event.message
    assert "job j crashed" in caplog.text


async def test_without_a_model_the_first_one_that_is_listed_answers() -> None:
    provider = _Scripted([Done("stop")], listing=Listing("e", (Model("first", "e"),)))
    events = await _answer(provider, model="")
    assert provider.asked == ["first"]
    assert events[0] == Status("running", model="first", endpoint="e")


async def test_without_any_model_the_job_says_what_to_set() -> None:
    [event] = await _answer(_Scripted(listing=Listing("e")), model="")
    assert isinstance(event, Failed)
    assert "DEFAULT_MODEL" in event.message


@pytest.mark.parametrize(
    ("asked", "failures", "granted"),
    [(7.0, 1, 7.0), (60.0, 1, 60.0), (61.0, 1, None), (7.0, 2, None), (0.0, 1, 0.0)],
)
def test_what_an_endpoint_asks_for_is_granted_once_and_up_to_a_minute(
    asked: float, failures: int, granted: float | None
) -> None:
    error = ProviderError("", code="x", transient=True, retry_after_seconds=asked)
    assert delay_before_retry(error, failures) == granted


async def test_with_another_endpoint_to_ask_a_long_wait_is_not_worth_it() -> None:
    error = ProviderError("", code="x", transient=True, retry_after_seconds=7.0)
    assert delay_before_retry(error, 1, others=True) is None
    short = ProviderError("", code="x", transient=True, retry_after_seconds=1.0)
    assert delay_before_retry(short, 1, others=True) == 1.0


class _Silent(_Scripted):
    """Says nothing until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.released = asyncio.Event()

    async def stream(
        self, request: ChatRequest, model: str, prefill: Prefill = "prompt"
    ) -> AsyncGenerator[Event, None]:
        await self.released.wait()
        yield Delta("a")
        await asyncio.wait([asyncio.create_task(asyncio.Event().wait())], timeout=0.05)
        yield Done("stop")


async def test_who_waits_gets_signs_of_life_until_the_first_text() -> None:
    provider, events = _Silent(), list[Event]()
    third = asyncio.Event()

    async def emit(event: Event) -> None:
        events.append(event)
        if len(events) == 3:
            third.set()

    answering = asyncio.create_task(answer(_job(), lambda _: provider, emit, waiting_seconds=0.005))
    await third.wait()
    provider.released.set()
    await answering
    waits = [event for event in events if isinstance(event, Status)]
    assert {event.state for event in waits} == {"waiting"}
    seconds = [event.waited_seconds or 0 for event in waits]
    assert seconds == sorted(seconds)
    assert events[len(waits)] == Delta("a")  # and no sign after it
    assert isinstance(events[len(waits) + 1], Done)
