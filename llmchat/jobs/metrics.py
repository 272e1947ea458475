"""What is counted for `GET /metrics`: plain numbers, since a token has no time for more.

Everything runs on the event loop, so nothing is locked. No label holds what a user wrote: only
names of endpoints, which the configuration bounds, and codes of ours.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Literal

from llmchat.domain.errors import JOB_ERRORS
from llmchat.domain.job import EVENT_NAMES, TEXT_NAMES, Done, Failed, Reasoning, Usage

LAG_SECONDS = 1.0  # between two looks at the loop; a worker's heartbeat wakes it as often
MOST_ENDPOINTS = 64  # with figures of their own; the names of the store may be older than ours
OTHER = "other"

_WAITS = (0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600, 1800, 3600)
_FIRST_TEXTS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
_GAPS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_COMMITS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
_WRITES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_LAGS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_REASONING = EVENT_NAMES[Reasoning]
_AROUND_TEXT = len(b'{"text":""}')  # bytes of text are counted as JSON has them


class Histogram:
    """How many values were in each bucket: up to each of `bounds`, and above the last one."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class EndpointMetrics:
    """What was counted for one endpoint."""

    __slots__ = ("ended", "first_texts", "gaps", "text_bytes", "tokens", "waits")

    def __init__(self) -> None:
        self.waits = Histogram(_WAITS)
        self.first_texts = Histogram(_FIRST_TEXTS)
        self.gaps = Histogram(_GAPS)
        self.text_bytes = 0
        self.ended: Counter[str] = Counter()
        self.tokens: Counter[str] = Counter()

    @property
    def deltas(self) -> int:
        """Pieces of text: each is the first one of an answer, or follows after a gap."""
        return sum(self.first_texts.counts) + sum(self.gaps.counts)


class Metrics:
    """What was counted since the start of the server."""

    def __init__(self) -> None:
        self.endpoints: dict[str, EndpointMetrics] = {}
        self.restarts: Counter[str] = Counter(worker=0, model=0)
        self.commits = Histogram(_COMMITS)
        self.writes = Histogram(_WRITES)
        self.lags = Histogram(_LAGS)

    def of(self, endpoint: str) -> EndpointMetrics:
        """The figures of an endpoint, which begin with the first job for it."""
        found = self.endpoints.get(endpoint)
        if found is None:
            name = endpoint if len(self.endpoints) < MOST_ENDPOINTS else OTHER
            found = self.endpoints.setdefault(name, EndpointMetrics())
        return found

    def ended(self, endpoint: str, final: Done | Failed) -> None:
        """A job has its final event."""
        figures = self.of(endpoint)
        figures.ended[outcome(final)] += 1
        usage = final.usage if isinstance(final, Done) else None
        usage = usage or Usage()
        figures.tokens["prompt"] += usage.prompt_tokens or 0
        figures.tokens["completion"] += usage.completion_tokens or 0

    def restarted(self, process: Literal["worker", "model"]) -> None:
        """A process ended by itself, and another one takes its place."""
        self.restarts[process] += 1

    def committed(self, seconds: float, writes: int) -> None:
        """The store has committed: for `Database.on_commit`."""
        self.commits.observe(seconds)
        self.writes.observe(writes)

    async def watch_loop(self) -> None:
        """Until cancelled, measure how late the event loop comes to what is due."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_SECONDS
            await asyncio.sleep(LAG_SECONDS)
            self.lags.observe(max(0.0, loop.time() - due))


class Meter:
    """The text of one job, as the server gets it. Times are monotonic."""

    __slots__ = (
        "_figures",
        "_metrics",
        "_thinking_since",
        "_thought",
        "first",
        "last",
        "pieces",
        "started",
        "text_bytes",
    )

    def __init__(self, metrics: Metrics | None = None) -> None:
        self._metrics = metrics or Metrics()
        self._figures: EndpointMetrics | None = None
        self._thinking_since: float | None = None
        self._thought: float | None = None
        self.started: float | None = None
        self.first: float | None = None
        self.last = 0.0
        self.pieces = 0
        self.text_bytes = 0

    def start(self, endpoint: str, submitted: float) -> None:
        """The job goes to a worker, for the first time or again."""
        self._figures = self._metrics.of(endpoint)
        if self.started is None:
            self.started = monotonic()
            self._figures.waits.observe(self.started - submitted)

    def note(self, name: str, data: bytes) -> Literal[True]:
        """An event was added to the log. Every token passes here (docs/decisions.md, "Metrics")."""
        figures = self._figures
        if figures is None or name not in TEXT_NAMES:
            return True
        now = monotonic()
        if name == _REASONING:
            if self._thinking_since is None:
                self._thinking_since = now
        elif self._thinking_since is not None:
            self._thought = self.thinking_seconds(now)
            self._thinking_since = None
        if self.pieces:
            figures.gaps.observe(now - self.last)
        else:
            self.first = now
            figures.first_texts.observe(now - (self.started or now))
        self.last = now
        self.pieces += 1
        size = len(data) - _AROUND_TEXT
        self.text_bytes += size
        figures.text_bytes += size
        return True

    def thinking_seconds(self, now: float) -> float | None:
        """From its first thoughts to the text after them, or until now; None if it had none."""
        if self._thinking_since is None:
            return self._thought
        return (self._thought or 0.0) + now - self._thinking_since


@dataclass(frozen=True, slots=True)
class Figures:
    """What is so at one moment. `waiting` and `running` are jobs by endpoint."""

    waiting: Mapping[str, int]
    running: Mapping[str, int]
    most_jobs: int
    workers: int
    workers_up: int
    store_full: bool


def outcome(final: Done | Failed) -> str:
    """How a job ended: done, cancelled, or a code of docs/errors.md."""
    if isinstance(final, Failed):
        return final.code if final.code in JOB_ERRORS else OTHER
    return "cancelled" if final.finish_reason == "cancelled" else "done"
