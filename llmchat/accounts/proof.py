"""Passwords of people: tried with brakes, and taken only if others would not guess them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from llmchat.access.brakes import Brakes
from llmchat.access.errors import BusyError, LoginFailedError
from llmchat.access.passwords import Passwords, why_not
from llmchat.domain.errors import RequestError

WRONG: Final = "The name or the password is not right."


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a deed comes from: the address, and what the browser says that it is."""

    address: str = ""
    device: str = ""


class Proof:
    """Close it when no more passwords will be tried."""

    def __init__(self, passwords: Passwords | None = None) -> None:
        self._passwords = passwords or Passwords()
        self._brakes = Brakes()

    async def check(self, name: str, stored: str | None, password: str, visitor: Visitor) -> bool:
        """Whether the hash of a right password should be made anew. Raises LoginFailedError, the
        same and after the same time for names that nobody has (`stored` is None), or
        TooManyAttemptsError.
        """
        attempt = self._brakes.admit(name, visitor.address)
        try:
            verdict = await self._passwords.verify(stored, password)
        except BusyError:
            attempt.withdrawn()
            raise
        if not verdict.right:
            raise LoginFailedError(WRONG)
        attempt.succeeded()
        return verdict.stale

    async def hash(self, name: str, password: str) -> str:
        """What to store. Raises RequestError (422) for a password that others would guess."""
        if (reason := why_not(password, name)) is not None:
            raise wrong_value("/password", reason)
        return await self._passwords.hash(password)

    async def renew(self, password: str) -> str | None:
        """What to store of a password that was just right, by the rules of its day. None if there
        is no time for that now: it is no reason to keep anybody out.
        """
        try:
            return await self._passwords.hash(password)
        except BusyError:
            return None

    def close(self) -> None:
        self._passwords.close()


def wrong_value(pointer: str, detail: str) -> RequestError:
    """422 for one value."""
    return RequestError(
        "A value is missing or not allowed.",
        code="validation",
        status=422,
        errors=((pointer, detail),),
    )
