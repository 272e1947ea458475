"""The store when it is large: `make bench-store`, or a part of it

    python bench/store.py --messages 100000 --only list,search

Makes a store of 10,000 conversations and a million messages (once; it is kept in build/bench),
starts llmchat with a copy of it, and asks it by HTTP. `--write` renews docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import processes, report, results, tools  # noqa: E402 - found from the folder above
from bench.goals import Figures, Goal, Results  # noqa: E402
from bench.relay import names_of  # noqa: E402
from bench.store_parts import BASELINE, PARTS, Target  # noqa: E402
from bench.stored import Size, stored  # noqa: E402
from bench.targets import Setup, llmchat  # noqa: E402

GOALS = (
    Goal("a page of the list, p95", "a page of 50 conversations", "p95 ms", 30, unit="ms"),
    Goal("a page of the list, size", "a page of 50 conversations", "kb", 50, unit="KB"),
    Goal("search, all kinds together, p95", "search: all kinds", "p95 ms", 50, unit="ms"),
)
COLUMNS = {"p50 ms": "p50, ms", "p95 ms": "p95, ms", "max ms": "most, ms", "kb": "largest, KB"}


def main(arguments: Sequence[str]) -> None:
    """Measure, print tables, and write them where that is asked for."""
    options = parse(arguments)
    processes.raise_file_limit()
    size = Size(options.conversations, options.messages)
    found = measure(size, options.only, options.count, options.build)
    about = results.facts(ROOT, "python bench/store.py " + shlex.join(arguments))
    text = page_part(found, about)
    print(f"\n{text}")
    if options.write:
        results.write_part(text, "store")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options, checked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=names_of(PARTS), default=[*PARTS])
    parser.add_argument("--conversations", type=int, default=Size().conversations)
    parser.add_argument("--messages", type=int, default=Size().messages)
    parser.add_argument("--count", type=int, default=100, help="requests of each kind")
    parser.add_argument("--build", type=Path, default=tools.BUILD)
    parser.add_argument("--write", action="store_true")
    return parser.parse_args(arguments)


def measure(
    size: Size, parts: Sequence[str], count: int, build: Path = tools.BUILD, **options: int
) -> dict[str, Figures]:
    """The figures of each thing that is done, in one run of the program. `options` are those of
    `Target`.
    """
    database = stored(size, build)
    found: dict[str, Figures] = {}
    # Beside the store: a copy of gigabytes does not belong where memory may be the disk.
    with tempfile.TemporaryDirectory(dir=build) as name, tools.upstream() as upstream:
        folder = Path(name)
        (folder / "data").mkdir()
        copy = folder / "data" / "llmchat.db"
        shutil.copyfile(database, copy)
        with copy.open("rb+") as file:
            os.fsync(file.fileno())  # else the first commit would have to wait for it
        command = shlex.join([sys.executable, "-m", "llmchat"])
        with llmchat(Setup(folder, upstream, command, ROOT)) as running:
            target = Target(running, copy, size, count, **options)
            for part in parts:
                print(part, flush=True)
                found |= PARTS[part](target)
            ready = {"count": 1.0, "p50 ms": running.ready_seconds * 1000}
            found[f"ready with a store of {size.messages:,} messages"] = ready
    return found


def page_part(found: dict[str, Figures], about: dict[str, str]) -> str:
    """The results as Markdown."""
    all_results: Results = {name: {"llmchat": figures} for name, figures in found.items()}
    facts = [f"- {name}: {value}" for name, value in about.items()]
    return "\n".join([*facts, "", report.goals_table(all_results, GOALS), "", figures_table(found)])


def figures_table(found: dict[str, Figures]) -> str:
    """A line for each thing that is done; at the end its median as a multiple of the baseline's."""
    base = found.get(BASELINE, {}).get("p50 ms")
    rows = []
    for name, figures in found.items():
        ratio = f"{report.number(figures['p50 ms'] / base)} x" if base else ""
        cells = (report.number(figures[one]) if one in figures else "" for one in COLUMNS)
        rows.append([name, f"{figures['count']:,.0f}", *cells, ratio])
    return report.table(["", "times", *COLUMNS.values(), "p50 to the first line"], rows)


if __name__ == "__main__":
    main(sys.argv[1:])
