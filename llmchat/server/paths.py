"""What a request is for, whatever prefix the site is served under."""

from __future__ import annotations

from aiohttp import web

from llmchat.server.keys import BASE_PATH


def path_below(request: web.Request) -> str:
    """The path as if there were no prefix; empty for the prefix itself."""
    return request.path.removeprefix(request.app[BASE_PATH])


def is_for_programs(request: web.Request) -> bool:
    """Whether a request is to the API of OpenAI's shape."""
    return path_below(request).startswith("/v1/")
