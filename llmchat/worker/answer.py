"""One attempt at one job: ask the provider, pass its events on, and end with one final event."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

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

Emit = Callable[[Event], Awaitable[None]]


async def answer(job: Job, provider_of: Callable[[str], Provider], emit: Emit) -> None:
    """Stream one job. Whatever happens but cancellation, one Done or Failed ends it."""
    attempt = _Attempt(job, provider_of, emit)
    try:
        await attempt.run()
    except ProviderError as error:
        await emit(Failed(error.code, error.message, error.retryable))
    except Exception:
        # The boundary of a job: a bug here must not take the other jobs down.
        log.exception("job %s crashed", job.id)
        await emit(Failed("internal", "llmchat made a mistake here. The log says more."))


class _Attempt:
    def __init__(self, job: Job, provider_of: Callable[[str], Provider], emit: Emit) -> None:
        self._job = job
        self._provider_of = provider_of
        self._emit = emit
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
                delay = None if self._shown else delay_before_retry(error, self._failures)
                if delay is None:
                    raise
                await self._emit(
                    Status("retrying", in_seconds=round(delay, 1), reason=error.message)
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
        async with contextlib.aclosing(provider.stream(self._job.request, model)) as events:
            async for event in events:
                await self._pass_on(event, model)

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


async def _first_model(provider: Provider) -> str:
    listing = await provider.models()
    if (model := first_chat_model(listing.models)) is not None:
        return model.id
    if listing.error is not None:
        raise ProviderError(listing.error, code=listing.code or "upstream-error", transient=True)
    raise ProviderError("The endpoint lists no model. Set DEFAULT_MODEL.", code="upstream-no-model")
