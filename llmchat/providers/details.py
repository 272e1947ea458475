"""What a list of models leaves out and its server tells elsewhere: Ollama's `POST /api/show`
(docs/api.md of Ollama) and llama.cpp's `GET /props` (tools/server/README.md of llama.cpp).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace

import aiohttp

from llmchat.domain.chat import JSONObject
from llmchat.domain.endpoint import Endpoint, Model
from llmchat.providers.chunks import Plain, plain_json
from llmchat.providers.failures import AIOHTTP_ERRORS

SECONDS = 3.0  # for all of them: the list does not wait longer
_MOST_ASKED = 100
_AT_ONCE = 4
_MOST_BYTES = 4 * 1024 * 1024
_OLLAMA, _LLAMA_CPP = "library", "llamacpp"  # what these servers say in `owned_by`
_CONTEXT = re.compile(r"^num_ctx\s+(\d{1,9})\s*$", re.MULTILINE)


async def with_details(
    session: aiohttp.ClientSession,
    endpoint: Endpoint,
    models: tuple[Model, ...],
    *,
    headers: Mapping[str, str],
    proxy: str | None = None,
) -> tuple[Model, ...]:
    """The same models, with what could be learned of them in three seconds. Never raises."""
    root = endpoint.base_url.removesuffix("/v1")
    asked = [one for one in models if one.owned_by == _OLLAMA][:_MOST_ASKED]
    only = models[0] if len(models) == 1 and models[0].owned_by == _LLAMA_CPP else None
    turns = asyncio.Semaphore(_AT_ONCE)
    found: dict[str, Model] = {}

    async def read(method: str, path: str, body: JSONObject | None = None) -> JSONObject:
        async with (
            turns,
            session.request(
                method,
                f"{root}{path}",
                json=body,
                headers=headers,
                proxy=proxy,
                allow_redirects=False,
            ) as response,
        ):
            return _object(await response.content.read(_MOST_BYTES)) if response.ok else {}

    async def show(model: Model) -> None:
        found[model.id] = _shown(model, await read("POST", "/api/show", {"model": model.id}))

    async def props(model: Model) -> None:
        found[model.id] = _propped(model, await read("GET", "/props"))

    works = [show(one) for one in asked] + ([props(only)] if only else [])
    if works:
        tasks = [asyncio.create_task(work) for work in works]
        _, late = await asyncio.wait(tasks, timeout=SECONDS)
        for task in late:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, BaseException) and not isinstance(result, _HARMLESS):
                raise result
    return tuple(found.get(one.id, one) for one in models)


_HARMLESS = (*AIOHTTP_ERRORS, TimeoutError, ValueError, asyncio.CancelledError)


def _object(data: bytes) -> JSONObject:
    value: Plain = plain_json(data)
    return value if isinstance(value, dict) else {}


def _shown(model: Model, told: JSONObject) -> Model:
    """Ollama tells what a model can, and the context it is run with where its owner has set it;
    the default is another number than what the model was trained with, and not told.
    """
    can = told.get("capabilities")
    parameters = told.get("parameters")
    context = _CONTEXT.search(parameters) if isinstance(parameters, str) else None
    if not isinstance(can, list):
        can = None
    return replace(
        model,
        context_window=int(context[1]) if context else model.context_window,
        vision=model.vision if can is None else "vision" in can,
        tools=model.tools if can is None else "tools" in can,
        reasoning=model.reasoning if can is None else "thinking" in can,
    )


def _propped(model: Model, told: JSONObject) -> Model:
    settings = told.get("default_generation_settings")
    context = settings.get("n_ctx") if isinstance(settings, dict) else None
    modalities = told.get("modalities")
    sees = modalities.get("vision") if isinstance(modalities, dict) else None
    if not isinstance(context, int) or not 1 < context < 2**40:  # 1 is what `True` is
        context = model.context_window
    return replace(
        model,
        context_window=context,
        vision=sees if isinstance(sees, bool) else model.vision,
    )
