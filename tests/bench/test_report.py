"""The report of the bench: ratios, goals, tables and plots from given figures."""

from __future__ import annotations

import argparse
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import plot, report, results
from bench.goals import GOALS, Goal, Results
from bench.relay import names_of, parse
from bench.run import ALL, median

FOUND: Results = {
    "unpaced": {
        "nginx": {"tok/s": 1_234_567.0},
        "seed": {"tok/s": 5_000.0},
        "llmchat": {"tok/s": 400_000.0},
    },
    "first": {
        "direct": {"first p50 ms": 1.0},
        "seed": {"first p50 ms": 5.0},
        "llmchat": {"first p50 ms": 4.0},
    },
    "300": {"llmchat": {"errors": 1.0, "added p99 ms": 12.0}},
}


def test_a_ratio_is_that_of_the_same_run() -> None:
    goal = Goal("", "unpaced", "tok/s", 50, "seed", least=True)
    assert goal.value(FOUND) == 80
    assert goal.met(80)
    assert not goal.met(49.9)


def test_an_added_time_is_without_what_the_tools_cost() -> None:
    goal = Goal("", "first", "first p50 ms", 0.7, "seed", added=True)
    assert goal.value(FOUND) == 3 / 4
    assert not goal.met(3 / 4)


def test_what_was_not_measured_has_no_value_and_is_not_met() -> None:
    table = report.goals_table(FOUND)
    assert Goal("", "unpaced", "tok/s", 150, "litellm").value(FOUND) is None
    assert "| unpaced relay, to LiteLLM | >= 150 x | not run |  |" in table
    assert "| errors at 300 streams | <= 0 | 1 | **missed** |" in table
    assert "| added latency at 300 streams, p99 | <= 20 ms | 12 ms | met |" in table


def test_each_figure_stands_beside_its_ratio_to_the_baseline() -> None:
    row = next(line for line in report.figures_table(FOUND).splitlines() if "tokens/s |" in line)
    cells = "|  | 1,230,000 (247 x) | 5,000 | 400,000 (80 x) |"
    assert row == f"| 50 streams, unpaced | tokens/s {cells}"


def test_every_goal_is_about_a_scenario_and_a_figure_that_is_shown() -> None:
    assert set(report.FIGURES) == set(report.TITLES) == set(ALL)
    for goal in GOALS:
        assert goal.figure in report.FIGURES[goal.scenario] or goal.figure == "first p99 ms"


def test_only_the_part_between_the_markers_is_renewed() -> None:
    begin, end = report.markers()
    page = f"before\n{begin}\nold\n{end}\nafter"
    renewed = report.page_with(page, "new\n")
    assert renewed == f"before\n{begin}\nnew\n{end}\nafter"
    with pytest.raises(ValueError, match="no place"):
        report.page_with("nothing", "new")


def test_a_published_page_shows_its_plots_and_where_they_come_from(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("".join(report.markers()), encoding="utf-8")
    results.publish(FOUND, {"machine": "two cores"}, page)
    text = page.read_text(encoding="utf-8")
    assert "- machine: two cores" in text
    assert "](performance-unpaced.svg)" in text
    for name in ("performance-unpaced.svg", "performance-latency.svg"):
        ElementTree.fromstring((tmp_path / name).read_text(encoding="utf-8"))


def test_a_bar_that_is_ten_times_as_much_is_one_step_longer() -> None:
    svg = ElementTree.fromstring(plot.bars("t", [("", [("seed", 10.0), ("llmchat", 100.0)])]))
    bars = [one for one in svg if one.tag.endswith("rect")]
    lines = [float(one.attrib["x1"]) for one in svg if one.tag.endswith("line")]
    ends = [float(one.attrib["x"]) + float(one.attrib["width"]) for one in bars]
    assert ends[1] - ends[0] == pytest.approx(lines[1] - lines[0], abs=0.2)


def test_runs_are_shown_by_their_median_and_by_their_most_errors() -> None:
    runs = [{"errors": 0.0, "ms": 9.0}, {"errors": 2.0, "ms": 1.0}, {"errors": 0.0, "ms": 2.0}]
    assert median(runs) == {"errors": 2.0, "ms": 2.0}


def test_a_peer_is_added_to_the_usual_targets() -> None:
    assert parse(["--peers", "litellm"]).only == ["direct", "nginx", "seed", "litellm", "llmchat"]
    assert parse(["--peers", ""]).only == ["direct", "nginx", "seed", "llmchat"]
    with pytest.raises(argparse.ArgumentTypeError, match="'apache' is none of"):
        names_of(["nginx"])("nginx,apache")
