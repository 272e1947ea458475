"""A program's question as a job that lives as long as its request."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TypeVar

from aiohttp import web

from llmchat.domain.chat import ChatRequest
from llmchat.domain.errors import NoSuchJobError
from llmchat.domain.job import Failed, Job
from llmchat.jobs.log import JobLog
from llmchat.server.keys import JOBS, STATISTICS, account_of, role_of
from llmchat.server.request_id import request_id

T = TypeVar("T")

_LARGE_BYTES = 128 * 1024  # that take longer to read than the event loop should stand still


async def in_thread(read: Callable[[bytes, str], T], body: bytes, key_id: str) -> T:
    """What `read` makes of a body, elsewhere if that takes long."""
    if len(body) > _LARGE_BYTES:
        return await asyncio.to_thread(read, body, key_id)
    return read(body, key_id)


@asynccontextmanager
async def asked(request: web.Request, question: ChatRequest) -> AsyncIterator[tuple[Job, JobLog]]:
    """A job for as long as the request lasts: at the end of that it is over, or stopped."""
    jobs, account = request.app[JOBS], account_of(request)
    submitting = asyncio.ensure_future(
        jobs.submit(
            question,
            None,
            request_id(request),
            account=account,
            role=role_of(request),
            temporary=True,
        )
    )
    job: Job | None = None
    try:
        job = (await asyncio.shield(submitting)).job
        log = await jobs.log(account, job.id)
        yield job, log
        _count(request, job, log)
    finally:
        if job is None:  # the client is gone already, or there is no job
            job = (await submitting).job
        with contextlib.suppress(NoSuchJobError):
            await jobs.cancel(account, job.id)


def _count(request: web.Request, job: Job, log: JobLog) -> None:
    """What was answered is in no chat, but it took tokens like any other."""
    final = log.final
    if final is not None:
        request.app[STATISTICS].add(
            account_of(request),
            asdict(final),
            failed=isinstance(final, Failed),
            model=job.model,
            endpoint=job.endpoint,
        )
