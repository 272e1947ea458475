"""The process of one model: started when it is first needed, restarted when it dies."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, Literal, Protocol, TypeAlias

from llmchat.domain.endpoint import Endpoint, EndpointKind
from llmchat.domain.messages import Alive, EngineFailed, EngineLoading, EngineReady, Report
from llmchat.jobs.supervisor import Child, RestartPolicy, Supervisor

MAX_DEATHS = 3  # in a row without once being ready: starting it again would not help

EngineState: TypeAlias = Literal["off", "loading", "ready", "closing"]

log = logging.getLogger(__name__)


class Keeper(Protocol):
    """Who is told what becomes of an engine."""

    def on_ready(self, engine: Engine) -> None:
        """Its `endpoint` answers; each generation has another one."""
        ...

    def on_loading(self, engine: Engine) -> None:
        """Its `progress` has changed."""
        ...

    def on_lost(self, engine: Engine, reason: str) -> None:
        """The process died."""
        ...

    def on_failed(self, engine: Engine, failure: EngineFailed) -> None:
        """There will not be one."""
        ...

    def is_needed(self, engine: Engine) -> bool:
        """Whether one that died should be started again at once."""
        ...


class Engine:
    """`name` is that of its endpoint, `title` what people call its model. `used` is when it was
    needed last, on the monotonic clock; `file_bytes` and `needed_bytes` are 0 where that is little.

    A process that dies is started again while it is needed; one that cannot load its model is not,
    until somebody needs it again.
    """

    def __init__(
        self,
        name: str,
        kind: EndpointKind,
        child: Child[Any],
        keeper: Keeper,
        *,
        slots: int,
        policy: RestartPolicy | None = None,
    ) -> None:
        self.name = name
        self.kind = kind
        self.slots = slots
        self.title = name.partition(":")[2] or "the built-in model"
        self.file_bytes = 0
        self.needed_bytes = 0
        self.state: EngineState = "off"
        self.endpoint: Endpoint | None = None
        self.progress: float | None = None
        self.used = time.monotonic()
        self._keeper = keeper
        self._failure: EngineFailed | None = None
        self._deaths = 0
        self._supervisor = Supervisor(
            child, on_report=self._report, on_death=self._death, policy=policy
        )

    @property
    def pid(self) -> int | None:
        return self._supervisor.pid

    def need(self) -> None:
        """Start the process if it is not there. Returns at once; the keeper is told the outcome."""
        if self.state == "off":
            self.state = "loading"
            self._supervisor.start()

    async def unload(self) -> None:
        """End the process: that alone gives all of its memory back."""
        self.state, self.endpoint, self.progress = "closing", None, None
        try:
            await asyncio.shield(self._supervisor.close())
        finally:
            self._failure, self._deaths = None, 0
            self.state = "off"

    async def close(self) -> None:
        await self._supervisor.close()

    def _report(self, report: Report) -> None:
        match report:
            case EngineLoading(progress):
                self.progress = progress
                self._keeper.on_loading(self)
            case EngineReady(base_url, api_key):
                self.state, self._deaths, self.progress = "ready", 0, None
                self.endpoint = Endpoint(self.name, self.kind, base_url, api_key)
                self._keeper.on_ready(self)
            case EngineFailed():
                self._failure = report
            case Alive():
                pass
            case _:
                log.error("unexpected report %s", type(report).__name__)

    def _death(self, reason: str) -> bool:
        self.endpoint = self.progress = None
        self._deaths += 1
        self._keeper.on_lost(self, reason)
        again = self._failure is None and self._deaths < MAX_DEATHS
        if again and self._keeper.is_needed(self):
            self.state = "loading"
            return True
        if not again:
            told = EngineFailed(f"The process of {self.title} ended again and again: {reason}.")
            failure = self._failure or told
            self._failure, self._deaths = None, 0
            self._keeper.on_failed(self, failure)
        # Only now: who waits would else ask for the process again, while this one's slot is in use.
        self.state = "off"
        return False
