"""How a spawned process settles in: it never outlives its parent, and leaves Ctrl-C to it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_OOM_SCORE = "500"  # when memory runs out, a worker goes before the server, which restarts it


def settle_in(parent_pid: int) -> None:
    """Make this process a good child of `parent_pid`; call it first in a process's entry point.

    SIGINT is ignored: a terminal sends it to the whole group, and the parent ends its children in
    its own order.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        end_with(parent_pid, signal.SIGKILL)
        with contextlib.suppress(OSError):  # some containers show /proc read-only
            Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)


def end_with(parent_pid: int, number: signal.Signals) -> None:
    """On Linux, have the kernel send a signal when the parent dies, however it does.

    It comes even while a library holds the interpreter. To be exact it comes when the *thread*
    ends that spawned this process: spawn from the main thread. Elsewhere the end of a queue has
    to do (`Inbox.wait_closed`).
    """
    if sys.platform != "linux":
        return
    import ctypes  # some milliseconds that other platforms need not pay

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent_pid:
        os._exit(0)  # the parent died before the request: no signal would ever come
