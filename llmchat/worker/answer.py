"""One attempt at one job: ask the provider, pass its events on, and end with one final event."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from llmchat.attachments.parts import AttachedFiles, needs_files
from llmchat.domain.chat import ChatRequest, JSONObject
from llmchat.domain.endpoint import first_chat_model
from llmchat.domain.errors import ProviderError
from llmchat.domain.job import (
    SHOWN_EVENTS,
    Delta,
    Done,
    Event,
    Failed,
    Job,
    Reasoning,
    Status,
    Timings,
    ToolCall,
    Usage,
)
from llmchat.providers.base import Provider
from llmchat.tools.untrusted import with_rule, without_calls
from llmchat.worker.retries import delay_before_retry
from llmchat.worker.toolbox import Toolbox
from llmchat.worker.turn import Turn, add_usage

log = logging.getLogger(__name__)

WAITING_SECONDS = 15.0  # between two words to who waits for the first text

Emit = Callable[[Event], Awaitable[None]]


async def answer(
    job: Job,
    provider_of: Callable[[str], Provider],
    emit: Emit,
    *,
    waiting_seconds: float = WAITING_SECONDS,
    files: AttachedFiles | None = None,
    toolbox: Toolbox | None = None,
) -> None:
    """Stream one job. Whatever happens but cancellation, one Done or Failed ends it."""
    attempt = _Attempt(
        job, provider_of, emit, waiting_seconds=waiting_seconds, files=files, toolbox=toolbox
    )
    try:
        await attempt.run()
    except ProviderError as error:
        await emit(Failed(error.code, error.message, error.retryable))
    except Exception:
        # The boundary of a job: a bug here must not take the other jobs down.
        log.exception("job %s crashed", job.id)
        await emit(Failed("internal", "llmchat made a mistake here. The log says more."))


class _Attempt:
    def __init__(
        self,
        job: Job,
        provider_of: Callable[[str], Provider],
        emit: Emit,
        *,
        waiting_seconds: float,
        files: AttachedFiles | None,
        toolbox: Toolbox | None,
    ) -> None:
        self._files = files
        self._toolbox = toolbox
        self._turn = Turn()
        self._said: list[JSONObject] = []  # the calls of this answer, and what came of them
        self._usage: Usage | None = None
        self._gap = ""
        self._job = job
        self._provider_of = provider_of
        self._emit = emit
        self._waiting_seconds = waiting_seconds
        self._model = job.model
        self._started = time.monotonic()
        self._first_token: float | None = None
        self._shown = False
        self._failures = 0

    async def run(self) -> None:
        if self._toolbox is None:
            await self._ask_patiently()
        else:
            await self._use_tools(self._toolbox)

    async def _use_tools(self, toolbox: Toolbox) -> None:
        """Ask, run what is called, ask again, until nothing is called any more."""
        await self._emit(Status("connecting"))
        await toolbox.open()
        await self._emit_running(self._model)
        if self._job.request.messages[-1:] and self._job.request.messages[-1]["role"] == "tool":
            self._gap = "\n\n"
        for _ in range(toolbox.limits.rounds):
            self._turn = Turn()
            await self._ask_patiently()
            done, calls = self._turn.done, self._turn.calls
            self._usage = add_usage(self._usage, done.usage if done else None)
            if done is None or not calls:
                await self._end(toolbox, done or Done("unknown"))
                return
            if self._turn.text and not self._turn.text.endswith("\n"):
                self._gap = "\n\n"
            self._said += [self._turn.message(), *await toolbox.run(calls)]
            # Nothing of the next turn is shown yet: it may be asked for again.
            self._shown, self._failures = False, 0
            await self._emit_running(self._model)
        await self._end(toolbox, Done("tool_limit"))

    async def _ask_patiently(self) -> None:
        while True:
            try:
                await self._ask()
            except ProviderError as error:
                self._failures += 1
                others = bool(self._job.fallbacks)
                delay = delay_before_retry(error, self._failures, others=others)
                if delay is None or self._shown:
                    raise
                await self._emit(
                    Status(
                        "retrying",
                        in_seconds=round(delay, 1),
                        reason=error.message,
                        code=error.code,
                    )
                )
                await asyncio.sleep(delay)
            else:
                return

    async def _ask(self) -> None:
        # Looked up for each attempt: an embedded model that was restarted has another address.
        provider = self._provider_of(self._job.endpoint)
        model = self._model
        if not model or self._failures:
            model = self._model = model or await _first_model(provider)
            await self._emit_running(model)
        # Not kept in a name: its images go when they are sent.
        stream = provider.stream(await self._request(), model, self._job.target.prefill)
        with _SignsOfLife(self._emit, self._waiting_seconds) as signs:
            async with contextlib.aclosing(stream) as events:
                async for event in events:
                    signs.stop()
                    await self._pass_on(event)

    async def _emit_running(self, model: str) -> None:
        await self._emit(Status("running", model=model or None, endpoint=self._job.endpoint))

    async def _request(self) -> ChatRequest:
        request = self._job.request
        if self._files is not None and needs_files(self._job):
            request = await asyncio.to_thread(self._files.complete, self._job)
        if self._toolbox is None:
            return request
        functions = self._toolbox.functions()
        if not functions:  # no server can be used: most endpoints take no calls without tools
            return replace(request, messages=without_calls(request.messages))
        return replace(
            request,
            messages=[*with_rule(request.messages), *self._said],
            parameters={**request.parameters, "tools": functions},
            continues=request.continues and not self._said,
        )

    async def _pass_on(self, event: Event) -> None:
        if self._toolbox is not None:
            if isinstance(event, SHOWN_EVENTS):
                await self._tell_failures(self._toolbox)
            if (call := self._turn.take(event)) is not None:
                self._shown = True
                await self._toolbox.begun(call)
            if isinstance(event, ToolCall | Done):
                return
            if isinstance(event, Delta):
                event, self._gap = Delta(self._gap + event.text), ""
        await self._show(event)

    async def _tell_failures(self, toolbox: Toolbox) -> None:
        """Which servers cannot be used: with the first of the answer, for until then another
        endpoint may be asked.
        """
        failures, toolbox.failures = toolbox.failures, []
        for one in failures:
            await self._emit(one)

    async def _end(self, toolbox: Toolbox, done: Done) -> None:
        await self._tell_failures(toolbox)
        await self._show(replace(done, usage=self._usage))

    async def _show(self, event: Event) -> None:
        if isinstance(event, SHOWN_EVENTS):
            self._shown = True
            if self._first_token is None and isinstance(event, Delta | Reasoning):
                self._first_token = time.monotonic()
        if isinstance(event, Done):
            event = replace(
                event, model=self._model, endpoint=self._job.endpoint, timings=self._timings()
            )
        await self._emit(event)

    def _timings(self) -> Timings:
        """As the worker sees it; the server adds the time that the job waited for a worker."""
        first = None if self._first_token is None else self._first_token - self._started
        return Timings(0.0, first, time.monotonic() - self._started)


class _SignsOfLife:
    """Tells who waits, every few seconds, that the endpoint has not answered yet."""

    def __init__(self, emit: Emit, seconds: float) -> None:
        self._emit = emit
        self._seconds = seconds
        self._started = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None
        self._telling: asyncio.Task[None] | None = None

    def __enter__(self) -> _SignsOfLife:
        self._arm()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Something came. Costs nothing when called again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._tell)

    def _tell(self) -> None:
        waited = round(time.monotonic() - self._started, 1)
        self._telling = asyncio.ensure_future(self._emit(Status("waiting", waited_seconds=waited)))
        self._arm()


async def _first_model(provider: Provider) -> str:
    listing = await provider.models()
    if (model := first_chat_model(listing.models)) is not None:
        return model.id
    if listing.error is not None:
        raise ProviderError(listing.error, code=listing.code or "upstream-error", transient=True)
    raise ProviderError("The endpoint lists no model. Set DEFAULT_MODEL.", code="upstream-no-model")
