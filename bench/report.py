"""Results as Markdown, between the markers of docs/performance.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bench.goals import GOALS, Goal, Results

BASELINE = "seed"
NAMES = {
    "direct": "direct",
    "nginx": "nginx",
    "seed": "seed's design",
    "litellm": "LiteLLM",
    "open-webui": "Open WebUI",
    "llmchat": "llmchat",
}
FIGURES = {
    "unpaced": {"tok/s": "tokens/s", "cpu ms/1000 tok": "CPU ms per 1,000 tokens"},
    "first": {"first p50 ms": "first token p50, ms", "first p99 ms": "p99, ms"},
    "100": {
        "first p50 ms": "first token p50, ms",
        "first p99 ms": "first token p99, ms",
        "added p50 ms": "each token p50, ms",
        "added p99 ms": "each token p99, ms",
        "cpu ms/1000 tok": "CPU ms per 1,000 tokens",
    },
    "300": {
        "added p50 ms": "each token p50, ms",
        "added p99 ms": "each token p99, ms",
        "cpu ms/1000 tok": "CPU ms per 1,000 tokens",
        "errors": "errors",
    },
    "1000": {
        "added p50 ms": "each token p50, ms",
        "added p99 ms": "each token p99, ms",
        "cpu ms/1000 tok": "CPU ms per 1,000 tokens",
        "errors": "errors",
    },
    "ready": {"answers s": "first answer after, s", "ready s": "ready after, s"},
    "rest": {"idle cpu %": "CPU at rest, %", "idle pss MB": "memory at rest, MB"},
    "streams": {"kb/stream": "memory of an open stream, KB"},
    "waiting": {
        "post p50 ms": "POST p50, ms",
        "post p99 ms": "POST p99, ms",
        "kb/job": "memory of a waiting job, KB",
        "cancel ms/job": "cancelling one, ms",
        "back s": "memory back (+5 %) after, s",
        "back ratio": "memory then, to that before",
    },
}
TITLES = {
    "unpaced": "50 streams, unpaced",
    "first": "one stream",
    "100": "100 x 50 tokens/s",
    "300": "300 x 50 tokens/s",
    "1000": "1,000 x 50 tokens/s",
    "ready": "start",
    "rest": "rest",
    "streams": "500 streams",
    "waiting": "10,000 waiting jobs",
}


def markers(part: str = "results") -> tuple[str, str]:
    """What stands before and behind a part of the page that is written by a bench."""
    return f"<!-- {part}: begin -->", f"<!-- {part}: end -->"


def page_with(page: str, text: str, part: str = "results") -> str:
    """The page with the part between the markers renewed. Raises ValueError if there is none."""
    begin, end = markers(part)
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(page):
        raise ValueError("the page has no place for the results")
    return pattern.sub(lambda _: f"{begin}\n{text.strip()}\n{end}", page)


def goals_table(results: Results, goals: Iterable[Goal] = GOALS) -> str:
    """Each goal of these scenarios with what was measured and whether that is good enough."""
    rows = [_goal_row(goal, goal.value(results)) for goal in goals if goal.scenario in results]
    return table(["goal", "limit", "measured", ""], rows)


def figures_table(results: Results) -> str:
    """Every figure of every target; in brackets its ratio to the baseline."""
    targets = [name for name in NAMES if any(name in found for found in results.values())]
    rows = [
        [TITLES[scenario], text, *(_cell(results[scenario], name, figure) for name in targets)]
        for scenario, figures in FIGURES.items()
        if scenario in results
        for figure, text in figures.items()
    ]
    return table(["", "", *(NAMES[name] for name in targets)], rows)


def number(value: float) -> str:
    """Three digits that count, thousands apart."""
    if abs(value) >= 1000:
        rounded = float(f"{value:.3g}")
        return f"{rounded:,.0f}"
    return f"{value:.3g}"


def _goal_row(goal: Goal, value: float | None) -> list[str]:
    what = goal.what + (f", to {NAMES[goal.against]}" if goal.against else "")
    unit = " x" if goal.against else f" {goal.unit}" if goal.unit else ""
    limit = f"{'>=' if goal.least else '<='} {number(goal.limit)}{unit}"
    if value is None:
        return [what, limit, "not run", ""]
    return [what, limit, f"{number(value)}{unit}", "met" if goal.met(value) else "**missed**"]


def _cell(found: Mapping[str, Mapping[str, float]], target: str, figure: str) -> str:
    value = found.get(target, {}).get(figure)
    if value is None or (target == "direct" and figure.startswith("cpu")):
        return ""
    base = found.get(BASELINE, {}).get(figure)
    if target == BASELINE or not base:
        return number(value)
    return f"{number(value)} ({number(value / base)} x)"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of Markdown, its numbers to the right."""
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---" if place < 2 else "--:" for place in range(len(lines[0]))])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
