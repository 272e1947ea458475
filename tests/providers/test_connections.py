"""Below the reply: connecting, proxies, redirects, reuse, many streams at once."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

import pytest

from llmchat.domain.endpoint import Endpoint
from llmchat.domain.reach import Guard
from llmchat.providers.address import Address
from llmchat.providers.base import Limits
from llmchat.providers.openai_compat import OpenAICompatible
from tests.fake_openai import FakeOpenAI
from tests.fake_replies import HEAD, chunk, known_text, sse
from tests.providers.conftest import QUICK, Connect, ask, outcome, text_of

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]


@contextlib.asynccontextmanager
async def serve(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    server = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


async def test_nobody_listens(connect: Connect) -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    provider = connect(url)
    _, error = await outcome(provider, "x")
    assert error is not None
    assert (error.code, error.transient) == ("upstream-unreachable", True)
    assert url.removesuffix("/v1") in error.message
    assert (await provider.models()).error == error.message


async def test_a_name_that_does_not_exist(connect: Connect) -> None:
    _, error = await outcome(connect("http://no-such-host.invalid/v1"), "x")
    assert error is not None
    assert (error.code, error.transient) == ("upstream-unreachable", True)
    assert "its name is not known" in error.message


async def test_a_black_hole_costs_the_connect_limit(connect: Connect) -> None:
    # A full backlog: the kernel drops further SYNs.
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        port = listener.getsockname()[1]
        provider = connect(f"http://127.0.0.1:{port}/v1", limits=Limits(connect_seconds=0.2))
        _, error = await asyncio.wait_for(outcome(provider, "x"), 2)
    assert error is not None
    assert (error.code, error.transient) == ("upstream-timeout", True)


async def test_a_certificate_that_nobody_trusts(connect: Connect) -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(Path(__file__).with_name("self_signed.pem"))
    async with serve(never, tls) as port:
        _, error = await outcome(connect(f"https://localhost:{port}/v1"), "x")
    assert error is not None
    assert (error.code, error.transient) == ("upstream-tls", False)
    assert "certificate" in error.message


async def test_an_address_that_the_endpoint_may_not_be_at(fake: FakeOpenAI) -> None:
    for url in (fake.url, fake.url.replace("127.0.0.1", "localhost")):
        guard = Guard(own_port=fake.port)
        provider = OpenAICompatible(Endpoint("X", "configured", url, guard=guard), QUICK)
        _, error = await outcome(provider, "x")
        assert error is not None
        assert (error.code, error.transient) == ("upstream-forbidden", False)
        assert "llmchat itself" in error.message
        assert (await provider.models()).code == "upstream-forbidden"
        await provider.close()
    assert (fake.posts, fake.listings) == (0, 0)


async def test_tls_to_a_port_without_it(fake: FakeOpenAI, connect: Connect) -> None:
    _, error = await outcome(connect(f"https://127.0.0.1:{fake.port}/v1"), "x")
    assert error is not None
    assert (error.code, error.transient) == ("upstream-tls", False)


async def test_a_remote_endpoint_must_send_text_in_time(fake: FakeOpenAI, connect: Connect) -> None:
    provider = connect(limits=Limits(first_token_seconds=0.2))
    provider._address = Address.of("https://api.example.com/v1")  # as if it were remote
    for model in ("silent", "headers"):
        _, error = await asyncio.wait_for(outcome(provider, model), 2)
        assert error is not None
        assert error.code == "upstream-timeout"
        await asyncio.wait_for(fake.requests[-1].gone.wait(), 1)


async def test_a_local_endpoint_may_take_its_time(fake: FakeOpenAI, connect: Connect) -> None:
    limits = Limits(first_token_seconds=0.01, idle_seconds=0.01)
    task = asyncio.create_task(outcome(connect(limits=limits), "headers"))
    recorded = await fake.asked()
    assert not (await asyncio.wait([task], timeout=0.2))[0]
    assert not recorded.gone.is_set()
    await fake.release()
    _, error = await task
    assert error is None


async def test_the_whole_answer_has_a_limit(fake: FakeOpenAI, connect: Connect) -> None:
    provider = connect(limits=Limits(total_seconds=0.3))
    for model in ("paced-50-1000", "silent"):
        _, error = await asyncio.wait_for(outcome(provider, model), 2)
        assert error is not None
        assert error.code == "job-timeout"


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
async def test_loopback_never_goes_through_a_proxy(
    variable: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, f"http://127.0.0.1:{free_port()}")
    provider = connect()
    events, error = await outcome(provider, "echo")
    assert error is None
    assert text_of(events) == "Hello, who are you?"
    assert (await provider.models()).error is None


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://localhost:1", True),
        ("http://127.8.9.1", True),
        ("http://[::1]:8", True),
        ("http://[::ffff:10.0.0.1]", True),
        ("http://10.1.2.3", True),
        ("http://172.16.0.9", True),
        ("http://192.168.1.5:11434", True),
        ("http://169.254.1.1", True),
        ("http://[fe80::1]", True),
        ("http://gpu.local", True),
        ("http://gpu.local.", True),
        ("http://ollama:11434", True),
        ("http://8.8.8.8", False),
        ("http://api.example.com", False),
        ("http://localhost.example.com", False),
        ("http://172.32.0.1", False),
    ],
)
def test_only_public_addresses_use_the_proxy(
    url: str, private: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    address = Address.of(url)
    assert address.is_private is private
    assert address.proxy() == (None if private else "http://proxy.example:3128")


def test_no_proxy_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "example.com")
    assert Address.of("https://api.example.com/v1").proxy() is None
    assert Address.of("https://api.example.org/v1").proxy() == "http://proxy.example:3128"


async def test_a_public_endpoint_is_asked_through_the_proxy(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with serve(proxy) as port:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
        _, error = await outcome(connect("https://api.example.invalid/v1"), "x")
    assert asked == [b"CONNECT api.example.invalid:443 HTTP/1.1\r\n"]
    assert error is not None
    assert error.code == "upstream-unreachable"
    assert "proxy" in error.message


async def test_a_redirect_is_not_followed(fake: FakeOpenAI, connect: Connect) -> None:
    async with FakeOpenAI() as other:

        async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            head = f"HTTP/1.1 307 X\r\nLocation: {other.url}/chat/completions\r\n"
            writer.write(f"{head}Content-Length: 0\r\n\r\n".encode())
            writer.close()

        async with serve(redirect) as port:
            provider = connect(f"http://127.0.0.1:{port}/v1", key="sk-test-0123456789")
            _, error = await outcome(provider, "echo")
            listing = await provider.models()
        assert error is not None
        assert error.code == "upstream-redirect"
        assert listing.error is not None
        assert (other.posts, other.listings) == (0, 0)


async def test_a_kept_connection_that_was_closed_is_replaced_once(connect: Connect) -> None:
    """llama.cpp closes after each stream although it announces keep-alive."""
    asked: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _request(reader):
            asked.append(head)
            if len(asked) == 2:
                break  # the second request of the first connection: no byte of a reply
            data = sse(chunk("hi")) + sse(chunk(finish="stop")) + b"data: [DONE]\n\n"
            head = HEAD.replace(b"Connection: close\r\n", b"")
            writer.write(head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data))
        writer.close()

    async with serve(handler) as port:
        provider = connect(f"http://127.0.0.1:{port}/v1")
        for _ in range(2):
            events, error = await outcome(provider, "x")
            assert error is None
            assert text_of(events) == "hi"
    assert len(asked) == 3


async def _request(reader: asyncio.StreamReader) -> bytes:
    """Read one request; empty at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    await reader.readexactly(length)
    return head


