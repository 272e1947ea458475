"""Who may use the API for programs: who has a key, from wherever the request comes.

The guard has looked at Host and Origin before, so that a page of another site cannot use it, key or
not. There is no cookie that a browser would send by itself.
"""

from __future__ import annotations

import re

from aiohttp import web
from aiohttp.typedefs import Handler

from llmchat.domain.errors import RequestError
from llmchat.server.keys import API_KEYS, HOLDER
from llmchat.server.paths import is_for_programs
from llmchat.storage.api_keys import Holder

_BEARER = re.compile(r"bearer +(?P<key>[\x21-\x7e]{1,200}) *", re.IGNORECASE | re.ASCII)


@web.middleware
async def authorize(request: web.Request, handler: Handler) -> web.StreamResponse:
    """401 for a program without a valid key, before anything of its body is read.

    Handlers take HOLDER from the request: one that was reached by another way would fail.
    """
    if is_for_programs(request):
        request[HOLDER] = await _holder(request)
    return await handler(request)


async def _holder(request: web.Request) -> Holder:
    given = request.headers.getall("Authorization", [])
    match = _BEARER.fullmatch(given[0]) if len(given) == 1 else None
    holder = await request.app[API_KEYS].holder(match["key"]) if match else None
    if holder is None:
        raise RequestError(
            "Send `Authorization: Bearer KEY` with a key of this llmchat: Settings, API."
            if match is None
            else "This key is not known here, or was revoked. Make one in Settings, API.",
            code="api-key",
            status=401,
            headers={"WWW-Authenticate": "Bearer"},
        )
    return holder
