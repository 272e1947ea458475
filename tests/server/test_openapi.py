"""The description of the API: all of it, and what the server really answers."""

from __future__ import annotations

import re
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
    # Without the expressions that parts of paths have to match.
    paths = {(route.method, re.sub(r"(?<=[a-z]):[^}]*(?=})", "", route.path)) for route in ROUTES}
    assert described == {f"{method} {path}" for method, path in paths if path not in INTERNAL}
    assert described == set(OPERATIONS)
    assert all(one["summary"] for methods in document["paths"].values() for one in methods.values())


def _check(document: Any, method: str, path: str, status: int, reply: object) -> None:
    """Raise unless a reply is as it is described."""
    responses = document["paths"][path][method.lower()]["responses"]
    described = responses.get(str(status)) or responses[f"{status // 100}XX"]
    content = next(iter(described["content"].values()))
    schema = {**content["schema"], "components": document["components"]}
    jsonschema_rs.validate(schema, reply)


async def test_answers_are_as_they_are_described(talk: Talk) -> None:
    _, document = await talk.call("GET", "/api/openapi.json")
    _, said = await talk.call("POST", "/chat", {"messages": [{"role": "user", "content": "hi"}]})
    _, made = await talk.call("POST", "/api/keys", {"name": "test"})
    headers = {"Authorization": f"Bearer {made['key']}"}
    hello = [{"role": "user", "content": "hi"}]
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
        ("GET", "/api/keys", "/api/keys", None),
        ("POST", "/api/keys", "/api/keys", {"name": "another"}),
        ("POST", "/api/keys", "/api/keys", {}),
        ("GET", "/v1/models", "/v1/models", None),
        ("GET", "/v1/models/{model}", "/v1/models/tiny", None),
        ("GET", "/v1/models/{model}", "/v1/models/none", None),
        ("POST", "/v1/chat/completions", "/v1/chat/completions", {"messages": hello}),
        ("POST", "/v1/chat/completions", "/v1/chat/completions", {}),
        ("POST", "/api/prompts", "/api/prompts", {"name": "a", "text": "b"}),
        ("GET", "/api/prompts", "/api/prompts", None),
        ("POST", "/api/presets", "/api/presets", {"name": "a", "settings": {"seed": 1}}),
        ("GET", "/api/presets", "/api/presets", None),
        ("GET", "/api/shares", "/api/shares", None),
        ("POST", "/api/shares/take", "/api/shares/take", {"token": "x"}),
        ("GET", "/share/{token}/data", "/share/x/data", None),
        ("GET", "/health/live", "/health/live", None),
        ("GET", "/health/ready", "/health/ready", None),
    ):
        status, reply = await talk.call(method, place, body, **headers)
        _check(document, method, path, status, reply)
