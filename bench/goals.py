"""What llmchat wants to reach, as ratios and limits of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Figures = dict[str, float]
Results = Mapping[str, Mapping[str, Figures]]
"""Scenario, then target, then the name of a figure."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure of llmchat, or its ratio to that of another target, and its limit.

    `added` takes off what the same figure is without anything in between; `least` makes the limit
    the smallest good value instead of the largest.
    """

    what: str
    scenario: str
    figure: str
    limit: float
    against: str = ""
    unit: str = ""
    least: bool = False
    added: bool = False

    def value(self, results: Results) -> float | None:
        """What was measured; None if a part of it was not."""
        own = self._of("llmchat", results)
        other = self._of(self.against, results) if self.against else 1.0
        return None if own is None or not other else own / other

    def met(self, value: float) -> bool:
        """Whether a value is good enough."""
        return value >= self.limit if self.least else value <= self.limit

    def _of(self, target: str, results: Results) -> float | None:
        found = results.get(self.scenario, {})
        if self.figure not in found.get(target, {}):
            return None
        direct = found.get("direct", {}).get(self.figure, 0.0) if self.added else 0.0
        return found[target][self.figure] - direct


GOALS = (
    Goal("unpaced relay", "unpaced", "tok/s", 50, "seed", least=True),
    Goal("unpaced relay", "unpaced", "tok/s", 150, "litellm", least=True),
    Goal("unpaced relay", "unpaced", "tok/s", 0.2, "nginx", least=True),
    Goal("added time to the first token, p50", "first", "first p50 ms", 0.7, "seed", added=True),
    Goal(
        "added time to the first token, p50", "first", "first p50 ms", 0.35, "litellm", added=True
    ),
    Goal("first token at 100 streams, p99", "100", "first p99 ms", 10, unit="ms"),
    Goal("CPU of a token at 100 streams", "100", "cpu ms/1000 tok", 0.25, "seed"),
    Goal("errors at 300 streams", "300", "errors", 0),
    Goal("added latency at 300 streams, p99", "300", "added p99 ms", 20, unit="ms"),
    Goal("errors at 1,000 streams", "1000", "errors", 0),
    Goal("added latency at 1,000 streams, p99", "1000", "added p99 ms", 250, unit="ms"),
    # The kernel counts in hundredths of a second: one of them in 10 s is 0.1 %.
    Goal("CPU at rest", "rest", "idle cpu %", 0.2, unit="%"),
    Goal("memory at rest (PSS of all processes)", "rest", "idle pss MB", 90, unit="MB"),
    Goal("start until ready", "ready", "ready s", 0.4, unit="s"),
    Goal("memory of an open stream", "streams", "kb/stream", 60, unit="KB"),
    Goal("memory of a waiting job", "waiting", "kb/job", 4, unit="KB"),
    Goal("POST while 10,000 jobs are put in line, p99", "waiting", "post p99 ms", 50, unit="ms"),
    Goal("memory a minute after their end, to that before", "waiting", "back ratio", 1.05),
)
