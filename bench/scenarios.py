"""What is asked of each target, and the figures that come of it."""

from __future__ import annotations

from dataclasses import dataclass

from bench import processes
from bench.goals import Figures
from bench.targets import Running
from bench.tools import Load


@dataclass(frozen=True, slots=True)
class Scenario:
    """Some streams at once. `slow` is the number of tokens for targets that would take minutes,
    0 where they are left out.
    """

    what: str
    rate: int
    tokens: int
    slow: int
    streams: int
    rounds: int = 1
    ramp: float = 0.0
    gap: float = 0.0
    repeats: int = 3

    def model(self, target: str) -> str:
        """The name that asks the upstream for the right stream."""
        return f"bench-{self.rate}x{self.slow if target in SLOW else self.tokens}"

    def run(self, target: Running) -> Figures:
        """The figures of one run."""
        model = self.model(target.name)
        before = processes.cpu_seconds(target.pid) if target.pid else 0.0
        load = target.load(
            model,
            streams=self.streams,
            rounds=self.rounds,
            ramp=self.ramp,
            gap=self.gap,
        )
        after = processes.cpu_seconds(target.pid) if target.pid else 0.0
        return figures(load, after - before)


SLOW = ("seed", "litellm", "open-webui")
SCENARIOS = {
    "unpaced": Scenario("50 streams as fast as the sockets take them", 0, 20_000, 400, 50),
    "first": Scenario("one stream after the other", 50, 2, 2, 1, rounds=100, gap=0.01),
    "100": Scenario("100 streams x 50 tok/s", 50, 200, 200, 100, rounds=3, ramp=4, repeats=2),
    "300": Scenario("300 streams x 50 tok/s", 50, 400, 0, 300, ramp=4, repeats=2),
    "1000": Scenario("1,000 streams x 50 tok/s", 50, 600, 0, 1000, ramp=8, repeats=1),
}


def figures(load: Load, cpu_seconds: float) -> Figures:
    """Those of one run of the load generator."""
    if load.first_error:
        print(f"    first of {load.errors} errors: {load.first_error}")
    return {
        "errors": load.errors,
        "tok/s": load.tokens_per_second,
        "first p50 ms": load.first_p50_ms,
        "first p99 ms": load.first_p99_ms,
        "added p50 ms": load.added_p50_ms,
        "added p99 ms": load.added_p99_ms,
        "post p50 ms": load.post_p50_ms,
        "cpu ms/1000 tok": cpu_seconds * 1e6 / max(1, load.tokens),
    }
