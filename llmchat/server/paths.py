"""What a request is for, whatever prefix the site is served under."""

from __future__ import annotations

import re

from aiohttp import web

from llmchat.server.keys import BASE_PATH

_PAGES = re.compile(r"/?|/share/[^/]+")


def path_below(request: web.Request) -> str:
    """The path as if there were no prefix; empty for the prefix itself."""
    return request.path.removeprefix(request.app[BASE_PATH])


def is_a_page(request: web.Request) -> bool:
    """Whether a request is for a page, which links of other sites may lead to: it shows nothing
    and does nothing before its own scripts ask.
    """
    return _PAGES.fullmatch(path_below(request)) is not None


def is_for_programs(request: web.Request) -> bool:
    """Whether a request is to the API of OpenAI's shape."""
    return path_below(request).startswith("/v1/")
