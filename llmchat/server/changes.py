"""`GET /api/changes`: what other pages and the answers change, as it happens."""

from __future__ import annotations

import contextlib

from aiohttp import web
from aiohttp_sse import sse_response

from llmchat.conversations.changes import Feed
from llmchat.server.keys import CONVERSATIONS, LIMITS, QUOTAS, STREAMS, account_of
from llmchat.server.problems import refusal
from llmchat.server.sse import EventStream


async def changes(request: web.Request) -> web.StreamResponse:
    """The changes of an account from now on, or after `Last-Event-ID`; `reset` for who has missed
    some. First comes `hello`: from its id on nothing is missed.
    """
    ids = request.headers.getall("Last-Event-ID", []) or request.query.getall("after", [])
    if len(ids) > 1:
        raise refusal("last-event-id", "Use one id.")
    account = account_of(request)
    feed = request.app[CONVERSATIONS].changes.of(account)
    place = feed.place(ids[0] if ids else None)
    limits = request.app[LIMITS]
    with request.app[QUOTAS].stream(account):
        async with sse_response(
            request,
            response_cls=EventStream,
            ping_interval=limits.ping_seconds,
            send_timeout=limits.stall_seconds,
        ) as response:
            await request.app[STREAMS].hold(_send(feed, place, response), response)
        return response


async def _send(feed: Feed, place: int | None, response: EventStream) -> None:
    await response.send_encoded(feed.hello(place))
    async with contextlib.aclosing(feed.follow(place)) as events:
        async for data in events:
            await response.send_encoded(data)
