"""What may be said of an endpoint, wherever it is said: in the environment, a file or the page."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from llmchat.domain.access import Role
from llmchat.domain.endpoint import AUTO, DIRECT, EMBEDDED, Timeouts

MOST_SLOTS = 1000
LONGEST_SECONDS = 86400.0
MOST_HEADERS = 20
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]*", re.ASCII)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", re.ASCII)  # RFC 9110, 5.6.2
_HEADER_TEXT = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,4094}[\x21-\x7e])?", re.ASCII)
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# What the request needs to be one, and what is between us and the next machine only.
_OWN_HEADERS = frozenset(
    (
        *("host", "content-length", "content-type", "transfer-encoding", "connection", "te"),
        *("accept", "accept-encoding", "expect", "trailer", "upgrade", "keep-alive"),
        *("proxy-authorization", "proxy-connection", "cookie"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An endpoint as it is kept: all but its secrets. `model` is the one to use, if not the first
    that it lists; the seconds are those of `Timeouts`. `roles` is the least role that may use it.
    """

    id: str
    name: str
    base_url: str
    enabled: bool = True
    model: str = ""
    proxy: str = AUTO
    slots: int | None = None
    connect_seconds: float | None = None
    first_token_seconds: float | None = None
    idle_seconds: float | None = None
    total_seconds: float | None = None
    roles: Role = Role.GUEST

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(
            self.connect_seconds, self.first_token_seconds, self.idle_seconds, self.total_seconds
        )

    def check(self) -> None:
        """Raises FieldError for the first value that cannot be."""
        for name, check in _CHECKS.items():
            try:
                check(getattr(self, name))
            except ValueError as error:
                raise FieldError(name, str(error)) from None


class FieldError(ValueError):
    """A value that cannot be: the name of its field, and why."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


def parse_base_url(value: str) -> str:
    """The address of an API without a slash at its end. Raises ValueError."""
    url = value.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        good = parts.port != 0 and parts.scheme in {"http", "https"} and _is_host(parts.hostname)
    except ValueError:
        good = None
        parts = urlsplit("")
    if not good or _ODD.search(url) or len(url) > 2000 or " " in url:
        raise ValueError("it must be an address like http://localhost:11434/v1")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("it must be a plain address, without a user, query or fragment")
    return url


def _is_host(host: str | None) -> bool:
    """Whether it is a name, or an IP address in its usual form. As in browsers, what ends in a
    number is no name; `127.1` and `0x7f.1` would be read as an address by some, and not by others.
    """
    last = (host or "").rstrip(".").rpartition(".")[2]
    if not host or not (last.isdecimal() or last.startswith("0x")):
        return bool(host)
    ipaddress.IPv4Address(host)
    return True


def parse_key(value: str) -> str:
    """A key without the blanks around it, as they are pasted. Raises ValueError."""
    key = value.strip()
    if not _VISIBLE_ASCII.fullmatch(key) or len(key) > 4096:
        raise ValueError("a key has only visible ASCII characters; check what was pasted")
    return key


def parse_headers(headers: dict[str, str]) -> dict[str, str]:
    """Headers that may go with each request. Raises ValueError, which names none of the values."""
    if len(headers) > MOST_HEADERS:
        raise ValueError(f"there may be {MOST_HEADERS} headers at most")
    if len({name.lower() for name in headers}) < len(headers):
        raise ValueError("a header is there twice")
    for name, text in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError("the name of a header has letters, digits and hyphens only")
        if name.lower() in _OWN_HEADERS:
            raise ValueError("one of these headers is written by llmchat itself")
        if not _HEADER_TEXT.fullmatch(text.strip()):
            raise ValueError("a header has visible ASCII characters on one line")
    return {name: text.strip() for name, text in headers.items()}


def origin_of(url: str) -> str:
    """The scheme, host and port of an address, written in the one way that can be compared."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def same_server(one: str, other: str) -> bool:
    """Whether two addresses lead to the same server, whatever this machine is called in them."""
    return _here(origin_of(one)) == _here(origin_of(other))


def _here(origin: str) -> str:
    return re.sub(r"//(?:localhost|127\.0\.0\.1|\[::1\]):", "//localhost:", origin)


def _check_base_url(value: str) -> None:
    if parse_base_url(value) != value:
        raise ValueError("it must have no blanks around it, and no slash at its end")


def _check_name(value: str) -> None:
    if not value.strip() or value != value.strip() or len(value) > 100 or _ODD.search(value):
        raise ValueError("it must be a name of at most 100 characters")
    if value.lower() == EMBEDDED:
        raise ValueError("this is what the built-in model is called")


def _check_model(value: str) -> None:
    if len(value) > 200 or _ODD.search(value):
        raise ValueError("it must be the name of a model, or empty")


def _check_proxy(value: str) -> None:
    if value in (AUTO, DIRECT):
        return
    try:
        url = parse_base_url(value)
    except ValueError:
        url = ""
    if not url or urlsplit(url).path:
        raise ValueError(
            f"it must be {AUTO}, {DIRECT}, or an address like http://proxy.example:3128"
            " without a user"
        )


def _check_slots(value: int | None) -> None:
    if value is not None and not 1 <= value <= MOST_SLOTS:
        raise ValueError(f"it must be a number from 1 to {MOST_SLOTS}")


def _check_seconds(value: float | None) -> None:
    if value is not None and not 0 <= value <= LONGEST_SECONDS:
        raise ValueError(f"it must be a number from 0 (no limit) to {LONGEST_SECONDS:.0f}")


_CHECKS: dict[str, Callable[[Any], None]] = {
    "name": _check_name,
    "base_url": _check_base_url,
    "model": _check_model,
    "proxy": _check_proxy,
    "slots": _check_slots,
    **{one.name: _check_seconds for one in fields(Entry) if one.name.endswith("_seconds")},
}
