"""The program under test: started, killed, and started again on the same folder and port."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from tests.chaos.plan import Setting
from tests.system.program import ROOT, alive, descendants, gone

START_SECONDS = 60.0
_PORTS = range(20_000, 30_000)  # below those of outgoing connections
END_SECONDS = 40.0  # ten to drain, and some for a busy machine
ORPHAN_SECONDS = 20.0
IDLE_SECONDS = 4.0
JOB_SECONDS = 20.0


class BrokenError(Exception):
    """The program did what it never may; the text says what."""


class Server:
    """llmchat as a process. `up` is set while it is expected to answer."""

    def __init__(self, folder: Path, setting: Setting, urls: Sequence[str], key: str) -> None:
        self._folder = folder
        self.log = folder / "llmchat.log"
        self.data = folder / "data"
        self.data.mkdir()
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.up = asyncio.Event()
        self.started = 0.0
        self.starts = 0
        addresses = [*urls, *(["embedded"] if setting.embedded_last else [])]
        self._environment = {
            "OPENAI_BASE_URL": ",".join(addresses),
            "OPENAI_API_KEY": ",".join(f"{key}-{number}" for number in range(len(urls))),
            "DEFAULT_MODEL": ",".join("m" for _ in urls),
            "LLMCHAT_WORKERS": str(setting.workers),
            "LLMCHAT_ENDPOINT_SLOTS": str(setting.slots),
            "LLMCHAT_IDLE_TIMEOUT": f"{IDLE_SECONDS:g}",
            "LLMCHAT_JOB_TIMEOUT": f"{JOB_SECONDS:g}",
            "LLMCHAT_DISCOVER": "0",
            "XDG_CONFIG_HOME": str(folder),
        }
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        """The process id of the server."""
        if self._process is None:
            raise BrokenError("the server was not started")
        return self._process.pid

    def check_alive(self) -> None:
        """Raises BrokenError if the process has ended by itself (I9)."""
        if self._process is not None and self._process.returncode is not None:
            raise BrokenError(f"I9: the server ended by itself, code {self._process.returncode}")

    async def start(self) -> None:
        """Start it and wait until it answers."""
        clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "llmchat", "--port", str(self.port), "--no-browser"),
                *("--data-dir", str(self.data)),
                env={**clean, **self._environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
            )
        self.started = time.monotonic()
        self.starts += 1
        async with aiohttp.ClientSession() as session:
            while not await self._answers(session):
                self.check_alive()
                if time.monotonic() > self.started + START_SECONDS:
                    raise BrokenError("the server does not start to answer")
                await asyncio.sleep(0.05)
        self.up.set()

    async def kill(self) -> None:
        """SIGKILL. Raises BrokenError if a child outlives it for long."""
        await self._end(signal.SIGKILL)

    async def terminate(self) -> None:
        """SIGTERM. Raises BrokenError if it does not end in order."""
        process = await self._end(signal.SIGTERM)
        if process.returncode != 0:
            raise BrokenError(f"the exit code after SIGTERM is {process.returncode}")

    async def stop_for_good(self) -> None:
        """End it in whatever way, when a round is over or broken."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        return [pid for pid in self._spawned() if not _has(pid, "xllamacpp")]

    def engine(self) -> int | None:
        """The process id of the embedded model, if it is loaded."""
        return next((pid for pid in self._spawned() if _has(pid, "xllamacpp")), None)

    def family(self) -> list[int]:
        """The server's process and all below it."""
        return [self.pid, *descendants(self.pid)]

    def _spawned(self) -> list[int]:
        return [
            pid
            for pid in descendants(self.pid)
            if alive(pid) and "spawn_main" in _read(pid, "cmdline")
        ]

    async def _end(self, number: signal.Signals) -> Process:
        process = self._process
        if process is None:
            raise BrokenError("the server was not started")
        children = descendants(process.pid)
        self.up.clear()
        process.send_signal(number)
        try:
            await asyncio.wait_for(process.wait(), END_SECONDS)
        except TimeoutError:
            raise BrokenError(f"the server does not end by {number.name}") from None
        if left := await gone(children, ORPHAN_SECONDS):
            raise BrokenError(f"processes outlive the server: {left}")
        return process

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        with contextlib.suppress(aiohttp.ClientError, OSError):
            async with session.get(f"{self.url}/health/live") as reply:
                return reply.status == 200
        return False


def _free_port() -> int:
    """A port that the kernel gives to nobody else while the server is away."""
    while True:
        port = secrets.choice(_PORTS)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _read(pid: int, name: str) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
    return ""


def _has(pid: int, library: str) -> bool:
    return f"/{library}" in _read(pid, "maps")
