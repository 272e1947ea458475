"""Figures that need a program of their own: its start, its rest, the memory of what it holds."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from http.client import HTTPConnection
from pathlib import Path

from bench import processes, tools
from bench.goals import Figures
from bench.targets import Running

Start = Callable[[], AbstractContextManager[Running]]

REST_SECONDS = 10.0
OPEN_STREAMS = 500
WAITING_JOBS = 10_000
BACK_SECONDS = 60.0
BACK = 1.05  # of the memory before: this is back


def ready(start: Start) -> Figures:
    """Seconds from the start of the process to its first answer, and until it is ready."""
    with start() as target:
        return {"answers s": target.live_seconds, "ready s": target.ready_seconds}


def rest(start: Start) -> Figures:
    """Processor and memory of a program that nobody asks anything."""
    with start() as target:
        time.sleep(2)  # what it does after its first answer is no rest yet
        before = processes.cpu_seconds(target.pid)
        time.sleep(REST_SECONDS)
        used = processes.cpu_seconds(target.pid) - before
        return {
            "idle cpu %": 100 * used / REST_SECONDS,
            "idle pss MB": processes.pss_bytes(target.pid) / 1e6,
        }


def open_streams(start: Start) -> Figures:
    """Memory of a stream that is open and gets two tokens a second."""
    with start() as target:
        _warm(target)
        before = processes.pss_bytes(target.pid)
        with target.start_load("bench-2x40", streams=OPEN_STREAMS, ramp=5) as process:
            time.sleep(12)
            during = processes.pss_bytes(target.pid)
            load = tools.finish_load(process)
        return {
            "kb/stream": (during - before) / OPEN_STREAMS / 1e3,
            "errors": load.errors,
        }


def waiting_jobs(start: Start, folder: Path) -> Figures:
    """10,000 questions that wait, posted ten at a time; then all of them are cancelled."""
    with start() as target:
        _warm(target)
        base = processes.pss_bytes(target.pid)
        ids = folder / "ids"
        rounds = WAITING_JOBS // 10
        load = tools.load(target.port, "post", "bench-1x3000", streams=10, rounds=rounds, ids=ids)
        full = processes.pss_bytes(target.pid)
        started = time.monotonic()
        _cancel(target.port, ids.read_text().split())
        cancelled = time.monotonic()
        seconds = _seconds_until_back(target.pid, base * BACK)
        return {
            "errors": load.errors,
            "post p50 ms": load.post_p50_ms,
            "post p99 ms": load.post_p99_ms,
            "kb/job": (full - base) / WAITING_JOBS / 1e3,
            "cancel ms/job": (cancelled - started) * 1e3 / WAITING_JOBS,
            "back s": seconds,
            "back ratio": processes.pss_bytes(target.pid) / base,
        }


def _warm(target: Running) -> None:
    """Let it load and allocate what any use needs."""
    target.load("bench-0x50", streams=20, rounds=5)
    time.sleep(1)


def _cancel(port: int, ids: list[str]) -> None:
    """The last ones first, so that none of them gets its turn meanwhile."""

    def cancel(some: list[str]) -> None:
        connection = HTTPConnection("127.0.0.1", port)
        for job_id in some:
            connection.request("DELETE", f"/chat/{job_id}")
            connection.getresponse().read()
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(cancel, [ids[::-1][part::4] for part in range(4)]))


def _seconds_until_back(pid: int, limit: float) -> float:
    """Seconds until the memory is under a limit, or the longest time that is waited."""
    started = time.monotonic()
    while (passed := time.monotonic() - started) < BACK_SECONDS:
        if processes.pss_bytes(pid) <= limit:
            return passed
        time.sleep(0.5)
    return BACK_SECONDS
