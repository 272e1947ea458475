"""`make setup` does its work once."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not (ROOT / ".venv/.setup").is_file(), reason="set up without make")
def test_a_second_start_has_nothing_to_set_up() -> None:
    start = time.monotonic()

    # Exit code 0 of --question: every target is up to date.
    assert subprocess.run(["make", "--question", "setup"], cwd=ROOT, check=False).returncode == 0
    assert time.monotonic() - start < 0.5
