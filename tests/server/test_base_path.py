"""The whole site below a prefix, and nothing beside it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, FormData

from llmchat.server.assets import Assets
from llmchat.server.routes import ROUTES
from tests.server.jobs import ANSWER, ScriptedJobs
from tests.server.site import serve

BASE = "/my/chat"
QUESTION = {"messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
async def http(assets: Assets) -> AsyncIterator[ClientSession]:
    async with (
        serve(ScriptedJobs(ANSWER), assets, base_path=BASE) as (port, _),
        ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        yield session


async def test_the_page_its_parts_and_its_health_are_below_the_prefix_only(
    http: ClientSession, assets: Assets
) -> None:
    for path in ("/", f"/s/{assets.hash}/js/main.js", "/models", "/health/live", "/metrics"):
        async with http.get(BASE + path) as reply:
            assert (path, reply.status) == (path, 200)
        async with http.get(path) as reply:
            assert (path, reply.status) == (path, 404)


async def test_without_its_slash_the_prefix_leads_to_the_page_with_what_was_asked(
    http: ClientSession,
) -> None:
    for given, led in (("", "/"), ("?q=a%20b", "/?q=a%20b")):
        async with http.get(BASE + given, allow_redirects=False) as reply:
            assert (reply.status, reply.headers["Location"]) == (307, BASE + led)
    async with http.get(BASE, headers={"Sec-Fetch-Site": "cross-site"}) as reply:
        assert (reply.status, reply.url.path) == (200, f"{BASE}/")
    async with http.get(f"{BASE}/models", headers={"Sec-Fetch-Site": "cross-site"}) as reply:
        assert reply.status == 403


async def test_a_question_is_told_the_whole_address_of_its_stream(http: ClientSession) -> None:
    async with http.post(f"{BASE}/chat", json=QUESTION) as reply:
        stream = (await reply.json())["stream"]
    assert stream.startswith(f"{BASE}/stream/")
    async with http.get(stream) as reply:
        assert reply.status == 200
        assert reply.headers["X-Accel-Buffering"] == "no"
        assert "event: done" in await reply.text()


async def test_a_file_is_taken_below_the_prefix(http: ClientSession) -> None:
    form = FormData()
    form.add_field("file", b"some text", filename="a.txt", content_type="text/plain")
    async with http.post(f"{BASE}/api/files", data=form) as reply:
        assert reply.status == 201


async def test_the_description_names_the_prefix_once(http: ClientSession) -> None:
    async with http.get(f"{BASE}/api/openapi.json") as reply:
        document = await reply.json()
    assert document["servers"] == [{"url": BASE}]
    assert set(document["paths"]) == {
        re.sub(":[^}]+", "", one.path) for one in ROUTES if not one.path.startswith("/s/")
    }
