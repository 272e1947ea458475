"""The API of conversations: lists, trees and what is done with them, as clients see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from llmchat.domain.conversation import Conversation, ConversationId, Message, MessageId
from llmchat.server.assets import Assets
from llmchat.server.keys import CONVERSATIONS
from tests.server.jobs import ScriptedJobs
from tests.server.site import serve
from tests.system.talk import Talk

PATH = "/api/conversations"


@pytest.fixture
async def runner_and_talk(assets: Assets) -> AsyncIterator[tuple[web.AppRunner, Talk]]:
    async with (
        serve(ScriptedJobs(), assets) as (port, runner),
        aiohttp.ClientSession() as session,
    ):
        yield runner, Talk(f"http://127.0.0.1:{port}", session)


@pytest.fixture
def runner(runner_and_talk: tuple[web.AppRunner, Talk]) -> web.AppRunner:
    return runner_and_talk[0]


@pytest.fixture
def talk(runner_and_talk: tuple[web.AppRunner, Talk]) -> Talk:
    return runner_and_talk[1]


async def _make(runner: web.AppRunner, name: str, updated: int = 1) -> None:
    """A conversation of a question and an answer."""
    question = Message(MessageId(f"{name}-q"), None, "user", "question", updated)
    answer = Message(MessageId(f"{name}-a"), question.id, "assistant", "answer", updated)
    one = Conversation(ConversationId(name), name, updated, updated, active=answer.id)
    await runner.app[CONVERSATIONS].store.create("", one, [question, answer])


async def test_a_list_goes_on_where_its_cursor_says(runner: web.AppRunner, talk: Talk) -> None:
    for number in range(7):
        await _make(runner, f"c{number}", updated=number)
    names: list[str] = []
    cursor = ""
    while True:
        status, page = await talk.call("GET", f"{PATH}?limit=3{cursor}")
        assert status == 200
        names += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert names == [f"c{number}" for number in reversed(range(7))]
    assert set(page["items"][0]) == {
        *("id", "title", "created", "updated", "pinned", "archived", "unread", "running"),
        *("deleted", "active", "settings", "revision", "project"),
    }


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=1&limit=2",
        "pinned=perhaps",
        "pinned=null",
        "cursor=",
        "cursor=x",
        "cursor=MS4y=",
        "cursor=%C3%A4",
        "cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTkuMQ",
        "cursor=MS4tMg",
        "cursor=MSAuMg",
    ],
)
async def test_a_query_that_is_none_is_refused(talk: Talk, query: str) -> None:
    status, problem = await talk.call("GET", f"{PATH}?{query}")
    assert (status, problem["code"]) == (422, "validation")
    assert problem["errors"][0]["pointer"] == "/" + query.split("=")[0]


async def test_a_conversation_is_changed_in_part(runner: web.AppRunner, talk: Talk) -> None:
    await _make(runner, "one")
    changes = {"title": "New", "pinned": True, "settings": {"system": "x"}, "active": "one-q"}
    status, item = await talk.call("PATCH", f"{PATH}/one", changes)
    assert status == 200
    assert (item["title"], item["pinned"], item["settings"]) == ("New", True, {"system": "x"})
    assert item["active"] == "one-a"
    assert (await talk.call("PATCH", f"{PATH}/one", {"archived": True}))[1]["title"] == "New"
    assert [one["id"] for one in await talk.items("?archived=true")] == ["one"]


@pytest.mark.parametrize(
    "body",
    [
        {"title": ""},
        {"title": "a\nb"},
        {"title": "x" * 201},
        {"title": None},
        {"pinned": 1},
        {"deleted": 1},
        {"settings": []},
        {"named": True},
        [],
    ],
)
async def test_a_change_that_is_none_is_refused(
    runner: web.AppRunner, talk: Talk, body: Any
) -> None:
    await _make(runner, "one")
    status, problem = await talk.call("PATCH", f"{PATH}/one", body)
    assert (status, problem["code"]) == (422, "validation")
    assert (await talk.tree("one"))["revision"] == 1


async def test_what_is_deleted_can_be_taken_out_of_the_bin(
    runner: web.AppRunner, talk: Talk
) -> None:
    await _make(runner, "one")
    for _ in range(2):
        assert (await talk.call("DELETE", f"{PATH}/one"))[0] == 204
    assert await talk.items() == []
    assert [one["id"] for one in await talk.items("?deleted=true")] == ["one"]
    for _ in range(2):
        status, item = await talk.call("POST", f"{PATH}/one/restore", {})
        assert (status, item["deleted"]) == (200, None)
    await talk.call("DELETE", f"{PATH}/one?forever=true")
    assert (await talk.call("DELETE", f"{PATH}/one"))[0] == 404


@pytest.mark.parametrize("count", [3, 120])
async def test_many_are_deleted_for_good_at_once(
    runner: web.AppRunner, talk: Talk, count: int
) -> None:
    names = [f"c{number}" for number in range(count)]
    for name in [*names, "kept"]:
        await _make(runner, name)
    await talk.call("DELETE", f"{PATH}/c0")
    feed = talk.changes()
    await anext(feed)
    body = {"ids": [*names, "nobody"], "action": "delete-forever"}
    assert await talk.call("POST", f"{PATH}/batch", body) == (200, {"changed": count})
    async with asyncio.timeout(5):
        told = [(await anext(feed))[1:] for _ in range(count if count < 100 else 1)]
    gone: list[Any] = [
        ("change", {"conversation": one, "item": None, "messages": []}) for one in names
    ]
    assert told == (gone if count < 100 else [("reset", {})])
    assert [one["id"] for one in await talk.items()] == ["kept"]
    assert await talk.items("?deleted=true") == []
    assert (await talk.call("GET", f"{PATH}/c0"))[0] == 404
    assert await talk.call("POST", f"{PATH}/batch", body) == (200, {"changed": 0})


async def test_all_are_deleted_for_good_at_once(runner: web.AppRunner, talk: Talk) -> None:
    for name in ("live", "pinned", "archived", "binned"):
        await _make(runner, name)
    await talk.call("PATCH", f"{PATH}/pinned", {"pinned": True})
    await talk.call("PATCH", f"{PATH}/archived", {"archived": True})
    await talk.call("DELETE", f"{PATH}/binned")
    feed = talk.changes()
    await anext(feed)
    assert await talk.call("DELETE", f"{PATH}?all=true") == (200, {"changed": 4})
    async with asyncio.timeout(5):
        assert (await anext(feed))[1] == "reset"
    for query in ("", "?archived=true", "?deleted=true"):
        assert await talk.items(query) == []
    assert (await talk.call("GET", f"{PATH}/live"))[0] == 404
    assert await talk.call("DELETE", f"{PATH}?all=true") == (200, {"changed": 0})


@pytest.mark.parametrize(
    "query", ["", "?all=false", "?all=1", "?all=true&all=true", "?forever=true"]
)
async def test_nothing_is_deleted_unless_all_is_said(
    runner: web.AppRunner, talk: Talk, query: str
) -> None:
    await _make(runner, "kept")
    status, problem = await talk.call("DELETE", f"{PATH}{query}")
    assert (status, problem["code"]) == (422, "validation")
    assert [one["id"] for one in await talk.items()] == ["kept"]


async def test_many_are_changed_at_once(runner: web.AppRunner, talk: Talk) -> None:
    names = [f"c{number}" for number in range(120)]
    for name in names:
        await _make(runner, name)
    feed = talk.changes()
    await anext(feed)
    body = {"ids": [*names, "nobody"], "action": "delete"}
    assert await talk.call("POST", f"{PATH}/batch", body) == (200, {"changed": 120})
    async with asyncio.timeout(5):
        assert (await anext(feed))[1] == "reset"  # rather than 120 events
    assert await talk.items() == []
    body = {"ids": ["x"] * 1001, "action": "delete"}
    assert (await talk.call("POST", f"{PATH}/batch", body))[0] == 422
    assert (await talk.call("POST", f"{PATH}/batch", {"ids": [], "action": "burn"}))[0] == 422


async def test_a_message_is_only_stored_and_edited_and_deleted(
    runner: web.AppRunner, talk: Talk
) -> None:
    await _make(runner, "one")
    body = {"parent_id": "one-q", "role": "assistant", "content": "mine"}
    status, message = await talk.call("POST", f"{PATH}/one/messages", body)
    assert (status, message["state"], message["parent_id"]) == (201, "done", "one-q")
    assert (await talk.tree("one"))["active"] == message["id"]
    path = f"{PATH}/one/messages/{message['id']}"
    status, edited = await talk.call("PATCH", path, {"content": "better", "reasoning": "thought"})
    assert (status, edited["content"], edited["reasoning"]) == (200, "better", "thought")
    assert edited["edited"] >= message["created"]
    assert edited["revision"] > message["revision"]
    assert await talk.call("DELETE", path) == (200, {"deleted": 1, "active": "one-a"})
    assert (await talk.call("PATCH", path, {"content": "x"}))[1]["code"] == "no-such-message"
    assert (await talk.call("PATCH", f"{PATH}/one/messages/one-a", {}))[0] == 422
    for wrong in ({"role": "tool"}, {"content": "x" * 500_001}, {"parent_id": ""}):
        assert (await talk.call("POST", f"{PATH}/one/messages", {**body, **wrong}))[0] == 422
    gone = {**body, "attachments": [{"file": "0" * 64, "name": "a.png"}]}
    assert (await talk.call("POST", f"{PATH}/one/messages", gone))[0] == 422


async def test_a_fork_is_a_conversation_of_its_own(runner: web.AppRunner, talk: Talk) -> None:
    await _make(runner, "one")
    status, item = await talk.call("POST", f"{PATH}/one/fork", {"message_id": "one-q"})
    assert status == 201
    tree = await talk.tree(item["id"])
    assert [one["content"] for one in tree["messages"]] == ["question"]
    assert tree["active"] == tree["messages"][0]["id"] != "one-q"


async def test_unknown_ids_are_not_found_whatever_they_are(talk: Talk) -> None:
    for name in ("nobody", "%00", "%ED%A0%80", "..%2f", "a" * 1000, "'%20or%201=1"):
        status, problem = await talk.call("GET", f"{PATH}/{name}")
        assert (status, problem["code"]) == (404, "no-such-conversation")


async def test_settings_are_kept_each_for_itself(talk: Talk) -> None:
    assert await talk.call("GET", "/api/settings") == (200, {})
    await talk.call("PATCH", "/api/settings", {"theme": "dark", "enter_sends": False})
    status, all_ = await talk.call("PATCH", "/api/settings", {"theme": None, "system": "Be brief."})
    assert (status, all_) == (200, {"enter_sends": False, "system": "Be brief."})
    for wrong in ({"theme": "pink"}, {"unknown": 1}, [1]):
        assert (await talk.call("PATCH", "/api/settings", wrong))[0] == 422
    assert await talk.call("GET", "/api/settings") == (200, all_)


async def test_readers_of_the_feed_that_leave_leave_nothing_behind(
    runner: web.AppRunner, talk: Talk
) -> None:
    feeds = [talk.changes() for _ in range(5)]
    for feed in feeds:
        await anext(feed)
    waiting = runner.app[CONVERSATIONS].changes.of("")._waiting
    async with asyncio.timeout(5):
        while len(waiting) < 5:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)
        await talk.session.close()
        while waiting:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
