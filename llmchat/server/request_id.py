"""`X-Request-ID`: what a response, the job it made and the log have in common."""

from __future__ import annotations

import re
import secrets

from aiohttp import web

HEADER = "X-Request-ID"
_GOOD = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)
_KEY = web.RequestKey("request_id", str)


def new_id() -> str:
    return secrets.token_hex(8)


def request_id(request: web.Request) -> str:
    """The id of a request: the client's if it sent one that is good, else one of ours."""
    if _KEY not in request:
        given = request.headers.getall(HEADER, [])
        good = len(given) == 1 and _GOOD.fullmatch(given[0])
        request[_KEY] = given[0] if good else new_id()
    return request[_KEY]


async def identify(request: web.Request, response: web.StreamResponse) -> None:
    """Tell the client the id; a signal for `on_response_prepare`."""
    response.headers[HEADER] = request_id(request)
