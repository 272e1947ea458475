"""LiteLLM in an environment of its own: it does not fit into ours."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import aiohttp

from bench import tools
from bench.targets import free_port

INSTALL_SECONDS = 900  # it has 70 packages, which are fetched once
ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it asks the network for prices
    "LITELLM_MODE": "PRODUCTION",
}
_KEY = "sk-of-the-proxy"


def litellm_python() -> str:
    """Its Python. Tests run in several processes: one of them makes it."""
    tools.BUILD.mkdir(parents=True, exist_ok=True)
    with (tools.BUILD / "litellm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return tools.python_of("litellm")


@contextlib.asynccontextmanager
async def litellm_proxy(
    upstream: str, models: Sequence[str], folder: Path
) -> AsyncIterator[tuple[str, str]]:
    """LiteLLM's proxy in front of an API. Yields its address and its key."""
    config = {
        "general_settings": {"master_key": _KEY},
        "litellm_settings": {"num_retries": 0},
        "model_list": [
            {
                "model_name": name,
                "litellm_params": {
                    "model": f"openai/{name}",
                    "api_base": upstream,
                    "api_key": "none",
                },
            }
            for name in models
        ],
    }
    path = folder / "litellm.yaml"
    path.write_text(json.dumps(config))  # which is YAML too
    program = Path(litellm_python()).with_name("litellm")
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(str(program), "--config", str(path), "--host", "127.0.0.1", "--port", str(port)),
        *("--telemetry", "False"),
        env={**os.environ, **ENVIRONMENT},
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        async with aiohttp.ClientSession() as session:
            while process.returncode is None:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"{url}/health/liveliness") as reply:
                        if reply.status == 200:
                            break
                await asyncio.sleep(0.2)
        assert process.returncode is None, "the proxy did not start"
        yield f"{url}/v1", _KEY
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
