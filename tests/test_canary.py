"""The search for the key of all tests finds it where it is."""

from __future__ import annotations

from pathlib import Path

from tests import canary


def test_a_trace_of_the_key_is_found(tmp_path: Path) -> None:
    for name, text in (("a.db-wal", f"\0{canary.KEY}\0"), ("b.log", "sk-"), ("c", "")):
        (tmp_path / name).write_text(text)
    (tmp_path / "d").symlink_to(tmp_path / "a.db-wal")
    assert canary.traces(tmp_path) == [tmp_path / "a.db-wal"]
    (tmp_path / "a.db-wal").unlink()
