"""Our own API as OpenAI's client library sees it: through the real server, worker and store."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from tests.fake_modes import TEXT
from tests.fake_openai import FakeOpenAI
from tests.fake_replies import known_text
from tests.system.conftest import Client, Serve
from tests.system.program import run

HELLO: Any = [{"role": "user", "content": "Hello wörld"}]


async def key_of(client: Client) -> str:
    """A new API key."""
    async with client.session.post(f"{client.url}/api/keys", json={"name": "test"}) as reply:
        key: str = (await reply.json())["key"]
        return key


@pytest.fixture
async def library(client: Client) -> AsyncIterator[AsyncOpenAI]:
    """OpenAI's library, pointed at llmchat."""
    async with AsyncOpenAI(
        base_url=f"{client.url}/v1", api_key=await key_of(client), max_retries=0
    ) as made:
        yield made


async def test_models_are_listed_and_found(library: AsyncOpenAI) -> None:
    models = [one async for one in library.models.list()]
    assert "echo" in {one.id for one in models}
    assert (await library.models.retrieve("echo")).owned_by == "fake"
    with pytest.raises(openai.NotFoundError, match="v1/models lists"):
        await library.models.retrieve("nobody/has-it")


async def test_a_whole_answer_with_its_usage(library: AsyncOpenAI, client: Client) -> None:
    reply = await library.chat.completions.with_raw_response.create(
        model="echo", messages=HELLO, temperature=0.5, extra_headers={"X-Request-ID": "mine"}
    )
    assert reply.headers["X-Request-ID"] == "mine"
    answer = reply.parse()
    assert answer.choices[0].message.content == "Hello wörld"
    assert (answer.choices[0].finish_reason, answer.model) == ("stop", "echo")
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.total_tokens) == (12, 46)
    assert answer.usage.prompt_tokens_details is not None
    assert answer.usage.prompt_tokens_details.cached_tokens == 6
    assert (await client.get("/api/jobs"))["items"] == []  # nothing of it is stored
    assert (await client.get("/api/conversations"))["items"] == []
    [counted] = (await client.get("/api/statistics?days=1"))["items"]  # but what it took is
    assert (counted["model"], counted["answers"], counted["failed"]) == ("echo", 1, 0)
    assert (counted["prompt_tokens"], counted["completion_tokens"]) == (12, 34)


async def test_a_stream_is_the_answer_byte_for_byte(library: AsyncOpenAI) -> None:
    stream = await library.chat.completions.create(
        model="known-20000", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(one.choices[0].delta.content or "" for one in chunks if one.choices)
    assert text == known_text(20000)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [one.usage is None for one in chunks] == [True] * (len(chunks) - 1) + [False]
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 34
    assert chunks[-2].choices[0].finish_reason == "stop"


async def test_thoughts_tools_and_formats(library: AsyncOpenAI, fake: FakeOpenAI) -> None:
    """What is asked reaches the endpoint, and its answer can be sent back as it came."""
    thought = await library.chat.completions.create(model="reasoning", messages=HELLO)
    assert thought.choices[0].message.content == "The answer is 4."
    assert thought.choices[0].message.model_extra == {"reasoning_content": "Let me think."}
    said: Any = thought.choices[0].message
    tools: Any = [{"type": "function", "function": {"name": "clock", "parameters": {}}}]
    called = await library.chat.completions.create(model="tool", messages=HELLO, tools=tools)
    message: Any = called.choices[0].message
    assert (called.choices[0].finish_reason, message.content) == ("tool_calls", None)
    assert message.tool_calls is not None
    assert message.tool_calls[0].to_dict()["function"] == {
        "name": "clock",
        "arguments": '{"zone":"UTC"}',
    }
    schema: Any = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"a": 1}}}
    result: Any = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "noon"}
    await library.chat.completions.create(
        model="echo",
        messages=[*HELLO, said, *HELLO, message, result],
        response_format=schema,
        extra_body={"top_k": 7, "unheard_of": True},
    )
    asked = fake.requests[-1].body
    assert asked["response_format"] == schema
    assert (asked["top_k"], "unheard_of" in asked) == (7, False)
    assert [one["role"] for one in asked["messages"]] == [
        *("user", "assistant", "user", "assistant", "tool")
    ]
    assert asked["messages"][3]["tool_calls"][0]["id"] == message.tool_calls[0].id
    async with library.chat.completions.stream(model="tool", messages=HELLO, tools=tools) as stream:
        last = await stream.get_final_completion()
    assert last.choices[0].message.tool_calls is not None
    assert json.loads(last.choices[0].message.tool_calls[0].function.arguments) == {"zone": "UTC"}


