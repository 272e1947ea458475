"""One run: the scenarios one after the other, in each of them the targets in turns."""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import lifetimes
from bench.goals import Figures
from bench.scenarios import SCENARIOS, SLOW
from bench.targets import SLOTS, TARGETS, Running, Setup

LIFETIMES = {"ready": 5, "rest": 1, "streams": 1, "waiting": 1}
"""Those whose targets are started for them, and how often each is repeated."""

ALL = (*SCENARIOS, *LIFETIMES)


@dataclass(slots=True)
class Run:
    """What is the same for all of a run. `repeats` is 0 for what each scenario thinks best."""

    folder: Path
    upstream: int
    llmchat: str
    root: Path
    repeats: int = 0
    _starts: int = field(default=0, init=False)

    def all(
        self, scenarios: Sequence[str], targets: Sequence[str]
    ) -> dict[str, dict[str, Figures]]:
        """The medians of each scenario and target."""
        found: dict[str, dict[str, Figures]] = {}
        with contextlib.ExitStack() as stack:
            shared = [name for name in scenarios if name in SCENARIOS]
            running = [stack.enter_context(self._start(name, shared)) for name in targets if shared]
            for name in shared:
                found[name] = self._measure(name, running)
        for name in scenarios:
            if name in LIFETIMES:
                found[name] = self._live(name, targets)
        return found

    def _start(
        self, target: str, scenarios: Sequence[str] = (), slots: str = SLOTS
    ) -> contextlib.AbstractContextManager[Running]:
        self._starts += 1
        folder = self.folder / f"{target}-{self._starts}"
        folder.mkdir()
        setup = Setup(
            folder,
            self.upstream,
            self.llmchat,
            self.root,
            [SCENARIOS[name].model(target) for name in scenarios],
            slots,
        )
        return TARGETS[target](setup)

    def _measure(self, scenario: str, targets: Sequence[Running]) -> dict[str, Figures]:
        one = SCENARIOS[scenario]
        parts = {
            target.name: _caller(one.run, target)
            for target in targets
            if one.slow or target.name not in SLOW
        }
        return self._in_turns(f"{scenario}: {one.what}", parts, self.repeats or one.repeats)

    def _live(self, scenario: str, targets: Sequence[str]) -> dict[str, Figures]:
        parts = {
            name: self._life(scenario, name)
            for name in targets
            if name != "direct" and not (scenario == "waiting" and name != "llmchat")
            if not (scenario == "streams" and name in {"litellm", "open-webui"})
        }
        repeats = self.repeats or LIFETIMES[scenario]
        return self._in_turns(scenario, parts, repeats)

    def _life(self, scenario: str, target: str) -> Callable[[], Figures]:
        def start() -> contextlib.AbstractContextManager[Running]:
            return self._start(target)

        def start_narrow() -> contextlib.AbstractContextManager[Running]:
            return self._start(target, slots="4")

        match scenario:
            case "ready":
                return lambda: lifetimes.ready(start)
            case "rest":
                return lambda: lifetimes.rest(start)
            case "streams":
                return lambda: lifetimes.open_streams(start)
            case _:
                return lambda: lifetimes.waiting_jobs(start_narrow, self.folder)

    def _in_turns(
        self, title: str, parts: dict[str, Callable[[], Figures]], repeats: int
    ) -> dict[str, Figures]:
        """The targets take turns, so that a slow minute of the machine hits all of them."""
        print(title, flush=True)
        runs: dict[str, list[Figures]] = {name: [] for name in parts}
        for _ in range(repeats):
            for name, part in parts.items():
                runs[name].append(part())
        found = {name: median(each) for name, each in runs.items()}
        for name, figures in found.items():
            shown = (f"{key} {value:.5g}" for key, value in figures.items())
            print(f"    {name:10}", *shown, sep="  ", flush=True)
        return found


def _caller(run: Callable[[Running], Figures], target: Running) -> Callable[[], Figures]:
    return lambda: run(target)


def median(runs: Sequence[Figures]) -> Figures:
    """The median of each figure; of errors the most."""
    return {
        name: max(run[name] for run in runs)
        if name == "errors"
        else statistics.median(run[name] for run in runs)
        for name in runs[0]
    }
