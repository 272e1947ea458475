"""The aiohttp session of an endpoint: all its connections."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import aiohttp
from aiohappyeyeballs import AddrInfoType

from llmchat.domain.reach import Guard
from llmchat.providers.failures import ForbiddenError


def open_session(connect_seconds: float, guard: Guard | None = None) -> aiohttp.ClientSession:
    """A session without limits on connections, cookies, proxies of its own, or timers per read.
    With a guard, nothing is connected that it forbids, whatever name led there.

    aiohttp's default of 100 connections made stream 101 wait for another to end.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0, socket_factory=None if guard is None else _guarded(guard)
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(
            total=None, connect=connect_seconds or None, sock_connect=None, sock_read=None
        ),
        auto_decompress=False,
        trace_configs=[_reuse_trace()],
    )


def _guarded(guard: Guard) -> Callable[[AddrInfoType], socket.socket]:
    """Makes the sockets that may be connected to where they are made for."""

    def make(address: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, place = address
        why = guard.why_not(str(place[0]), int(place[1]))
        if why is not None:
            raise ForbiddenError(errno.EPERM, why)
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    return make


@contextlib.contextmanager
def tied_to_connection(response: aiohttp.ClientResponse) -> Iterator[None]:
    """While a body is read: it breaks when its connection does.

    Else broken chunking leaves the reader waiting for ever: aiohttp 3.14.5 (C parser) closes the
    connection and tells the body nothing.
    """
    connection = response.connection
    protocol = None if connection is None else connection.protocol
    closed = None if protocol is None else protocol.closed

    def break_body(error: BaseException | None) -> None:
        if not response.content.is_eof() and response.content.exception() is None:
            response.content.set_exception(aiohttp.ClientPayloadError(str(error or "closed")))

    def when_closed(future: asyncio.Future[None]) -> None:
        break_body(future.exception())

    if closed is None:  # the body is already here, or it broke with the first bytes
        break_body(None)
        yield
        return
    closed.add_done_callback(when_closed)
    try:
        yield
    finally:
        closed.remove_done_callback(when_closed)


def _reuse_trace() -> aiohttp.TraceConfig:
    """Notes in a request's context that its connection had been used before."""

    async def reused(
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceConnectionReuseconnParams,
    ) -> None:
        if context.trace_request_ctx is not None:
            context.trace_request_ctx.reused = True

    trace = aiohttp.TraceConfig()
    trace.on_connection_reuseconn.append(reused)
    return trace
