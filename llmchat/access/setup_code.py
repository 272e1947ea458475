"""The code that makes its reader the first admin: printed once, where only the operator looks.

Without it, the first visitor of a new server would own it (SECURITY.md, 1: first sign-up).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from llmchat.access.brakes import Brakes
from llmchat.access.errors import LoginFailedError
from llmchat.domain.errors import RequestError

GROUPS, LETTERS = 4, 4
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O or U; 80 bits in all
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})
_LONGEST = 100


class SetupDoneError(RequestError):
    """409: there is an admin, or somebody is becoming it at this moment."""

    code = "setup-done"
    status = 409

    def __init__(self) -> None:
        super().__init__("llmchat is set up already. Log in.")


class SetupCode:
    """One code, good for one admin. `text` is for the console; a new process has a new code."""

    def __init__(self, brakes: Brakes | None = None) -> None:
        letters = [secrets.choice(_ALPHABET) for _ in range(GROUPS * LETTERS)]
        self.text = "-".join(
            "".join(letters[i : i + LETTERS]) for i in range(0, len(letters), LETTERS)
        )
        self._brakes = brakes or Brakes()
        self._taken = False

    def __repr__(self) -> str:
        return "SetupCode(...)"

    @property
    def is_open(self) -> bool:
        """Whether there is an admin still to be made."""
        return not self._taken

    def close(self) -> None:
        """There is an admin, made in another way."""
        self._taken = True

    @contextmanager
    def claim(self, given: str, address: str) -> Iterator[None]:
        """Makes the admin inside: of any number of claims at once one gets in, and the code is
        used up, unless that one fails. Raises SetupDoneError, LoginFailedError or
        TooManyAttemptsError.
        """
        if self._taken:
            raise SetupDoneError
        attempt = self._brakes.admit("", address)
        if not self._matches(given):
            raise LoginFailedError("This is not the code that llmchat has printed at its start.")
        attempt.succeeded()
        self._taken = True
        try:
            yield
        except BaseException:
            self._taken = False
            raise

    def _matches(self, given: str) -> bool:
        """In constant time, and however a person has typed it."""
        plain = given[:_LONGEST].upper().translate(_LOOKALIKES)
        return hmac.compare_digest(
            plain.encode("utf-8", "surrogateescape"), self.text.replace("-", "").encode()
        )
