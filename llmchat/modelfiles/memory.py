"""How much memory is free for a model, as far as the system tells."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")
_UNLIMITED = 2**60  # cgroup v1 says "no limit" with a number near 2**63


def available_bytes(proc: Path = PROC, cgroups: Path = CGROUPS) -> int | None:
    """What can be taken without pushing others out: the free memory of the machine or, where that
    is less, of the container. None where neither is to be known.

    macOS tells only how much there is in all, which is an upper limit.
    """
    if sys.platform == "win32":
        return _windows()
    amounts = [*_machine(proc), *_containers(proc, cgroups)]
    return min(amounts, default=None)


def _machine(proc: Path) -> Iterator[int]:
    if sys.platform == "darwin":
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return
    for line in _lines(proc / "meminfo"):
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            yield int(value.split()[0]) * 1024


def _containers(proc: Path, cgroups: Path) -> Iterator[int]:
    """What each limit of the control groups around this process leaves."""
    for line in _lines(proc / "self" / "cgroup"):
        number, controllers, path = line.split(":", 2)
        if number == "0":  # version 2
            for folder in _upwards(cgroups, path):
                limit = _number(folder / "memory.max")
                used = _number(folder / "memory.current")
                yield from _left(limit, used, _stat(folder, "inactive_file"))
        elif "memory" in controllers.split(","):
            for folder in _upwards(cgroups / "memory", path):
                limit = _number(folder / "memory.limit_in_bytes")
                used = _number(folder / "memory.usage_in_bytes")
                yield from _left(limit, used, _stat(folder, "total_inactive_file"))


def _upwards(root: Path, path: str) -> Iterator[Path]:
    folder = root / path.strip("/")
    yield folder
    while folder != root and root in folder.parents:
        folder = folder.parent
        yield folder


def _left(limit: int | None, used: int | None, reclaimable: int) -> Iterator[int]:
    if limit is not None and used is not None and limit < _UNLIMITED:
        yield max(0, limit - used + reclaimable)


def _number(path: Path) -> int | None:
    text = "".join(_lines(path))
    return int(text) if text.isdecimal() else None  # "max": there is no limit


def _stat(folder: Path, name: str) -> int:
    for line in _lines(folder / "memory.stat"):
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _windows() -> int | None:
    """GlobalMemoryStatusEx: of its 64 bytes, 16 to 24 are what is free."""
    import ctypes

    status = ctypes.create_string_buffer(struct.pack("<I60x", 64), 64)
    library = getattr(ctypes, "windll").kernel32  # noqa: B009 - the type checker sees no Windows
    if not library.GlobalMemoryStatusEx(status):
        return None
    available: int = struct.unpack_from("<Q", status, 16)[0]
    return available