@pytest.mark.parametrize(
    ("mode", "kind", "status"),
    [
        (
            "status-401",
            openai.InternalServerError,
            502,
        ),  # our key for the endpoint, not theirs for us
        ("context-openai", openai.BadRequestError, 400),
        ("quota", openai.RateLimitError, 429),
    ],
)
async def test_errors_are_those_that_the_library_knows(
    library: AsyncOpenAI,
    fake: FakeOpenAI,
    mode: str,
    kind: type[openai.APIStatusError],
    status: int,
) -> None:
    fake.mode = mode
    for stream in (False, True):
        with pytest.raises(kind) as refusal:
            await library.chat.completions.create(model="echo", messages=HELLO, stream=stream)
        assert refusal.value.status_code == status
        assert "Hello" not in refusal.value.message
    with pytest.raises(openai.AuthenticationError):
        await library.with_options(api_key="wrong").chat.completions.create(
            model="echo", messages=HELLO
        )


async def test_an_answer_that_breaks_off_raises_after_its_text(
    library: AsyncOpenAI, fake: FakeOpenAI
) -> None:
    fake.mode = "cut"
    stream = await library.chat.completions.create(model="echo", messages=HELLO, stream=True)
    texts: list[str] = []

    async def read() -> None:
        async for chunk in stream:
            texts.append(chunk.choices[0].delta.content or "")

    with pytest.raises(openai.APIError, match="broke"):
        await read()
    assert "".join(texts) == TEXT


async def test_a_client_that_goes_away_stops_the_model(
    library: AsyncOpenAI, fake: FakeOpenAI, client: Client
) -> None:
    stream = await library.chat.completions.create(model="gate-9", messages=HELLO, stream=True)
    async for chunk in stream:
        if chunk.choices[0].delta.content:
            break
    await stream.close()
    await fake.requests[-1].gone.wait()
    assert fake.requests[-1].disconnected
    waiting = library.with_options(timeout=0.5).chat.completions.create(
        model="silent", messages=HELLO
    )
    with pytest.raises(openai.APITimeoutError):
        await waiting
    await fake.requests[-1].gone.wait()
    assert fake.requests[-1].disconnected


async def test_the_next_endpoint_answers_and_says_so(serve: Serve, fake: FakeOpenAI) -> None:
    fake.mode = "status-401"
    async with (
        FakeOpenAI(models=("other",)) as second,
        serve(OPENAI_BASE_URL=f"{fake.url},{second.url}", DEFAULT_MODEL="echo,other") as client,
        AsyncOpenAI(base_url=f"{client.url}/v1", api_key=await key_of(client)) as library,
    ):
        answer = await library.chat.completions.create(model="echo", messages=HELLO)
        assert (answer.model, answer.choices[0].message.content) == ("other", "Hello wörld")
        stream = await library.chat.completions.create(model="echo", messages=HELLO, stream=True)
        assert {chunk.model async for chunk in stream} == {"other"}


async def test_a_program_that_floods_has_one_turn_beside_a_person(
    serve: Serve, fake: FakeOpenAI
) -> None:
    async with (
        serve(OPENAI_BASE_URL=fake.url, LLMCHAT_ENDPOINT_SLOTS="1") as client,
        AsyncOpenAI(base_url=f"{client.url}/v1", api_key=await key_of(client)) as library,
    ):
        first = await library.chat.completions.create(model="gate-2", messages=HELLO, stream=True)
        await fake.asked()
        flood = [
            asyncio.ensure_future(
                library.chat.completions.create(model="gate-1", messages=HELLO, user=str(number))
            )
            for number in range(5)
        ]
        while sum(client.service.figures().waiting.values()) < len(flood):  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)
        job = await client.submit("from a person", "gate-1")
        await first.close()
        assert (await client.read(job)).text == "piece 0 "
        answers = await asyncio.gather(*flood)
        assert {one.choices[0].message.content for one in answers} == {"piece 0 "}
        asked = [one.question() for one in fake.requests]
        assert asked.index("from a person") == 2  # after one of those that came before it


async def test_pictures_reach_a_model_that_may_see(library: AsyncOpenAI, fake: FakeOpenAI) -> None:
    """They are larger than a body of the page may be."""
    url = "data:image/png;base64," + base64.b64encode(bytes(3_000_000)).decode()
    part: Any = {"type": "image_url", "image_url": {"url": url, "detail": None}}
    content: Any = [{"type": "text", "text": "What is it?"}, part]
    answer = await library.chat.completions.create(
        model="echo", messages=[{"role": "user", "content": content}]
    )
    assert answer.choices[0].message.content == "What is it?"
    assert fake.requests[-1].body["messages"][0]["content"][1]["image_url"] == {"url": url}
    with pytest.raises(openai.BadRequestError, match="cannot read images"):
        await library.chat.completions.create(
            model="SmolLM2-135M-Instruct", messages=[{"role": "user", "content": content}]
        )


