"""Reading a request's JSON body within its limits."""

from __future__ import annotations

import asyncio
from collections.abc import Set

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from llmchat.domain.chat import JSON
from llmchat.server.keys import LIMITS
from llmchat.server.problems import TooLargeError, refusal
from llmchat.server.strict_json import read_json


async def read_document(request: web.Request, names: Set[str]) -> JSON:
    """The body as strict JSON. `names` are the keys that an error may show.

    Raises RequestError: 408 when it does not arrive in time, 413, or what `read_json` says.
    """
    return read_json(await read_body(request, request.app[LIMITS].body_bytes), names)


async def read_body(request: web.Request, limit: int) -> bytes:
    """The whole body. Raises RequestError: 408 when it does not arrive in time, 413."""
    try:
        async with asyncio.timeout(request.app[LIMITS].body_seconds):
            return await _read(request, limit)
    except TimeoutError:
        raise refusal("body-timeout", "Send the whole body at once.") from None
    except (web.RequestPayloadError, HttpProcessingError):
        raise refusal("bad-request", "The body is not framed as its headers say.") from None


async def _read(request: web.Request, limit: int) -> bytes:
    body = bytearray()
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > limit:
            raise TooLargeError(limit)
    return bytes(body)
