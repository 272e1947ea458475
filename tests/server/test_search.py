"""`GET /api/search` answers everything, with what was found or with what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientSession, web
from hypothesis import given, settings
from hypothesis import strategies as st

from llmchat.config import Settings
from llmchat.domain.conversation import Conversation, ConversationId, Message, MessageId
from llmchat.server.app import make_runner, make_web_app
from llmchat.server.assets import Assets
from llmchat.storage.conversations import create
from llmchat.storage.database import Database
from llmchat.storage.files import FileStore
from tests.raw_http import Reply, exchange
from tests.search_strings import SEARCHES
from tests.server.jobs import ScriptedJobs

TREE = [
    Message(MessageId("m1"), None, "user", "What is an apple?", 2000),
    Message(MessageId("m2"), MessageId("m1"), "assistant", "A fruit. Apples grow.", 3000),
]


@pytest.fixture
async def port(tmp_path: Path, assets: Assets) -> AsyncIterator[int]:
    """A server with one conversation."""
    database = Database.open(tmp_path / "llmchat.db")
    one = Conversation(ConversationId("c1"), "About apples", 1000, 3000, archived=True)
    await database.write(lambda connection: create(connection, "", one, TREE))
    jobs, files = ScriptedJobs().as_service(), FileStore(database, tmp_path / "files")
    app = make_web_app(Settings(data_dir=tmp_path), jobs, assets, files=files)
    runner = make_runner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()
    await database.close()


async def get(port: int, query: str) -> Reply:
    request = f"GET /api/search?{query} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"
    return await asyncio.to_thread(exchange, port, request.encode())


async def _all_hits(port: int, query: str) -> list[dict[str, Any]]:
    """Of all pages: on a busy machine the time of a page may be over before its hits are."""
    url = f"http://127.0.0.1:{port}/api/search"
    hits: list[dict[str, Any]] = []
    cursor: str | None = ""
    async with ClientSession() as client:
        while cursor is not None:
            params = {"q": query, **({"cursor": cursor} if cursor else {})}
            async with client.get(url, params=params) as response:
                found = await response.json()
            hits += found["items"]
            cursor = found["next"]
    return hits


def encoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


async def test_hits_have_their_place_and_their_text_in_parts(port: int) -> None:
    found = await _all_hits(port, "apple")
    title = {
        "conversation_id": "c1",
        "title": "About apples",
        "title_parts": [
            {"text": "About ", "hit": False},
            {"text": "apple", "hit": True},
            {"text": "s", "hit": False},
        ],
        "archived": True,
    }
    assert found[0] == {
        **title,
        "message_id": None,
        "role": None,
        "created": 3000,
        "snippet": [],
    }
    assert found[1] == {
        **title,
        "message_id": "m2",
        "role": "assistant",
        "created": 3000,
        "snippet": [
            {"text": "A fruit. ", "hit": False},
            {"text": "Apple", "hit": True},
            {"text": "s grow.", "hit": False},
        ],
    }
    assert [item["message_id"] for item in found] == [None, "m2", "m1"]


async def test_pages_lead_from_one_to_the_next(port: int) -> None:
    ids, cursor = [], ""
    for _ in range(6):
        page = (await get(port, f"q=apple&limit=1{cursor}")).json()
        ids += [item["message_id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={encoded(page['next'])}"
    assert ids == [None, "m2", "m1"]


@pytest.mark.parametrize("text", SEARCHES, ids=lambda text: ascii(text)[:20])
async def test_every_string_gets_an_answer(port: int, text: str) -> None:
    reply = await get(port, f"q={encoded(text)}")
    assert reply.status == 200
    assert set(reply.json()) == {"items", "next"}


@pytest.mark.parametrize(
    ("query", "status", "pointer"),
    [
        (f"q={'x' * 1001}", 422, "/q"),
        (f"q={'(' * 5000}", 422, "/q"),
        (f"q={'x' * 1_000_000}", 431, None),
        *[
            (f"limit={bad}", 422, "/limit")
            for bad in ("", "0", "-1", "1e9", "abc", "101", "%D9%A1")
        ],
        *[
            (f"cursor={bad}", 422, "/cursor")
            for bad in ("", "x", "bTE%3D", "bTF", "eDE", "bTAx", "%FF", "%00")
        ],
    ],
    ids=lambda value: str(value)[:20],
)
async def test_what_cannot_be_meant_is_refused(
    port: int, query: str, status: int, pointer: str | None
) -> None:
    reply = await get(port, query)
    assert reply.status == status
    assert [error["pointer"] for error in reply.json().get("errors", [])] == [pointer] * (
        pointer is not None
    )


async def test_no_bytes_at_all_make_it_fail(port: int) -> None:
    @settings(max_examples=150, deadline=None)
    @given(st.binary(max_size=100), st.sampled_from(("q", "cursor", "limit")))
    def send(raw: bytes, name: str) -> None:
        request = (
            f"GET /api/search?q=a&{name}={quote(raw, safe='')} HTTP/1.1\r\nHost: localhost:{port}"
        )
        reply = exchange(port, f"{request}\r\n\r\n".encode())
        assert reply.status in (200, 422)

    await asyncio.to_thread(send)
