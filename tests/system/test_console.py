"""Nobody hears what the program says, or it may open no more files: it goes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.chaos.processes import ports
from tests.fake_openai import FakeOpenAI
from tests.system.program import ROOT, Program, run

pytestmark = pytest.mark.timeout(60)
LINES = 3  # of a log of three seconds in which it cannot open files


async def _answer(program: Program) -> str:
    stream = await program.open_stream(await program.submit("hello"))
    return (await stream.read()).decode()


async def test_a_closed_console_is_no_reason_to_stop(tmp_path: Path, fake: FakeOpenAI) -> None:
    environment = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "echo"}
    async with run(tmp_path, **environment) as program:
        for number in (1, 2):  # nobody reads its stdout and stderr any more
            pipe = program.process._transport.get_pipe_transport(number)  # type: ignore[attr-defined]
            pipe.close()
        assert "event: done" in await _answer(program)
        for pid in program.children():  # its deaths are logged, which fails by EPIPE
            os.kill(pid, signal.SIGKILL)
        assert "event: done" in await _answer(program)
        program.process.send_signal(signal.SIGTERM)
        assert await program.process.wait() in (0, 120)  # 120: Python could not flush its stdout


async def test_a_full_disk_under_the_log_is_no_reason_to_stop(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "llmchat", "--port", "0", "--no-browser"),
        *("--data-dir", str(tmp_path)),
        env={**os.environ, "OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "echo"},
        stdout=full,
        stderr=full,
        cwd=ROOT,
    )
    os.close(full)
    try:
        async with aiohttp.ClientSession() as session:
            while not (listening := ports(process.pid)):  # noqa: ASYNC110 - it cannot say so
                await asyncio.sleep(0.05)
            program = Program(process, f"http://127.0.0.1:{listening.pop()}", session)
            await _up(program)
            for pid in program.children():
                os.kill(pid, signal.SIGKILL)
            assert "event: done" in await _answer(program)
    finally:
        process.kill()
        await process.wait()


async def _up(program: Program) -> None:
    while True:
        with contextlib.suppress(aiohttp.ClientError):
            async with program.session.get(f"{program.url}/health/ready") as reply:
                if reply.status == 200:
                    return
        await asyncio.sleep(0.05)


async def test_without_file_descriptors_it_waits_says_so_now_and_then_and_recovers(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    environment = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "echo"}
    async with run(tmp_path, **environment) as program:
        assert "event: done" in await _answer(program)
        pid, port = program.process.pid, int(program.url.rsplit(":", 1)[1])
        with _no_more_files(pid):
            waiting = [socket.create_connection(("127.0.0.1", port)) for _ in range(50)]
            await asyncio.sleep(3.0)
            assert program.process.returncode is None
            for one in waiting:
                one.close()
        assert "event: done" in await _answer(program)
        program.process.send_signal(signal.SIGTERM)
        assert program.process.stderr is not None
        told = (await program.process.stderr.read()).decode()
    assert told.count("\n") <= LINES, told


async def test_a_stop_while_it_waits_for_file_descriptors_is_quiet(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    environment = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "echo"}
    async with run(tmp_path, **environment) as program:
        pid, port = program.process.pid, int(program.url.rsplit(":", 1)[1])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
        await asyncio.sleep(0.5)  # a request that is being sent: the server waits for its rest
        with _no_more_files(pid):
            waiting = [socket.create_connection(("127.0.0.1", port)) for _ in range(50)]
            await asyncio.sleep(0.5)
        program.process.send_signal(signal.SIGTERM)
        assert program.process.stderr is not None
        told = (await program.process.stderr.read()).decode()
        for one in waiting:
            one.close()
        writer.close()
    assert told.count("\n") <= LINES, told


@contextlib.contextmanager
def _no_more_files(pid: int) -> Iterator[None]:
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    in_use = max(map(int, os.listdir(f"/proc/{pid}/fd"))) + 1  # noqa: PTH208 - it is quick
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (in_use, before[1]))
    yield
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


async def test_connections_over_what_the_descriptors_suffice_for_get_503(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    environment = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "echo"}
    async with run(tmp_path, **environment) as program:
        pid, port = program.process.pid, int(program.url.rsplit(":", 1)[1])
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (144, before[1]))
        many = [await asyncio.open_connection("127.0.0.1", port) for _ in range(40)]
        head = await many[-1][0].readline()
        assert head.startswith(b"HTTP/1.1 503 ")
        for _, writer in many:
            writer.close()
        await _up(program)
        assert "event: done" in await _answer(program)
