"""Reads the list of models, in the dialects of those who answer it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import aiohttp

from llmchat.domain.chat import JSONObject
from llmchat.domain.endpoint import Endpoint, Model
from llmchat.domain.statistics import Price
from llmchat.providers.chunks import Plain, plain_json, whole
from llmchat.providers.failures import AIOHTTP_ERRORS, ReplyError, error_of, error_of_status

LISTING_SECONDS = 5.0
_MOST_MODELS = 1000
_MOST_BYTES = 8 * 1024 * 1024
_ID_LENGTH = 200
_MOST_DOLLARS = 1_000_000  # for a million tokens
# vLLM; OpenRouter; LM Studio; Groq; Together and others.
_WINDOWS = (
    "max_model_len",
    "context_length",
    "loaded_context_length",
    "max_context_length",
    "context_window",
)


def headers_of(endpoint: Endpoint) -> dict[str, str]:
    """The headers of a request for the list."""
    headers = {"Accept-Encoding": "identity"}
    if endpoint.api_key:
        headers["Authorization"] = f"Bearer {endpoint.api_key}"
    return headers | {name.title(): value for name, value in endpoint.headers}


async def read_models(
    session: aiohttp.ClientSession,
    endpoint: Endpoint,
    *,
    headers: Mapping[str, str],
    proxy: str | None = None,
    seconds: float = LISTING_SECONDS,
) -> tuple[Model, ...]:
    """Ask an endpoint for its models, at most 1,000 and each once. Raises ReplyError."""
    try:
        async with (
            asyncio.timeout(seconds),
            session.get(
                f"{endpoint.base_url}/models", headers=headers, allow_redirects=False, proxy=proxy
            ) as response,
        ):
            body = await _read(response)
    except TimeoutError as error:
        raise ReplyError("upstream-timeout", f"no list of models within {seconds:g} s") from error
    except AIOHTTP_ERRORS as error:
        raise error_of(error) from error
    try:
        value = plain_json(body)
    except ValueError as error:
        value = None
        if response.status == 200:
            raise ReplyError("upstream-not-an-api", "no list of models") from error
    if response.status != 200:
        raise error_of_status(response.status, response.headers, value)
    return models_of(value, endpoint.name)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts: list[bytes] = []
    left = _MOST_BYTES
    while data := await response.content.readany():
        left -= len(data)
        if left < 0:
            raise ReplyError("upstream-too-large", "the list of models is too long")
        parts.append(data)
    return b"".join(parts)


def models_of(value: Plain, endpoint: str) -> tuple[Model, ...]:
    """The models of a reply. Raises ReplyError for JSON that is no list of models."""
    items = value.get("data", value.get("models")) if isinstance(value, dict) else value
    if not isinstance(items, list):
        raise ReplyError("upstream-not-an-api", "JSON that is no list of models")
    found: dict[str, Model] = {}
    for item in items:
        model = _model(item, endpoint) if isinstance(item, dict) else None
        if model is not None:
            found.setdefault(model.id, model)
        if len(found) == _MOST_MODELS:
            break
    return tuple(found.values())


def _model(item: JSONObject, endpoint: str) -> Model | None:
    name = item.get("id") or item.get("name") or item.get("model")
    if not isinstance(name, str) or len(name) > _ID_LENGTH or not name.isprintable():
        return None
    owner = item.get("owned_by")
    return Model(
        id=name,
        endpoint=endpoint,
        owned_by=whole(owner[:_ID_LENGTH]) if isinstance(owner, str) else "",
        context_window=_window(item),
        vision=_told(item, "image", "multimodal", "vision"),
        tools=_told(item, "tools", "tools", "function_calling"),
        reasoning=_told(item, "reasoning", "thinking", "reasoning"),
        price=_price(item),
    )


def _window(item: JSONObject) -> int | None:
    meta = item.get("meta")
    # llama.cpp: what it was started with, else what the model was trained with.
    told = [meta.get("n_ctx"), meta.get("n_ctx_train")] if isinstance(meta, dict) else []
    told += [item.get(key) for key in _WINDOWS]
    # 1 is what `True` is, and no window.
    return next((one for one in told if isinstance(one, int) and 1 < one < 2**40), None)


def _told(item: JSONObject, offered: str, listed: str, named: str) -> bool | None:
    """Whether a model can do something, where its endpoint says so: under the name `offered` at
    OpenRouter, `listed` or `named` by llama.cpp and Ollama, `named` by Mistral.
    """
    kinds = item.get("architecture")
    modalities = kinds.get("input_modalities") if isinstance(kinds, dict) else None
    offers = modalities if offered == "image" else item.get("supported_parameters")
    if isinstance(offers, list):
        return offered in offers
    told = item.get("capabilities")
    if isinstance(told, list):  # they leave out what they do not know
        return True if listed in told or named in told else None
    can = told.get(named) if isinstance(told, dict) else None
    return can if isinstance(can, bool) else None


def _price(item: JSONObject) -> Price | None:
    """OpenRouter's `pricing`: US dollars for one token, as texts. -1 is a price that varies."""
    told = item.get("pricing")
    if not isinstance(told, dict):
        return None
    prompt, completion, cached = (
        _dollars(told.get(name)) for name in ("prompt", "completion", "input_cache_read")
    )
    if prompt is None or completion is None:
        return None
    return Price(prompt, completion, cached)


def _dollars(value: Plain) -> float | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        dollars = float(value) * 1_000_000
    except ValueError:
        return None
    return round(dollars, 6) if 0 <= dollars <= _MOST_DOLLARS else None
