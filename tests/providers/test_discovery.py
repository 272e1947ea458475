"""Finding the servers of this machine."""

from __future__ import annotations

import asyncio
import time

from aiohttp import web

from llmchat.providers.base import Limits
from llmchat.providers.discovery import DEFAULT_PORTS, discover
from tests.fake_openai import FakeOpenAI
from tests.providers.test_connections import free_port, serve


async def test_it_finds_what_lists_models_best_first_and_nothing_else() -> None:
    async def black_hole(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def web_page(request: web.Request) -> web.Response:
        return web.Response(text="<html>", content_type="text/html")

    site = web.Application()
    site.router.add_get("/{path:.*}", web_page)
    runner = web.AppRunner(site)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with (
        FakeOpenAI(models=("llama",)) as ollama,
        FakeOpenAI(models=("qwen",)) as vllm,
        FakeOpenAI(models=("ours",)) as own,
        serve(black_hole) as silent,
    ):
        ports = (
            ("llmchat", own.port),
            ("silent", silent),
            ("nobody", free_port()),
            ("page", runner.addresses[0][1]),
            ("Ollama", ollama.port),
            ("vLLM", vllm.port),
        )
        started = time.monotonic()
        endpoints, listings = await discover(own.port, Limits(), ports)
        seconds = time.monotonic() - started
        assert own.listings == 0
    await runner.cleanup()
    assert [one.name for one in endpoints] == ["Ollama", "vLLM"]
    assert endpoints[0].base_url == ollama.url
    assert endpoints[0].kind == "discovered"
    assert [one.models[0].id for one in listings] == ["llama", "qwen"]
    assert seconds < 0.6


async def test_a_server_without_models_is_no_answer() -> None:
    async with FakeOpenAI() as empty:
        empty.models = {"object": "list", "data": []}
        assert await discover(0, Limits(), (("Ollama", empty.port),)) == ([], [])


async def test_of_two_servers_of_one_name_the_first_counts() -> None:
    async with FakeOpenAI() as first, FakeOpenAI() as second:
        endpoints, listings = await discover(
            0, Limits(), (("vLLM", first.port), ("vLLM", second.port))
        )
    assert [one.base_url for one in endpoints] == [first.url]
    assert len(listings) == 1


def test_the_default_ports() -> None:
    assert [port for _, port in DEFAULT_PORTS] == [11434, 8080, 1234, 8001, 8000]
