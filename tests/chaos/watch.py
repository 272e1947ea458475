"""Watches from the side: does the server answer at once, and how late is this program itself."""

from __future__ import annotations

import asyncio
import time

import aiohttp

from tests.chaos.processes import runqueue_seconds
from tests.chaos.server import BrokenError, Server

TICK_SECONDS = 0.05
PING_SECONDS = 0.2
LIVE_SECONDS = 1.0


class Watch:
    """`late` is by how much this program was late in all: a busy machine is no fault of ours."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.late = 0.0
        self.worst_reply = 0.0

    async def tick(self) -> None:
        """Measure the lateness of this program, for ever."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(TICK_SECONDS)
            self.late += max(0.0, time.monotonic() - before - 2 * TICK_SECONDS)

    async def ping(self) -> None:
        """Ask for the health of the server, for ever. Raises BrokenError if it takes long (I12)."""
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(connector=connector) as session:
            while True:
                await self._server.up.wait()
                await self._ping(session)
                await asyncio.sleep(PING_SECONDS)

    async def _ping(self, session: aiohttp.ClientSession) -> None:
        pid, starts = self._server.pid, self._server.starts
        started, late, waited = time.monotonic(), self.late, runqueue_seconds(pid)
        problem = ""
        try:
            timeout = aiohttp.ClientTimeout(total=30)
            async with session.get(f"{self._server.url}/health/live", timeout=timeout) as reply:
                await reply.read()
                problem = "" if reply.status == 200 else f"status {reply.status}"
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            problem = repr(error)
        seconds = time.monotonic() - started
        await asyncio.sleep(2 * TICK_SECONDS)  # our own lateness is known by now
        if starts != self._server.starts or not self._server.up.is_set():
            return  # it was ended meanwhile
        self._server.check_alive()
        self.worst_reply = max(self.worst_reply, seconds)
        excuse = 2 * (self.late - late + runqueue_seconds(pid) - waited)
        if problem or seconds > LIVE_SECONDS + excuse:
            raise BrokenError(f"I12: /health/live took {seconds:.2f} s {problem} (late {excuse})")
