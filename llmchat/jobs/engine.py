"""The process of the embedded model: started when it is first needed, restarted when it dies."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, Literal, TypeVar

from llmchat.domain.endpoint import EMBEDDED, Endpoint
from llmchat.domain.messages import Alive, EngineFailed, EngineReady, Report
from llmchat.jobs.supervisor import Child, RestartPolicy, Supervisor

MAX_DEATHS = 3  # in a row without once being ready: starting it again would not help

log = logging.getLogger(__name__)
Config = TypeVar("Config")


class Engine(Generic[Config]):
    """`on_ready` gets the endpoint of each generation, `on_lost` why it ended.

    `on_failed` is told why there will not be one.

    A process that dies is started again at once; one that cannot load its model is not, until
    somebody needs it again.
    """

    def __init__(
        self,
        child: Child[Config],
        *,
        on_ready: Callable[[Endpoint], None],
        on_lost: Callable[[str], None],
        on_failed: Callable[[str], None],
        policy: RestartPolicy | None = None,
    ) -> None:
        self._supervisor = Supervisor(
            child, on_report=self._report, on_death=self._death, policy=policy
        )
        self._on_ready = on_ready
        self._on_lost = on_lost
        self._on_failed = on_failed
        self._failure: str | None = None
        self._deaths = 0
        self.state: Literal["off", "loading", "ready"] = "off"
        self.endpoint: Endpoint | None = None

    @property
    def pid(self) -> int | None:
        return self._supervisor.pid

    def need(self) -> None:
        """Start the process if it is not there. Returns at once; a callback tells the outcome."""
        if self.state == "off":
            self.state = "loading"
            self._supervisor.start()

    async def close(self) -> None:
        await self._supervisor.close()

    def _report(self, report: Report) -> None:
        match report:
            case EngineReady(base_url, api_key):
                self.state, self._deaths = "ready", 0
                self.endpoint = Endpoint(EMBEDDED, "embedded", base_url, api_key)
                self._on_ready(self.endpoint)
            case EngineFailed(message):
                self._failure = message
            case Alive():
                pass
            case _:
                log.error("unexpected report %s", type(report).__name__)

    def _death(self, reason: str) -> bool:
        self.endpoint = None
        self._deaths += 1
        self._on_lost(reason)
        if self._failure is None and self._deaths < MAX_DEATHS:
            self.state = "loading"
            return True
        message = self._failure or f"The process of the built-in model ended again: {reason}."
        self._failure, self._deaths = None, 0
        self._on_failed(message)
        # Only now: who waits would else ask for the process again, while this one's slot is in use.
        self.state = "off"
        return False
