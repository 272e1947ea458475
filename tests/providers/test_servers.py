"""The servers that people have: each in the shapes that it sends (docs/compatibility.md)."""

from __future__ import annotations

import pytest

from llmchat.domain.job import Done, Event, Reasoning, ToolCall
from llmchat.providers.base import Limits
from llmchat.providers.listing import models_of
from tests.fake_modes import status, stream
from tests.fake_openai import FakeOpenAI
from tests.fake_replies import Behaviour, Recorded
from tests.providers.conftest import Connect, outcome, text_of
from tests.providers.server_shapes import CALLS, SHAPES, TEXT, THOUGHT, Shape

_CUTS = (3, 100, 10**6)  # bytes that come at once

shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


class Served(FakeOpenAI):
    """Sends some bytes, so many at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.data = b""
        self.cut = 1

    def behaviour(self, recorded: Recorded) -> Behaviour:
        pieces = [self.data[at : at + self.cut] for at in range(0, len(self.data), self.cut)]
        return stream(*pieces)


def _called(events: list[Event]) -> list[tuple[str, str]]:
    """Name and arguments of each tool call."""
    calls: dict[int, tuple[str, str]] = {}
    ids: dict[int, str] = {}
    for one in events:
        if isinstance(one, ToolCall):
            name, arguments = calls.get(one.index, ("", ""))
            calls[one.index] = (name or one.name or "", arguments + one.arguments)
            ids.setdefault(one.index, one.id or "")
    assert len(set(ids.values()) - {""}) == len(calls)
    return list(calls.values())


@shapes
async def test_an_answer_of_each_server_is_read(shape: Shape, connect: Connect) -> None:
    async with Served() as server:
        server.data = shape.answer
        provider = connect(server.url, limits=Limits())
        for server.cut in _CUTS:
            events, error = await outcome(provider, "m")
            assert error is None
            assert text_of(events) == TEXT
            thoughts = "".join(one.text for one in events if isinstance(one, Reasoning))
            assert thoughts == (THOUGHT if shape.thinks else "")
            assert events[-1] == Done("stop", usage=shape.usage)


@shapes
async def test_tool_calls_of_each_server_are_told_apart(shape: Shape, connect: Connect) -> None:
    async with Served() as server:
        server.data = shape.tools
        provider = connect(server.url, limits=Limits())
        for server.cut in _CUTS:
            events, error = await outcome(provider, "m")
            assert error is None
            assert _called(events) == CALLS
            assert isinstance(events[-1], Done)
            assert events[-1].finish_reason == "tool_calls"


@shapes
def test_the_models_of_each_server_are_listed(shape: Shape) -> None:
    assert models_of(shape.models, "Fake") == (shape.model,)


@shapes
async def test_a_refusal_of_each_server_is_understood(shape: Shape, connect: Connect) -> None:
    class Refusing(Served):
        def behaviour(self, recorded: Recorded) -> Behaviour:
            return status(*shape.refusal)

    async with Refusing() as server:
        provider = connect(server.url, limits=Limits())
        for _ in range(2):  # openai's client makes the first request, the next are like it
            events, error = await outcome(provider, "m")
            assert events == []
            assert error is not None
            assert error.code == shape.code


async def test_a_failure_inside_a_stream_is_understood(connect: Connect) -> None:
    known = [(data, code) for shape in SHAPES.values() for data, code in shape.after.items()]
    assert len(known) >= 2
    for data, code in known:
        async with Served() as server:
            server.data, server.cut = data.encode(), 100
            events, error = await outcome(connect(server.url, limits=Limits()), "m")
            assert text_of(events) == TEXT
            assert error is not None
            assert error.code == code
