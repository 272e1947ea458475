"""The request guard: who may ask, and what a request must look like (SECURITY.md 2.1).

It runs before any handler, for every address, those included that do not exist.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from aiohttp import HttpVersion10, HttpVersion11, web
from aiohttp.typedefs import Handler

from llmchat.server.keys import HOST_NAMES, LIMITS
from llmchat.server.paths import is_a_page, is_for_programs, path_below
from llmchat.server.problems import TooLargeError, refusal
from llmchat.server.uploads import PATHS

# RFC 9110, PATCH and QUERY; a parser may let any word through.
_METHODS: Final = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"}
)
_SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
_BODY_METHODS: Final = frozenset({"POST", "PUT", "PATCH"})
_VERSIONS: Final = (HttpVersion10, HttpVersion11)
_HOST: Final = re.compile(
    r"(?:(?P<name>[A-Za-z0-9._-]{1,253})|\[(?P<ipv6>[0-9A-Fa-f:.]{2,45})\])(?::(?P<port>\d{1,5}))?",
    re.ASCII,
)
_PARAMETER: Final = re.compile(r'\s*charset\s*=\s*"?([^";\s]*)"?\s*', re.IGNORECASE)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what must not reach a handler; 404 and 405 come after the rules about the sender."""
    check_request_line(request)
    check_host(request.headers.getall("Host", []), request.app[HOST_NAMES])
    check_origin(request)
    if request.method in _BODY_METHODS and request.match_info.http_exception is None:
        if path_below(request) in PATHS:
            check_form_headers(request)
        else:
            limits = request.app[LIMITS]
            large = is_for_programs(request)  # nothing is read before its key is known
            check_body_headers(request, limits.api_body_bytes if large else limits.body_bytes)
    return await handler(request)


def check_request_line(request: web.Request) -> None:
    """400 for what the two parsers of aiohttp let through to a different degree."""
    if request.method not in _METHODS or request.version not in _VERSIONS:
        raise refusal("bad-request", "Use HTTP/1.1 and one of its methods.")
    if not request.raw_path.startswith("/"):
        raise refusal("absolute-form", "Ask for a path, as in `GET /models HTTP/1.1`.")


def check_host(hosts: list[str], names: frozenset[str]) -> None:
    """421 unless `Host` is an address of this machine or network, or an allowed name.

    A page that has its own name resolve to this machine (DNS rebinding) can be told by nothing
    else: it sends no Sec-Fetch-Site, and its Origin equals its Host. An address is no such name.
    """
    match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    if match is None or int(match["port"] or 0) > 65535:
        raise _wrong_host()
    name = (match["name"] or match["ipv6"]).lower()
    if name not in names and not _is_local(name):
        raise _wrong_host()


def check_origin(request: web.Request) -> None:
    """403 for what another site makes a browser send; a link to the page itself is fine.

    `X-Forwarded-Proto` is believed: no page can have a browser send it to another origin unasked.
    """
    sites = request.headers.getall("Sec-Fetch-Site", [])
    safe = request.method in _SAFE_METHODS
    if sites:
        allowed = {"same-origin", "none"} if safe else {"same-origin"}
        fits = set(sites) <= allowed
    else:
        scheme = request.headers.get("X-Forwarded-Proto", request.scheme)
        own = f"{scheme}://{request.headers['Host']}".lower()
        fits = all(origin.lower() == own for origin in request.headers.getall("Origin", []))
    if not fits and not (safe and is_a_page(request)):
        raise refusal(
            "cross-origin",
            "This came from a page of another site, or a proxy in between changes `Host`: see"
            " Behind nginx in README.md.",
        )


def check_body_headers(request: web.Request, limit: int) -> None:
    """415 unless the body is plain JSON in UTF-8; 413 at once for one that says it is too large.

    A foreign page can send JSON only after asking, and is never told yes.
    """
    types = request.headers.getall("Content-Type", [""])
    media_type, *parameters = types[0].split(";")
    if len(types) > 1 or media_type.strip().lower() != "application/json":
        raise refusal("content-type", "Send `Content-Type: application/json`.")
    _check_encoding(request)
    charsets = [match[1].lower() for one in parameters if (match := _PARAMETER.fullmatch(one))]
    if set(charsets) - {"utf-8", "utf8"}:
        raise refusal("charset", "Send the body as UTF-8.")
    if request.content_length is not None and request.content_length > limit:
        raise TooLargeError(limit)


def check_form_headers(request: web.Request) -> None:
    """415 unless the body is a form that can hold a file.

    A foreign page can send one without asking: `check_origin` stands before it.
    """
    types = request.headers.getall("Content-Type", [""])
    if len(types) > 1 or types[0].split(";")[0].strip().lower() != "multipart/form-data":
        raise refusal("content-type", "Send `Content-Type: multipart/form-data`.")
    _check_encoding(request)


def _check_encoding(request: web.Request) -> None:
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise refusal("content-encoding", "Send the body without Content-Encoding.")


def _is_local(name: str) -> bool:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_private


def _wrong_host() -> Exception:
    return refusal(
        "wrong-host",
        "Use localhost or an IP address, or set LLMCHAT_ALLOWED_HOSTS to the name you use.",
    )
