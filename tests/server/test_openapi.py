"""The description of the API: all of it, and what the server really answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import jsonschema_rs
import pytest

from llmchat.server.assets import Assets
from llmchat.server.openapi import INTERNAL, OPERATIONS
from llmchat.server.routes import ROUTES
from tests.server.jobs import ANSWER, ScriptedJobs
from tests.server.site import serve
from tests.system.talk import Talk


@pytest.fixture
async def talk(assets: Assets) -> AsyncIterator[Talk]:
    async with (
        serve(ScriptedJobs(ANSWER), assets) as (port, _),
        aiohttp.ClientSession() as session,
    ):
        yield Talk(f"http://127.0.0.1:{port}", session)


async def test_every_route_is_described(talk: Talk) -> None:
    status, document = await talk.call("GET", "/api/openapi.json")
    assert (status, document["openapi"]) == (200, "3.1.0")
    described = {
        f"{method.upper()} {path}" for path, one in document["paths"].items() for method in one
    }
    routes = {f"{route.method} {route.path}" for route in ROUTES}
    assert described == {
        one for one in routes if one.split()[1].split(":")[0] + "}" not in INTERNAL
    }
    assert described == set(OPERATIONS)
    assert all(one["summary"] for methods in document["paths"].values() for one in methods.values())


def _check(document: Any, method: str, path: str, status: int, reply: object) -> None:
    """Raise unless a reply is as it is described."""
    responses = document["paths"][path][method.lower()]["responses"]
    described = responses.get(str(status)) or responses[f"{status // 100}XX"]
    [content] = described["content"].values()
    schema = {**content["schema"], "components": document["components"]}
    jsonschema_rs.validate(schema, reply)


async def test_answers_are_as_they_are_described(talk: Talk) -> None:
    _, document = await talk.call("GET", "/api/openapi.json")
    _, said = await talk.call("POST", "/chat", {"messages": [{"role": "user", "content": "hi"}]})
    for method, path, place, body in (
        ("POST", "/chat", "/chat", {"messages": [{"role": "user", "content": "hi"}]}),
        ("POST", "/chat", "/chat", {"messages": []}),
        ("GET", "/models", "/models", None),
        ("GET", "/api/jobs", "/api/jobs", None),
        ("GET", "/api/jobs/{job_id}", f"/api/jobs/{said['job_id']}", None),
        ("GET", "/api/jobs/{job_id}", "/api/jobs/none", None),
        ("GET", "/api/conversations", "/api/conversations", None),
        ("GET", "/api/conversations", "/api/conversations?limit=0", None),
        ("PATCH", "/api/settings", "/api/settings", {"theme": "dark"}),
        ("GET", "/api/settings", "/api/settings", None),
        ("POST", "/api/prompts", "/api/prompts", {"name": "a", "text": "b"}),
        ("GET", "/api/prompts", "/api/prompts", None),
        ("POST", "/api/presets", "/api/presets", {"name": "a", "settings": {"seed": 1}}),
        ("GET", "/api/presets", "/api/presets", None),
        ("GET", "/health/live", "/health/live", None),
        ("GET", "/health/ready", "/health/ready", None),
    ):
        status, reply = await talk.call(method, place, body)
        _check(document, method, path, status, reply)
