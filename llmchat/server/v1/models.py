"""`/v1/models`: what can be asked for by name."""

from __future__ import annotations

from aiohttp import web

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.endpoint import Model
from llmchat.server.keys import JOBS, account_of, role_of
from llmchat.server.problems import refusal
from llmchat.server.replies import json_reply


async def models(request: web.Request) -> web.Response:
    """All models that the account of the key may use, those of its default endpoint first, each
    name once.
    """
    known = await _models(request)
    data: list[JSON] = [_model(one) for one in known.values()]
    return json_reply({"object": "list", "data": data})


async def model(request: web.Request) -> web.Response:
    """One of them."""
    known = (await _models(request)).get(request.match_info["model"])
    if known is None:
        raise refusal("no-such-model", "GET /v1/models lists those there are.")
    return json_reply(_model(known))


async def _models(request: web.Request) -> dict[str, Model]:
    """By name. Several endpoints may have one of the same name: the first of them is asked."""
    catalogue = await request.app[JOBS].lists()
    known: dict[str, Model] = {}
    for one in catalogue.models(account_of(request), role_of(request)):
        known.setdefault(one.id, one)
    return known


def _model(model: Model) -> JSONObject:
    """In OpenAI's shape. When a model was made nobody says; its context is told by the name that
    OpenRouter gave it, whether it sees by that of Mistral: so one llmchat can read another's list.
    """
    return {
        "id": model.id,
        "object": "model",
        "created": 0,
        "owned_by": model.owned_by or model.endpoint,
        "context_length": model.context_window,
        "capabilities": {"vision": model.vision},
    }
