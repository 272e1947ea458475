"""`/api/endpoints`: the endpoints that are set up, and what can be."""

from __future__ import annotations

from typing import TypeVar

from aiohttp import web
from msgspec import UNSET, Struct

from llmchat.domain.access import Role
from llmchat.domain.endpoint_rules import same_server
from llmchat.endpoints.items import Item
from llmchat.server.body import read_document
from llmchat.server.endpoint_wire import (
    NAMES,
    EndpointChange,
    EndpointItem,
    EndpointList,
    EndpointTest,
    FoundServer,
    FoundServers,
    NewEndpoint,
    Trial,
)
from llmchat.server.keys import ENDPOINTS, JOBS
from llmchat.server.problems import invalid
from llmchat.server.replies import json_reply
from llmchat.server.wire import convert

T = TypeVar("T", bound=Struct)


async def endpoints(request: web.Request) -> web.Response:
    """All endpoints that are set up, with their state; of their keys, whether there is one."""
    registry = request.app[ENDPOINTS]
    place = await registry.keys.place()
    items = _shown(request, registry.items())
    return json_reply(EndpointList(items, None, place, list(registry.problems.values())))


async def add(request: web.Request) -> web.Response:
    """Set up an endpoint. It is asked from now on, after those that are there."""
    body = await _body(request, NewEndpoint)
    item = await request.app[ENDPOINTS].add(body.given())
    return json_reply(_shown(request, [item])[0], status=201)


async def patch(request: web.Request) -> web.Response:
    """Change an endpoint. Answers that are being made go on as they began."""
    body = await _body(request, EndpointChange)
    item = await request.app[ENDPOINTS].change(request.match_info["endpoint_id"], body.given())
    return json_reply(_shown(request, [item])[0])


async def delete(request: web.Request) -> web.Response:
    """Forget an endpoint and its key."""
    await request.app[ENDPOINTS].remove(request.match_info["endpoint_id"])
    return web.Response(status=204)


async def try_one(request: web.Request) -> web.Response:
    """Try an endpoint step by step: its name, the connection, the key, its models."""
    body = await _body(request, EndpointTest)
    given = body.given()
    id_ = given.pop("id", None)
    if id_ is None and body.base_url is UNSET:
        raise invalid("/base_url", "This member is required.")
    endpoint = request.app[ENDPOINTS].draft(id_, given)
    verdict = await request.app[JOBS].try_endpoint(endpoint)
    return json_reply(
        Trial(
            ok=verdict.ok,
            code=verdict.code,
            message=verdict.message,
            steps=list(verdict.steps),
            models=list(verdict.models),
            suggestion=verdict.suggestion,
        )
    )


async def discovered(request: web.Request) -> web.Response:
    """Look for model servers on this machine, at the ports they have by default."""
    found = await request.app[JOBS].look_around()
    models = {one.endpoint: [model.id for model in one.models] for one in found.listings}
    urls = [item.entry.base_url for item in request.app[ENDPOINTS].items()]
    items = [
        FoundServer(
            one.name,
            one.base_url,
            models.get(one.name, []),
            any(same_server(one.base_url, url) for url in urls),
        )
        for one in found.endpoints
    ]
    return json_reply(FoundServers(items, None))


async def _body(request: web.Request, kind: type[T]) -> T:
    return convert(await read_document(request, NAMES), kind)


def _shown(request: web.Request, items: list[Item]) -> list[EndpointItem]:
    catalogue = request.app[JOBS].catalogue()
    states = {state.name: state for state in catalogue.states(Role.ADMIN)}
    listed = [model.endpoint for model in catalogue.models(role=Role.ADMIN)]
    return [
        EndpointItem.of(item, states.get(item.entry.name), listed.count(item.entry.name))
        for item in items
    ]
