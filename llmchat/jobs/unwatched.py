"""Answers that nobody watches: they go on, unless the settings say for how long at most."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from llmchat.jobs.records import Record, Records

_LOOKS = 4  # within the limit


async def stop_unwatched(records: Records, seconds: float, stop: Callable[[Record], None]) -> None:
    """Until cancelled, stop what has had no reader for so long; 0 is for ever.

    A reader is an open stream, or one who has asked for the job in that time.
    """
    while seconds:
        await asyncio.sleep(seconds / _LOOKS)
        now = time.monotonic()
        for record in records.active():
            if record.log.watched:
                record.watched = now
            elif now - record.watched >= seconds:
                stop(record)
