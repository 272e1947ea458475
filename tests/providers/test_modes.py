"""Every row of the fault matrix (SECURITY.md 3.3) that ends inside a reply, and good replies."""

from __future__ import annotations

import pytest

from llmchat.domain.job import Delta, Done, Event, Reasoning, Status, ToolCall, Usage
from tests.fake_openai import MODES, FakeOpenAI
from tests.fake_replies import known_text
from tests.providers.conftest import Connect, ask, outcome, text_of

COUNTED = Usage(prompt_tokens=12, completion_tokens=34, cached_tokens=6)


def _at_rest(events: list[Event]) -> list[Event]:
    """Events with neighbouring texts joined: how they were cut is the network's business."""
    joined: list[Event] = []
    for event in events:
        last = joined[-1] if joined else None
        if isinstance(event, Delta) and isinstance(last, Delta):
            joined[-1] = Delta(last.text + event.text)
        elif isinstance(event, Reasoning) and isinstance(last, Reasoning):
            joined[-1] = Reasoning(last.text + event.text)
        else:
            joined.append(event)
    return joined


@pytest.mark.parametrize("earlier", [0, 1], ids=["first", "next"])
@pytest.mark.parametrize("name", MODES)
async def test_each_mode_ends_as_the_matrix_says(
    name: str, earlier: int, fake: FakeOpenAI, connect: Connect
) -> None:
    """`earlier`: openai's client makes the first request of an endpoint, the next are like it."""
    mode = MODES[name]
    await fake.release(float("inf"))
    provider = connect()
    for _ in range(earlier):
        assert (await outcome(provider, "echo"))[1] is None
    events, error = await outcome(provider, name)
    assert (error.code if error else "") == mode.code
    assert fake.posts == earlier + 1
    if name == "endless":
        assert len(text_of(events)) <= 16 * 1024 * 1024
    else:
        assert text_of(events) == mode.text
    if error is None:
        assert isinstance(events[-1], Done)
        assert events[-1].finish_reason == mode.finish
    else:
        assert (error.transient, error.retry_after_seconds) == (mode.transient, mode.retry_after)
        assert 20 < len(error.message) < 500
        assert fake.url.removesuffix("/v1") in error.message or "fake" in error.message.lower()
        assert not any(isinstance(event, Done) for event in events)


async def test_the_answer_is_what_was_sent_byte_for_byte(connect: Connect) -> None:
    events, error = await outcome(connect(), "known-20000")
    assert error is None
    assert text_of(events) == known_text(20000)
    assert events[-2:] == [COUNTED, Done("stop", usage=COUNTED)]


async def test_all_text_of_a_read_is_one_event(connect: Connect) -> None:
    events, _ = await outcome(connect(), "burst-10000")
    assert text_of(events) == known_text(10000)
    assert len(events) < 30  # of 2,500 chunks


async def test_reasoning_is_kept_apart(connect: Connect) -> None:
    events, _ = await outcome(connect(), "reasoning")
    assert _at_rest(events)[:2] == [Reasoning("Let me think."), Delta("The answer is 4.")]


async def test_tool_calls_come_in_pieces(connect: Connect) -> None:
    events, _ = await outcome(connect(), "tool")
    calls = [one for one in events if isinstance(one, ToolCall)]
    assert (calls[0].index, calls[0].id, calls[0].name) == (0, "call_1", "clock")
    assert "".join(one.arguments for one in calls) == '{"zone":"UTC"}'
    assert isinstance(events[-1], Done)
    assert events[-1].finish_reason == "tool_calls"


async def test_the_embedded_model_tells_how_far_it_has_read(
    fake: FakeOpenAI, connect: Connect
) -> None:
    events, _ = await outcome(connect(kind="embedded"), "progress")
    assert events[:2] == [Status("reading", progress=0.5), Status("reading", progress=1.0)]
    assert fake.requests[0].body["return_progress"] is True
    assert fake.requests[0].headers["Connection"] == "close"


async def test_the_request_is_forwarded_with_its_parameters(
    fake: FakeOpenAI, connect: Connect
) -> None:
    request = ask("Hi", temperature=0, max_tokens=5, seed=7)
    await outcome(connect(key="sk-test-0123456789"), "echo", request)
    sent = fake.requests[0]
    assert sent.body == {
        "messages": [{"role": "user", "content": "Hi"}],
        "model": "echo",
        "temperature": 0,
        "max_tokens": 5,
        "seed": 7,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert sent.headers["Authorization"] == "Bearer sk-test-0123456789"
    assert sent.headers["Accept-Encoding"] == "identity"


async def test_without_a_key_there_is_no_authorization_header(
    fake: FakeOpenAI, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-endpoint")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-of-an-admin")
    await outcome(connect(), "echo")
    assert "Authorization" not in fake.requests[0].headers


async def test_stream_options_are_left_out_for_who_refuses_them(
    fake: FakeOpenAI, connect: Connect
) -> None:
    provider = connect()
    for _ in range(2):
        events, error = await outcome(provider, "no-stream-options")
        assert error is None
        assert text_of(events) == "no options"
    assert ["stream_options" in one.body for one in fake.requests] == [True, False, False]


async def test_an_answer_far_longer_than_was_asked_for_is_stopped(connect: Connect) -> None:
    events, error = await outcome(connect(), "known-70000", ask(max_tokens=10))
    assert error is not None
    assert error.code == "upstream-too-large"
    assert text_of(events) == known_text(70000)[: len(text_of(events))]
    assert len(text_of(events).encode()) <= 64 * 1024
