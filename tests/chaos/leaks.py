"""I10: after load and faults everything comes back to what it was before."""

from __future__ import annotations

import asyncio
import time

from tests.chaos.processes import Holdings
from tests.chaos.server import BrokenError, Server

SECONDS = 60.0


class Leaks:
    """Compares what the processes hold with what they held before."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._base: Holdings | None = None

    async def remember(self) -> None:
        """The server is at rest, after a first load."""
        await asyncio.sleep(1.0)
        self._base = Holdings.of(self._server.family())

    async def check(self) -> None:
        """Wait for the state of before, a minute at most. Raises BrokenError then."""
        deadline = time.monotonic() + SECONDS
        while excess := self._excess():
            if time.monotonic() > deadline:
                raise BrokenError(f"I10: {', '.join(excess)}")
            await asyncio.sleep(1.0)

    def _excess(self) -> list[str]:
        if self._base is None:
            return []
        return Holdings.of(self._server.family()).excess(self._base)