async def test_a_new_connection_that_is_closed_is_not_tried_again(
    fake: FakeOpenAI, connect: Connect
) -> None:
    _, error = await outcome(connect(), "reset-before")
    assert error is not None
    assert error.code == "upstream-cut"
    assert fake.posts == 1


async def test_200_streams_at_once(fake: FakeOpenAI, connect: Connect) -> None:
    provider = connect(limits=Limits())
    tasks = [asyncio.create_task(outcome(provider, "gate-3")) for _ in range(200)]
    await asyncio.wait_for(fake.asked(200), 20)
    assert fake.open_streams == 200
    await fake.release(float("inf"))
    answers = await asyncio.gather(*tasks)
    assert {text_of(events) for events, _ in answers} == {"piece 0 piece 1 piece 2 "}
    assert not any(error for _, error in answers)


async def test_a_slow_reader_is_not_taken_for_a_stall(connect: Connect) -> None:
    provider = connect(limits=Limits(idle_seconds=0.05))
    pieces: list[str] = []
    async with contextlib.aclosing(provider.stream(ask(), "known-4000")) as stream:
        async for event in stream:
            pieces.append(text_of([event]))
            if len(pieces) == 1:
                await asyncio.sleep(0.2)  # the reader's own time, which must not count
    assert "".join(pieces) == known_text(4000)
