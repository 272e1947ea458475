"""A queue between two processes: order, size, back-pressure, and the end of file."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import pytest

from llmchat.domain.job import Delta, JobId
from llmchat.domain.messages import Alive, Cancel, JobEvents
from llmchat.queues.base import QueueClosedError
from llmchat.queues.events import pack
from llmchat.queues.local import LocalInbox, LocalOutbox, make_queue

CONTEXT = get_context("spawn")


@pytest.fixture(params=["pipes", "threads"])
def threads(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "threads")


@pytest.fixture
async def ends(threads: bool) -> AsyncIterator[tuple[LocalOutbox[Any], LocalInbox[Any]]]:
    reader, writer = make_queue(CONTEXT)
    outbox: LocalOutbox[Any] = LocalOutbox(writer, threads=threads)
    inbox: LocalInbox[Any] = LocalInbox(reader, threads=threads)
    await outbox.open()
    await inbox.open()
    yield outbox, inbox
    outbox.close()
    await _read_to_end(inbox)


async def _read_to_end(inbox: LocalInbox[Any]) -> None:
    with contextlib.suppress(QueueClosedError):
        while True:
            await inbox.get()


async def _get(inbox: LocalInbox[Any], count: int) -> list[Any]:
    items: list[Any] = []
    while len(items) < count:
        items += await inbox.get()
    return items


async def test_items_arrive_in_the_order_in_which_they_were_put(
    ends: tuple[LocalOutbox[Any], LocalInbox[Any]],
) -> None:
    outbox, inbox = ends
    sent = [Cancel(JobId(str(number))) for number in range(1000)]
    for item in sent:
        outbox.put(item)
    assert await _get(inbox, 1000) == sent


async def test_what_is_put_in_one_turn_of_the_loop_arrives_as_one_batch(
    ends: tuple[LocalOutbox[Any], LocalInbox[Any]],
) -> None:
    outbox, inbox = ends
    outbox.put(Cancel(JobId("a")))
    outbox.put(Cancel(JobId("b")))
    assert await inbox.get() == [Cancel(JobId("a")), Cancel(JobId("b"))]


async def test_what_cannot_be_encoded_is_refused_and_takes_nothing_else_along(
    ends: tuple[LocalOutbox[Any], LocalInbox[Any]],
) -> None:
    outbox, inbox = ends
    outbox.put(Cancel(JobId("a")))
    with pytest.raises(UnicodeEncodeError):
        outbox.put(Cancel(JobId("\ud800")))
    outbox.put(Cancel(JobId("b")))
    assert await _get(inbox, 2) == [Cancel(JobId("a")), Cancel(JobId("b"))]


async def test_a_message_larger_than_the_pipe_arrives_whole(
    ends: tuple[LocalOutbox[Any], LocalInbox[Any]],
) -> None:
    outbox, inbox = ends
    big = JobEvents(JobId("a"), 1, 1, (pack(Delta("ä€😀\r\n\0" * 500_000)),))
    outbox.put(big)
    outbox.put(Alive())
    assert await _get(inbox, 2) == [big, Alive()]


async def test_a_writer_that_does_not_stop_is_held_until_the_reader_reads(
    ends: tuple[LocalOutbox[Any], LocalInbox[Any]],
) -> None:
    outbox, inbox = ends
    piece = JobEvents(JobId("a"), 1, 1, (pack(Delta("x" * 65536)),))
    written = 0

    async def write() -> None:
        nonlocal written
        for _ in range(2000):
            outbox.put(piece)
            await asyncio.sleep(0)
            await outbox.drained()
            written += 1

    # Nobody calls `get`: the inbox pauses its reader and the writer has to wait.
    writer = asyncio.create_task(write())
    done, _ = await asyncio.wait([writer], timeout=1)
    assert not done
    assert written < 1500
    assert len(await _get(inbox, 2000)) == 2000
    await writer


async def test_the_reader_sees_the_end_when_the_writer_closes_and_gets_the_rest_first(
    ends: tuple[LocalOutbox[Any], LocalInbox[Any]],
) -> None:
    outbox, inbox = ends
    outbox.put(Alive())
    outbox.close()
    assert await inbox.get() == [Alive()]
    with pytest.raises(QueueClosedError):
        await inbox.get()


async def test_putting_to_a_dead_reader_is_silent(
    ends: tuple[LocalOutbox[Any], LocalInbox[Any]], caplog: pytest.LogCaptureFixture
) -> None:
    outbox, inbox = ends
    inbox.close()
    for _ in range(20):
        outbox.put(Alive())
        await outbox.drained()
        await asyncio.sleep(0)
    assert caplog.text == ""


def _talk(reports: Connection, commands: Connection) -> None:
    """Child: report once, then write half a frame and wait for the parent to go away."""
    outbox: LocalOutbox[Any] = LocalOutbox(reports)
    outbox.put_now(Alive())
    os.write(reports.fileno(), (1000).to_bytes(4, "big") + b"[half")
    inbox: LocalInbox[Any] = LocalInbox(commands)
    inbox.wait_closed()
    outbox.put_now(Cancel(JobId("never read as a frame of its own")))


def _spawn(target: Callable[[Connection, Connection], None]) -> tuple[Any, Connection, Connection]:
    their_commands, our_commands = make_queue(CONTEXT)
    our_reports, their_reports = make_queue(CONTEXT)
    process = CONTEXT.Process(target=target, args=(their_reports, their_commands), daemon=True)
    process.start()
    their_commands.close()
    their_reports.close()
    return process, our_reports, our_commands


async def test_a_process_killed_in_the_middle_of_a_frame_is_seen_as_the_end(threads: bool) -> None:
    process, reports, commands = _spawn(_talk)
    inbox: LocalInbox[Any] = LocalInbox(reports, threads=threads)
    await inbox.open()
    assert await inbox.get() == [Alive()]
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(QueueClosedError):
        await inbox.get()
    process.join()
    inbox.close()
    commands.close()


async def test_a_child_sees_its_parent_close_the_queue(threads: bool) -> None:
    process, reports, commands = _spawn(_talk)
    inbox: LocalInbox[Any] = LocalInbox(reports, threads=threads)
    await inbox.open()
    await inbox.get()
    commands.close()
    await asyncio.to_thread(process.join, 5)
    assert process.exitcode == 0
    inbox.close()
