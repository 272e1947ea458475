"""Lists of models, in the dialects of the servers."""

from __future__ import annotations

import asyncio

import pytest

from llmchat.domain.endpoint import Endpoint, Model
from llmchat.domain.statistics import Price
from llmchat.providers.chunks import Plain
from llmchat.providers.failures import ReplyError
from llmchat.providers.listing import models_of, read_models
from llmchat.providers.session import open_session
from tests.fake_openai import GOOD, FakeOpenAI
from tests.providers.conftest import Connect


async def test_the_models_of_an_endpoint(fake: FakeOpenAI, connect: Connect) -> None:
    listing = await connect(key="sk-test-0123456789").models()
    assert listing.error is None
    assert [one.id for one in listing.models] == list(GOOD)
    assert listing.models[0] == Model("echo", "Fake", owned_by="fake")


@pytest.mark.parametrize(
    ("item", "window"),
    [
        ({"id": "m", "object": "model", "owned_by": "library"}, None),
        ({"id": "m", "meta": {"n_ctx_train": 8192, "vocab_type": 1}}, 8192),
        ({"id": "m", "meta": {"n_ctx": 4096, "n_ctx_train": 8192}}, 4096),
        ({"id": "m", "max_model_len": 32768, "permission": []}, 32768),
        ({"id": "m", "context_length": 131072, "architecture": {"modality": "text"}}, 131072),
        ({"id": "m", "max_context_length": 2048, "loaded_context_length": 1024}, 1024),
        ({"id": "m", "context_window": "8k", "meta": None}, None),
        ({"id": "m", "context_length": -1}, None),
        ({"id": "m", "context_length": True}, None),
        ({"name": "m", "model": "m:latest"}, None),
    ],
)
def test_the_context_window_where_it_is_told(item: dict[str, Plain], window: int | None) -> None:
    (model,) = models_of({"object": "list", "data": [item]}, "X")
    assert (model.id, model.context_window) == ("m", window)


@pytest.mark.parametrize(
    ("item", "vision"),
    [
        ({}, None),
        ({"architecture": {"input_modalities": ["text", "image"]}}, True),
        ({"architecture": {"input_modalities": ["text"]}}, False),
        ({"architecture": {"modality": "text->text"}}, None),
        ({"capabilities": {"vision": True}}, True),
        ({"capabilities": {"vision": False}}, False),
        ({"capabilities": {"vision": "yes"}}, None),
        ({"capabilities": ["completion", "multimodal"]}, True),
        ({"capabilities": ["completion"]}, None),
        ({"capabilities": 7, "architecture": 7}, None),
    ],
)
def test_whether_it_reads_images_where_it_is_told(
    item: dict[str, Plain], vision: bool | None
) -> None:
    (model,) = models_of([{"id": "m", **item}], "X")
    assert model.vision is vision


def test_odd_and_repeated_entries_are_left_out() -> None:
    items: list[Plain] = [{"id": "a"}, {"id": "a"}, 7, None, {"id": 7}, {}, {"id": "b\n"}]
    items += [{"id": "x" * 300}, {"id": "c", "owned_by": 3}]
    assert [one.id for one in models_of({"data": items}, "X")] == ["a", "c"]


def test_no_more_than_1000_models() -> None:
    items: list[Plain] = [{"id": f"m{number}"} for number in range(10_000)]
    assert len(models_of(items, "X")) == 1000


@pytest.mark.parametrize("value", [None, "x", 7, {}, {"data": None}, {"data": {}}])
def test_what_is_no_list_of_models(value: Plain) -> None:
    with pytest.raises(ReplyError) as caught:
        models_of(value, "X")
    assert caught.value.code == "upstream-not-an-api"


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>", "no OpenAI-compatible API"),
        (b"HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n", "did not accept the key (401)"),
        (b"HTTP/1.1 302 X\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "redirects"),
        (b"HTTP/1.1 500 X\r\nContent-Length: 4\r\n\r\noops", "reported an error (500)"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "broke"),
        (b"junk\r\n\r\n", "no OpenAI-compatible API"),
        (b"", "broke"),
    ],
)
async def test_a_list_that_cannot_be_had_is_an_error_in_words(
    reply: bytes, told: str, connect: Connect
) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        writer.close()

    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        listing = await connect(f"http://127.0.0.1:{port}/v1").models()
    assert listing.models == ()
    assert told in (listing.error or "")


