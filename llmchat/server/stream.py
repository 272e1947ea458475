"""`GET /stream/{job_id}`: the events of a job, from the start or from where the reader was."""

from __future__ import annotations

from aiohttp import web
from aiohttp_sse import sse_response

from llmchat.domain.job import END, JobId
from llmchat.server.keys import JOBS, LIMITS, QUOTAS, STREAMS, account_of
from llmchat.server.position import last_event_id
from llmchat.server.sse import EventStream


async def stream(request: web.Request) -> web.StreamResponse:
    """Replay what the reader missed, then follow the job live.

    204 for a reader who has the final event: it makes an EventSource stop.
    """
    account = account_of(request)
    log = await request.app[JOBS].log(account, JobId(request.match_info["job_id"]))
    after = last_event_id(request, log)
    if after == END:
        return web.Response(status=204)
    limits = request.app[LIMITS]
    with request.app[QUOTAS].stream(account):
        async with sse_response(
            request,
            response_cls=EventStream,
            ping_interval=limits.ping_seconds,
            send_timeout=limits.stall_seconds,
        ) as response:
            await request.app[STREAMS].send(log, after, response)
        return response
