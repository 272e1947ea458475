"""`GET /api/jobs` and `GET /api/jobs/{job_id}`: what runs, for a page that comes back."""

from __future__ import annotations

import re

import msgspec
from aiohttp import web

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.job import JobId
from llmchat.jobs.log import Entry
from llmchat.jobs.records import JobView
from llmchat.server.keys import JOBS, account_of
from llmchat.server.position import after
from llmchat.server.problems import invalid
from llmchat.server.replies import json_reply
from llmchat.server.sse import merge

_STATES = {"active": True, "all": False}
_DEFAULT_LIMIT = "100"
_MAX_LIMIT = 500


async def jobs(request: web.Request) -> web.Response:
    """The newest `?limit=` jobs, oldest first; `?state=active` leaves out those that are over."""
    state = request.query.get("state", "all")
    if state not in _STATES:
        raise invalid("/state", "It is `active` or `all`.")
    views = await request.app[JOBS].list(account_of(request), _STATES[state], _limit(request))
    items: list[JSON] = [_item(view) for view in views]
    return json_reply({"items": items, "next": None})


async def job(request: web.Request) -> web.Response:
    """A job and its events after `?after=`: the stream, for who cannot hold one open."""
    job_id = JobId(request.match_info["job_id"])
    service, account = request.app[JOBS], account_of(request)
    log = await service.log(account, job_id)
    entries = await log.read_all(after(request, log))
    events: list[JSON] = [_event(entry) for entry in merge(entries)]
    return json_reply({**_item(await service.view(account, job_id)), "events": events})


def _limit(request: web.Request) -> int:
    text = request.query.get("limit", _DEFAULT_LIMIT)
    if not re.fullmatch("[1-9][0-9]{0,2}", text, re.ASCII) or int(text) > _MAX_LIMIT:
        raise invalid("/limit", f"It is a number from 1 to {_MAX_LIMIT}.")
    return int(text)


def _item(view: JobView) -> JSONObject:
    last = view.last_event_id
    return {
        "id": view.id,
        "state": view.state,
        "model": view.model,
        "endpoint": view.endpoint,
        "last_event_id": None if last is None else str(last),
    }


def _event(entry: Entry) -> JSONObject:
    return {
        "id": str(entry.id),
        "event": entry.name,
        "data": msgspec.json.decode(entry.data),
    }
