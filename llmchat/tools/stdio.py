"""A tool server as a process of its own, spoken to over its stdin and stdout.

`mcp` brings such a transport too, but that one reads a line of any length into memory, writes the
server's stderr to ours, and leaves a server behind when this process is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import shutil
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import mcp_types
from mcp.client import Transport
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage

from llmchat.tools.configuration import ToolServer
from llmchat.tools.failures import ToolError
from llmchat.tools.limits import ToolLimits
from llmchat.tools.plain import plain_line
from llmchat.tools.secrets import Secrets

TOLD_LINES = 20  # of what a server writes to stderr; it may have parts of chats in it
_LINE_CHARACTERS = 300
_STDERR_BYTES = 8 * 1024
_LAST_WORDS_SECONDS = 1.0  # stderr ends with the server, but not before its stdout is seen to end
_PR_SET_PDEATHSIG = 1  # linux/prctl.h

log = logging.getLogger(__name__)
_validate = mcp_types.jsonrpc_message_adapter.validate_json
# Loaded here: between fork and exec nothing may be imported.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


class StdioTransport:
    """The transport of one server. `ended` is called when nothing comes from it any more, with
    what it said last; `kill` ends it at once.
    """

    def __init__(
        self,
        name: str,
        server: ToolServer,
        limits: ToolLimits,
        secrets: Secrets,
        ended: Callable[[str], None],
    ) -> None:
        self._name = name
        self._server = server
        self._limits = limits
        self._secrets = secrets
        self._ended = ended
        self._process: Process | None = None
        self._said = ""
        self._bytes = 0
        self._messages = 0

    def asked(self) -> None:
        """A request goes out: what comes from now on is counted anew."""
        self._bytes = self._messages = 0

    def kill(self) -> None:
        """End the server, and what it has started."""
        if self._process is None or self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.kill()
            else:  # it leads a group of its own (start_new_session)
                os.killpg(self._process.pid, signal.SIGKILL)

    def connect(self) -> Transport:
        """Start it. Raises ToolError if it cannot be."""
        return self._connect()

    @asynccontextmanager
    async def _connect(self) -> AsyncGenerator[_Streams, None]:
        process = self._process = await self._start()
        received, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        outgoing, sent = anyio.create_memory_object_stream[SessionMessage](0)
        hearing = asyncio.create_task(self._hear(process))
        tasks = [
            asyncio.create_task(self._read(process, received, hearing)),
            asyncio.create_task(self._write(process, sent)),
            hearing,
        ]
        try:
            yield incoming, outgoing
        finally:
            incoming.close()
            outgoing.close()
            await asyncio.shield(self._stop(process))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            received.close()
            sent.close()

    async def _start(self) -> Process:
        server = self._server
        environment = get_default_environment() | server.env
        command = await asyncio.to_thread(
            shutil.which, server.command, path=environment.get("PATH")
        )
        if command is None:
            text = f"There is no program {plain_line(server.command, 100)} to start."
            raise ToolError("tool-server-missing", text, dead=True)
        try:
            return await asyncio.create_subprocess_exec(
                command,
                *server.args,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=environment,
                cwd=server.cwd or str(Path.home()),
                limit=self._limits.message_bytes,
                start_new_session=True,
                preexec_fn=None if _prctl is None else _end_with_parent,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it cannot be run"
            raise ToolError("tool-server-missing", f"It cannot be started: {reason}.") from error

    async def _read(
        self, process: Process, received: _Received, hearing: asyncio.Task[None]
    ) -> None:
        if process.stdout is None:
            raise RuntimeError("started without pipes")
        problem = ""
        try:
            while not problem and (line := await process.stdout.readline()):
                problem = self._count(len(line))
                if message := self._message(line):
                    await received.send(message)
            await asyncio.wait({hearing}, timeout=0 if problem else _LAST_WORDS_SECONDS)
        except ValueError:  # of StreamReader, for a line over its limit
            problem = "It sent a message that is larger than llmchat takes."
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            pass  # the session is over, or the process is
        finally:
            received.close()
        if problem:
            self.kill()
        self._ended(problem or self._said)

    def _message(self, line: bytes) -> SessionMessage | None:
        if not line.strip():
            return None
        try:
            return SessionMessage(_validate(line, by_name=False))
        except ValueError:
            log.warning("the tool server %s sent a line that is no message", self._name)
            return None

    def _count(self, size: int) -> str:
        self._bytes += size
        self._messages += 1
        too_much = (
            self._bytes > self._limits.quiet_bytes or self._messages > self._limits.quiet_messages
        )
        return "It sent far more than it was asked for." if too_much else ""

    async def _write(self, process: Process, sent: _Sent) -> None:
        if process.stdin is None:
            raise RuntimeError("started without pipes")
        with contextlib.suppress(OSError, anyio.ClosedResourceError):
            async for message in sent:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                process.stdin.write(text.encode() + b"\n")
                await process.stdin.drain()

    async def _hear(self, process: Process) -> None:
        """Read stderr to its end, so that a server that writes much of it does not stand still."""
        if process.stderr is None:
            raise RuntimeError("started without pipes")
        told = 0
        while data := await process.stderr.read(_STDERR_BYTES):
            for line in data.decode(errors="replace").splitlines():
                text = self._secrets.hide(plain_line(line, _LINE_CHARACTERS))
                self._said = text or self._said
                if text and told < TOLD_LINES:
                    log.debug("the tool server %s: %s", self._name, text)
                    told += 1

    async def _stop(self, process: Process) -> None:
        """As the protocol wants it: the end of its stdin, some time, then the end of it."""
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(self._limits.end_seconds):
                # Not wait(): it waits for the pipes too, which a child of the server may hold.
                while process.returncode is None:  # noqa: ASYNC110 - as said
                    await asyncio.sleep(0.01)
        except TimeoutError:
            pass
        self.kill()
        await self._sweep(process)

    async def _sweep(self, process: Process) -> None:
        """End what the server has left behind in its group, which outlives it."""
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        # Nothing public closes the pipes; one of them may be full of what nobody reads any more.
        close = getattr(getattr(process, "_transport", None), "close", None)
        if callable(close):
            with contextlib.suppress(PermissionError):
                close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.end_seconds):
                await process.wait()


def _end_with_parent() -> None:
    """In the new process: the kernel kills it when this one dies, however it does."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


_Received = anyio.streams.memory.MemoryObjectSendStream[SessionMessage | Exception]
_Sent = anyio.streams.memory.MemoryObjectReceiveStream[SessionMessage]
_Streams = tuple[
    anyio.streams.memory.MemoryObjectReceiveStream[SessionMessage | Exception],
    anyio.streams.memory.MemoryObjectSendStream[SessionMessage],
]
