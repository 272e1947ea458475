"""Every message and every event survives the way between the processes."""

from __future__ import annotations

from typing import get_args

import pytest

from llmchat.domain.chat import ChatRequest
from llmchat.domain.endpoint import Endpoint, Listing, Model, Timeouts
from llmchat.domain.job import (
    Delta,
    Done,
    Event,
    Failed,
    Job,
    JobId,
    Reasoning,
    Status,
    Target,
    Timings,
    ToolCall,
    ToolRun,
    Usage,
)
from llmchat.domain.messages import (
    Alive,
    Begin,
    Cancel,
    Command,
    Decide,
    Discover,
    Discovered,
    EngineFailed,
    EngineLoading,
    EngineReady,
    JobEvents,
    Listed,
    ListModels,
    RemoveEndpoint,
    Report,
    Run,
    SetEndpoint,
    Tried,
    TryEndpoint,
)
from llmchat.domain.reach import Guard
from llmchat.domain.tools import Approval
from llmchat.domain.trial import Step, Verdict
from llmchat.queues import codec
from llmchat.queues.events import pack

ENDPOINT = Endpoint("Ollama", "configured", "http://127.0.0.1:11434/v1", "key")
OWN = Endpoint(
    *("Own", "configured", "https://h/v1", "", (("Api-Key", "k"),), "none"),
    guard=Guard(8000, public=True),
    slots=2,
    timeouts=Timeouts(idle=1.5),
)
LISTING = Listing("Ollama", (Model("m", "Ollama", "me", 4096),))
REQUEST = ChatRequest([{"role": "user", "content": "hi \x00 \U0001f600"}], "m", {"stop": ["a"]})
EVENTS: tuple[Event, ...] = (
    Status("retrying", in_seconds=0.5, reason="busy"),
    Delta("a\r\nb\u2028c"),
    Reasoning("hm"),
    ToolCall(0, "id", "name", "{}"),
    ToolRun("c", "time", "waiting", "now", "time__now", why="new", tool_digest="d"),
    Usage(1, 2, 3, 4),
    Done("stop", Usage(1), Timings(0.1, None, 2.0), "m", "Ollama", "1-3"),
    Failed("upstream-cut", "it broke", retryable=False),
)
MESSAGES: tuple[codec.Message, ...] = (
    Run(Job(JobId("j"), REQUEST, Target("Ollama", "m"), (Target("vLLM", "", "flag"),)), 2),
    Run(Job(JobId("j"), REQUEST, Target("Ollama", "m")), 1, (Approval("time", "", "digest"),)),
    Cancel(JobId("j")),
    Decide(JobId("j"), "c", "server"),
    Begin(JobId("j"), "c"),
    SetEndpoint(ENDPOINT),
    SetEndpoint(OWN),
    RemoveEndpoint("Ollama"),
    TryEndpoint(7, OWN),
    ListModels("Ollama"),
    Discover(8000),
    Alive(),
    JobEvents(JobId("j"), 1, 7, tuple(map(pack, EVENTS))),
    Listed(LISTING),
    Discovered((ENDPOINT,), (LISTING,)),
    Tried(7, Verdict("trial-ok", "It answers.", (Step("name", ok=True, detail="h"),), ("m",))),
    EngineReady("http://127.0.0.1:1/v1", "key"),
    EngineLoading(0.25),
    EngineFailed("no", "model-no-memory"),
)


def test_a_message_of_every_kind_comes_back_equal() -> None:
    assert {type(message) for message in MESSAGES} == {*get_args(Command), *get_args(Report)}
    assert {type(event) for event in EVENTS} == set(get_args(Event))
    frame = codec.frame([codec.encode(message) for message in MESSAGES])
    assert tuple(codec.decode(frame)) == MESSAGES


def test_the_key_of_an_endpoint_is_not_in_its_repr() -> None:
    assert "key" not in repr(ENDPOINT)


@pytest.mark.parametrize("frame", [b"", b"{}", b'[["unknown", {}]]', b'[["run", {}]]', b"\xff"])
def test_what_is_not_a_frame_is_refused(frame: bytes) -> None:
    with pytest.raises(ValueError, match="not a frame"):
        codec.decode(frame)
