"""The relay beside others in one run: `make bench`, or for a part of it

    python bench/relay.py --only llmchat,nginx --scenario unpaced,100 --root ../other-checkout

`--root` is the checkout whose llmchat is run (with its .venv if it has one), `--llmchat "COMMAND"`
another way to start it; `--repeats` counts the runs whose medians are shown; `--help` lists more.
"""

from __future__ import annotations

import argparse
import contextlib
import shlex
import statistics
import sys
import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import processes, tools  # noqa: E402 - it is found from the folder above
from bench.scenarios import SCENARIOS, Figures  # noqa: E402
from bench.targets import TARGETS, Running, Setup  # noqa: E402

Results = dict[str, dict[str, Figures]]


def main(arguments: Sequence[str]) -> None:
    """Measure, and print a table."""
    options = parse(arguments)
    processes.raise_file_limit()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        upstream = stack.enter_context(tools.upstream())
        targets = []
        for name in options.only:
            (folder / name).mkdir()
            models = [SCENARIOS[scenario].model(name) for scenario in options.scenario]
            setup = Setup(folder / name, upstream, options.llmchat, options.root, models)
            targets.append(stack.enter_context(TARGETS[name](setup)))
        for scenario in options.scenario:
            measure(scenario, targets, options.repeats)


def measure(scenario: str, targets: Sequence[Running], repeats: int) -> dict[str, Figures]:
    """The medians of each target. They take turns, so that a slow minute hits all of them."""
    one = SCENARIOS[scenario]
    print(f"{scenario}: {one.what}", flush=True)
    runs: dict[str, list[Figures]] = {target.name: [] for target in targets}
    for _ in range(repeats or one.repeats):
        for target in targets:
            runs[target.name].append(one.run(target))
    medians = {name: median(found) for name, found in runs.items()}
    for name, found in medians.items():
        print(f"    {name:10}", *(f"{key} {value:.5g}" for key, value in found.items()), sep="  ")
    return medians


def median(runs: Sequence[Figures]) -> Figures:
    """The median of each figure; of errors the most."""
    return {
        name: max(run[name] for run in runs)
        if name == "errors"
        else statistics.median(run[name] for run in runs)
        for name in runs[0]
    }


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options, checked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", type=names_of(TARGETS), default=["direct", "nginx", "seed", "llmchat"]
    )
    parser.add_argument("--scenario", type=names_of(SCENARIOS), default=[*SCENARIOS])
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--llmchat", default=None)
    parser.add_argument("--repeats", type=int, default=0)
    options = parser.parse_args(arguments)
    options.root = options.root.resolve()
    python = options.root / ".venv/bin/python"
    fallback = shlex.join([str(python) if python.exists() else sys.executable, "-m", "llmchat"])
    options.llmchat = options.llmchat or fallback
    return options


def names_of(known: Collection[str]) -> Callable[[str], list[str]]:
    """A parser of names that are separated by commas."""

    def parse_names(text: str) -> list[str]:
        if unknown := [name for name in text.split(",") if name not in known]:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(known)}")
        return text.split(",")

    return parse_names


if __name__ == "__main__":
    main(sys.argv[1:])
