"""Tells where the event loop hangs: the stacks of all threads, once it has not turned for long."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import sys
from collections.abc import AsyncIterator
from typing import TextIO

HANG_SECONDS = 5.0


@contextlib.asynccontextmanager
async def watchdog(
    seconds: float = HANG_SECONDS, file: TextIO | None = sys.stderr
) -> AsyncIterator[None]:
    """While inside, a loop that is blocked for so long has its stacks written to `file`.

    The writer is a thread of C code, which needs nothing of the interpreter that hangs. Stacks
    hold names of functions only, so no key and no text of a chat.
    """
    if file is None:  # a program without a console
        yield
        return
    task = asyncio.create_task(_keep_off(seconds, file))
    try:
        yield
    finally:
        task.cancel()
        faulthandler.cancel_dump_traceback_later()


async def _keep_off(seconds: float, file: TextIO) -> None:
    while True:
        faulthandler.dump_traceback_later(seconds, file=file)
        await asyncio.sleep(seconds / 2)
