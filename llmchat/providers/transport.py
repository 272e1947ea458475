"""Carries the requests of openai's client over aiohttp.

aiohttp in place of httpx2 halves the CPU of a stream, and reading its StreamReader directly saves
another fifth (docs/decisions.md, "Relay").
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import NamedTuple

import aiohttp
import httpx2
from multidict import CIMultiDict
from yarl import URL

from llmchat.providers.failures import AIOHTTP_ERRORS, ReplyError, error_of

# What we read of the body of an error, and how long we wait for it.
_ERROR_BYTES = 64 * 1024
_ERROR_SECONDS = 2.0
# aiohttp writes these itself.
_OWN_HEADERS = frozenset((b"host", b"content-length", b"connection", b"transfer-encoding"))


class Head(NamedTuple):
    """A request without its body."""

    method: str
    url: URL
    headers: CIMultiDict[str]


def encoding_of(response: aiohttp.ClientResponse) -> str:
    """What the body is compressed with; `identity` if it is not."""
    return response.headers.get("Content-Encoding", "identity").strip().lower()


async def start_of_error(response: aiohttp.ClientResponse) -> bytes:
    """The start of a body, as far as it comes in time. Closes the response."""
    parts: list[bytes] = []
    left = _ERROR_BYTES if encoding_of(response) == "identity" else 0
    try:
        with contextlib.suppress(*AIOHTTP_ERRORS, TimeoutError):
            async with asyncio.timeout(_ERROR_SECONDS):
                while left > 0 and (data := await response.content.read(left)):
                    left -= len(data)
                    parts.append(data)
    finally:
        response.close()
    return b"".join(parts)


class AiohttpTransport(httpx2.AsyncBaseTransport):
    """An httpx2 transport. The aiohttp response is in `extensions["aiohttp"]`.

    Raises ReplyError, which openai passes on as it is: an httpx2 exception would come out as
    "Connection error." or "Request timed out.", whatever had happened. It follows no redirect.
    """

    def __init__(self, session: aiohttp.ClientSession, *, proxy: str | None, close: bool) -> None:
        self._session = session
        self._proxy = proxy
        self._close = close
        self.last: Head | None = None  # of the last request

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and wait for the headers of the reply."""
        self.last = self._head_of(request)
        response = await self.send(self.last, await request.aread())
        headers = response.raw_headers
        if encoding_of(response) != "identity":
            # httpx2 would unpack the body of an error, however large it grows.
            headers = tuple(one for one in headers if one[0].lower() != b"content-encoding")
        return httpx2.Response(
            response.status,
            headers=headers,
            stream=_ErrorBody(response),
            extensions={"aiohttp": response},
        )

    async def send(self, head: Head, body: bytes) -> aiohttp.ClientResponse:
        """Send a request and wait for the headers of the reply. Raises ReplyError."""
        try:
            response = await self._send_again(head, body)
        except AIOHTTP_ERRORS as error:
            raise error_of(error) from error
        if response.ok and encoding_of(response) != "identity":
            response.close()
            raise ReplyError("upstream-encoding", "compressed data")
        return response

    async def _send_again(self, head: Head, body: bytes) -> aiohttp.ClientResponse:
        """Send; once more if a connection that was kept alive turns out to be closed.

        A server may close a kept connection at any time (llama.cpp does after each stream), and
        before the first byte of a reply nothing was answered. A new connection is not tried again.
        """
        context = SimpleNamespace(reused=False)
        try:
            return await self._send(head, body, context)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            if not context.reused:
                raise
        return await self._send(head, body, context)

    def _head_of(self, request: httpx2.Request) -> Head:
        raw = request.headers.raw
        headers = [
            (name.decode(), text.decode()) for name, text in raw if name.lower() not in _OWN_HEADERS
        ]
        if self._close:
            headers.append(("Connection", "close"))
        return Head(request.method, URL(str(request.url), encoded=True), CIMultiDict(headers))

    async def _send(
        self, head: Head, body: bytes, context: SimpleNamespace
    ) -> aiohttp.ClientResponse:
        return await self._session.request(
            head.method,
            head.url,
            data=body,
            headers=head.headers,
            allow_redirects=False,
            proxy=self._proxy,
            trace_request_ctx=context,
        )


class _ErrorBody(httpx2.AsyncByteStream):
    """The start of a body: openai reads those of errors whole."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield await start_of_error(self._response)

    async def aclose(self) -> None:
        self._response.close()
