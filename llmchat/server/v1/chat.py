"""`POST /v1/chat/completions`: a question of another program, as a job like any other.

It has its place in the queue, its failover and its worker; nothing of it is stored, and it ends
with the connection.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from aiohttp import web

from llmchat.domain.job import END, SHOWN_NAMES, Done, EventId, Failed
from llmchat.jobs.log import Entry, JobLog
from llmchat.server.body import read_body
from llmchat.server.chat import check_sight
from llmchat.server.keys import HOLDER, JOBS, LIMITS, account_of
from llmchat.server.replies import json_reply
from llmchat.server.v1 import wire
from llmchat.server.v1.asking import asked, in_thread
from llmchat.server.v1.errors import ending, failed
from llmchat.server.v1.replies import PING, Chunks, Whole


async def completions(request: web.Request) -> web.StreamResponse:
    """Answer a chat, as a stream or whole. A client that goes away stops its answer."""
    body = await read_body(request, request.app[LIMITS].api_body_bytes)
    question = await in_thread(wire.question, body, request[HOLDER].key_id)
    check_sight(request.app[JOBS], account_of(request), question.request)
    async with asked(request, question.request) as (job, log):
        if question.stream:
            return await _stream(request, log, Chunks(job, usage=question.usage))
        return await _whole(log, Whole(job))


async def _whole(log: JobLog, whole: Whole) -> web.Response:
    async for batch in log.follow(None):
        whole.take(batch)
    if log.final is None:
        raise RuntimeError("an answer without an end")
    final = ending(log.final)
    return failed(final) if isinstance(final, Failed) else json_reply(whole.document(final))


async def _stream(request: web.Request, log: JobLog, chunks: Chunks) -> web.StreamResponse:
    """Send what comes as it comes.

    As long as there is nothing to send, the headers wait too, so that what fails at once has its
    status; when that lasts, a comment shows every few seconds that the connection stands.
    """
    response: web.StreamResponse | None = None
    after: EventId | None = None
    quiet = _Quiet(request.app[LIMITS].ping_seconds)
    while after != END:
        batch = await log.read(after)
        if not batch and await _changed(log, quiet.left):
            continue
        if batch:
            after = batch[-1].id
        if response is None and (failure := _failure(batch)) is not None:
            return failed(failure)
        # Of what a job waits for nothing is told, however often that changes.
        for piece in [*chunks.encode(batch)] or quiet.ping():
            response = response or await _begin(request)
            await response.write(piece)
            quiet.end()
    if response is None:
        raise RuntimeError("an answer without an end")
    await response.write_eof()
    return response


class _Quiet:
    """How long nothing may be sent, before a comment is."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.end()

    def end(self) -> None:
        """Something was sent."""
        self._until = time.monotonic() + self._seconds

    @property
    def left(self) -> float:
        """Seconds."""
        return self._until - time.monotonic()

    def ping(self) -> Sequence[bytes]:
        """The comment, if it is time for one."""
        return [PING] if self.left <= 0 else []


async def _changed(log: JobLog, seconds: float) -> bool:
    """Wait until there is more to read, at most so long."""
    try:
        async with asyncio.timeout(seconds):
            await log.changed()
    except TimeoutError:
        return False
    return True


async def _begin(request: web.Request) -> web.StreamResponse:
    headers = {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    return response


def _failure(batch: Sequence[Entry]) -> Failed | None:
    """Why there is no answer, if these events end one that has shown nothing."""
    if not batch or any(entry.name in SHOWN_NAMES for entry in batch):
        return None
    final = batch[-1].event
    if isinstance(final, Done | Failed):
        final = ending(final)
    return final if isinstance(final, Failed) else None
