"""The program as its users start it: a process of its own, spoken to over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp

from tests import canary

ROOT = Path(__file__).resolve().parents[2]


class DidNotStartError(Exception):
    """The program ended at once; the text is what it said."""


class Program:
    """A running llmchat. `url` is what it printed."""

    def __init__(self, process: Process, url: str, session: aiohttp.ClientSession) -> None:
        self.process = process
        self.url = url
        self.session = session

    async def submit(self, content: str, **members: object) -> str:
        body = {"messages": [{"role": "user", "content": content}], **members}
        async with self.session.post(f"{self.url}/chat", json=body) as reply:
            assert reply.status == 202, await reply.text()
            job_id: str = (await reply.json())["job_id"]
            return job_id

    async def open_stream(self, job_id: str) -> aiohttp.ClientResponse:
        return await self.session.get(f"{self.url}/stream/{job_id}")

    def children(self) -> list[int]:
        """The process ids of all descendants."""
        return descendants(self.process.pid)


@contextlib.asynccontextmanager
async def run(data_dir: Path, **environment: str) -> AsyncIterator[Program]:
    """Start `python -m llmchat` on a free port, with nothing configured but `environment`."""
    if environment.get("OPENAI_BASE_URL", ",").count(",") == 0:
        environment.setdefault("OPENAI_API_KEY", canary.KEY)
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "llmchat", "--port", "0", "--no-browser"),
        *("--data-dir", str(data_dir)),
        env={
            **clean,
            "LLMCHAT_DISCOVER": "0",
            "LLMCHAT_KEY_STORE": "file",
            "LLMCHAT_LOG_LEVEL": "warning",  # nobody reads the pipe: a line per job would fill it
            "XDG_CONFIG_HOME": str(data_dir),
            **environment,
        },
        stdout=PIPE,
        stderr=PIPE,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        first = (await process.stdout.readline()).decode()
        url = next((word for word in first.split() if word.startswith("http://")), None)
        if url is None:
            assert process.stderr is not None
            raise DidNotStartError((await process.stderr.read()).decode())
        async with aiohttp.ClientSession() as session:
            yield Program(process, url, session)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def start_refused(data_dir: Path, *flags: str) -> tuple[int, str]:
    """Start the program where it cannot run. Gives its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "llmchat", "--port", "0", "--no-browser"),
        *("--data-dir", str(data_dir), *flags),
        env={**os.environ, "LLMCHAT_DISCOVER": "0", "XDG_CONFIG_HOME": str(data_dir)},
        stdout=PIPE,
        stderr=PIPE,
        cwd=ROOT,
    )
    _, told = await asyncio.wait_for(process.communicate(), 30)
    return await process.wait(), told.decode()


def descendants(pid: int) -> list[int]:
    """The living children of a process, their children, and so on."""
    found = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            for child in map(int, children.read_text().split()):
                found += [child, *descendants(child)]
    return found


async def gone(pids: list[int], seconds: float) -> list[int]:
    """Wait until the processes are gone; returns those that are still there after the time."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while any(map(alive, pids)):  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.02)
    return [pid for pid in pids if alive(pid)]


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead but not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
