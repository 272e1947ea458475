"""The worker processes of this server, as one set."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Generic, TypeVar

from llmchat.domain.messages import Alive, Command, Report
from llmchat.jobs.supervisor import Child, RestartPolicy, Supervisor

Config = TypeVar("Config")


class WorkerPool(Generic[Config]):
    """`count` slots, numbered from 0. A slot is up from the first report of its process.

    The callbacks get the slot's number first; `on_up` is called for every generation.
    """

    def __init__(
        self,
        child: Child[Config],
        count: int,
        *,
        on_up: Callable[[int], None],
        on_report: Callable[[Report], None],
        on_death: Callable[[int, str], None],
        hold: Callable[[], Awaitable[None] | None] = lambda: None,
        policy: Callable[[], RestartPolicy] = RestartPolicy,
    ) -> None:
        self._on_up = on_up
        self._on_report = on_report
        self._on_death = on_death
        self._up: set[int] = set()
        self._slots = [
            Supervisor(
                child,
                on_report=partial(self._report, slot),
                on_death=partial(self._death, slot),
                hold=hold,
                policy=policy(),
            )
            for slot in range(count)
        ]

    @property
    def up(self) -> frozenset[int]:
        """The slots that take commands."""
        return frozenset(slot for slot in self._up if self._slots[slot].alive)

    @property
    def failing(self) -> str | None:
        """Why there is no worker, when none runs and the next start is being delayed."""
        reasons = [slot.failing for slot in self._slots]
        return None if self.up or None in reasons else reasons[0]

    def pids(self) -> list[int | None]:
        """The process ids, by slot."""
        return [slot.pid for slot in self._slots]

    def start(self) -> None:
        """Spawn all workers; `on_up` tells when each is ready."""
        for slot in self._slots:
            slot.start()

    def put(self, slot: int, command: Command) -> None:
        """Send a command to one worker."""
        self._slots[slot].put(command)

    def broadcast(self, command: Command) -> None:
        """Send a command to every worker that is up."""
        for slot in self.up:
            self._slots[slot].put(command)

    async def close(self) -> None:
        """End all workers."""
        await asyncio.gather(*(slot.close() for slot in self._slots))

    def _report(self, slot: int, report: Report) -> None:
        if slot not in self._up:
            self._up.add(slot)
            self._slots[slot].failing = None
            self._on_up(slot)
        if not isinstance(report, Alive):
            self._on_report(report)

    def _death(self, slot: int, reason: str) -> bool:
        self._up.discard(slot)
        self._on_death(slot, reason)
        return True
