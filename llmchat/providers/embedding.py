"""Asks for embeddings: one document, which is passed on as the endpoint wrote it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

import aiohttp
import msgspec
from msgspec import Raw, Struct

from llmchat.domain.chat import ChatRequest, JSONObject
from llmchat.domain.endpoint import Endpoint
from llmchat.domain.job import Delta, Done, Event, Usage
from llmchat.providers.base import Limits
from llmchat.providers.chunks import json_or_text
from llmchat.providers.failures import (
    AIOHTTP_ERRORS,
    ReplyError,
    error_in_reply,
    error_of,
    error_of_status,
)

_PIECE = 256 * 1024  # characters of one event, so that a frame of the queue stays small


class _Count(Struct):
    prompt_tokens: int | None = None


class _Document(Struct):
    """As much of the reply as has to be right."""

    data: list[Raw] | None = None
    usage: _Count | None = None
    error: Raw | None = None


async def read_embeddings(
    session: aiohttp.ClientSession,
    endpoint: Endpoint,
    request: JSONObject,
    *,
    headers: Mapping[str, str],
    proxy: str | None,
    limits: Limits,
    seconds: float,
) -> list[Event]:
    """Ask once. Gives the document in pieces, and a Done. Raises ReplyError."""
    try:
        async with (
            asyncio.timeout(seconds or None),
            session.post(
                f"{endpoint.base_url}/embeddings",
                data=msgspec.json.encode(request),
                headers={**headers, "Content-Type": "application/json"},
                allow_redirects=False,
                proxy=proxy,
            ) as response,
        ):
            body = await _read(response, limits.answer_bytes)
    except TimeoutError as error:
        raise ReplyError("upstream-timeout", f"no embeddings within {seconds:g} s") from error
    except AIOHTTP_ERRORS as error:
        raise error_of(error) from error
    if response.status != 200:
        raise error_of_status(response.status, response.headers, json_or_text(body))
    return _events(body)


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    parts: list[bytes] = []
    while data := await response.content.readany():
        limit -= len(data)
        if limit < 0:
            raise ReplyError("upstream-too-large", "ask for fewer texts at once")
        parts.append(data)
    return b"".join(parts)


def _events(body: bytes) -> list[Event]:
    try:
        document = msgspec.json.decode(body, type=_Document)
        text = body.decode()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReplyError("upstream-not-an-api", "no embeddings") from error
    if document.error is not None and document.data is None:
        raise error_in_reply(json_or_text(body))
    if document.data is None:
        raise ReplyError("upstream-not-an-api", "JSON without embeddings")
    usage = None if document.usage is None else Usage(document.usage.prompt_tokens)
    pieces = [Delta(text[at : at + _PIECE]) for at in range(0, len(text), _PIECE)]
    return [*pieces, Done("stop", usage=usage)]


def texts_of(request: ChatRequest) -> Iterator[str]:
    """The texts that are asked about, to be kept out of error messages."""
    given = request.parameters.get("input")
    for one in given if isinstance(given, list) else [given]:
        if isinstance(one, str):
            yield one
