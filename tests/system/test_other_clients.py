"""Our own API as other people's programs use it: simonw's `llm`, and LiteLLM."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.fake_openai import FakeOpenAI
from tests.fake_replies import known_text
from tests.system.conftest import Client
from tests.system.litellm_env import INSTALL_SECONDS, litellm_python
from tests.system.test_openai_client import key_of

_CLOCK = 'def clock(zone: str):\n    "What time it is."\n    return f"noon in {zone}"\n'


async def _run(*command: str, environment: Mapping[str, str], piped: str | None = None) -> str:
    """What a program prints."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **environment},
        stdin=DEVNULL if piped is None else PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    out, err = await process.communicate(None if piped is None else piped.encode())
    assert process.returncode == 0, err.decode()
    return out.decode()


@pytest.mark.timeout(240)  # it is started seven times
async def test_llm_asks_streams_pipes_and_calls_tools(
    client: Client, fake: FakeOpenAI, tmp_path: Path
) -> None:
    """As its documentation says for OpenAI-compatible models: a YAML file and a key."""
    folder = tmp_path / "llm"
    folder.mkdir()
    models = [
        {
            "model_id": f"our-{name}",
            "model_name": name,
            "api_base": f"{client.url}/v1",
            "api_key_name": "llmchat",
            "supports_tools": True,
            "supports_schema": True,
        }
        for name in ("echo", "known-3000", "agent")
    ]
    (folder / "extra-openai-models.yaml").write_text(json.dumps(models))  # which is YAML too
    (folder / "keys.json").write_text(json.dumps({"llmchat": await key_of(client)}))
    environment = {"LLM_USER_PATH": str(folder)}
    llm = str(Path(sys.executable).with_name("llm"))
    ask = (llm, "-m")
    assert await _run(*ask, "our-echo", "Hello wörld", environment=environment) == "Hello wörld\n"
    whole = await _run(*ask, "our-echo", "--no-stream", "hi", environment=environment)
    assert whole == "hi\n"
    long = await _run(*ask, "our-known-3000", "hi", environment=environment)
    assert long == known_text(3000) + "\n"
    piped = await _run(*ask, "our-echo", "-s", "Sum up", environment=environment, piped="a text")
    assert piped == "a text\n"
    assert fake.requests[-1].body["messages"][0] == {"role": "system", "content": "Sum up"}
    await _run(*ask, "our-echo", "--schema", "name, age int", "hi", environment=environment)
    assert fake.requests[-1].body["response_format"]["type"] == "json_schema"
    told = await _run(*ask, "our-agent", "--functions", _CLOCK, "?", environment=environment)
    assert told == "It is noon in UTC.\n"
    usage = json.loads(await _run(llm, "logs", "-n", "1", "--json", environment=environment))[0]
    assert (usage["input_tokens"], usage["output_tokens"]) == (12, 34)


@pytest.mark.timeout(INSTALL_SECONDS)
async def test_litellm_asks_in_all_its_ways(client: Client, fake: FakeOpenAI) -> None:
    script = str(Path(__file__).with_name("litellm_client.py"))
    said = json.loads(
        await _run(
            *(litellm_python(), script, f"{client.url}/v1", await key_of(client)),
            environment={"LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        )
    )
    assert said == {
        "text": "Hello wörld",
        "tokens": 46,
        "stream": known_text(3000),
        "streamed": [46],
        "thought": "Let me think.",
        "arguments": '{"zone":"UTC"}',
        "after": "It is noon.",
        "vector": [5.0, 2.0],
        "errors": [
            "AuthenticationError",
            "NotFoundError",
            "ContextWindowExceededError",
            "RateLimitError",
        ],
    }
