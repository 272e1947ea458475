"""What the text of a setting can be: each function gives its value, or raises ValueError with the
reason.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

EMBEDDED = "embedded"
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")
_BASE_PATH = re.compile(r"(?:/(?!\.\.?(?:/|$))[A-Za-z0-9._~-]+)*", re.ASCII)
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]*", re.ASCII)


def text(value: str) -> str:
    return value


def names(value: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in value.split(",") if name.strip())


def port(value: str) -> int:
    port = int(value)
    if not 0 <= port <= 65535:
        raise ValueError("a port is a number from 0 (any free one) to 65535")
    return port


def count(value: str) -> int:
    count = int(value)
    if not 0 <= count <= 64:
        raise ValueError("it must be a number from 0 (choose for me) to 64")
    return count


def positive(value: str) -> int:
    count = int(value)
    if not 1 <= count <= 1_000_000:
        raise ValueError("it must be a number from 1 to 1000000")
    return count


def hundred(value: str) -> int:
    count = int(value)
    if not 1 <= count <= 100:
        raise ValueError("it must be a number from 1 to 100")
    return count


def tokens(value: str) -> int:
    count = int(value)
    if not 256 <= count <= 10_000_000:
        raise ValueError("it must be a number from 256 to 10000000")
    return count


def long_seconds(value: str) -> float:
    seconds = float(value)
    if not 86400 <= seconds <= 3.2e9:
        raise ValueError("it must be a number of seconds from 86400 (a day) on")
    return seconds


def seconds(value: str) -> float:
    seconds = float(value)
    if not 0 <= seconds <= 86400:
        raise ValueError("it must be a number of seconds from 0 (no limit) to 86400")
    return seconds


def switch(value: str) -> bool:
    word = value.strip().lower()
    if word not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        raise ValueError("say 1 or 0")
    return word in {"1", "true", "yes", "on"}


def level(value: str) -> str:
    if value.lower() not in LOG_LEVELS:
        raise ValueError(f"it must be one of {', '.join(LOG_LEVELS)}")
    return value.lower()


def log_format(value: str) -> str:
    if value.lower() not in LOG_FORMATS:
        raise ValueError(f"it must be one of {', '.join(LOG_FORMATS)}")
    return value.lower()


def path(value: str) -> Path:
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ValueError("there is no such user") from None


def host(value: str) -> str:
    host = value.strip().strip("[]")
    if host != "localhost" and not _is_loopback(host):
        raise ValueError(
            "llmchat has no login yet, so it only listens on this machine: 127.0.0.1, ::1 or"
            " localhost. To reach it from another machine use `ssh -L 8000:127.0.0.1:8000`"
        )
    return host


def base_path(value: str) -> str:
    path = value.strip().rstrip("/")
    if not _BASE_PATH.fullmatch(path):
        raise ValueError("it must be a path like /chat")
    return path


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def list_of(parse: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    """One value for each endpoint, separated by commas; one may be empty."""
    return lambda value: tuple(parse(part.strip()) for part in value.split(","))


def base_url(value: str) -> str:
    url = value.strip().rstrip("/")
    if url.lower() == EMBEDDED:
        return EMBEDDED
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.port == 0 or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it must be an address like http://localhost:11434/v1")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("it must be a plain address, without a user, query or fragment")
    return url


def key(value: str) -> str:
    key = value.strip()
    if not _VISIBLE_ASCII.fullmatch(key) or len(key) > 4096:
        raise ValueError("a key has only visible ASCII characters; check what was pasted")
    return key
