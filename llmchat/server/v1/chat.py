"""`POST /v1/chat/completions`: a question of another program, as a job like any other.

It has its place in the queue, its failover and its worker; nothing of it is stored, and it ends
with the connection.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import nullcontext

from aiohttp import web

from llmchat.domain.job import END, SHOWN_NAMES, Done, EventId, Failed
from llmchat.jobs.log import Entry, JobLog
from llmchat.server.body import read_body
from llmchat.server.caller import CALLER, account_of, role_of
from llmchat.server.chat import check_sight
from llmchat.server.keys import JOBS, LIMITS, PROGRAM_STREAMS, QUOTAS
from llmchat.server.replies import json_reply
from llmchat.server.sse import SessionEndedError
from llmchat.server.v1 import wire
from llmchat.server.v1.asking import asked, in_thread
from llmchat.server.v1.errors import REVOKED, ending, failed
from llmchat.server.v1.replies import PING, Chunks, Whole, error_chunk


async def completions(request: web.Request) -> web.StreamResponse:
    """Answer a chat, as a stream or whole. A client that goes away stops its answer."""
    body = await read_body(request, request.app[LIMITS].api_body_bytes)
    question = await in_thread(wire.question, body, request[CALLER].credential)
    check_sight(request.app[JOBS], account_of(request), role_of(request), question.request)
    with request.app[QUOTAS].stream(account_of(request)) if question.stream else nullcontext():
        async with asked(request, question.request) as (job, log):
            if question.stream:
                return await _stream(request, log, Chunks(job, usage=question.usage))
            return await _whole(request, log, Whole(job))


async def _whole(request: web.Request, log: JobLog, whole: Whole) -> web.Response:
    try:
        async with request.app[PROGRAM_STREAMS].lease(request[CALLER]):
            async for batch in log.follow(None):
                whole.take(batch)
    except SessionEndedError:
        return failed(REVOKED)
    if log.final is None:
        raise RuntimeError("an answer without an end")
    final = ending(log.final)
    return failed(final) if isinstance(final, Failed) else json_reply(whole.document(final))


async def _stream(request: web.Request, log: JobLog, chunks: Chunks) -> web.StreamResponse:
    """Send what comes as it comes, as long as the key counts."""
    sending = _Sending(request)
    try:
        async with request.app[PROGRAM_STREAMS].lease(request[CALLER]):
            return await sending.run(log, chunks)
    except SessionEndedError:
        return await sending.fail(REVOKED)


class _Sending:
    """A stream that begins when there is something to send."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._response: web.StreamResponse | None = None

    async def run(self, log: JobLog, chunks: Chunks) -> web.StreamResponse:
        """As long as there is nothing to send, the headers wait too, so that what fails at once has
        its status; when that lasts, a comment shows every few seconds that the connection stands.
        """
        after: EventId | None = None
        quiet = _Quiet(self._request.app[LIMITS].ping_seconds)
        while after != END:
            batch = await log.read(after)
            if not batch and await _changed(log, quiet.left):
                continue
            if batch:
                after = batch[-1].id
            if self._response is None and (failure := _failure(batch)) is not None:
                return failed(failure)
            # Of what a job waits for nothing is told, however often that changes.
            for piece in [*chunks.encode(batch)] or quiet.ping():
                await self._send(piece)
                quiet.end()
        if self._response is None:
            raise RuntimeError("an answer without an end")
        await self._response.write_eof()
        return self._response

    async def fail(self, failure: Failed) -> web.StreamResponse:
        """End it with an error, wherever it is."""
        if self._response is None:
            return failed(failure)
        await self._response.write(error_chunk(failure))
        await self._response.write_eof()
        return self._response

    async def _send(self, piece: bytes) -> None:
        if self._response is None:
            self._response = await _begin(self._request)
        await self._response.write(piece)


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
