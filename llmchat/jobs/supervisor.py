"""Keeps one spawned process running: a generation dies, the next one starts, nobody else notices.

Each generation has an input and an output queue of its own. The end of file of its output queue
is how its death is seen, within milliseconds, whatever it died of.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from llmchat.domain.messages import Command, EngineLoading, Report
from llmchat.queues.base import Inbox, Outbox, QueueClosedError
from llmchat.queues.local import LocalInbox, LocalOutbox, enter, make_queue

CLOSE_SECONDS = 1.0  # for a clean end; then it is killed

log = logging.getLogger(__name__)
Config = TypeVar("Config")


@dataclass(frozen=True, slots=True)
class Child(Generic[Config]):
    """What to spawn. `make_config` is called for each generation: keys are not used twice."""

    name: str
    entry: Callable[[Outbox[Any], Inbox[Any], Config], None]
    make_config: Callable[[], Config]
    start_seconds: float  # to a report that it runs; one that says nothing for so long hangs
    silence_seconds: float  # the same between two reports


@dataclass(slots=True)
class RestartPolicy:
    """Up to `intensity` restarts in `period_seconds` at once; then with a growing delay."""

    intensity: int = 5
    period_seconds: float = 60.0
    longest_seconds: float = 60.0
    _deaths: deque[float] = field(default_factory=deque)

    def delay_after_death(self) -> float:
        """Note a death and return the seconds to wait before the next start."""
        now = time.monotonic()
        self._deaths.append(now)
        while self._deaths[0] < now - self.period_seconds:
            self._deaths.popleft()
        excess = len(self._deaths) - self.intensity
        return 0.0 if excess <= 0 else min(2.0 ** (excess - 1), self.longest_seconds)


@dataclass(frozen=True, slots=True)
class _Generation:
    process: SpawnProcess
    commands: Outbox[Command]
    reports: Inbox[Report]


class Supervisor(Generic[Config]):
    """One process slot. `on_report` gets each report; `on_death` the reason, for a person. `hold`
    gives what to await before more reports are read, if anything.

    A slot whose `on_death` returns False is left empty, until the next `start`.
    """

    def __init__(
        self,
        child: Child[Config],
        *,
        on_report: Callable[[Report], None],
        on_death: Callable[[str], bool],
        hold: Callable[[], Awaitable[None] | None] = lambda: None,
        policy: RestartPolicy | None = None,
    ) -> None:
        self._child = child
        self._hold = hold
        self._on_report = on_report
        self._on_death = on_death
        self._policy = policy or RestartPolicy()
        self._generation: _Generation | None = None
        self.failing: str | None = None  # why it died, while a restart is delayed
        self._task: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether a process runs that takes commands."""
        return self._generation is not None

    @property
    def pid(self) -> int | None:
        """The process id of the living generation."""
        return self._generation.process.pid if self._generation else None

    def start(self) -> None:
        """Spawn the first generation. Does nothing while the slot is in use."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"supervisor of {self._child.name}")

    def put(self, command: Command) -> None:
        """Send a command to the living generation; it is lost if there is none."""
        if self._generation is not None:
            self._generation.commands.put(command)

    async def close(self) -> None:
        """End the process: politely by the end of its input queue, then by SIGKILL."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _run(self) -> None:
        while True:
            reason = await self._live()
            log.warning("%s ended: %s", self._child.name, reason)
            delay = self._policy.delay_after_death()
            if not self._on_death(reason):
                self._task = None
                return
            self.failing = reason if delay else None
            await asyncio.sleep(delay)

    async def _live(self) -> str:
        """One generation from its spawn to its death. Returns why it ended."""
        try:
            generation = self._spawn()
        except OSError as error:
            return f"it could not be started: {error.strerror}"
        self._generation = generation
        try:
            await self._read_reports(generation)
        except TimeoutError:
            generation.process.kill()
            await _reap(generation.process)
            return "it did not answer any more and was killed"
        finally:
            self._generation = None
            generation.commands.close()
            generation.reports.close()
            await asyncio.shield(_reap(generation.process))
        return _exit_reason(generation.process.exitcode)

    def _spawn(self) -> _Generation:
        context = multiprocessing.get_context("spawn")
        their_commands, our_commands = make_queue(context)
        our_reports, their_reports = make_queue(context)
        config = self._child.make_config()
        process = context.Process(
            target=enter,
            args=(self._child.entry, their_reports, their_commands, config),
            name=self._child.name,
            daemon=True,
        )
        try:
            _mend_streams()
            process.start()  # measured: 1-2 ms on the event loop (docs/decisions.md)
        finally:
            their_commands.close()
            their_reports.close()
        commands: LocalOutbox[Any] = LocalOutbox(our_commands)
        reports: LocalInbox[Any] = LocalInbox(our_reports)
        return _Generation(process, cast("Outbox[Command]", commands), reports)

    async def _read_reports(self, generation: _Generation) -> None:
        """Return at the end of file. Raises TimeoutError for a process that hangs."""
        await generation.commands.open()
        await generation.reports.open()
        limit, missed = self._child.start_seconds / 2, False
        while True:
            try:
                async with asyncio.timeout(limit):
                    reports = await generation.reports.get()
            except QueueClosedError:
                return
            except TimeoutError:
                # Twice half the time: this process may have been the one that stood still (Ctrl-Z,
                # a paused machine), and then the reports are there, only not read yet.
                if missed:
                    raise
                missed = True
                continue
            loading = all(isinstance(report, EngineLoading) for report in reports)
            seconds = self._child.start_seconds if loading else self._child.silence_seconds
            limit, missed = seconds / 2, False
            for report in reports:
                self._handle(report)
            if (wait := self._hold()) is not None:
                await wait

    def _handle(self, report: Report) -> None:
        try:
            self._on_report(report)
        except Exception:
            # The boundary of the router: a bug here must not look like the death of a worker.
            log.exception("a report of %s could not be handled", self._child.name)


def _mend_streams() -> None:
    """Drop what stdout or stderr cannot write: nobody reads them, or their disk is full.

    Spawning flushes both, and what is stuck in their buffers would fail each start from now on.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - it stays


async def _reap(process: SpawnProcess) -> None:
    await asyncio.to_thread(process.join, CLOSE_SECONDS)
    if process.is_alive():
        process.kill()
        await asyncio.to_thread(process.join)


def _exit_reason(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
