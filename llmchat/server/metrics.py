"""`GET /metrics`: what Prometheus collects."""

from __future__ import annotations

import asyncio
import importlib

from aiohttp import web

from llmchat.server.keys import JOBS, STREAMS


async def metrics(request: web.Request) -> web.Response:
    """The figures of this server as text; nothing in them is of a user, a chat or a key."""
    # In a thread, and only when it is asked for: it takes 25 ms, and most servers never are.
    await asyncio.to_thread(importlib.import_module, "llmchat.server.exposition")
    from llmchat.server import exposition

    jobs = request.app[JOBS]
    body = exposition.text(jobs.metrics, jobs.figures(), request.app[STREAMS].open_count)
    return web.Response(body=body, headers={"Content-Type": exposition.CONTENT_TYPE})
