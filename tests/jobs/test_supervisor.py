"""A process slot: generations come and go, its owner learns of each death."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from llmchat.domain.job import JobId
from llmchat.domain.messages import Alive, Cancel
from llmchat.jobs.supervisor import Child, RestartPolicy, Supervisor
from llmchat.queues.base import Inbox, Outbox

OFTEN = 1000


def echo(reports: Outbox[Any], commands: Inbox[Any], _: None) -> None:
    """Child: report that it lives, then report every command back."""

    async def run() -> None:
        await reports.open()
        await commands.open()
        reports.put(Alive())
        while True:
            for command in await commands.get():
                reports.put(command)

    asyncio.run(run())


def broken(reports: Outbox[Any], commands: Inbox[Any], _: None) -> None:
    """Child: end before it says anything."""
    os._exit(3)


def mute(reports: Outbox[Any], commands: Inbox[Any], _: None) -> None:
    """Child: say one thing, and then hang."""
    reports.put_now(Alive())
    while True:
        time.sleep(60)


@dataclass
class _Slot:
    supervisor: Supervisor[None]
    reports: asyncio.Queue[object] = field(default_factory=asyncio.Queue)
    deaths: asyncio.Queue[str] = field(default_factory=asyncio.Queue)


Make = Callable[..., _Slot]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    slots: list[_Slot] = []

    def start(entry: Callable[..., None], silence: float = 60.0) -> _Slot:
        reports: asyncio.Queue[object] = asyncio.Queue()
        deaths: asyncio.Queue[str] = asyncio.Queue()

        def died(reason: str) -> bool:
            deaths.put_nowait(reason)
            return True

        supervisor = Supervisor(
            Child("child", entry, lambda: None, start_seconds=60.0, silence_seconds=silence),
            on_report=reports.put_nowait,
            on_death=died,
            policy=RestartPolicy(intensity=OFTEN),
        )
        supervisor.start()
        slots.append(_Slot(supervisor, reports, deaths))
        return slots[-1]

    yield start
    for slot in slots:
        await slot.supervisor.close()


async def test_commands_reach_the_process_and_reports_come_back(make: Make) -> None:
    slot = make(echo)
    assert await slot.reports.get() == Alive()
    slot.supervisor.put(Cancel(JobId("x")))
    assert await slot.reports.get() == Cancel(JobId("x"))


@pytest.mark.timeout(120)
async def test_a_killed_process_is_replaced_at_once_each_time(make: Make) -> None:
    slot = make(echo)
    for number in range(20):
        assert await slot.reports.get() == Alive()
        pid = slot.supervisor.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert await slot.deaths.get() == "signal SIGKILL", number
    assert await slot.reports.get() == Alive()


async def test_the_owner_learns_the_exit_code(make: Make) -> None:
    assert await make(broken).deaths.get() == "exit code 3"


async def test_a_process_that_hangs_is_killed(make: Make) -> None:
    slot = make(mute, silence=0.2)
    assert "killed" in await slot.deaths.get()


async def test_close_leaves_no_process_behind_even_if_it_hangs(make: Make) -> None:
    slot = make(mute)
    await slot.reports.get()
    pid = slot.supervisor.pid
    assert pid is not None
    await slot.supervisor.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_restarts_are_immediate_up_to_the_intensity_and_then_back_off() -> None:
    policy = RestartPolicy(intensity=3, period_seconds=60, longest_seconds=5)
    assert [policy.delay_after_death() for _ in range(8)] == [0, 0, 0, 1, 2, 4, 5, 5]
