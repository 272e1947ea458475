"""The cookie of a session. Over https no other site or port can set or overwrite it (`__Host-`);
over plain http each port has one of its own, since browsers send it to every port of a machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aiohttp import web

from llmchat.storage.sessions import WHOLE_MS

_SECURE: Final = "__Host-llmchat"
_LONGEST: Final = 200


def session_text(request: web.Request) -> str | None:
    """What the cookie of the request has, None without one, or with several of one name."""
    if "Cookie" not in request.headers:
        return None
    for name in (_SECURE, _plain_name(request)):
        values = list(_values(request, name))
        if values:
            return values[0] if len(values) == 1 and 0 < len(values[0]) <= _LONGEST else None
    return None


def begin(request: web.Request, response: web.StreamResponse, text: str) -> None:
    """Have the browser keep the cookie of a new session."""
    secure = is_secure(request)
    response.set_cookie(
        _SECURE if secure else _plain_name(request),
        text,
        max_age=WHOLE_MS // 1000,
        path="/",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


def end(request: web.Request, response: web.StreamResponse) -> None:
    """Have the browser forget the cookies that it has sent."""
    for name in (_SECURE, _plain_name(request)):
        if any(True for _ in _values(request, name)):
            secure = name == _SECURE
            response.del_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")


def is_secure(request: web.Request) -> bool:
    """Whether the browser speaks https. Who lies about it only keeps the own cookie away."""
    origin = request.headers.get("Origin", "")
    forwarded = request.headers.get("X-Forwarded-Proto", "")
    return request.secure or origin.startswith("https://") or forwarded.lower() == "https"


def _plain_name(request: web.Request) -> str:
    transport = request.transport
    address = None if transport is None else transport.get_extra_info("sockname")
    port = address[1] if isinstance(address, tuple) else 0
    return f"llmchat-{port}"


def _values(request: web.Request, name: str) -> Iterator[str]:
    for header in request.headers.getall("Cookie", ()):
        for part in header.split(";"):
            given, _, value = part.strip().partition("=")
            if given == name:
                yield value
