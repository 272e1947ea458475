"""How much of the server one account may take, so that it does not slow the others."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Final

from llmchat.domain.errors import RequestError

_MOST: Final = 10**12
_PART: Final = re.compile(r"(?P<name>[a-z_]+)=(?P<number>[0-9]{1,13})", re.ASCII)


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """Questions in a minute, jobs that run, jobs that wait, tokens in a day of the server, and
    streams that are open. 0: as many as one likes.
    """

    per_minute: int = 0
    running: int = 0
    queued: int = 0
    tokens_per_day: int = 0
    streams: int = 0

    def __str__(self) -> str:
        """As it stands in a setting."""
        return " ".join(f"{one.name}={getattr(self, one.name)}" for one in fields(self))


UNLIMITED: Final = AccountLimits()
USER_LIMITS: Final = AccountLimits(per_minute=60, running=4, queued=100, streams=64)
GUEST_LIMITS: Final = AccountLimits(per_minute=20, running=2, queued=20, streams=16)
_NAMES: Final = tuple(one.name for one in fields(AccountLimits))


def parse_limits(text: str) -> AccountLimits:
    """`running=2 queued=20`; what is not named has no limit. Raises ValueError."""
    given: dict[str, int] = {}
    for part in text.split():
        match = _PART.fullmatch(part)
        if match is None or match["name"] not in _NAMES or match["name"] in given:
            raise ValueError(f"it must be like running=4 queued=100, each once of {_NAMES}")
        given[match["name"]] = int(match["number"])
        if given[match["name"]] > _MOST:
            raise ValueError(f"a limit is at most {_MOST}")
    return AccountLimits(**given)


class LimitError(RequestError):
    """429: the account has what it may have. After `seconds` it is worth to try again."""

    status = 429

    def __init__(self, code: str, message: str, seconds: int) -> None:
        wait = max(1, seconds)
        super().__init__(message, code=code, headers={"Retry-After": str(wait)})
        self.seconds = wait
