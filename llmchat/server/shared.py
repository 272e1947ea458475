"""`/share/{token}`: what a link shows to whoever has it, who need not be known here.

The token opens this one copy, to be read, and nothing else. What is unknown, has expired or was
revoked is answered alike.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from llmchat.domain.errors import RequestError
from llmchat.domain.media import INLINE_TYPES, UNKNOWN
from llmchat.server.downloads import read_pieces, send
from llmchat.server.headers import SHARED_HEADERS, SHARED_POLICY
from llmchat.server.keys import ASSETS, FILES, SHARES
from llmchat.server.page import send_page

_DIGITS = 6  # of the number of a file


async def page(request: web.Request) -> web.Response:
    """The page of a link. It is the same for all, and asks for what it shows; 404 where the link
    leads nowhere.
    """
    known = await request.app[SHARES].leads_somewhere(request.match_info["token"])
    headers = {**SHARED_HEADERS, "Content-Security-Policy": SHARED_POLICY}
    return send_page(request, request.app[ASSETS].shared, headers, 200 if known else 404)


async def data(request: web.Request) -> web.Response:
    """What a link shows: the texts of one branch, as they were when it was made."""
    opened = await request.app[SHARES].open(request.match_info["token"])
    if opened is None:
        raise _nowhere()
    reply = web.Response(
        body=opened.document, content_type="application/json", headers=SHARED_HEADERS
    )
    reply.enable_compression()
    return reply


async def file(request: web.Request) -> web.StreamResponse:
    """A file of the copy, by its number there. Only the usual images are shown."""
    token, number = request.match_info["token"], request.match_info["number"]
    if not (number.isascii() and number.isdigit() and len(number) <= _DIGITS):
        raise _nowhere()
    found = await request.app[SHARES].file(token, int(number))
    path = None if found is None else request.app[FILES].blobs.path(found.id)
    if found is None or path is None or not await asyncio.to_thread(path.is_file):
        raise _nowhere()
    return await send(
        request,
        read_pieces(path),
        found.type or UNKNOWN,
        found.name,
        size=found.size,
        inline=found.type in INLINE_TYPES,
        headers=SHARED_HEADERS,
    )


def _nowhere() -> RequestError:
    return RequestError(
        "It is unknown, has expired, or was revoked.",
        code="no-such-share",
        status=404,
        headers=dict(SHARED_HEADERS),
    )
