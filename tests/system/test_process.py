"""Start and end of the program: signals, orphans, what is imported where."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import aiohttp
import pytest

from tests.fake_openai import FakeOpenAI
from tests.system.program import Program, gone, run

END_SECONDS = 2.0  # the promise of the README's users: Ctrl-C is the end


async def _ask_embedded(program: Program) -> aiohttp.ClientResponse:
    """Start a long answer of the embedded model, and return its stream once it shows text."""
    job_id = await program.submit("Tell me a long story about the sea.", max_tokens=2000)
    stream = await program.open_stream(job_id)
    async for line in stream.content:
        if line.startswith(b"event: delta"):
            return stream
    raise AssertionError("no text came")


@pytest.mark.timeout(60)
async def test_an_interrupt_ends_the_program_with_open_streams_and_no_orphans(
    tmp_path: Path,
) -> None:
    async with run(tmp_path) as program:
        stream = await _ask_embedded(program)
        children = program.children()
        assert len(children) >= 3  # worker, model, resource tracker
        started = time.monotonic()
        program.process.send_signal(signal.SIGINT)
        rest = (await stream.read()).decode()
        assert await program.process.wait() == 0
        assert time.monotonic() - started < END_SECONDS
        assert rest.count("event: error") == 1
        assert '"code":"interrupted"' in rest
        assert await gone(children, END_SECONDS) == []
        assert program.process.stderr is not None
        assert b"Traceback" not in await program.process.stderr.read()


async def test_a_signal_to_the_whole_group_twice_is_one_clean_end(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    async with run(tmp_path, OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="gate") as program:
        stream = await program.open_stream(await program.submit("hi"))
        await fake.asked()
        for pid in [program.process.pid, *program.children()] * 2:
            os.kill(pid, signal.SIGINT)
        await stream.read()
        assert await program.process.wait() == 0


@pytest.mark.timeout(60)
async def test_a_killed_server_leaves_no_process_behind(tmp_path: Path) -> None:
    async with run(tmp_path) as program:
        await _ask_embedded(program)
        children = program.children()
        program.process.kill()
        await program.process.wait()
        assert await gone(children, END_SECONDS) == []


async def test_both_loopback_addresses_answer(tmp_path: Path) -> None:
    async with run(tmp_path) as program:
        port = int(program.url.rsplit(":", 1)[1])
        for host in ("127.0.0.1", "[::1]", "localhost"):
            async with program.session.get(f"http://{host}:{port}/health/live") as reply:
                assert reply.status == 200, host


async def test_only_loopback_is_listened_on(tmp_path: Path) -> None:
    async with run(tmp_path) as program:
        port = int(program.url.rsplit(":", 1)[1])
        with socket.socket() as outside, pytest.raises(OSError, match=r"refused"):
            outside.connect(("127.0.0.2", port))


async def test_the_server_never_imports_what_belongs_to_its_children(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    async with run(tmp_path, OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="echo") as program:
        async with program.session.get(f"{program.url}/stream/x") as reply:
            assert reply.status == 404
        stream = await program.open_stream(await program.submit("hi"))
        assert b"event: done" in await stream.read()
        # A compiled part of a package is mapped by who has imported it: openai needs pydantic.
        assert "/pydantic_core" not in _read(program.process.pid, "maps")
        assert "/xllamacpp" not in _read(program.process.pid, "maps")
        assert any("/pydantic_core" in _read(pid, "maps") for pid in program.children())


def _read(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text()


async def test_keys_are_not_in_the_environment_of_the_children(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    canary = "sk-canary-5a1d"
    async with run(
        tmp_path, OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="echo", OPENAI_API_KEY=canary
    ) as program:
        stream = await program.open_stream(await program.submit("hi"))
        await stream.read()
        assert fake.requests[0].headers["Authorization"] == f"Bearer {canary}"
        for pid in program.children():
            assert canary not in _read(pid, "environ")
            assert canary not in _read(pid, "cmdline")
