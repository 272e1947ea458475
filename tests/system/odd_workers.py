"""Workers that go wrong in ways in which a real one cannot be made to, at a given moment."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from typing import Any

from llmchat.domain.job import Delta, Done, Event
from llmchat.domain.messages import Alive, JobEvents, Run
from llmchat.queues.base import Inbox, Outbox, QueueClosedError
from llmchat.queues.events import pack

PIECE = "x" * 65_536
FLOOD = 16 * 1024 * 1024 // len(PIECE)  # the longest answer that a real worker passes on


def _serve(
    reports: Outbox[Any], commands: Inbox[Any], answer: Callable[[Outbox[Any], Run], Any]
) -> None:
    """Answer each job by `answer`, until the queue ends."""

    async def run() -> None:
        await reports.open()
        await commands.open()
        reports.put(Alive())
        while True:
            for command in await commands.get():
                if isinstance(command, Run):
                    await answer(reports, command)

    try:
        asyncio.run(run())
    except QueueClosedError:
        return


def _put(reports: Outbox[Any], run: Run, seq: int, *events: Event) -> None:
    reports.put(JobEvents(run.job.id, run.attempt, seq, tuple(map(pack, events))))


def dies_before_the_end_is_told(reports: Outbox[Any], commands: Inbox[Any], _: Any) -> None:
    """All text is out, the final event is not (phase P5)."""

    async def answer(reports: Outbox[Any], run: Run) -> None:
        _put(reports, run, 1, Delta("all of it"))
        await asyncio.sleep(0.3)  # the frame is written by the loop
        os._exit(9)

    _serve(reports, commands, answer)


def dies_after_the_end_is_told(reports: Outbox[Any], commands: Inbox[Any], _: Any) -> None:
    """The final event is out, and then it dies (phase P6)."""

    async def answer(reports: Outbox[Any], run: Run) -> None:
        _put(reports, run, 1, Delta("all of it"), Done("stop"))
        await asyncio.sleep(0.3)
        os._exit(9)

    _serve(reports, commands, answer)


def floods(reports: Outbox[Any], commands: Inbox[Any], _: Any) -> None:
    """The longest answer there can be, as quickly as the queue takes it."""

    async def answer(reports: Outbox[Any], run: Run) -> None:
        for seq in range(1, FLOOD + 1):
            _put(reports, run, seq, Delta(PIECE))
            await reports.drained()
        _put(reports, run, FLOOD + 1, Done("stop"))

    _serve(reports, commands, answer)


def talks(reports: Outbox[Any], commands: Inbox[Any], _: Any) -> None:
    """It writes to what others read: stdout, stderr and the log."""
    logging.basicConfig(level=logging.INFO)

    async def answer(reports: Outbox[Any], run: Run) -> None:
        for stream in (sys.stdout, sys.stderr):
            stream.write('{"type":"JobEvents"} \x00\x01 noise\n')
            stream.flush()
        os.write(1, b"\xff\xfe noise")
        _put(reports, run, 1, Delta("what it says"), Done("stop"))

    _serve(reports, commands, answer)


def never_starts(reports: Outbox[Any], commands: Inbox[Any], _: Any) -> None:
    """As after a broken installation."""
    os._exit(1)


def cannot_be_spawned() -> None:
    """In place of its settings: what `fork` says when there are too many processes."""
    raise BlockingIOError(11, "Resource temporarily unavailable")
