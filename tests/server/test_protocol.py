"""Connections: deadlines, the cap, and what is never logged."""

from __future__ import annotations

import asyncio
import json
import logging
import socket

import pytest

from llmchat.domain.chat import ChatRequest
from llmchat.domain.job import Delta
from llmchat.server.assets import Assets
from llmchat.server.limits import Limits
from tests.server.jobs import ANSWER, ScriptedJobs
from tests.server.site import serve
from tests.server.streams import open_stream

GET = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def talk(port: int, *parts: bytes) -> bytes:
    """Send the parts, and read until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        return await asyncio.wait_for(reader.read(), timeout=5)
    finally:
        writer.close()


def status_and_code(raw: bytes) -> tuple[int, str]:
    head, _, body = raw.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), json.loads(body)["code"]


async def test_a_head_that_does_not_end_is_not_waited_for(assets: Assets) -> None:
    limits = Limits(header_seconds=0.1)
    async with serve(ScriptedJobs(), assets, limits=limits) as (port, _):
        assert status_and_code(await talk(port, b"GET / HTT")) == (408, "head-timeout")
        # The second request of a connection has the same deadline.
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        assert (await reader.readuntil(b'"ok"}')).startswith(b"HTTP/1.1 200 ")
        writer.write(b"GET / HTTP/1.1\r\nX: ")
        raw = await asyncio.wait_for(reader.read(), timeout=5)
        assert status_and_code(raw) == (408, "head-timeout")
        writer.close()


async def test_the_deadline_of_a_head_does_not_end_a_stream_or_an_idle_connection(
    assets: Assets,
) -> None:
    jobs = ScriptedJobs()
    job = (await jobs.submit(ChatRequest([]))).job.id
    limits = Limits(header_seconds=0.05, ping_seconds=0.2)
    async with serve(jobs, assets, limits=limits) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        async with open_stream(port, job, "?after=0-1") as stream:
            frames = stream.frames()
            assert [await anext(frames) for _ in range(3)] == [": ok", ": ping", ": ping"]
        writer.write(GET)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        writer.close()


async def test_a_client_that_stops_reading_is_cut_off(assets: Assets) -> None:
    jobs = ScriptedJobs()
    job = (await jobs.submit(ChatRequest([]))).job.id
    async with serve(jobs, assets, limits=Limits(stall_seconds=0.1)) as (port, _):
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", port))
            client.sendall(f"GET /stream/{job} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            await jobs.watched(job).came.wait()
            jobs.write(job, *(Delta("x" * 50_000) for _ in range(200)))
            await asyncio.wait_for(jobs.watched(job).left.wait(), timeout=5)


async def test_connections_over_the_cap_are_told_so(assets: Assets) -> None:
    jobs = ScriptedJobs()
    job = (await jobs.submit(ChatRequest([]))).job.id
    async with serve(jobs, assets, limits=Limits(connections=2)) as (port, _):
        async with open_stream(port, job) as one, open_stream(port, job) as two:
            await one.chunk()
            await two.chunk()
            assert status_and_code(await talk(port)) == (503, "too-many-connections")
        log = jobs.watched(job)
        await asyncio.wait_for(log.left.wait(), timeout=1)


async def test_the_cap_of_connections_is_a_setting(assets: Assets) -> None:
    async with serve(ScriptedJobs(), assets, max_connections=1) as (port, _):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        assert status_and_code(await talk(port)) == (503, "too-many-connections")
        writer.close()


async def test_slow_clients_do_not_slow_down_a_good_one(assets: Assets) -> None:
    jobs = ScriptedJobs(ANSWER)
    async with serve(jobs, assets) as (port, _):
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
        for _, writer in slow:
            writer.write(b"GET / HTTP/1.1\r\nX-")
        async with asyncio.timeout(1):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(GET)
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        for _, one in [*slow, (reader, writer)]:
            one.close()


async def test_pipelined_requests_are_answered_in_order(assets: Assets) -> None:
    close = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    async with serve(ScriptedJobs(), assets) as (port, _):
        raw = await talk(port, GET * 99 + close)
    assert raw.count(b"HTTP/1.1 200 ") == 100


async def test_a_fault_of_a_client_is_no_news(
    assets: Assets, caplog: pytest.LogCaptureFixture
) -> None:
    chunked = (
        b"POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    bad_body = chunked + b"-2\r\ncAnArY\r\n"
    refused = chunked.replace(b"application/json", b"text/plain") + b"zz cAnArY\r\n"
    with caplog.at_level(logging.INFO):
        async with serve(ScriptedJobs(), assets, limits=Limits(lingering_seconds=0.1)) as (port, _):
            for raw in (b"cAnArY\r\n\r\n", bad_body, refused, b"GET / HTTP/1.1\r\ncAnArY\r\n\r\n"):
                assert b"cAnArY" not in await talk(port, raw)
    assert not caplog.records
