"""LiteLLM's real proxy as the endpoint, with the fake API behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI

from tests.fake_openai import FakeOpenAI
from tests.fake_replies import known_text
from tests.system.conftest import Serve
from tests.system.litellm_env import INSTALL_SECONDS, litellm_proxy
from tests.system.test_openai_client import HELLO, key_of

MODELS = ("echo", "known-3000", "reasoning", "agent", "gate-9", "context-openai", "cut", "vectors")


@pytest.mark.timeout(INSTALL_SECONDS)
async def test_answers_thoughts_tools_errors_and_stop_go_through_litellm(
    serve: Serve, fake: FakeOpenAI, tmp_path: Path
) -> None:
    async with (
        litellm_proxy(fake.url, MODELS, tmp_path) as (url, key),
        serve(OPENAI_BASE_URL=url, OPENAI_API_KEY=key, DEFAULT_MODEL="echo") as client,
        AsyncOpenAI(
            base_url=f"{client.url}/v1", api_key=await key_of(client), max_retries=0
        ) as library,
    ):
        assert {one.id async for one in library.models.list()} >= set(MODELS)
        answer = await client.ask("Hello wörld")
        assert (answer.text, answer.last[0]) == ("Hello wörld", "done")
        assert answer.last[1]["usage"]["prompt_tokens"] == 12
        assert (await client.ask("hi", "known-3000")).text == known_text(3000)
        thought = await client.ask("hi", "reasoning")
        thoughts = [data["text"] for _, name, data in thought.events if name == "reasoning"]
        assert "".join(thoughts) == "Let me think."
        assert thought.text == "The answer is 4."
        tools: Any = [{"type": "function", "function": {"name": "clock", "parameters": {}}}]
        called = await library.chat.completions.create(model="agent", messages=HELLO, tools=tools)
        assert called.choices[0].message.tool_calls is not None
        call = called.choices[0].message.tool_calls[0]
        assert call.type == "function"
        assert (call.function.name, call.function.arguments) == ("clock", '{"zone":"UTC"}')
        long = await client.ask("hi", "context-openai")
        assert long.last[1]["code"] == "upstream-context-length"
        broken = await client.ask("hi", "cut")
        assert (broken.last[0], broken.text) == ("error", "Some text ä漢🙂.")
        vectors = await library.embeddings.create(model="vectors", input=["seven"])
        assert vectors.data[0].embedding == [5.0, 2.0]
        job = await client.submit("hi", "gate-9")
        await client.until(job, lambda name, _: name == "delta")
        assert await client.stop(job) == 204
        await fake.requests[-1].gone.wait()
        assert fake.requests[-1].disconnected
        refused = await client.ask("hi", "not-there")
        assert refused.last[0] == "error"
