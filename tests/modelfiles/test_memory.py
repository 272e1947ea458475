"""What memory is free, as Linux tells it of machines and of containers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from llmchat.modelfiles.memory import available_bytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems are asked otherwise")
GIB = 1024**3


def write(path: Path, text: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def machine(root: Path, groups: str = "0::/") -> tuple[Path, Path]:
    """A `/proc` that tells of 8 GiB, and the folder of its control groups."""
    write(root / "proc/meminfo", f"MemTotal: 16 kB\nMemAvailable: {8 * 1024**2} kB")
    write(root / "proc/self/cgroup", groups)
    return root / "proc", root / "cgroup"


def test_without_a_limit_the_machine_counts(tmp_path: Path) -> None:
    proc, groups = machine(tmp_path, "0::/user/me")
    write(groups / "user/me/memory.max", "max")
    write(groups / "user/me/memory.current", GIB)
    assert available_bytes(proc, groups) == 8 * GIB


def test_the_tightest_limit_around_a_container_counts(tmp_path: Path) -> None:
    proc, groups = machine(tmp_path, "0::/pod/box")
    write(groups / "pod/memory.max", 4 * GIB)
    write(groups / "pod/memory.current", 3 * GIB)
    write(groups / "pod/memory.stat", f"anon 1\ninactive_file {GIB}")  # a cache that can go
    write(groups / "pod/box/memory.max", 7 * GIB)
    write(groups / "pod/box/memory.current", 2 * GIB)
    assert available_bytes(proc, groups) == 2 * GIB
    write(groups / "pod/memory.current", 9 * GIB)
    assert available_bytes(proc, groups) == 0


def test_the_first_version_of_control_groups_is_known_too(tmp_path: Path) -> None:
    proc, groups = machine(tmp_path, "5:cpu,memory:/box\n3:cpuset:/")
    folder = groups / "memory/box"
    write(groups / "memory/memory.limit_in_bytes", 2**63 - 4096)  # none
    write(groups / "memory/memory.usage_in_bytes", GIB)
    write(folder / "memory.limit_in_bytes", 3 * GIB)
    write(folder / "memory.usage_in_bytes", 2 * GIB)
    write(folder / "memory.stat", f"total_inactive_file {GIB // 2}")
    assert available_bytes(proc, groups) == GIB + GIB // 2


def test_what_a_system_does_not_tell_is_not_guessed(tmp_path: Path) -> None:
    assert available_bytes(tmp_path, tmp_path) is None


def test_this_machine_tells() -> None:
    free = available_bytes()
    assert free is not None
    assert free > 0
