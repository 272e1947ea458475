"""What the kernel knows of a process: its ports, its secrets, what it holds, how long it waited."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


def ports(pid: int) -> set[int]:
    """The local TCP ports of the connections of a process."""
    sockets = set()
    with contextlib.suppress(OSError):
        for fd in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                sockets.add(str(fd.readlink()))
    found = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if f"socket:[{fields[9]}]" in sockets:
                    found.add(int(fields[1].rsplit(":", 1)[1], 16))
    return found


def tells(pid: int, secrets: Iterable[str]) -> str | None:
    """Where a process shows one of the secrets to other programs."""
    for name in ("environ", "cmdline"):
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{pid}/{name}").read_text(errors="replace")
            if any(secret in text for secret in secrets):
                return name
    return None


def age_seconds(pid: int) -> float:
    """For how long a process has been there; 0 if it is gone."""
    with contextlib.suppress(OSError, IndexError):
        started = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19])
        uptime = float(Path("/proc/uptime").read_text().split()[0])
        return uptime - started / os.sysconf("SC_CLK_TCK")
    return 0.0


def runqueue_seconds(pid: int) -> float:
    """How long its main thread was ready to run, but had no processor; 0 where nobody counts."""
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    return 0.0


@dataclass(frozen=True)
class Holdings:
    """What a tree of processes holds; memory is its proportional set size."""

    memory_bytes: int
    descriptors: int
    threads: int
    processes: int

    @classmethod
    def of(cls, pids: list[int]) -> Holdings:
        """Of these processes together; the descriptors are those of the first one."""
        memory = threads = processes = 0
        for pid in pids:
            with contextlib.suppress(OSError):
                memory += _pss(pid)
                threads += len(list(Path(f"/proc/{pid}/task").iterdir()))
                processes += 1
        return cls(memory, len(list(Path(f"/proc/{pids[0]}/fd").iterdir())), threads, processes)

    def excess(self, base: Holdings) -> list[str]:
        """What is more than before, but for what comes and goes by itself."""
        found = []
        if self.memory_bytes > base.memory_bytes * 1.05 + 12_000_000:
            found.append(f"memory {self.memory_bytes} bytes, before {base.memory_bytes}")
        for name, allowed in (("descriptors", 3), ("threads", 6), ("processes", 0)):
            now, before = getattr(self, name), getattr(base, name)
            if now > before + allowed:
                found.append(f"{name} {now}, before {before}")
        return found


def _pss(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
