"""Carries the requests of openai's client over aiohttp.

aiohttp in place of httpx2 halves the CPU of a stream, and reading its StreamReader directly saves
another fifth (docs/decisions.md, "Relay").
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from types import SimpleNamespace

import aiohttp
import httpx2
from yarl import URL

from llmchat.providers.failures import AIOHTTP_ERRORS, ReplyError, error_of

# What we read of the body of an error, and how long we wait for it.
_ERROR_BYTES = 64 * 1024
_ERROR_SECONDS = 2.0
# aiohttp writes these itself.
_OWN_HEADERS = frozenset((b"host", b"content-length", b"connection", b"transfer-encoding"))


class AiohttpTransport(httpx2.AsyncBaseTransport):
    """An httpx2 transport. The aiohttp response is in `extensions["aiohttp"]`.

    Raises ReplyError, which openai passes on as it is: an httpx2 exception would come out as
    "Connection error." or "Request timed out.", whatever had happened. It follows no redirect.
    """

    def __init__(self, session: aiohttp.ClientSession, *, proxy: str | None, close: bool) -> None:
        self._session = session
        self._proxy = proxy
        self._close = close

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and wait for the headers of the reply."""
        try:
            response = await self._send_again(request, await request.aread())
        except AIOHTTP_ERRORS as error:
            raise error_of(error) from error
        headers = response.raw_headers
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding != "identity":
            if response.ok:
                response.close()
                raise ReplyError("upstream-encoding", "compressed data")
            # httpx2 would unpack the body of an error, however large it grows.
            headers = tuple(one for one in headers if one[0].lower() != b"content-encoding")
        limit = _ERROR_BYTES if encoding == "identity" else 0
        return httpx2.Response(
            response.status,
            headers=headers,
            stream=_ErrorBody(response, limit),
            extensions={"aiohttp": response},
        )

    async def _send_again(self, request: httpx2.Request, body: bytes) -> aiohttp.ClientResponse:
        """Send; once more if a connection that was kept alive turns out to be closed.

        A server may close a kept connection at any time (llama.cpp does after each stream), and
        before the first byte of a reply nothing was answered. A new connection is not tried again.
        """
        context = SimpleNamespace(reused=False)
        try:
            return await self._send(request, body, context)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            if not context.reused:
                raise
        return await self._send(request, body, context)

    async def _send(
        self, request: httpx2.Request, body: bytes, context: SimpleNamespace
    ) -> aiohttp.ClientResponse:
        raw = request.headers.raw
        headers = [
            (name.decode(), text.decode()) for name, text in raw if name.lower() not in _OWN_HEADERS
        ]
        if self._close:
            headers.append(("Connection", "close"))
        return await self._session.request(
            request.method,
            URL(str(request.url), encoded=True),
            data=body,
            headers=headers,
            allow_redirects=False,
            proxy=self._proxy,
            trace_request_ctx=context,
        )


class _ErrorBody(httpx2.AsyncByteStream):
    """The start of a body, as far as it comes in time: openai reads those of errors whole."""

    def __init__(self, response: aiohttp.ClientResponse, limit: int) -> None:
        self._response = response
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            yield await self._start()
        finally:
            self._response.close()

    async def _start(self) -> bytes:
        parts: list[bytes] = []
        left = self._limit
        with contextlib.suppress(*AIOHTTP_ERRORS, TimeoutError):
            async with asyncio.timeout(_ERROR_SECONDS):
                while left > 0 and (data := await self._response.content.read(left)):
                    left -= len(data)
                    parts.append(data)
        return b"".join(parts)

    async def aclose(self) -> None:
        self._response.close()
