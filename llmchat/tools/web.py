"""A tool server elsewhere, by streamable HTTP: one address, limited replies, no environment."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
from mcp.client import Transport
from mcp.client.streamable_http import streamable_http_client

from llmchat.tools.configuration import ToolServer
from llmchat.tools.limits import ToolLimits

_CONNECT_SECONDS = 10.0


class HTTPTransport:
    """The transport of one server. `mcp` follows a redirect only within the origin of its address,
    and only with the same method: neither headers nor arguments go elsewhere.
    """

    def __init__(self, server: ToolServer, limits: ToolLimits) -> None:
        self._server = server
        self._limits = limits
        self._client: httpx2.AsyncClient | None = None

    def connect(self) -> Transport:
        """The streams of a session; `close` ends the client when they are."""
        self._client = httpx2.AsyncClient(
            transport=_Limited(self._limits.quiet_bytes),
            headers={**self._server.headers, "Accept-Encoding": "identity"},
            timeout=httpx2.Timeout(_CONNECT_SECONDS, read=self._server.timeout),
            follow_redirects=False,
            trust_env=False,
            max_redirects=3,
        )
        return streamable_http_client(
            self._server.url,
            http_client=self._client,
            max_sse_event_size=self._limits.message_bytes,
        )

    def asked(self) -> None:
        """Each reply has its own limit."""

    def kill(self) -> None:
        """There is nothing to kill: closing its connections is all."""

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()


class _Limited(httpx2.AsyncHTTPTransport):
    """Cuts a reply that is larger than anything a tool may send."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(trust_env=False)
        self._most_bytes = most_bytes

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Counted(response.stream, self._most_bytes)
        return response


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, most_bytes: int) -> None:
        self._stream = stream
        self._left = most_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for data in self._stream:
            self._left -= len(data)
            if self._left < 0:
                raise httpx2.ReadError("the reply is larger than llmchat takes")
            yield data

    async def aclose(self) -> None:
        await self._stream.aclose()
