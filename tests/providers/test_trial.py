"""The verdict on an endpoint, for everything that can stand at an address."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from llmchat.domain.endpoint import Endpoint
from llmchat.domain.reach import Guard
from llmchat.domain.trial import TRIALS, Verdict
from llmchat.providers.base import Limits
from llmchat.providers.session import open_session
from llmchat.providers.trial import try_endpoint
from tests.fake_openai import FakeOpenAI
from tests.providers.test_connections import free_port, serve

KEY = "sk-test-0123456789abcdef"
LIMITS = Limits(connect_seconds=1.0)


async def _try(url: str, *, key: str = "", **more: object) -> Verdict:
    endpoint = replace(Endpoint("X", "configured", url, key), **more)  # type: ignore[arg-type]  # of a test
    verdict = await try_endpoint(endpoint, LIMITS)
    assert verdict.code in TRIALS
    assert KEY not in repr(verdict)
    return verdict


def _steps(verdict: Verdict) -> list[tuple[str, bool]]:
    return [(step.name, step.ok) for step in verdict.steps]


@contextlib.asynccontextmanager
async def _site(reply: web.Response, path: str = "/{any:.*}") -> AsyncIterator[int]:
    """A server that answers all GETs in the same way."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(
            status=reply.status, text=reply.text, headers={**reply.headers, "Connection": "close"}
        )

    app = web.Application()
    app.router.add_get(path, answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _hang_up(writers: list[asyncio.StreamWriter]) -> None:
    for writer in writers:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def test_an_api_that_works(fake: FakeOpenAI) -> None:
    verdict = await _try(fake.url.replace("127.0.0.1", "localhost"))
    assert (verdict.code, verdict.ok) == ("trial-ok", True)
    assert _steps(verdict) == [(one, True) for one in ("name", "connection", "reply", "models")]
    assert "echo" in verdict.models
    fake.models = {"data": []}
    verdict = await _try(fake.url)
    assert (verdict.code, verdict.ok) == ("trial-no-models", False)


async def test_a_key_that_is_missing_wrong_good_or_not_asked_for(fake: FakeOpenAI) -> None:
    assert (await _try(fake.url, key=KEY)).code == "trial-key-untried"
    fake.key = "another"
    wrong = await _try(fake.url, key=KEY)
    assert wrong.code == "trial-auth"
    assert _steps(wrong)[-1] == ("key", False)
    assert "[hidden]" in wrong.message  # the server has said it
    assert (await _try(fake.url)).code == "trial-key-missing"
    fake.key = KEY
    good = await _try(fake.url, key=KEY)
    assert (good.code, _steps(good)[-2:]) == ("trial-ok", [("key", True), ("models", True)])
    own = await _try(fake.url, headers=(("authorization", f"Bearer {KEY}"),))
    assert own.code == "trial-ok"


async def test_a_name_that_nobody_knows_and_a_port_where_nobody_listens() -> None:
    unknown = await _try("http://no-such-host.invalid/v1")
    assert (unknown.code, _steps(unknown)) == ("trial-dns", [("name", False)])
    assert "no-such-host.invalid" in unknown.message
    url = f"http://127.0.0.1:{free_port()}/v1"
    refused = await _try(url)
    assert (refused.code, _steps(refused)) == ("trial-refused", [("connection", False)])
    assert url.removesuffix("/v1") in refused.message


async def test_a_host_that_takes_no_connection_and_a_server_that_says_nothing() -> None:
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        verdict = await _try(f"http://127.0.0.1:{full.getsockname()[1]}/v1")
    assert (verdict.code, _steps(verdict)) == ("trial-timeout", [("connection", False)])

    writers: list[asyncio.StreamWriter] = []

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await reader.read()

    async with serve(silent) as port:
        verdict = await _try(f"http://127.0.0.1:{port}/v1")
        await _hang_up(writers)
    assert verdict.code == "trial-timeout"
    assert _steps(verdict) == [("connection", True), ("reply", False)]


async def test_a_certificate_that_nobody_vouches_for() -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(Path(__file__).with_name("self_signed.pem"))

    writers: list[asyncio.StreamWriter] = []

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    async with serve(never, tls) as port:
        verdict = await _try(f"https://127.0.0.1:{port}/v1", key=KEY)
        await _hang_up(writers)
    assert verdict.code == "trial-tls"
    assert _steps(verdict) == [("connection", True), ("tls", False)]
    assert "self-signed" in verdict.message


async def test_a_server_without_tls_is_suggested_without_it_and_gets_no_key(
    fake: FakeOpenAI,
) -> None:
    verdict = await _try(fake.url.replace("http:", "https:"), key=KEY)
    assert (verdict.code, verdict.suggestion) == ("trial-tls", fake.url)
    assert [one.get("Authorization") for one in fake.heard] == [None]


async def test_a_path_that_is_missing_is_found(fake: FakeOpenAI) -> None:
    fake.key = KEY
    for url in (fake.url.removesuffix("/v1"), fake.url + "/chat/completions"):
        verdict = await _try(url, key=KEY)
        assert (verdict.code, verdict.suggestion) == ("trial-not-an-api", fake.url)
        assert _steps(verdict) == [("connection", True), ("reply", False)]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (web.Response(text="<html>Welcome to the router</html>"), "trial-not-an-api"),
        (web.Response(text='{"hello": "world"}'), "trial-not-an-api"),
        (web.Response(status=302, headers={"Location": "http://127.0.0.1/"}), "trial-redirect"),
        (web.Response(status=404, text="{}"), "trial-no-list"),
        (web.Response(status=429, text="{}"), "trial-busy"),
        (web.Response(status=402, text="{}"), "trial-busy"),
        (web.Response(status=500, text="{}"), "trial-error"),
        (web.Response(status=403, text="{}"), "trial-key-missing"),
    ],
)
async def test_what_is_no_api_or_will_not_answer(reply: web.Response, code: str) -> None:
    async with _site(reply) as port:
        verdict = await _try(f"http://127.0.0.1:{port}/v1")
    assert verdict.code == code
    assert verdict.suggestion == ""
    assert verdict.ok == (code == "trial-no-list")


