"""`GET /models`: what can answer, in the shape of OpenAI's list and a little more."""

from __future__ import annotations

import msgspec
from aiohttp import web

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.endpoint import Model
from llmchat.jobs.catalogue import EndpointState
from llmchat.jobs.local import LocalModels
from llmchat.jobs.service import JobService
from llmchat.server.keys import FILE_LIMITS, JOBS, account_of, role_of
from llmchat.server.replies import json_reply


async def models(request: web.Request) -> web.Response:
    """What is known now: never waits for an endpoint. Only what the caller may use is there.
    `notices` are for the people who ask,
    `attachments` are the limits of files, `local` is the folder of models, which is looked at.
    """
    service, account, role = request.app[JOBS], account_of(request), role_of(request)
    await service.local.look()
    catalogue = service.catalogue()
    states = {state.name: state for state in catalogue.states(role)}
    default, reason = catalogue.default_for(role), catalogue.reason_for(role)
    endpoints: list[JSON] = [_endpoint(state) for state in states.values()]
    listed: list[JSON] = [
        {
            **describe(model, states[model.endpoint], service, account),
            "default": catalogue.is_default(model, role),
        }
        for model in catalogue.models(account, role)
    ]
    reply = json_reply(
        {
            "object": "list",
            "data": listed,
            "default": None if default is None else default.id,
            "reason": reason and reason.text,
            "reason_code": reason and reason.code,
            "endpoints": endpoints,
            "ready": catalogue.ready,
            "notices": [
                {"code": code, "message": message} for code, message in service.notices().items()
            ],
            "attachments": msgspec.to_builtins(request.app[FILE_LIMITS]),
            "local": _folder(service.local),
        }
    )
    reply.enable_compression()  # some endpoints have hundreds of models
    return reply


def describe(model: Model, state: EndpointState, service: JobService, account: str) -> JSONObject:
    """A model as lists show it to an account, with what that has noted of it; one that is a file
    has `file`.
    """
    note = service.catalogue().note_of(account, model.id)
    described: JSONObject = {
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
        "favourite": note.favourite,
        "hidden": note.hidden,
    }
    file = service.catalogue().model_file(model.endpoint)
    if file is not None:
        described["file"] = {
            "name": file.file,
            "title": file.name,
            "size_bytes": file.size_bytes,
            "quantisation": file.quantisation,
            "parameters": file.parameters,
            "architecture": file.architecture,
            "context_length": file.context_length,
            "chat_template": file.has_template,
            "needed_bytes": service.local.needed_bytes(file),
            "state": service.engine_state(model.endpoint),
        }
    return described


def _folder(local: LocalModels) -> JSONObject:
    refused: list[JSON] = [
        {
            "file": one.file,
            "size_bytes": one.size_bytes,
            "code": one.code,
            "reason": one.reason,
        }
        for one in local.found.refused
    ]
    return {"folder": str(local.folder.path.absolute()), "refused": refused}


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
