"""The prefix that the whole site is served under, where a proxy has other sites beside it."""

from __future__ import annotations

from aiohttp import web

from llmchat.server.keys import BASE_PATH
from llmchat.server.routes import ROUTES
from llmchat.server.rules import Guarded, public


def mounted(base: str) -> list[Guarded]:
    """All routes below `base`, empty or like `/chat`, which without its slash leads to the page."""
    routes = [route.below(base) for route in ROUTES]
    return [public(web.get(base, _to_the_page)), *routes] if base else routes


async def _to_the_page(request: web.Request) -> web.Response:
    query = request.rel_url.raw_query_string
    return web.Response(
        status=307, headers={"Location": f"{request.app[BASE_PATH]}/{query and '?' + query}"}
    )
