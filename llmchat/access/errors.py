"""What a log-in is refused with. No text says whether a name is known."""

from __future__ import annotations

import math

from llmchat.domain.errors import RequestError


class TooManyAttemptsError(RequestError):
    """429: somebody guesses, or all do at once. `seconds` is how long to wait, more than 0."""

    code = "too-many-attempts"
    status = 429

    def __init__(self, seconds: float, message: str = "") -> None:
        wait = max(1, math.ceil(seconds))
        super().__init__(
            message or f"There were too many attempts. Try again in {wait} s.",
            headers={"Retry-After": str(wait)},
        )
        self.seconds = seconds


class BusyError(TooManyAttemptsError):
    """429: too many people log in at this moment, so that nothing was tried."""

    def __init__(self) -> None:
        super().__init__(2.0, "Too many people are logging in at this moment. Try again.")


class LoginFailedError(RequestError):
    """401: what was given is not right; nothing says which part of it."""

    code = "login-failed"
    status = 401


class OidcError(LoginFailedError):
    """401: the other log-in has not worked. `reason` is for the page, which says it in its words:

    `expired`      the log-in was not begun here, took too long, or was finished before
    `refused`      the provider, or the person there, said no
    `unavailable`  the provider does not answer, or not as OpenID Connect has it
    `invalid`      what the provider says of the person does not hold
    `not-allowed`  the person is not among those who may use this llmchat

    `why` is for the log, and has nothing in it that was sent.
    """

    def __init__(self, reason: str, message: str, why: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.why = why or reason
