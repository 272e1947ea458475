"""The sessions with tool servers that a worker keeps, so that a server need not start for each
question, and what it remembers (an open page, a folder) is there in the next one.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from llmchat.domain.errors import ConfigError
from llmchat.tools.configuration import ToolServer, read_servers
from llmchat.tools.failures import ToolError
from llmchat.tools.limits import ToolLimits

if TYPE_CHECKING:
    from llmchat.tools.client import Connection

log = logging.getLogger(__name__)


class Sessions:
    """One session with each server, opened when it is first asked for. `hide` keeps keys out of
    the log.
    """

    def __init__(self, file: Path | None, limits: ToolLimits, hide: Callable[[str], None]) -> None:
        self._file = file
        self._limits = limits
        self._hide = hide
        self._open: dict[str, Connection] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def get(self, name: str) -> Connection:
        """The session with a server, which is started if it is not there. Raises ToolError."""
        async with self._locks.setdefault(name, asyncio.Lock()):
            server = await self._configured(name)
            known = self._open.get(name)
            if known is not None and (not known.alive or known.server != server):
                del self._open[name]
                await known.close()
                known = None
            if known is None:
                known = self._open[name] = await self._start(name, server)
            self._use(name)
            return known

    async def close(self) -> None:
        """End all of them."""
        for timer in self._timers.values():
            timer.cancel()
        open_ones, self._open = self._open, {}
        await asyncio.gather(*(one.close() for one in open_ones.values()), *self._closing)

    async def _configured(self, name: str) -> ToolServer:
        try:
            servers = await asyncio.to_thread(read_servers, self._file)
        except ConfigError as error:
            raise ToolError("tool-config", error.message, dead=True) from error
        if name not in servers:
            text = "It is not in mcp.json any more."
            raise ToolError("tool-server-missing", text, dead=True)
        return servers[name]

    async def _start(self, name: str, server: ToolServer) -> Connection:
        # In a thread, and only where tools are used: it takes most of a second.
        client = await asyncio.to_thread(importlib.import_module, "llmchat.tools.client")
        connection: Connection = client.Connection(name, server, self._limits)
        for value in connection.secrets.values:
            self._hide(value)
        await connection.open()
        return connection

    def _use(self, name: str) -> None:
        if name in self._timers:
            self._timers[name].cancel()
        loop = asyncio.get_running_loop()
        self._timers[name] = loop.call_later(self._limits.idle_seconds, self._idle, name)

    def _idle(self, name: str) -> None:
        connection = self._open.get(name)
        if connection is None:
            return
        if connection.calls:
            self._use(name)
            return
        del self._open[name]
        task = asyncio.create_task(connection.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