async def test_bytes_that_are_no_http() -> None:
    async def ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        await reader.read(1)
        writer.close()

    async with serve(ssh) as port:
        assert (await _try(f"http://127.0.0.1:{port}/v1")).code == "trial-not-an-api"


async def test_a_proxy_that_is_not_there_and_one_that_is(fake: FakeOpenAI) -> None:
    gone = await _try(fake.url, proxy=f"http://127.0.0.1:{free_port()}")
    assert gone.code == "trial-proxy"
    assert "(proxy)" in gone.message
    heard: list[bytes] = []

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:  # it was looked whether there is a proxy
            writer.close()
            return
        heard.append(head.split(b"\r\n")[0])
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", fake.port)
        path = head.replace(b"http://models.example", b"", 1)
        upstream.write(path.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        writer.write(await upstream_reader.read())
        writer.close()
        upstream.close()

    async with serve(relay) as port:
        verdict = await _try("http://models.example/v1", proxy=f"http://127.0.0.1:{port}")
    assert heard[0] == b"GET http://models.example/v1/models HTTP/1.1"
    assert verdict.code == "trial-ok"


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::ffff:7f00:1]"),
        *("localhost.", "0", "169.254.169.254", "[fe80::1]"),
    ],
)
async def test_a_guard_is_asked_for_where_the_name_leads(fake: FakeOpenAI, host: str) -> None:
    guard = Guard(own_port=fake.port)
    verdict = await _try(f"http://{host}:{fake.port}/v1", guard=guard)
    assert verdict.code == "trial-forbidden"
    assert fake.listings == 0


async def test_no_socket_is_connected_that_the_guard_forbids(fake: FakeOpenAI) -> None:
    """Also not where a name leads there only when it is asked for again, as in DNS rebinding."""
    async with open_session(1.0, Guard(public=True)) as session:
        for host in ("127.0.0.1", "localhost"):
            with pytest.raises(OSError, match="Cannot connect"):
                await session.get(f"http://{host}:{fake.port}/v1/models")
    assert fake.listings == 0
