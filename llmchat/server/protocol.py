"""HTTP connections by aiohttp, with what it leaves open: deadlines, a cap, its own errors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from aiohttp.web_protocol import PayloadAccessError, RequestPayloadError

from llmchat.server.limits import Limits
from llmchat.server.problems import of_bug, of_http, problem
from llmchat.server.request_id import HEADER, new_id

KEEPALIVE_SECONDS = 75.0  # longer than the 60 s of common proxies
_TOO_MANY_HEADERS = "Too many headers received"  # aiohttp has no class for it
# Faults of clients that reach aiohttp's own logging; they are answered, and no news.
_CLIENT_FAULTS = (HttpProcessingError, RequestPayloadError, PayloadAccessError, ConnectionError)

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)


class Connection(web.RequestHandler):
    """One connection. Its parser's errors become problems, and are never logged above DEBUG.

    It relies on attributes of aiohttp 3.14 that are not public; tests/server shows each use.
    """

    __slots__ = ("_head_deadline", "_limits", "_stall_deadline", "is_own")

    def __init__(self, server: Server, limits: Limits) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=KEEPALIVE_SECONDS,
            lingering_time=limits.lingering_seconds,
            auto_decompress=False,
            access_log=None,  # type: ignore[arg-type]  # documented: no access log
            logger=log,
        )
        self.is_own: bool | None = None  # whether the peer is a program of this user: identity.py
        self._limits = limits
        self._head_deadline: asyncio.TimerHandle | None = None
        self._stall_deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._manager is None or len(self._manager.connections) < self._limits.open_connections:
            super().connection_made(transport)
            return
        self._force_close = True  # what the client sends is not read
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(_TOO_MANY())
        transport.close()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._head_done()
        self._read_on()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client reads too slowly; from now on it has `stall_seconds` to go on."""
        super().pause_writing()
        if self.transport is not None:
            seconds = self._limits.stall_seconds
            self._stall_deadline = self._loop.call_later(seconds, self.transport.abort)

    def resume_writing(self) -> None:
        self._read_on()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        heads = self._request_count
        super().data_received(data)
        if self._request_count > heads or self._request_in_progress:
            self._head_done()
        elif self._head_deadline is None and data:
            seconds = self._limits.header_seconds
            self._head_deadline = self._loop.call_later(seconds, self._end_of_patience)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what the parser refused. `message` quotes the client: it is left out."""
        if isinstance(exc, ConnectionError):
            raise exc  # the client is gone, or must be: aiohttp ends the connection
        request_id = new_id()  # no signal runs here, and what the client sent is not trusted
        response = self._refusal(exc, request_id)
        response.headers[HEADER] = request_id
        return response

    def _refusal(self, exc: BaseException | None, request_id: str) -> web.Response:
        if not isinstance(exc, HttpProcessingError):
            return of_bug(exc, request_id)
        log.debug("the parser refused request %s: %s", request_id, type(exc).__name__)
        if isinstance(exc, LineTooLong) or exc.message == _TOO_MANY_HEADERS:
            limits = f"{self.max_headers} headers and {self.max_field_size} bytes for each"
            return problem("header-too-large", f"At most {limits} are accepted.")
        return problem("bad-request")

    def log_exception(self, *args: object, **kw: object) -> None:
        """Called by aiohttp for whatever it did not expect."""
        if isinstance(kw.get("exc_info"), _CLIENT_FAULTS):
            log.debug("a client's fault: %s", type(kw["exc_info"]).__name__)
        else:
            super().log_exception(*args, **kw)

    def _head_done(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None

    def _read_on(self) -> None:
        if self._stall_deadline is not None:
            self._stall_deadline.cancel()
            self._stall_deadline = None

    def _end_of_patience(self) -> None:
        self._head_deadline = None
        # `_waiter` is there while no request is: the one that arrives is not complete.
        if self._waiter is not None and not self._waiter.done():
            if self.transport is not None:
                self.transport.write(_TOO_SLOW())
            self.force_close()


class Server(web.Server):
    """Makes a Connection for each client."""

    def __init__(self, inner: web.Server, limits: Limits) -> None:
        super().__init__(
            answering(inner.request_handler),
            request_factory=inner.request_factory,
            handler_cancellation=True,
        )
        self._limits = limits

    def __call__(self) -> Connection:
        return Connection(self, self._limits)


def answering(answer: Answer) -> Answer:
    """aiohttp looks at `Expect` before any middleware, and raises 417 from there."""

    async def answer_all(request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await answer(request)
        except web.HTTPException as error:
            return of_http(error)

    return answer_all


def _raw_response(response: web.Response) -> Callable[[], bytes]:
    """Makes a response as bytes, for clients whose request was not read."""
    body = response.body
    if not isinstance(body, bytes):
        raise TypeError("a problem has its body in memory")
    headers = {**response.headers, "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    start = f"HTTP/1.1 {response.status} {response.reason}\r\n{head}{HEADER}: ".encode()
    return lambda: b"%b%b\r\n\r\n%b" % (start, new_id().encode(), body)


_TOO_MANY = _raw_response(problem("too-many-connections", headers={"Retry-After": "5"}))
_TOO_SLOW = _raw_response(problem("head-timeout"))
