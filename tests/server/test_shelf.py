"""`/api/prompts` and `/api/presets`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from llmchat.server.assets import Assets
from tests.server.jobs import ANSWER, ScriptedJobs
from tests.server.site import serve
from tests.system.talk import Talk

# As Open WebUI exports them: before and since its names were renamed.
OPEN_WEBUI: list[object] = [
    {"command": "/sum", "user_id": "u", "title": "Summarise", "content": "Sum up:"},
    {
        "command": "mail",
        "name": "Mail",
        "tags": [],
        "meta": {},
        "content": 'To {{who | text:placeholder="x":required}}, {{tone | select:default="kind"}}',
    },
    {"command": "/only", "title": "", "content": "Only a command"},
    {"command": "/empty", "title": "Empty", "content": " "},
    {"title": "No text"},
    7,
]


@pytest.fixture
async def talk(assets: Assets) -> AsyncIterator[Talk]:
    async with (
        serve(ScriptedJobs(ANSWER), assets) as (port, _),
        aiohttp.ClientSession() as session,
    ):
        yield Talk(f"http://127.0.0.1:{port}", session)


async def _names(talk: Talk, path: str) -> list[str]:
    status, kept = await talk.call("GET", path)
    assert status == 200
    return [one["name"] for one in kept["items"]]


async def test_prompts_are_made_changed_and_deleted(talk: Talk) -> None:
    prompt: dict[str, Any] = {"name": "Short", "text": "In one sentence:\n{{what=it}}"}
    status, made = await talk.call("POST", "/api/prompts", prompt)
    assert (status, made["text"]) == (201, prompt["text"])
    path = f"/api/prompts/{made['id']}"
    status, changed = await talk.call("PATCH", path, {"name": "Shorter"})
    assert (status, changed["name"], changed["text"]) == (200, "Shorter", prompt["text"])
    for wrong in (
        *({**prompt, "name": name} for name in ("", "x" * 61, "a\nb", None)),
        *({**prompt, "text": text} for text in ("", "x" * 20_001, 1)),
        *({"name": "x"}, {**prompt, "more": 1}, [], "x"),
    ):
        status, problem = await talk.call("POST", "/api/prompts", wrong)
        assert (status, problem["code"]) == (422, "validation")
    assert await _names(talk, "/api/prompts") == ["Shorter"]
    assert (await talk.call("DELETE", path))[0] == 204
    for method, body in (("DELETE", None), ("PATCH", {"name": "x"})):
        status, problem = await talk.call(method, path, body)
        assert (status, problem["code"]) == (404, "no-such-prompt")


async def test_exports_of_llmchat_and_open_webui_are_read(talk: Talk) -> None:
    status, report = await talk.call("POST", "/api/prompts/import", OPEN_WEBUI)
    assert (status, report) == (200, {"added": 3, "unchanged": 0, "skipped": 3})
    _, kept = await talk.call("GET", "/api/prompts")
    assert [(one["name"], one["text"]) for one in kept["items"]] == [
        ("Summarise", "Sum up:"),
        ("Mail", "To {{who}}, {{tone=kind}}"),
        ("only", "Only a command"),
    ]
    ours = {"prompts": [{"name": one["name"], "text": one["text"]} for one in kept["items"]]}
    status, report = await talk.call("POST", "/api/prompts/import", ours)
    assert (status, report) == (200, {"added": 0, "unchanged": 3, "skipped": 0})
    nothing: object
    for nothing in ({}, [], {"prompts": {}}, [{"chat": 1}]):
        status, problem = await talk.call("POST", "/api/prompts/import", nothing)
        assert (status, problem["code"]) == (422, "validation")


async def test_presets_are_made_changed_and_deleted(talk: Talk) -> None:
    settings = {"temperature": 0.5, "system": "Rhyme.", "preset": "other", "top_p": None}
    preset: dict[str, Any] = {"name": "Poet", "icon": "🪶", "colour": "violet"}
    body = {**preset, "starters": ["Write about the sea."], "settings": settings}
    status, made = await talk.call("POST", "/api/presets", body)
    assert status == 201
    assert made["settings"] == {"temperature": 0.5, "system": "Rhyme."}
    assert {**body, "settings": made["settings"]} == {
        name: made[name] for name in ("name", "icon", "colour", "starters", "settings")
    }
    path = f"/api/presets/{made['id']}"
    status, changed = await talk.call("PATCH", path, {"settings": {"seed": 1}, "icon": ""})
    assert (status, changed["settings"], changed["icon"]) == (200, {"seed": 1}, "")
    assert (changed["name"], changed["starters"]) == ("Poet", ["Write about the sea."])
    for wrong, pointer in (
        ({"name": ""}, "/name"),
        ({"icon": "x" * 17}, "/icon"),
        ({"colour": "infrared"}, "/colour"),
        ({"starters": [""]}, "/starters/0"),
        ({"starters": ["x"] * 7}, "/starters"),
        ({"settings": {"temperature": 9}}, "/settings/temperature"),
        ({"settings": {"extra": {"stream": 1}}}, "/settings/extra/stream"),
    ):
        for method, place in (("POST", "/api/presets"), ("PATCH", path)):
            whole = {**preset, **wrong} if method == "POST" else wrong
            status, problem = await talk.call(method, place, whole)
            assert (status, problem["errors"][0]["pointer"]) == (422, pointer)
    assert await _names(talk, "/api/presets") == ["Poet"]
    assert (await talk.call("DELETE", path))[0] == 204
    for method, wanted in (("DELETE", None), ("PATCH", {"name": "x"})):
        status, problem = await talk.call(method, path, wanted)
        assert (status, problem["code"]) == (404, "no-such-preset")
