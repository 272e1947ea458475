"""The limits of one request: to the first content, between contents, and in all."""

from __future__ import annotations

import asyncio
from types import TracebackType

from llmchat.providers.base import Limits
from llmchat.providers.failures import ReplyError

# After its finish reason an endpoint has only its usage to tell.
AFTER_FINISH_SECONDS = 2.0


class Deadlines:
    """`with deadlines:` around each wait for the endpoint; it raises ReplyError when time is up.

    Made in the task that waits. Only waiting counts, not the time in which a slow reader holds us
    up, but for the whole answer. One timer that is moved when it fires costs nothing per read; a
    timer armed for each read costs more than the read (docs/decisions.md, "Relay").
    """

    def __init__(self, limits: Limits, *, first_seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._now = loop.time
        self._call_at = loop.call_at
        self._limits = limits
        self._code, self._seconds = "upstream-timeout", first_seconds
        self._since = self._now()
        self._total = self._since + limits.total_seconds if limits.total_seconds else float("inf")
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = float("inf")
        # Asked for once: in Python 3.11 that costs as much as decoding a chunk.
        self._task = asyncio.current_task()
        self._cancelling = self._task.cancelling() if self._task else 0
        self._waiting = False
        self._fired = False
        self._arm()

    def content(self) -> None:
        """Content came: from now on the limit between contents holds."""
        self._set("upstream-stalled", self._limits.idle_seconds)
        if self._since >= self._total:
            raise self._error()

    def last(self) -> None:
        """The answer is complete but for its formal end."""
        self._set("upstream-stalled", AFTER_FINISH_SECONDS)

    def close(self) -> None:
        """Stop the clock."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __enter__(self) -> None:
        self._waiting = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._waiting = False
        if not self._fired or self._task is None:
            return
        self._fired = False
        # As asyncio.timeout does: a cancellation from outside that came too must stay one.
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise self._error() from error

    def _set(self, code: str, seconds: float) -> None:
        self._code, self._seconds, self._since = code, seconds, self._now()
        if self._due() < self._timer_at:
            self._arm()

    def _due(self) -> float:
        return min(self._total, self._since + self._seconds if self._seconds else float("inf"))

    def _arm(self) -> None:
        self.close()
        self._timer_at = self._due()
        if self._timer_at != float("inf"):
            self._timer = self._call_at(self._timer_at, self._fire)

    def _fire(self) -> None:
        if self._task is None or not self._waiting:
            # A reader holds us up. The wait for content starts anew when it is done.
            self._since = self._now()
            self._timer_at = self._since + 1.0
            self._timer = self._call_at(self._timer_at, self._fire)
        elif self._due() > self._now():
            self._arm()
        else:
            self._fired = True
            self._task.cancel()

    def _error(self) -> ReplyError:
        if self._now() >= self._total:
            return ReplyError("job-timeout", f"it took over {self._limits.total_seconds:g} s")
        return ReplyError(self._code, f"no text came for {self._seconds:g} s")
