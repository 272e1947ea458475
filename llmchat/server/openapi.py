"""`GET /api/openapi.json`: the API for programs, made from the types that read the requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from llmchat import __version__
from llmchat.domain.conversation import Conversation, Message
from llmchat.domain.project import Project
from llmchat.domain.share import SharedChat
from llmchat.domain.shelf import Preset, Prompt, PromptImport
from llmchat.server import access_wire as access
from llmchat.server import conversation_wire as wire
from llmchat.server import endpoint_wire, project_wire, schemas, tools
from llmchat.server import share_wire as sharing
from llmchat.server import shelf_wire as shelf
from llmchat.server.api_keys import KeyBody
from llmchat.server.keys import BASE_PATH
from llmchat.server.rehearsal import RehearsalBody
from llmchat.server.replies import json_reply
from llmchat.server.search import FoundPage, SearchQuery
from llmchat.server.statistics import Statistics, StatisticsQuery
from llmchat.server.turns import AttachmentBody, TurnBody
from llmchat.server.v1 import schemas as programs
from llmchat.server.v1.embeddings import EmbeddingBody
from llmchat.server.v1.wire import OURS, CompletionBody
from llmchat.server.wire import ChatBody

INTERNAL = frozenset({"/s/{hash}/{path}"})
"""The parts of the page: they are no API."""
EVENTS = "text/event-stream"
_REFS = "#/components/schemas/{name}"
_PROBLEM = {
    "content": {"application/problem+json": {"schema": {"$ref": _REFS.format(name="ProblemBody")}}}
}
_API_ERROR = {
    "content": {"application/json": {"schema": {"$ref": _REFS.format(name="ApiErrorBody")}}}
}
_KEY = {"type": "http", "scheme": "bearer", "description": "A key of `POST /api/keys`."}


@dataclass(frozen=True)
class Operation:
    """`query`, `reply` and those of `bodies`, of which one is sent, are types; `media` is what a
    reply of another kind is. `also` are further headers and queries that are text. `form`: one file
    is sent. `other`: the media type of a reply instead, if that is asked for; `gone`: that of a
    404. `lenient`: members of the body that are not known are left out, and so may be the kind of a
    part that has but one.
    """

    status: int = 200
    reply: Any = None
    bodies: tuple[type[Struct], ...] = ()
    query: type[Struct] | None = None
    media: str = "application/json"
    also: tuple[tuple[str, str], ...] = ()
    form: bool = False
    other: str = ""
    gone: str = ""
    lenient: bool = False


_FILE = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
_AFTER = ("query", "after")
OPERATIONS = {
    "GET /": Operation(media="text/html"),
    "GET /licenses": Operation(media="text/html"),
    "POST /chat": Operation(
        202,
        schemas.Accepted,
        (ChatBody, TurnBody),
        also=(("header", "Idempotency-Key"),),
        lenient=True,
    ),
    "DELETE /chat/{job_id}": Operation(204, also=(("query", "seen"),)),
    "POST /chat/{job_id}/tools/{call_id}": Operation(204, bodies=(tools.DecisionBody,)),
    "GET /stream/{job_id}": Operation(media=EVENTS, also=(("header", "Last-Event-ID"), _AFTER)),
    "GET /models": Operation(reply=schemas.ModelList),
    "POST /api/request": Operation(reply=schemas.Rehearsed, bodies=(RehearsalBody,), lenient=True),
    "POST /api/models": Operation(201, schemas.Listed, form=True),
    "DELETE /api/models/{file}": Operation(204),
    "GET /api/jobs": Operation(
        reply=schemas.JobPage, also=(("query", "state"), ("query", "limit"))
    ),
    "GET /api/jobs/{job_id}": Operation(reply=schemas.WholeJob, also=(_AFTER,)),
    "GET /api/conversations": Operation(reply=schemas.ConversationPage, query=wire.ListQuery),
    "DELETE /api/conversations": Operation(reply=schemas.Changed, query=wire.DeleteAllQuery),
    "POST /api/conversations/batch": Operation(reply=schemas.Changed, bodies=(wire.Batch,)),
    "GET /api/conversations/{conversation_id}": Operation(
        reply=schemas.WholeConversation, query=wire.TreeQuery
    ),
    "PATCH /api/conversations/{conversation_id}": Operation(
        reply=Conversation, bodies=(wire.ConversationPatch,)
    ),
    "DELETE /api/conversations/{conversation_id}": Operation(204, query=wire.DeleteQuery),
    "POST /api/conversations/{conversation_id}/restore": Operation(
        reply=Conversation, bodies=(wire.Nothing,)
    ),
    "POST /api/conversations/{conversation_id}/fork": Operation(201, Conversation, (wire.Fork,)),
    "POST /api/conversations/{conversation_id}/messages": Operation(
        201, Message, (wire.NewMessage,)
    ),
    "PATCH /api/conversations/{conversation_id}/messages/{message_id}": Operation(
        reply=Message, bodies=(wire.MessagePatch,)
    ),
    "DELETE /api/conversations/{conversation_id}/messages/{message_id}": Operation(
        reply=schemas.Deleted
    ),
    "GET /api/conversations/{conversation_id}/export": Operation(
        media="*/*", also=(("query", "format"),)
    ),
    "POST /api/conversations/{conversation_id}/shares": Operation(
        201, sharing.NewShare, (sharing.ShareBody,)
    ),
    "GET /api/shares": Operation(reply=sharing.ShareList, query=sharing.ShareQuery),
    "POST /api/shares/take": Operation(201, Conversation, (sharing.TakeBody,)),
    "DELETE /api/shares/{share_id}": Operation(204),
    "GET /share/{token}": Operation(media="text/html", gone="text/html"),
    "GET /share/{token}/data": Operation(reply=SharedChat),
    "GET /share/{token}/files/{number}": Operation(media="*/*"),
    "GET /api/search": Operation(reply=FoundPage, query=SearchQuery),
    "POST /api/files": Operation(201, schemas.Stored, form=True),
    "GET /api/files/{file}": Operation(media="*/*", also=(("query", "name"),)),
    "GET /api/tools": Operation(reply=schemas.Tools),
    "DELETE /api/tools/approvals": Operation(204, query=tools.ApprovalQuery),
    "GET /api/export": Operation(
        media="application/zip", also=(("query", "format"), ("query", "ids"))
    ),
    "POST /api/export": Operation(media="application/zip", bodies=(wire.ExportBody,)),
    "POST /api/import": Operation(202, schemas.Started, also=(("query", "dry_run"),), form=True),
    "GET /api/import/{import_id}": Operation(reply=schemas.ImportState),
    "DELETE /api/import/{import_id}": Operation(204),
    "GET /api/changes": Operation(media=EVENTS, also=(("header", "Last-Event-ID"), _AFTER)),
    "GET /api/endpoints": Operation(reply=endpoint_wire.EndpointList),
    "POST /api/endpoints": Operation(201, endpoint_wire.EndpointItem, (endpoint_wire.NewEndpoint,)),
    "GET /api/endpoints/discovered": Operation(reply=endpoint_wire.FoundServers),
    "POST /api/endpoints/test": Operation(
        reply=endpoint_wire.Trial, bodies=(endpoint_wire.EndpointTest,)
    ),
    "PATCH /api/endpoints/{endpoint_id}": Operation(
        reply=endpoint_wire.EndpointItem, bodies=(endpoint_wire.EndpointChange,)
    ),
    "DELETE /api/endpoints/{endpoint_id}": Operation(204),
    "GET /api/settings": Operation(reply=wire.AccountSettings),
    "PATCH /api/settings": Operation(reply=wire.AccountSettings, bodies=(wire.AccountSettings,)),
    "GET /api/session": Operation(reply=access.SessionState),
    "POST /api/session": Operation(
        reply=access.SessionState, bodies=(access.PasswordLogin, access.TokenLogin)
    ),
    "DELETE /api/session": Operation(204),
    "POST /api/setup": Operation(reply=access.SessionState, bodies=(access.SetupBody,)),
    "GET /api/oidc/start": Operation(303, media="text/html", also=(("query", "next"),)),
    "GET /api/oidc/callback": Operation(
        303, media="text/html", also=(("query", "code"), ("query", "state"))
    ),
    "GET /api/sessions": Operation(reply=access.SessionList),
    "DELETE /api/sessions": Operation(204),
    "DELETE /api/sessions/{session_id}": Operation(204),
    "GET /api/account/holdings": Operation(reply=access.Held),
    "GET /api/account/limits": Operation(reply=access.OwnLimits),
    "PATCH /api/account": Operation(reply=access.OwnAccount, bodies=(access.AccountPatch,)),
    "DELETE /api/account": Operation(204, bodies=(access.Farewell,)),
    "GET /api/users": Operation(reply=access.UserList),
    "POST /api/users": Operation(201, access.User, (access.NewUser,)),
    "GET /api/users/use": Operation(reply=access.UserUseList),
    "GET /api/users/{user_id}/holdings": Operation(reply=access.Held),
    "PATCH /api/users/{user_id}": Operation(reply=access.User, bodies=(access.UserPatch,)),
    "DELETE /api/users/{user_id}": Operation(204),
    "GET /api/audit": Operation(reply=access.AuditPage, query=access.AuditQuery),
    "GET /api/keys": Operation(reply=schemas.KeyList),
    "POST /api/keys": Operation(201, schemas.NewKey, (KeyBody,)),
    "DELETE /api/keys/{key_id}": Operation(204),
    "GET /v1/models": Operation(reply=programs.ApiModels),
    "GET /v1/models/{model}": Operation(reply=programs.ApiModel),
    "POST /v1/chat/completions": Operation(
        reply=programs.Completion, bodies=(CompletionBody,), other=EVENTS, lenient=True
    ),
    "POST /v1/embeddings": Operation(
        reply=programs.Embeddings, bodies=(EmbeddingBody,), lenient=True
    ),
    "GET /api/prompts": Operation(reply=shelf.PromptList),
    "POST /api/prompts": Operation(201, Prompt, (shelf.PromptBody,)),
    "POST /api/prompts/import": Operation(
        reply=PromptImport, bodies=(shelf.PromptFile,), lenient=True
    ),
    "PATCH /api/prompts/{prompt_id}": Operation(reply=Prompt, bodies=(shelf.PromptPatch,)),
    "DELETE /api/prompts/{prompt_id}": Operation(204),
    "GET /api/presets": Operation(reply=shelf.PresetList),
    "POST /api/presets": Operation(201, Preset, (shelf.PresetBody,)),
    "PATCH /api/presets/{preset_id}": Operation(reply=Preset, bodies=(shelf.PresetPatch,)),
    "DELETE /api/presets/{preset_id}": Operation(204),
    "GET /api/projects": Operation(reply=project_wire.ProjectList),
    "POST /api/projects": Operation(201, Project, (project_wire.ProjectBody,)),
    "GET /api/projects/{project_id}": Operation(reply=Project),
    "PATCH /api/projects/{project_id}": Operation(
        reply=Project, bodies=(project_wire.ProjectPatch,)
    ),
    "DELETE /api/projects/{project_id}": Operation(204, query=project_wire.ProjectQuery),
    "POST /api/projects/{project_id}/files": Operation(201, Project, (AttachmentBody,)),
    "DELETE /api/projects/{project_id}/files/{file}": Operation(reply=Project),
    "GET /api/statistics": Operation(reply=Statistics, query=StatisticsQuery, other="text/csv"),
    "GET /api/openapi.json": Operation(),
    "GET /health/live": Operation(reply=schemas.Health),
    "GET /health/ready": Operation(reply=schemas.Health),
    "GET /metrics": Operation(media="text/plain"),
}


async def openapi(request: web.Request) -> web.Response:
    """The description of this API, OpenAPI 3.1."""
    return json_reply(describe(request.app.router, request.app[BASE_PATH]))


def describe(router: web.UrlDispatcher, base: str) -> dict[str, Any]:
    """The document of what is below `base`. A route that is not in OPERATIONS is in it with what is
    known of it.
    """
    kinds = [kind for one in OPERATIONS.values() for kind in (one.reply, *one.bodies) if kind]
    kinds += [schemas.ProblemBody, programs.ApiErrorBody]
    found, components = msgspec.json.schema_components(kinds, ref_template=_REFS)
    known = {id(kind): schema for kind, schema in zip(kinds, found, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for method, path, summary in _routes(router, base):
        one = OPERATIONS.get(f"{method} {path}", Operation())
        if one.lenient:
            known |= {id(body): _loosened(known[id(body)], components) for body in one.bodies}
        for body in one.bodies if path.startswith("/v1/") else ():
            for name in OURS:
                known[id(body)]["properties"].pop(name, None)
        paths.setdefault(path, {})[method.lower()] = _operation(path, summary, one, known)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "llmchat", "version": __version__},
        "servers": [{"url": base or "/"}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"key": _KEY}},
    }
    plain: dict[str, Any] = _portable(document)
    return plain


def _loosened(schema: Any, components: dict[str, Any]) -> Any:
    """The same without references, in which nothing is forbidden that is only left out. A `type`
    that can be one thing only need not be said.
    """
    if isinstance(schema, list):
        return [_loosened(one, components) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _loosened(components[schema["$ref"].rsplit("/", 1)[1]], components)
    loose = {name: _loosened(one, components) for name, one in schema.items()}
    if loose.get("additionalProperties") is False:
        del loose["additionalProperties"]
    kind = loose.get("properties", {}).get("type", {})
    if len(kind.get("enum", ())) == 1 and "type" in loose.get("required", ()):
        loose["required"] = [name for name in loose["required"] if name != "type"]
    loose.pop("discriminator", None)  # it names references
    return loose


def _routes(router: web.UrlDispatcher, base: str) -> Iterator[tuple[str, str, str]]:
    for route in router.routes():
        path = route.resource.canonical if route.resource is not None else ""
        path = path.removeprefix(base)
        if route.method != "HEAD" and path and path not in INTERNAL:
            yield route.method, path, (route.handler.__doc__ or "").strip().split("\n\n")[0]


def _operation(path: str, summary: str, one: Operation, known: dict[int, Any]) -> dict[str, Any]:
    for_programs = path.startswith("/v1/")
    problem = _API_ERROR if for_programs else _PROBLEM
    reply: dict[str, Any] = {"description": "What was asked for."}
    if one.status != 204:
        schema = known[id(one.reply)] if one.reply else {}
        reply["content"] = {one.media: {"schema": schema} if schema else {}}
    if one.other:
        reply["content"][one.other] = {}
    operation: dict[str, Any] = {
        "summary": re.sub(r"\s+", " ", summary),
        "parameters": _parameters(path, one),
        "responses": {
            str(one.status): reply,
            **_gone(one),
            "4XX": {"description": "The request cannot be met.", **problem},
            "5XX": {"description": "Try again later.", **problem},
        },
    }
    if for_programs:
        operation["security"] = [{"key": []}]
    if one.reply is schemas.Accepted:
        operation["responses"]["200"] = {**reply, "description": "The job was made before."}
    if one.media == EVENTS:
        operation["responses"]["204"] = {"description": "There will be nothing more."}
    if one.bodies:
        given = [known[id(body)] for body in one.bodies]
        schema = given[0] if len(given) == 1 else {"anyOf": given}
        content = {"application/json": {"schema": schema}}
        operation["requestBody"] = {"required": True, "content": content}
    if one.form:
        content = {"multipart/form-data": {"schema": {**_FILE, "required": ["file"]}}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _gone(one: Operation) -> dict[str, Any]:
    found = {"description": "There is nothing any more.", "content": {one.gone: {}}}
    return {"404": found} if one.gone else {}


def _parameters(path: str, one: Operation) -> list[dict[str, Any]]:
    text = {"type": "string"}
    found = [
        {"name": name, "in": "path", "required": True, "schema": text}
        for name in re.findall(r"\{(\w+)", path)
    ]
    found += [{"name": name, "in": place, "schema": text} for place, name in one.also]
    if one.query is not None:
        _, parts = msgspec.json.schema_components([one.query])
        query = parts[one.query.__name__]
        for name, schema in query["properties"].items():
            must = {"required": True} if name in query["required"] else {}
            found.append({"name": name, "in": "query", "schema": _not_null(schema), **must})
    return found


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query has no null: what may be null may be left out."""
    kinds = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    return kinds[0] if len(kinds) == 1 else schema


def _portable(value: Any) -> Any:
    """Python's anchors of regular expressions as those of JSON Schema."""
    if isinstance(value, dict):
        return {
            name: re.sub(r"^\\A(.*)\\Z$", r"^\1$", one)
            if name == "pattern" and isinstance(one, str)
            else _portable(one)
            for name, one in value.items()
        }
    return [_portable(one) for one in value] if isinstance(value, list) else value
