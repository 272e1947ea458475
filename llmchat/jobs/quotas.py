"""What each account may take, and what it has: in memory, and asked for in one place.

Admins have no limits, nor has the owner of this machine: who is alone notices nothing of them.
Everything takes the same time, however many accounts there are.
"""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from llmchat.domain.access import OWNER, Caller, Role
from llmchat.domain.account_limits import UNLIMITED, AccountLimits, LimitError
from llmchat.domain.job import Done, Failed

MINUTE: Final = 60.0
SOON_SECONDS: Final = 5  # when something of one's own that is in the way may be over


@dataclass(frozen=True, slots=True)
class Day:
    """A day as the clock of this server has it, in ms since the epoch."""

    begins: int
    ends: int

    @classmethod
    def of(cls, now: float) -> Day:
        """The day of a moment, in seconds since the epoch."""
        year, month, day, *_ = time.localtime(now)
        # The next midnight is not a number of hours later: some days have 23 or 25.
        begins = time.mktime((year, month, day, 0, 0, 0, 0, 0, -1))
        ends = time.mktime((year, month, day + 1, 0, 0, 0, 0, 0, -1))
        return cls(int(begins * 1000), int(ends * 1000))


def today() -> Day:
    """The day that it is here."""
    return Day.of(time.time())


@dataclass(slots=True)
class _Tokens:
    day: Day
    count: int


@dataclass(frozen=True, slots=True)
class Use:
    """What an account may have, and has."""

    limits: AccountLimits
    used: AccountLimits


class Quotas:
    """`clock` is monotonic, `now` the time, both in seconds. `tokens_since` says how many tokens an
    account has used according to the statistics, from and to a time in ms since the epoch.
    """

    def __init__(
        self,
        user: AccountLimits = UNLIMITED,
        guest: AccountLimits = UNLIMITED,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._of_role: Mapping[Role, AccountLimits] = {
            Role.ADMIN: UNLIMITED,
            Role.USER: user,
            Role.GUEST: guest,
        }
        self.tokens_since: Callable[[str, int, int], Awaitable[int]] | None = None
        self._clock = clock
        self._now = now
        self._roles: dict[str, Role] = {}
        self._asked: dict[str, deque[float]] = {}
        self._active: Counter[str] = Counter()
        self._running: Counter[str] = Counter()
        self._streams: Counter[str] = Counter()
        self._tokens: dict[str, _Tokens] = {}

    def meet(self, caller: Caller) -> None:
        """Somebody comes with this role: it counts from now on."""
        if caller.account != OWNER:
            self._roles[caller.account] = caller.role

    def limits_of(self, account: str) -> AccountLimits:
        """Whoever was not met since the start has jobs of the last run only: those of a user."""
        if account == OWNER:
            return UNLIMITED
        return self._of_role[self._roles.get(account, Role.USER)]

    def most_running(self, account: str) -> int:
        """How many of its jobs may run at once; 0: all."""
        return self.limits_of(account).running

    async def prepare(self, account: str) -> None:
        """Know what the account has used today, before it is counted on. Raises StorageError."""
        if not self.limits_of(account).tokens_per_day or account in self._tokens:
            return
        day = Day.of(self._now())
        before = 0
        if self.tokens_since is not None:
            before = await self.tokens_since(account, day.begins, day.ends)
        self._tokens.setdefault(account, _Tokens(day, before))

    def ask(self, account: str) -> None:
        """Count a question. Raises LimitError, and counts nothing, if it is one too many."""
        limits = self.limits_of(account)
        if limits == UNLIMITED:
            return
        waiting = self._active[account] - self._running[account]
        if limits.queued and waiting >= limits.queued:
            raise LimitError(
                "too-many-queued",
                f"As many questions of your account are waiting as may: {limits.queued}. Ask again"
                " when one of them has had its turn.",
                SOON_SECONDS,
            )
        if limits.tokens_per_day and self._tokens_today(account) >= limits.tokens_per_day:
            seconds = Day.of(self._now()).ends / 1000 - self._now()
            raise LimitError(
                "tokens-used-up",
                f"Your account has used its {limits.tokens_per_day} tokens of today. It goes on at"
                f" midnight of the server, in {_span(seconds)}.",
                math.ceil(seconds),
            )
        if limits.per_minute:
            asked = self._last_minute(account)
            if len(asked) >= limits.per_minute:
                seconds = math.ceil(asked[0] + MINUTE - self._clock())
                raise LimitError(
                    "too-many-questions",
                    f"Your account has asked as much as it may: {limits.per_minute} a minute. It"
                    f" goes on in {max(1, seconds)} s.",
                    seconds,
                )
            asked.append(self._clock())

    def accept(self, account: str) -> None:
        """A job of the account is there."""
        self._active[account] += 1

    def run(self, account: str) -> int:
        """One of its jobs runs. Gives how many do."""
        self._running[account] += 1
        return self._running[account]

    def rest(self, account: str) -> int:
        """One runs no more; it may wait again. Gives how many do."""
        return _less(self._running, account)

    def end(self, account: str, final: Done | Failed | None) -> None:
        """A job is over, with this event."""
        _less(self._active, account)
        usage = final.usage if isinstance(final, Done) else None
        if usage is not None and account in self._tokens:
            self._tokens_today(account)
            self._tokens[account].count += (usage.prompt_tokens or 0) + (
                usage.completion_tokens or 0
            )

    @contextmanager
    def stream(self, account: str) -> Iterator[None]:
        """Something is read as it comes, by this account. Raises LimitError."""
        most = self.limits_of(account).streams
        if most and self._streams[account] >= most:
            raise LimitError(
                "too-many-streams",
                f"As many streams of your account are open as may: {most}. Close a tab or a program"
                " that reads, then try again.",
                SOON_SECONDS,
            )
        self._streams[account] += 1
        try:
            yield
        finally:
            _less(self._streams, account)

    async def use(self, account: str) -> Use:
        """What an account may have, and has. Raises StorageError."""
        await self.prepare(account)
        running = self._running[account]
        used = AccountLimits(
            per_minute=len(self._last_minute(account)),
            running=running,
            queued=self._active[account] - running,
            tokens_per_day=self._tokens_today(account),
            streams=self._streams[account],
        )
        return Use(self.limits_of(account), used)

    def _tokens_today(self, account: str) -> int:
        tokens = self._tokens.get(account)
        if tokens is None:
            return 0
        if self._now() * 1000 >= tokens.day.ends:
            tokens.day, tokens.count = Day.of(self._now()), 0
        return tokens.count

    def _last_minute(self, account: str) -> deque[float]:
        """When it asked. Each question is looked at twice at most: when it comes and goes."""
        asked = self._asked.get(account)
        if asked is None:
            asked = self._asked[account] = deque()
        since = self._clock() - MINUTE
        while asked and asked[0] <= since:
            asked.popleft()
        return asked


def _less(counter: Counter[str], account: str) -> int:
    """Nothing is kept of who has nothing."""
    counter[account] -= 1
    left = counter[account]
    if left <= 0:
        del counter[account]
    return left


def _span(seconds: float) -> str:
    minutes = math.ceil(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
