"""Finds the model servers that run on this machine, at the ports they have by default."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmchat.domain.endpoint import Endpoint, Listing
from llmchat.providers.base import Limits

if TYPE_CHECKING:
    import aiohttp

PROBE_SECONDS = 0.3
# Best first: what a person starts to chat with comes before what developers run on these ports.
DEFAULT_PORTS: tuple[tuple[str, int], ...] = (
    ("Ollama", 11434),
    ("llama.cpp", 8080),
    ("LM Studio", 1234),
    ("vLLM", 8001),
    ("vLLM", 8000),
)


async def discover(
    own_port: int, limits: Limits, ports: Sequence[tuple[str, int]] = DEFAULT_PORTS
) -> tuple[list[Endpoint], list[Listing]]:
    """The servers that list models on loopback, best first, and their lists in the same order.

    All ports are tried at once for 300 ms, and those that are open asked for 300 ms more.
    `own_port` is not asked: it is ours. Never raises.
    """
    others = [(name, port) for name, port in ports if port != own_port]
    listening = await asyncio.gather(*(_is_open(port) for _, port in others))
    candidates = [
        Endpoint(name, "discovered", f"http://127.0.0.1:{port}/v1")
        for (name, port), is_open in zip(others, listening, strict=True)
        if is_open
    ]
    answers = await _ask(candidates, limits) if candidates else []
    found: dict[str, tuple[Endpoint, Listing]] = {}
    for endpoint, listing in zip(candidates, answers, strict=True):
        if listing is not None:
            # Names are keys: of two servers of one name the better port counts.
            found.setdefault(endpoint.name, (endpoint, listing))
    return [one for one, _ in found.values()], [listing for _, listing in found.values()]


async def _is_open(port: int) -> bool:
    """Whether anything listens. Where nothing does, that is known at once and without aiohttp,
    whose import would keep the first question waiting.
    """
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def _ask(endpoints: Sequence[Endpoint], limits: Limits) -> list[Listing | None]:
    from llmchat.providers.session import open_session

    async with open_session(limits.connect_seconds) as session:
        return await asyncio.gather(*(_probe(session, one) for one in endpoints))


async def _probe(session: aiohttp.ClientSession, endpoint: Endpoint) -> Listing | None:
    from llmchat.providers.failures import ReplyError
    from llmchat.providers.listing import read_models

    headers = {"Accept-Encoding": "identity"}
    try:
        models = await read_models(session, endpoint, headers=headers, seconds=PROBE_SECONDS)
    except ReplyError:
        return None
    # A server without a model, as Ollama is at first, cannot answer a question.
    return Listing(endpoint.name, models) if models else None
