"""`GET /models`: what can answer, in the shape of OpenAI's list and a little more."""

from __future__ import annotations

import msgspec
from aiohttp import web

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.endpoint import Model
from llmchat.domain.model_notes import ModelNote
from llmchat.jobs.catalogue import Catalogue, EndpointState
from llmchat.server.keys import FILE_LIMITS, JOBS
from llmchat.server.replies import json_reply


async def models(request: web.Request) -> web.Response:
    """What is known now: never waits for an endpoint. `notices` are for the people who ask,
    `attachments` are the limits of files.
    """
    catalogue = request.app[JOBS].catalogue()
    states = catalogue.states()
    default, reason = catalogue.default, catalogue.reason
    endpoints: list[JSON] = [_endpoint(state) for state in states]
    return json_reply(
        {
            "object": "list",
            "data": _models(catalogue, {state.name: state for state in states}),
            "default": None if default is None else default.id,
            "reason": reason and reason.text,
            "reason_code": reason and reason.code,
            "endpoints": endpoints,
            "ready": catalogue.ready,
            "notices": [
                {"code": code, "message": message}
                for code, message in request.app[JOBS].notices().items()
            ],
            "attachments": msgspec.to_builtins(request.app[FILE_LIMITS]),
        }
    )


def _models(catalogue: Catalogue, states: dict[str, EndpointState]) -> list[JSON]:
    default = catalogue.default
    return [
        {
            **_model(model, states[model.endpoint], default=model == default),
            **_noted(catalogue.note_of(model.id)),
        }
        for model in catalogue.models()
    ]


def _model(model: Model, state: EndpointState, *, default: bool) -> JSONObject:
    return {
        "id": model.id,
        "object": "model",
        "owned_by": model.owned_by or model.endpoint,
        "endpoint": model.endpoint,
        "kind": state.kind,
        "context_window": model.context_window,
        "capabilities": {
            "vision": model.vision,
            "tools": model.tools,
            "reasoning": model.reasoning,
        },
        "price": None if model.price is None else msgspec.to_builtins(model.price),
        "default": default,
    }


def _noted(note: ModelNote) -> JSONObject:
    return {"favourite": note.favourite, "hidden": note.hidden}


def _endpoint(state: EndpointState) -> JSONObject:
    return {
        "name": state.name,
        "kind": state.kind,
        "base_url": state.base_url,
        "state": state.state,
        "error": state.error,
        "code": state.code,
        "age_seconds": state.age_seconds,
    }