async def test_a_list_that_does_not_come_has_a_limit(connect: Connect) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    async with server, open_session(1) as session:
        port = server.sockets[0].getsockname()[1]
        endpoint = Endpoint("X", "configured", f"http://127.0.0.1:{port}/v1")
        with pytest.raises(ReplyError) as caught:
            await read_models(session, endpoint, headers={}, seconds=0.1)
    assert caught.value.code == "upstream-timeout"


async def test_a_key_that_cannot_be_one_is_not_sent(fake: FakeOpenAI, connect: Connect) -> None:
    listing = await connect(key="sk-test\r\nX-Evil: 1").models()
    assert "Evil" not in (listing.error or "Evil")
    assert fake.listings == 0


@pytest.mark.parametrize(
    ("item", "tools", "reasoning"),
    [
        ({"supported_parameters": ["tools", "reasoning"]}, True, True),
        ({"supported_parameters": ["temperature"]}, False, False),
        ({"capabilities": ["completion", "tools", "thinking"]}, True, True),
        ({"capabilities": {"function_calling": True, "reasoning": False}}, True, False),
        ({"supported_parameters": 7}, None, None),
    ],
)
def test_what_else_it_can_where_it_is_told(
    item: dict[str, Plain], tools: bool | None, reasoning: bool | None
) -> None:
    (model,) = models_of([{"id": "m", **item}], "X")
    assert (model.tools, model.reasoning) == (tools, reasoning)


@pytest.mark.parametrize(
    ("pricing", "price"),
    [
        ({"prompt": "0.000002", "completion": "0.00001"}, Price(2, 10)),
        (
            {"prompt": "0.000003", "completion": "0.000015", "input_cache_read": "0.0000003"},
            Price(3, 15, 0.3),
        ),
        ({"prompt": "0", "completion": "0"}, Price(0, 0)),
        ({"prompt": "-1", "completion": "-1"}, None),
        ({"prompt": "nan", "completion": "1"}, None),
        ({"prompt": True, "completion": {}}, None),
        ([], None),
    ],
)
def test_the_price_where_it_is_told(pricing: Plain, price: Price | None) -> None:
    (model,) = models_of([{"id": "m", "pricing": pricing}], "X")
    assert model.price == price


SHOWN = {
    "capabilities": ["completion", "vision", "tools"],
    "parameters": 'num_ctx   8192\nstop "x"',
}
PROPS = {"default_generation_settings": {"n_ctx": 2048}, "modalities": {"vision": True}}


async def test_ollama_and_llama_cpp_are_asked_for_what_their_lists_leave_out(
    fake: FakeOpenAI, connect: Connect
) -> None:
    fake.told = {"/api/show": SHOWN, "/props": PROPS}
    fake.models = [{"id": "a", "owned_by": "library"}, {"id": "b", "owned_by": "library"}]
    models = (await connect().models()).models
    assert [(one.context_window, one.vision, one.tools) for one in models] == [
        (8192, True, True),
        (8192, True, True),
    ]
    assert models[0].reasoning is False
    fake.models = [{"id": "c.gguf", "owned_by": "llamacpp"}]
    (model,) = (await connect().models()).models
    assert (model.context_window, model.vision, model.tools) == (2048, True, None)


@pytest.mark.parametrize("told", [{}, [], {"capabilities": 7, "parameters": 7, "modalities": 7}])
async def test_details_that_are_none_change_nothing(
    fake: FakeOpenAI, connect: Connect, told: Plain
) -> None:
    fake.told = {"/api/show": told, "/props": told}
    for owner in ("library", "llamacpp"):
        fake.models = [{"id": "a", "owned_by": owner, "context_window": 99}]
        (model,) = (await connect().models()).models
        assert (model.context_window, model.vision) == (99, None)
