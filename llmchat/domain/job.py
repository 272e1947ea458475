"""A job is one answer in the making: its id, its events, and the ids that order them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple, NewType, TypeAlias

from llmchat.domain.chat import ChatRequest

JobId = NewType("JobId", str)

_EVENT_ID = re.compile(r"(0|[1-9][0-9]{0,9})-(0|[1-9][0-9]{0,9})", re.ASCII)


class EventId(NamedTuple):
    """The place of an event in its job's log: `0-n` while queued, `a-n` in attempt `a`.

    Ids only grow, and a log refuses an id that is not greater than its last one. From that one
    rule follow idempotent retry, fencing of a zombie worker, a race-free stop, exactly one final
    event, and resuming by `Last-Event-ID` (docs/decisions.md, "Event ids").
    """

    attempt: int
    seq: int

    def __str__(self) -> str:
        return f"{self.attempt}-{self.seq}"

    @classmethod
    def parse(cls, text: str) -> EventId:
        """Read the wire form `attempt-seq`. Raises ValueError for anything else."""
        match = _EVENT_ID.fullmatch(text)
        if match is None:
            raise ValueError(text)
        return cls(int(match[1]), int(match[2]))


START = EventId(0, 0)
END = EventId(4294967295, 0)

State: TypeAlias = Literal[
    "queued",  # waits for its turn: position, eta_seconds
    "loading",  # the model is being loaded into memory
    "running",  # sent to the endpoint: model, endpoint
    "waiting",  # the endpoint has not answered yet: waited_seconds; every 15 s
    "reading",  # the model reads the prompt: progress 0..1
    "retrying",  # the endpoint failed before anything was shown: in_seconds, reason
    "failover",  # it failed for good, before anything was shown: endpoint (the next one), reason
    "restarted",  # the worker was lost before anything was shown; the job runs again: reason
    "connecting",  # the tool servers of the chat are asked what they offer
]

ToolState: TypeAlias = Literal[
    "writing",  # the model writes the arguments
    "waiting",  # a person has to decide: `why`
    "allowed",  # a person said yes; it runs when those before it have
    "running",  # stored before it begins, so that it never begins twice
    "done",
    "failed",  # the tool says so, or its server does: `code`
    "denied",  # a person said no, or nothing (`code` is `tool-unanswered`)
    "interrupted",  # only in messages: it was running when its answer ended
    "skipped",  # only in messages: it had not begun then
]
WhyAsked: TypeAlias = Literal[
    "new",  # nobody has allowed this tool for good
    "changed",  # it was allowed, and is not what it was then
    "untrusted",  # what the chat has read from outside may be behind it, and it may send data out
]


@dataclass(frozen=True, slots=True)
class Status:
    """What the job is doing, for the line under the question. What does not apply is None.

    `reason` is for a person and in English; `code` names it for other languages.
    """

    state: State
    position: int | None = None
    eta_seconds: float | None = None
    model: str | None = None
    endpoint: str | None = None
    progress: float | None = None
    in_seconds: float | None = None
    waited_seconds: float | None = None
    reason: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the answer. All `text` of a job, joined, is the answer byte for byte,
    but for thoughts between tags, which are Reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """The next piece of what the model thinks before it answers."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A piece of a tool call: `arguments` of one `index`, joined, are its JSON arguments."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class ToolRun:
    """A call of a tool that llmchat runs, as it goes: the newest event with its `id` tells all.

    `arguments` are JSON as the model wrote it, `result` is the text that the model gets. Without
    a `tool` it is the `server` that failed. `function` is the model's name for the tool. While it
    waits, the digests are what a decision for good holds for.
    """

    id: str
    server: str
    state: ToolState
    tool: str = ""
    function: str = ""
    title: str | None = None
    description: str | None = None
    arguments: str | None = None
    result: str | None = None
    seconds: float | None = None
    code: str | None = None
    why: WhyAsked | None = None
    tool_digest: str | None = None
    server_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint counted them; None where it did not say."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds on the monotonic clock: waiting in the queue, to the first text, and in all."""

    queue_seconds: float = 0.0
    first_token_seconds: float | None = None
    total_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Done:
    """The final event of an answer that ended as it should, or was stopped (`cancelled`).

    `seen` is set on a stopped answer when the reader who stopped it named the last event that
    they had seen: text after it does not belong to the answer.
    """

    finish_reason: str
    usage: Usage | None = None
    timings: Timings | None = None
    model: str | None = None
    endpoint: str | None = None
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The final event of an answer that could not be finished; on the wire it is named `error`."""

    code: str
    message: str
    retryable: bool = True


Event: TypeAlias = Status | Delta | Reasoning | ToolCall | ToolRun | Usage | Done | Failed

EVENT_NAMES: dict[type[Event], str] = {
    Status: "status",
    Delta: "delta",
    Reasoning: "reasoning",
    ToolCall: "tool_call",
    ToolRun: "tool",
    Usage: "usage",
    Done: "done",
    Failed: "error",
}
FINAL_EVENTS = (Done, Failed)
SHOWN_EVENTS = (Delta, Reasoning, ToolCall, ToolRun)
FINAL_NAMES = frozenset(EVENT_NAMES[kind] for kind in FINAL_EVENTS)
SHOWN_NAMES = frozenset(EVENT_NAMES[kind] for kind in SHOWN_EVENTS)
TEXT_NAMES = frozenset(EVENT_NAMES[kind] for kind in (Delta, Reasoning))


class Packed(NamedTuple):
    """An event as its readers get it: its name, and the JSON of its data in UTF-8."""

    name: str
    data: bytes


Prefill: TypeAlias = Literal[
    "as-is",  # the endpoint continues a chat that ends in an answer (llama.cpp, Ollama)
    "flag",  # it does so when `continue_final_message` says so (vLLM)
    "prompt",  # it would begin anew: it has to be asked in words
]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a question can be sent. An empty `model` leaves the choice to the endpoint.

    `prefill` is how the endpoint is made to continue an answer that was cut, `vision` whether its
    model reads images, None where nobody said.
    """

    endpoint: str
    model: str
    prefill: Prefill = "prompt"
    vision: bool | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One question on its way to `target`; the `fallbacks` are asked in turn if that one fails."""

    id: JobId
    request: ChatRequest
    target: Target
    fallbacks: tuple[Target, ...] = ()

    @property
    def endpoint(self) -> str:
        return self.target.endpoint

    @property
    def model(self) -> str:
        return self.target.model