def _all_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_a_key_is_in_no_log_and_no_file(tmp_path: Path, fake: FakeOpenAI) -> None:
    async with run(tmp_path, OPENAI_BASE_URL=fake.url, LLMCHAT_LOG_LEVEL="debug") as program:
        async with program.session.post(f"{program.url}/api/keys", json={"name": "test"}) as reply:
            key: str = (await reply.json())["key"]
        async with AsyncOpenAI(base_url=f"{program.url}/v1", api_key=key) as library:
            await library.chat.completions.create(model="echo", messages=HELLO)
            with pytest.raises(openai.AuthenticationError):
                await library.with_options(api_key=f"{key}x").models.list()
        program.process.terminate()
        out, log = await program.process.communicate()
    assert log
    secret = key.removeprefix("llmchat-")[:-4].encode()
    assert secret not in out + log
    assert secret not in await asyncio.to_thread(_all_of, tmp_path)


async def test_embeddings_come_from_who_makes_them(
    library: AsyncOpenAI, fake: FakeOpenAI, client: Client
) -> None:
    texts = ["seven", "x" * 300_000]  # more than one piece of the queue
    reply = await library.embeddings.create(model="vectors", input=texts)
    assert [one.embedding for one in reply.data] == [[5.0, 2.0], [300_000.0, 0.0]]
    assert reply.usage.prompt_tokens == 7
    assert fake.requests[-1].body["encoding_format"] == "base64"
    plain = await library.embeddings.create(model="vectors", input="ee", encoding_format="float")
    assert plain.data[0].embedding == [2.0, 2.0]
    many = await library.embeddings.create(
        model="vectors", input=["e"] * 9000, encoding_format="float"
    )
    assert len(many.data) == 9000
    with pytest.raises(openai.BadRequestError, match="makes no embeddings"):
        await library.embeddings.create(model="echo", input="x")
    with pytest.raises(openai.NotFoundError, match="built-in"):
        await library.embeddings.create(model="SmolLM2-135M-Instruct", input="x")
    with pytest.raises(openai.BadRequestError, match="input"):
        await library.embeddings.create(model="vectors", input=[])
    assert (await client.get("/api/jobs"))["items"] == []


async def test_vectors_are_never_those_of_another_model(serve: Serve, fake: FakeOpenAI) -> None:
    """The next endpoint is asked if it has that model, and only then."""
    async with FakeOpenAI(models=("vectors",)) as second:
        urls = f"http://127.0.0.1:9/v1,{second.url},{fake.url}"
        async with (
            serve(OPENAI_BASE_URL=urls, DEFAULT_MODEL="vectors,vectors,echo") as client,
            AsyncOpenAI(
                base_url=f"{client.url}/v1", api_key=await key_of(client), max_retries=0
            ) as library,
        ):
            reply = await library.embeddings.create(model="vectors", input="abc")
            assert len(reply.data) == 1
            assert (len(second.requests), fake.requests) == (1, [])
            with pytest.raises(openai.InternalServerError):
                await library.embeddings.create(model="unlisted", input="abc")
            assert (len(second.requests), fake.requests) == (1, [])


async def test_the_built_in_model_answers_in_json(serve: Serve) -> None:
    """llama.cpp itself: a real model, its real grammar, and its own counts."""
    schema: Any = {
        "type": "json_schema",
        "json_schema": {
            "name": "reply",
            "schema": {
                "type": "object",
                "properties": {"blue": {"type": "boolean"}},
                "required": ["blue"],
                "additionalProperties": False,
            },
        },
    }
    question: Any = [{"role": "user", "content": "Is the sky blue? Answer in JSON."}]
    async with (
        serve() as client,
        AsyncOpenAI(base_url=f"{client.url}/v1", api_key=await key_of(client)) as library,
    ):
        [model] = [one async for one in library.models.list()]
        answer = await library.chat.completions.create(
            model=model.id, messages=question, response_format=schema, max_tokens=100
        )
        assert set(json.loads(answer.choices[0].message.content or "")) == {"blue"}
        assert answer.usage is not None
        assert answer.usage.prompt_tokens > 5
        assert answer.usage.completion_tokens > 2
        stream = await library.chat.completions.create(
            model=model.id,
            messages=question,
            response_format={"type": "json_object"},
            temperature=0,
            max_tokens=200,
            stream=True,
        )
        chunks = [chunk async for chunk in stream]
        text = "".join(one.choices[0].delta.content or "" for one in chunks)
        assert text.startswith("{")
        if chunks[-1].choices[0].finish_reason == "stop":
            json.loads(text)
