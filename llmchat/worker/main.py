"""The worker process: takes commands from its input queue, reports by its output queue.

One asyncio task per job, so that one process answers many. The server imports this module for
the name of its entry point only: whatever is heavy is imported inside the functions.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llmchat import garbage, logs
from llmchat.attachments.parts import AttachedFiles
from llmchat.domain.endpoint import Endpoint
from llmchat.domain.errors import ProviderError
from llmchat.domain.job import Event, JobId
from llmchat.domain.messages import (
    Alive,
    Begin,
    Cancel,
    Command,
    Decide,
    Discover,
    Discovered,
    JobEvents,
    Listed,
    ListModels,
    RemoveEndpoint,
    Report,
    Run,
    SetEndpoint,
    Tried,
    TryEndpoint,
)
from llmchat.providers.base import Limits, Provider
from llmchat.providers.discretion import hide_keys
from llmchat.queues.base import Inbox, Outbox, QueueClosedError
from llmchat.queues.child import settle_in
from llmchat.queues.events import pack
from llmchat.tools.limits import ToolLimits
from llmchat.tools.sessions import Sessions
from llmchat.worker.decisions import Decisions
from llmchat.worker.toolbox import Toolbox, ToolKit

HEARTBEAT_SECONDS = 1.0
WARM_UP_SECONDS = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What a worker process is started with; crosses the spawn, so it holds plain values only."""

    parent_pid: int
    log_level: str
    limits: Limits
    log_format: str = "text"
    files: AttachedFiles | None = None
    tools_file: Path | None = None
    tool_limits: ToolLimits = field(default_factory=ToolLimits)


def main(reports: Outbox[Report], commands: Inbox[Command], config: WorkerConfig) -> None:
    """Run a worker until the server closes its input queue, or dies."""
    settle_in(config.parent_pid)
    formatter = hide_keys(logs.configure(config.log_level, config.log_format, "worker"))
    for noisy in ("httpx2", "openai"):  # a line per request; the job has its own
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for talkative in ("mcp", "client"):  # what they warn of has parts of messages in it
        logging.getLogger(talkative).setLevel(logging.CRITICAL)
    with contextlib.suppress(QueueClosedError):
        worker = Worker(reports, commands, config, formatter.hide)
        asyncio.run(worker.run())


