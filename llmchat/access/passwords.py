"""Passwords: what one must be, and their hashes (argon2id), made and tried beside the event loop.

A hash takes tens of milliseconds and 32 MiB on purpose, so that a stolen data file gives nothing
away. Two at once and twenty in line are what strangers can make the server do (SECURITY.md, 2.2).
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import threading
import unicodedata
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from llmchat.access.errors import BusyError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 8, 1024  # characters
PARALLEL, WAITING = 2, 20
_FEWEST_DIFFERENT = 4
# The most used ones of the lists of broken passwords that are long enough otherwise.
_WORDS = (
    "password password1 password12 password123 passw0rd p@ssw0rd p@ssword 12345678 123456789"
    " 1234567890 0123456789 987654321 87654321 qwertyuiop qwerty123 qwertyui qwertzui qwertzuiop"
    " 1q2w3e4r 1q2w3e4r5t 1qaz2wsx zaq12wsx iloveyou sunshine princess football baseball superman"
    " trustno1 whatever computer starwars michelle jennifer corvette mustang1 letmein1 welcome1"
    " administrator changeme abcd1234 abc12345 asdfghjkl a1b2c3d4 passwort passwort1 hallo123"
    " hallo1234 schalke04 llmchat1 llmchat123"
)
_COMMON = frozenset(_WORDS.split())
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cost:
    """Above what OWASP asks for at least (19 MiB, 2 rounds): docs/decisions.md, Access."""

    memory_kib: int = 32 * 1024
    rounds: int = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """`stale`: the password is right, but its hash was made at another cost: make it anew."""

    right: bool
    stale: bool = False


def why_not(password: str, name: str = "") -> str | None:
    """Why a password may not be chosen; None if it may. For a person, and without the password."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"A password has {SHORTEST} to {LONGEST} characters."
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in password):
        return "The password has a character that cannot be typed."
    plain = _plain(password).casefold().strip()
    if name and plain == _plain(name).casefold().strip():
        return "The password must not be the name."
    if len(set(plain)) < _FEWEST_DIFFERENT or plain in _COMMON:
        return "This password is among the first that others would try."
    return None


class Passwords:
    """Makes and tries hashes in two threads of its own. Close it when no more will be asked."""

    def __init__(self, cost: Cost | None = None) -> None:
        self._cost = cost or Cost()
        self._pool = ThreadPoolExecutor(PARALLEL, "password")
        self._held = 0
        self._lock = threading.Lock()

    async def hash(self, password: str) -> str:
        """What to store: a text that names its method, cost and salt. Raises BusyError."""
        return await self._run(lambda: _hasher(self._cost).hash(_plain(password)))

    async def verify(self, stored: str | None, password: str) -> Verdict:
        """Whether a password is the one of a hash. None, for somebody who is not known or has no
        password, is wrong after the same work. Raises BusyError.
        """
        return await self._run(lambda: _verify(self._cost, stored, password))

    def close(self) -> None:
        """Give up what waits; what runs ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, work: Callable[[], T]) -> Awaitable[T]:
        with self._lock:
            if self._held >= PARALLEL + WAITING:
                raise BusyError
            self._held += 1
        future = self._pool.submit(work)
        # Not when the caller goes: a thread that has begun cannot be stopped, and must count.
        future.add_done_callback(self._release)
        return asyncio.wrap_future(future)

    def _release(self, _: Future[T]) -> None:
        with self._lock:
            self._held -= 1


def _verify(cost: Cost, stored: str | None, password: str) -> Verdict:
    from argon2.exceptions import InvalidHashError, VerificationError

    hasher = _hasher(cost)
    try:
        hasher.verify(stored or _unknown(cost), _plain(password))
    except (InvalidHashError, VerificationError):
        return Verdict(right=False)
    return Verdict(right=stored is not None, stale=hasher.check_needs_rehash(stored or ""))


def _hasher(cost: Cost) -> PasswordHasher:
    from argon2 import PasswordHasher  # most starts need no password

    return PasswordHasher(time_cost=cost.rounds, memory_cost=cost.memory_kib, parallelism=1)


def _unknown(cost: Cost) -> str:
    """A hash of the right shape that no password has."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32)
    )
    return f"$argon2id$v=19$m={cost.memory_kib},t={cost.rounds},p=1${salt}${digest}"


def _plain(password: str) -> str:
    """The same text from all keyboards: macOS types an ü as two characters (RFC 8265)."""
    return unicodedata.normalize("NFC", password)
