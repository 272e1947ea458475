"""The bench of a large store, with a small one: all of it runs, on stores that never differ."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench import report, store, stored
from bench.asking import at, times
from bench.goals import Figures
from bench.queries import queries
from bench.store_parts import BASELINE, PARTS
from bench.stored import LONG_BYTES, LONG_ID, LONG_MESSAGES, Size

SMALL = Size(conversations=60, messages=600)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("build")


@pytest.fixture(scope="module")
def database(build: Path) -> Path:
    return stored.stored(SMALL, build)


def test_a_store_has_what_was_asked_for_and_its_index(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        (messages,) = connection.execute("select count(*) from message").fetchone()
        assert messages == SMALL.messages + LONG_MESSAGES
        long = (
            "select count(*), sum(length(cast(content as blob))) from message where conversation ="
        )
        find = f"{long} (select number from conversation where id = ?)"
        count, size = connection.execute(find, (LONG_ID,)).fetchone()
        assert (count, size >= LONG_BYTES) == (LONG_MESSAGES, True)
        for table in ("message_text", "conversation_text"):
            connection.execute(f"insert into {table}({table}, rank) values ('integrity-check', 1)")
        found = "select rowid from message_text where message_text match ?"
        assert connection.execute(found, (stored.rare_word(77),)).fetchall() == [(77,)]
        connection.execute("delete from message where number = 77")
        assert connection.execute(found, (stored.rare_word(77),)).fetchall() == []


def test_a_store_is_made_once_and_always_the_same(
    build: Path, database: Path, tmp_path: Path
) -> None:
    made = database.stat().st_mtime_ns
    assert stored.stored(SMALL, build).stat().st_mtime_ns == made
    texts = []
    for path in (database, stored.stored(SMALL, tmp_path)):
        with closing(sqlite3.connect(path)) as connection:
            texts.append(connection.execute("select id, content from message").fetchall())
    assert texts[0] == texts[1]
    assert queries(SMALL, 5) == queries(SMALL, 5)


@pytest.mark.timeout(120)
def test_all_parts_run_and_are_in_the_table(build: Path) -> None:
    found = store.measure(SMALL, [*PARTS], count=2, build=build, streams=5, coming=1)
    assert all(figures["p50 ms"] > 0 for figures in found.values())
    page = store.page_part(found, {"date": "today"})
    assert all(f"| {name} |" in page for name in found)
    assert "not run" not in page


def test_percentiles_are_values_that_were_measured() -> None:
    assert [at([1.0, 2.0, 3.0, 4.0], part) for part in (0.0, 0.5, 0.75, 0.95, 1.0)] == [
        1,
        2,
        3,
        4,
        4,
    ]
    assert times([0.002, 0.001]) == {"p50 ms": 1, "p95 ms": 2, "max ms": 2, "count": 2}


def test_each_line_stands_beside_the_baseline() -> None:
    base: Figures = {"p50 ms": 2.0, "p95 ms": 3.0, "max ms": 4.0, "count": 10}
    slow: Figures = {**base, "p50 ms": 5.0, "kb": 17.0}
    rows = store.figures_table({BASELINE: base, "slow": slow}).splitlines()
    assert rows[-1] == "| slow | 10 | 5 | 3 | 4 | 17 | 2.5 x |"
    assert report.markers("store")[0] in (store.ROOT / "docs/performance.md").read_text("utf-8")
