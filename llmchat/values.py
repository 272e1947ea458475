"""What the text of a setting can be: each function gives its value, or raises ValueError with the
reason.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from llmchat.domain.access import Role
from llmchat.domain.endpoint_rules import parse_base_url
from llmchat.domain.networks import Network

T = TypeVar("T")

EMBEDDED = "embedded"
AUTH_MODES = ("auto", "none", "token", "password", "proxy")
LOG_LEVELS = ("debug", "info", "warning", "error")
KEY_STORES = ("auto", "file")
LOG_FORMATS = ("text", "json")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,100}", re.ASCII)
_BASE_PATH = re.compile(r"(?:/(?!\.\.?(?:/|$))[A-Za-z0-9._~-]+)*", re.ASCII)


def names(value: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in value.split(",") if name.strip())


def one_of(*words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if (word := value.lower()) in words:
            return word
        raise ValueError(f"it must be one of {', '.join(words)}")

    return parse


def up_to(most: int, least: int = 1, meaning: str = "") -> Callable[[str], int]:
    def parse(value: str) -> int:
        number = int(value)
        if least <= number <= most:
            return number
        raise ValueError(f"it must be a number from {least}{meaning} to {most}")

    return parse


positive, hundred, count = up_to(1_000_000), up_to(100), up_to(64, 0, " (choose for me)")
tokens = up_to(10_000_000, 256)


def port(value: str) -> int:
    number = int(value)
    if not 0 <= number <= 65535:
        raise ValueError("a port is a number from 0 (any free one) to 65535")
    return number


def long_seconds(value: str) -> float:
    given = float(value)
    if not 86400 <= given <= 3.2e9:
        raise ValueError("it must be a number of seconds from 86400 (a day) on")
    return given


def seconds(value: str) -> float:
    given = float(value)
    if not 0 <= given <= 86400:
        raise ValueError("it must be a number of seconds from 0 (no limit) to 86400")
    return given


def switch(value: str) -> bool:
    word = value.strip().lower()
    if word not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        raise ValueError("say 1 or 0")
    return word in {"1", "true", "yes", "on"}


def path(value: str) -> Path:
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ValueError("there is no such user") from None


def host(value: str) -> str:
    name = value.strip().strip("[]")
    if name == "localhost":
        return name
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        raise ValueError("it must be an address, like 0.0.0.0, or localhost") from None


def header(value: str) -> str:
    name = value.strip()
    if not _HEADER.fullmatch(name):
        raise ValueError("it must be the name of a header")
    return name


def words(value: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in value.split(",") if word.strip())


def networks(parse: Callable[[str], Network]) -> Callable[[str], tuple[Network, ...]]:
    return lambda value: tuple(parse(part) for part in value.split(",") if part.strip())


def base_path(value: str) -> str:
    place = value.strip().rstrip("/")
    if not _BASE_PATH.fullmatch(place):
        raise ValueError("it must be a path like /chat")
    return place


def role(value: str) -> Role:
    """The least role that may use something; everybody where none is named."""
    try:
        return Role(value.strip().lower() or Role.GUEST)
    except ValueError:
        raise ValueError(f"it must be one of {', '.join(Role)}") from None


def list_of(parse: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    """One value for each endpoint, separated by commas; one may be empty."""
    return lambda value: tuple(parse(part.strip()) for part in value.split(","))


def base_url(value: str) -> str:
    url = value.strip().rstrip("/")
    if url.lower() == EMBEDDED:
        return EMBEDDED
    return parse_base_url(url) if url else ""
