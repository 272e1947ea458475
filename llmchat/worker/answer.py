"""One attempt at one job: ask the provider, pass its events on, and end with one final event."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from llmchat.attachments.parts import AttachedFiles, needs_files
from llmchat.domain.chat import ChatRequest
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
)
from llmchat.providers.base import Provider
from llmchat.worker.retries import delay_before_retry

log = logging.getLogger(__name__)

WAITING_SECONDS = 15.0  # between two words to who waits for the first text

Emit = Callable[[Event], Awaitable[None]]


async def answer(
    job: Job,
    provider_of: Callable[[str], Provider],
    emit: Emit,
    waiting_seconds: float = WAITING_SECONDS,
    files: AttachedFiles | None = None,
) -> None:
    """Stream one job. Whatever happens but cancellation, one Done or Failed ends it."""
    attempt = _Attempt(job, provider_of, emit, waiting_seconds, files)
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
        waiting_seconds: float,
        files: AttachedFiles | None = None,
    ) -> None:
        self._files = files
        self._job = job
        self._provider_of = provider_of
        self._emit = emit
        self._waiting_seconds = waiting_seconds
        self._started = time.monotonic()
        self._first_token: float | None = None
        self._shown = False
        self._failures = 0

    async def run(self) -> None:
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
        model = self._job.model
        if not model or self._failures:
            model = model or await _first_model(provider)
            await self._emit(Status("running", model=model, endpoint=self._job.endpoint))
        # Not kept in a name: its images go when they are sent.
        stream = provider.stream(await self._request(), model, self._job.target.prefill)
        with _SignsOfLife(self._emit, self._waiting_seconds) as signs:
            async with contextlib.aclosing(stream) as events:
                async for event in events:
                    signs.stop()
                    await self._pass_on(event, model)

    async def _request(self) -> ChatRequest:
        if self._files is None or not needs_files(self._job):
            return self._job.request
        return await asyncio.to_thread(self._files.complete, self._job)

    async def _pass_on(self, event: Event, model: str) -> None:
        if isinstance(event, SHOWN_EVENTS):
            self._shown = True
            if self._first_token is None and isinstance(event, Delta | Reasoning):
                self._first_token = time.monotonic()
        if isinstance(event, Done):
            event = replace(
                event, model=model, endpoint=self._job.endpoint, timings=self._timings()
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
