"""The sockets that the server listens on."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
from typing import Any

from llmchat.domain.errors import EX_TEMPFAIL, ConfigError

BACKLOG = 1024  # the kernel's default of 128 drops connects when a team's pages reload at once
TELL_SECONDS = 5.0
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_NO_IPV6 = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT}

log = logging.getLogger(__name__)


def bind(host: str, port: int) -> list[socket.socket]:
    """Bind loopback addresses: 127.0.0.1 and, where there is IPv6, ::1; or the one of `host`.

    Port 0 takes a free one, the same for both. Raises ConfigError (exit code 75) for a port that
    is in use, 78 for one that may not be bound.
    """
    addresses = [host] if host not in {"", "localhost"} else ["127.0.0.1", "::1"]
    bound: list[socket.socket] = []
    for address in addresses:
        try:
            bound.append(_listen(address, bound[0].getsockname()[1] if bound else port))
        except OSError as error:
            if bound and error.errno in _NO_IPV6:
                continue
            for one in bound:
                one.close()
            raise _refusal(error, address, port) from None
    return bound


def url_of(listening: socket.socket) -> str:
    """The address to type into a browser of this machine."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound here
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def tell_seldom(loop: asyncio.AbstractEventLoop) -> None:
    """Have the loop tell once in some seconds that it can accept no connection.

    asyncio tells it for each place in the backlog, with a traceback, every second. It means to
    accept again a second later, and fails as often when the socket was closed in the meantime.
    """
    told = float("-inf")

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal told
        error = context.get("exception")
        if isinstance(error, ValueError) and "_start_serving" in str(context.get("message")):
            return
        if not isinstance(error, OSError) or error.errno not in _EXHAUSTED:
            loop.default_exception_handler(context)
        elif loop.time() - told >= TELL_SECONDS:
            told = loop.time()
            log.error("no connection can be accepted: %s", error.strerror)

    loop.set_exception_handler(handle)


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((address, port))
        listening.listen(BACKLOG)
        listening.setblocking(False)
        stack.pop_all()
        return listening


def _refusal(error: OSError, address: str, port: int) -> ConfigError:
    if error.errno == errno.EADDRINUSE:
        return ConfigError(
            f"Port {port} of {address} is in use by another program."
            f" Stop that one, or choose another port, e.g. --port {min(port + 1, 65535)}.",
            exit_code=EX_TEMPFAIL,
        )
    if error.errno == errno.EACCES:
        return ConfigError(f"Port {port} may not be used by this user. Choose one above 1023.")
    return ConfigError(f"llmchat cannot listen on {address}, port {port}: {error.strerror}.")
