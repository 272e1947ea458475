"""`GET /health/live` and `GET /health/ready`, for supervisors and load balancers."""

from __future__ import annotations

from aiohttp import web

from llmchat.domain.chat import JSONObject
from llmchat.server.keys import JOBS
from llmchat.server.problems import problem
from llmchat.server.replies import json_reply


async def live(_request: web.Request) -> web.Response:
    """200 as long as the event loop turns."""
    return json_reply({"status": "ok"})


async def ready(request: web.Request) -> web.Response:
    """200 when a question would be answered now, else 503 and what is missing."""
    missing: JSONObject = dict(request.app[JOBS].readiness())
    if not missing:
        return json_reply({"status": "ok"})
    detail = "See `missing`, and try again in a moment."
    return problem("not-ready", detail, headers={"Retry-After": "1"}, missing=missing)