class Worker:
    """The jobs of one process. Cancelling a job's task closes its upstream connection."""

    def __init__(
        self,
        reports: Outbox[Report],
        commands: Inbox[Command],
        config: WorkerConfig,
        hide: Callable[[str], None],
    ) -> None:
        self._reports = reports
        self._commands = commands
        self._limits = config.limits
        self._hide = hide  # keys, from the log
        self._files = config.files
        limits = config.tool_limits
        self._tools = ToolKit(Sessions(config.tools_file, limits, hide), Decisions(), limits)
        self._providers: dict[str, Provider] = {}
        self._jobs: dict[JobId, asyncio.Task[None]] = {}
        self._looked = asyncio.Event()
        self._uses: dict[asyncio.Task[Any], Provider] = {}

    async def run(self) -> None:
        """Serve until the input queue ends. Raises QueueClosedError then."""
        await self._reports.open()
        await self._commands.open()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._heartbeat())
                tasks.create_task(self._take_commands(tasks))
                tasks.create_task(self._guard("warming up", self._warm_up()))
        except* QueueClosedError as group:
            raise QueueClosedError from group
        finally:
            await self._tools.sessions.close()
            for provider in self._providers.values():
                await provider.close()

    async def _heartbeat(self) -> None:
        while True:
            self._reports.put(Alive())
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def _take_commands(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            for command in await self._commands.get():
                self._obey(command, tasks)

    def _obey(self, command: Command, tasks: asyncio.TaskGroup) -> None:
        match command:
            case Run():
                task = tasks.create_task(self._answer(command))
                self._jobs[command.job.id] = task
                task.add_done_callback(lambda done: self._forget(command.job.id, done))
            case Cancel(job_id):
                if job_id in self._jobs:
                    self._jobs[job_id].cancel()
            case Decide() | Begin():
                self._tools.decisions.take(command)
            case SetEndpoint() | RemoveEndpoint():
                self._keep(command, tasks)
            case ListModels() | TryEndpoint() | Discover():
                tasks.create_task(self._guard("a look at endpoints", self._look(command)))

    async def _look(self, command: ListModels | TryEndpoint | Discover) -> None:
        match command:
            case ListModels(name):
                await self._list_models(name)
            case TryEndpoint():
                await self._try(command)
            case Discover(own_port):
                await self._discover(own_port)

    def _forget(self, job_id: JobId, done: asyncio.Task[None]) -> None:
        self._uses.pop(done, None)
        if self._jobs.get(job_id) is done:  # else the job was cancelled here and then run again
            del self._jobs[job_id]

    def _keep(self, command: SetEndpoint | RemoveEndpoint, tasks: asyncio.TaskGroup) -> None:
        """What is being answered goes on as it began."""
        if isinstance(command, SetEndpoint):
            old = self._set_endpoint(command.endpoint)
        else:
            old = self._providers.pop(command.name, None)
        if old is not None:
            tasks.create_task(self._guard("closing an endpoint", self._retire(old)))

    def _set_endpoint(self, endpoint: Endpoint) -> Provider | None:
        from llmchat.providers.openai_compat import OpenAICompatible

        for secret in endpoint.secrets:
            self._hide(secret)
        old = self._providers.get(endpoint.name)
        self._providers[endpoint.name] = OpenAICompatible(endpoint, self._limits)
        return old

    async def _retire(self, provider: Provider) -> None:
        """Close an endpoint that was replaced, after the answers that it is making."""
        running = [task for task, used in self._uses.items() if used is provider]
        if running:
            await asyncio.wait(running)
        await provider.close()

    async def _answer(self, command: Run) -> None:
        from llmchat.worker.answer import answer

        job_id = command.job.id
        seq = 0

        async def emit(event: Event) -> None:
            nonlocal seq
            seq += 1
            self._reports.put(JobEvents(job_id, command.attempt, seq, (pack(event),)))
            if self._reports.congested:
                await self._reports.drained()

        job, toolbox = command.job, None
        if job.request.tool_servers:
            toolbox = Toolbox(job, command.approvals, self._tools, emit)
        await answer(job, self._provider, emit, files=self._files, toolbox=toolbox)

    def _provider(self, name: str) -> Provider:
        """The provider for a job's task, which has it until it ends."""
        try:
            provider = self._providers[name]
        except KeyError:
            raise ProviderError(
                f"The endpoint {name} is no longer configured.", code="no-such-endpoint"
            ) from None
        if (task := asyncio.current_task()) is not None:
            self._uses[task] = provider
        return provider

    async def _list_models(self, name: str) -> None:
        if (provider := self._providers.get(name)) is not None:
            listing = await provider.models()
            if self._providers.get(name) is provider:  # else it says nothing of the present one
                self._reports.put(Listed(listing))
        self._looked.set()

    async def _try(self, command: TryEndpoint) -> None:
        from llmchat.providers.trial import try_endpoint

        for secret in command.endpoint.secrets:
            self._hide(secret)
        verdict = await try_endpoint(command.endpoint, self._limits)
        self._reports.put(Tried(command.number, verdict))

    async def _discover(self, own_port: int) -> None:
        from llmchat.providers.discovery import discover

        endpoints, listings = await discover(own_port, self._limits)
        self._reports.put(Discovered(tuple(endpoints), tuple(listings)))
        self._looked.set()

    async def _warm_up(self) -> None:
        """Import openai ahead of the first question, but not ahead of the choice of an endpoint:
        the first answer waits for that, and importing holds the interpreter.
        """
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._looked.wait(), WARM_UP_SECONDS)
        await asyncio.to_thread(importlib.import_module, "llmchat.providers.openai_compat")
        await asyncio.to_thread(importlib.import_module, "llmchat.providers.client")
        garbage.settle()

    async def _guard(self, what: str, work: Coroutine[None, None, None]) -> None:
        """Side work beside the jobs: a bug in it is logged and takes nothing else down."""
        try:
            await work
        except Exception:
            log.exception("%s crashed", what)
