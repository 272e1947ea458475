"""The relay beside others in one run: `make bench`, or for a part of it

    python bench/relay.py --only llmchat,nginx --scenario unpaced,100 --root ../other-checkout

`--root` is the checkout whose llmchat is run (with its .venv if it has one), `--llmchat "COMMAND"`
another way to start it; `--repeats` counts the runs whose medians are shown; `--write` renews
docs/performance.md; `--help` lists more.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import processes, report, results, tools  # noqa: E402 - found from the folder above
from bench.run import ALL, Run  # noqa: E402
from bench.targets import TARGETS  # noqa: E402

USUAL = ("direct", "nginx", "seed", "llmchat")


def main(arguments: Sequence[str]) -> None:
    """Measure, print tables, and write them where that is asked for."""
    options = parse(arguments)
    processes.raise_file_limit()
    with tempfile.TemporaryDirectory() as folder, tools.upstream() as port:
        run = Run(Path(folder), port, options.llmchat, options.root, options.repeats)
        found = run.all(options.scenario, options.only)
    print(f"\n{report.figures_table(found)}\n\n{report.goals_table(found)}")
    facts = results.facts(options.root, "python bench/relay.py " + shlex.join(arguments))
    results.save(found, facts)
    if options.write:
        results.publish(found, facts)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options, checked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=names_of(TARGETS), default=[*USUAL])
    parser.add_argument("--peers", type=names_of(TARGETS), default=[])
    parser.add_argument("--scenario", type=names_of(ALL), default=[*ALL])
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--llmchat", default=None)
    parser.add_argument("--repeats", type=int, default=0)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    options.only = [name for name in TARGETS if name in {*options.only, *options.peers}]
    options.root = options.root.resolve()
    python = options.root / ".venv/bin/python"
    fallback = shlex.join([str(python) if python.exists() else sys.executable, "-m", "llmchat"])
    options.llmchat = options.llmchat or fallback
    return options


def names_of(known: Collection[str]) -> Callable[[str], list[str]]:
    """A parser of names that are separated by commas."""

    def parse_names(text: str) -> list[str]:
        names = [name for name in text.split(",") if name]
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(known)}")
        return names

    return parse_names


if __name__ == "__main__":
    main(sys.argv[1:])
