"""`X-Request-ID`: on every response, and the client's own only if it is good."""

from __future__ import annotations

import asyncio
import re

import pytest

from llmchat.domain.chat import ChatRequest
from llmchat.server.assets import Assets
from llmchat.server.limits import Limits
from tests.raw_http import Reply, exchange, request_bytes
from tests.server.jobs import ANSWER, ScriptedJobs
from tests.server.site import serve
from tests.server.test_protocol import talk

OURS = re.compile(r"[0-9a-f]{16}")
GOOD = ["a", "0", "-", "A-Z_a.z-0.9", "x" * 128, "123e4567-e89b-12d3-a456-426614174000"]
BAD = [
    *("", "x" * 129, "a b", "a,b", "a/b", "ä", "a;b", "<script>", "a\tb", '"a"', "a\x7f", "%0d%0a"),
]


async def _get(port: int, path: str, *lines: bytes, method: bytes = b"GET") -> Reply:
    head = b"%b %b HTTP/1.1\r\nHost: localhost\r\n" % (method, path.encode())
    raw = head + b"".join(line + b"\r\n" for line in lines) + b"\r\n"
    return await asyncio.to_thread(exchange, port, raw)


@pytest.mark.parametrize("given", GOOD)
async def test_a_good_id_comes_back(assets: Assets, given: str) -> None:
    async with serve(ScriptedJobs(), assets) as (port, _):
        reply = await _get(port, "/health/live", b"X-Request-ID: " + given.encode())
    assert reply.headers["x-request-id"] == given


@pytest.mark.parametrize("given", BAD)
async def test_another_id_is_replaced(assets: Assets, given: str) -> None:
    async with serve(ScriptedJobs(), assets) as (port, _):
        reply = await _get(port, "/health/live", b"x-request-id: " + given.encode())
    # The parser refuses some of them at once.
    assert reply.status in (200, 400)
    assert OURS.fullmatch(reply.headers["x-request-id"])


async def test_two_ids_are_replaced_by_one(assets: Assets) -> None:
    async with serve(ScriptedJobs(), assets) as (port, _):
        reply = await _get(port, "/health/live", b"X-Request-ID: a", b"X-Request-ID: b")
        raw = await talk(
            port,
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: a\r\nX-Request-ID: b\r\n"
            b"Connection: close\r\n\r\n",
        )
    assert OURS.fullmatch(reply.headers["x-request-id"])
    assert raw.lower().count(b"x-request-id: ") == 1


@pytest.mark.parametrize("line_break", [b"\r\n", b"\n", b"\r", b"\0"])
async def test_an_id_cannot_break_the_head(assets: Assets, line_break: bytes) -> None:
    async with serve(ScriptedJobs(), assets) as (port, _):
        raw = await talk(
            port,
            b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"X-Request-ID: a" + line_break + b"Set-Cookie: canary=1\r\n\r\n",
        )
    assert b"canary" not in raw
    assert raw.lower().count(b"x-request-id: ") == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "/"), ("HEAD", "/"), ("GET", "/models"), ("GET", "/metrics")),
        *(("GET", "/nowhere"), ("PUT", "/models"), ("GET", "/stream/none"), ("POST", "/chat")),
        *(("GET", "/api/jobs"), ("GET", "/health/ready"), ("DELETE", "/chat/none")),
    ],
)
async def test_every_response_has_one_and_the_same_for_its_errors(
    assets: Assets, method: str, path: str
) -> None:
    async with serve(ScriptedJobs(), assets) as (port, _):
        reply = await _get(port, path, b"X-Request-ID: mine.1", method=method.encode())
        assert reply.headers["x-request-id"] == "mine.1", reply.status
        wrong = request_bytes(method, path, port=port, headers={"Host": "evil.example"})
        refused = await asyncio.to_thread(exchange, port, wrong)
        assert refused.status == 421
        assert OURS.fullmatch(refused.headers["x-request-id"])


async def test_what_the_parser_refuses_has_one_too(assets: Assets) -> None:
    limits = Limits(header_seconds=0.1)
    async with serve(ScriptedJobs(), assets, limits=limits) as (port, _):
        answers = [
            await talk(port, raw)
            for raw in (
                b"nonsense\r\n\r\n",
                b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
                b"GET / HTTP/1.1\r\nHost: localhost\r\nExpect: magic\r\n\r\n",
                b"GET / HTT",
            )
        ]
    statuses = [int(raw.split(b" ")[1]) for raw in answers]
    assert statuses == [400, 431, 417, 408]
    ids = [re.search(rb"\r\nX-Request-ID: ([0-9a-f]{16})\r\n", raw) for raw in answers]
    assert len({found[1] for found in ids if found}) == len(answers)


async def test_a_refused_connection_has_one_too(assets: Assets) -> None:
    async with serve(ScriptedJobs(), assets, limits=Limits(connections=0)) as (port, _):
        raws = [await talk(port) for _ in range(2)]
    ids = {found[1] for raw in raws if (found := re.search(rb"X-Request-ID: ([0-9a-f]{16})", raw))}
    assert len(ids) == 2


async def test_a_stream_has_one(assets: Assets) -> None:
    jobs = ScriptedJobs(ANSWER)
    job = (await jobs.submit(ChatRequest([]))).job.id
    async with serve(jobs, assets) as (port, _):
        raw = await talk(
            port,
            f"GET /stream/{job} HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: mine\r\n"
            "Connection: close\r\n\r\n".encode(),
        )
    assert raw.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nX-Request-ID: mine\r\n" in raw


async def test_a_bug_is_found_in_the_log_by_it(
    assets: Assets, caplog: pytest.LogCaptureFixture
) -> None:
    class BrokenJobs(ScriptedJobs):
        def notices(self) -> dict[str, str]:
            raise RuntimeError("a bug")

    async with serve(BrokenJobs(), assets) as (port, _):
        reply = await _get(port, "/models", b"X-Request-ID: mine.2")
    assert reply.status == 500
    assert "mine.2" in caplog.text
