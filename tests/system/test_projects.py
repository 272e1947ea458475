"""Projects: what their conversations share is told to the model in every turn."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import aiohttp
import pytest

from tests.fake_openai import FakeOpenAI
from tests.system.conftest import Client
from tests.system.talk import Talk
from tests.system.test_attachments import PNG, below, image_part, text_part, upload

PATH = "/api/projects"
FACTS = text_part("File: facts.txt\n```\nBlue.\n```")
RULES = {"role": "system", "content": "Speak of trees.\n\nRhyme."}


@pytest.fixture
def talk(client: Client) -> Talk:
    return Talk(client.url, client.session)


async def _project(talk: Talk, **members: object) -> dict[str, Any]:
    status, made = await talk.call("POST", PATH, {"name": "Trees", **members})
    assert status == 201, made
    project: dict[str, Any] = made
    return project


async def test_instructions_and_files_come_first_in_every_turn(
    talk: Talk, fake: FakeOpenAI
) -> None:
    project = await _project(talk, system="Speak of trees.", model="known-40")
    at = f"{PATH}/{project['id']}"
    for content, name in ((b"Blue.\n", "facts.txt"), (PNG, "a.png")):
        status, project = await talk.call("POST", f"{at}/files", await upload(talk, content, name))
        assert status == 201
    assert [one["name"] for one in project["files"]] == ["facts.txt", "a.png"]
    said = await talk.ask("one", project=project["id"], settings={"system": "Rhyme."})
    first = {"role": "user", "content": [FACTS, image_part(PNG), text_part("one")]}
    assert fake.requests[-1].body["messages"] == [RULES, first]
    assert fake.requests[-1].body["model"] == "known-40"
    again = {"content": "two", "model": "known-50", **below(said)}
    _, seen = await talk.call("POST", "/api/request", again)
    await talk.ask(**again)
    sent = fake.requests[-1].body["messages"]
    assert sent == [RULES, first, sent[2], {"role": "user", "content": "two"}]
    shown = seen["body"]["messages"]
    assert [one["role"] for one in shown] == ["system", "user", "assistant", "user"]
    assert (shown[0], shown[1]["content"][0], shown[3]) == (RULES, FACTS, sent[3])
    # Only the project has them: what is stored of the chat names no file.
    tree = await talk.tree(said["conversation_id"])
    assert tree["project"] == project["id"]
    assert [one["attachments"] for one in tree["messages"]] == [[], [], [], []]
    # A fork stays in it, and files and instructions are those of now.
    await talk.call("DELETE", f"{at}/files/{project['files'][1]['file']}")
    await talk.call("PATCH", at, {"system": ""})
    fork = f"/api/conversations/{said['conversation_id']}/fork"
    status, forked = await talk.call("POST", fork, {"message_id": said["message_id"]})
    assert (status, forked["project"]) == (201, project["id"])
    _, seen = await talk.call("POST", "/api/request", {"content": "x", "project": project["id"]})
    assert seen["body"]["messages"] == [{"role": "user", "content": f"{FACTS['text']}\n\nx"}]


async def test_conversations_are_moved_listed_found_and_let_go(talk: Talk) -> None:
    names: list[str] = []
    ready = asyncio.Event()

    async def listen() -> None:
        feed = talk.changes()
        async with contextlib.aclosing(feed):  # type: ignore[type-var]  # it is a generator
            async for _, name, _ in feed:
                names.append(name)
                ready.set()

    watcher = asyncio.create_task(listen())
    await ready.wait()
    oaks, elms = [await _project(talk, name=name) for name in ("Oäks", "Elms")]
    chats = [(await talk.ask(f"leaf {n}"))["conversation_id"] for n in range(5)]
    move = {"ids": [*chats[:4], "unknown"], "action": "move", "project": oaks["id"]}
    assert await talk.call("POST", "/api/conversations/batch", move) == (200, {"changed": 4})
    assert await talk.call("POST", "/api/conversations/batch", move) == (200, {"changed": 0})
    status, item = await talk.call(
        "PATCH", f"/api/conversations/{chats[4]}", {"project": elms["id"], "pinned": True}
    )
    assert (status, item["project"]) == (200, elms["id"])
    status, page = await talk.call("GET", f"/api/conversations?project={oaks['id']}&limit=3")
    _, rest = await talk.call(
        "GET", f"/api/conversations?project={oaks['id']}&cursor={page['next']}"
    )
    assert [one["id"] for one in page["items"] + rest["items"]] == chats[3::-1]
    assert rest["next"] is None
    assert [one["id"] for one in await talk.items(f"?project={elms['id']}")] == chats[4:]
    assert await talk.items("?project=unknown") == []
    for query, found in (("project:oÄk leaf", 4), ("project:ms", 1), ("project:none leaf", 0)):
        async with talk.session.get(f"{talk.url}/api/search", params={"q": query}) as reply:
            hits = await reply.json()
        assert len({one["conversation_id"] for one in hits["items"]}) == found, query
    out = {"ids": chats[:1], "action": "move"}
    assert await talk.call("POST", "/api/conversations/batch", out) == (200, {"changed": 1})
    assert (await talk.tree(chats[0]))["project"] is None
    # One project ends and its chats stay, the other takes them into the bin.
    assert (await talk.call("DELETE", f"{PATH}/{elms['id']}"))[0] == 204
    assert (await talk.call("DELETE", f"{PATH}/{oaks['id']}?chats=bin"))[0] == 204
    assert {one["id"] for one in await talk.items()} == {chats[0], chats[4]}
    assert {one["id"] for one in await talk.items("?deleted=true")} == set(chats[1:4])
    assert (await talk.tree(chats[4]))["project"] is None
    assert await talk.call("GET", PATH) == (200, {"items": []})
    assert names.count("projects") == 4
    watcher.cancel()


async def test_what_cannot_be_is_refused(talk: Talk) -> None:
    project = await _project(talk, icon="🌳", colour="green")
    at = f"{PATH}/{project['id']}"
    said = await talk.ask("one")
    chat = f"/api/conversations/{said['conversation_id']}"
    file = await upload(talk, b"x", "x.txt")
    batch = {"ids": [said["conversation_id"]], "action": "move"}
    calls: tuple[tuple[str, str, object, int, str], ...] = (
        ("POST", "/chat", {"content": "x", "project": "unknown"}, 404, "no-such-project"),
        (
            "POST",
            "/chat",
            {"content": "x", "project": project["id"]} | below(said),
            422,
            "validation",
        ),
        ("PATCH", chat, {"project": "unknown"}, 404, "no-such-project"),
        ("POST", "/api/conversations/batch", batch | {"project": "no"}, 404, "no-such-project"),
        (
            "POST",
            "/api/conversations/batch",
            {**batch, "action": "pin", "project": "x"},
            422,
            "validation",
        ),
        ("POST", f"{at}/files", {**file, "file": "0" * 64}, 422, "validation"),
        ("POST", f"{PATH}/unknown/files", file, 404, "no-such-project"),
        ("DELETE", f"{PATH}/unknown/files/{'0' * 64}", None, 404, "no-such-project"),
        ("PATCH", f"{PATH}/unknown", {"name": "x"}, 404, "no-such-project"),
        ("GET", f"{PATH}/unknown", None, 404, "no-such-project"),
        ("DELETE", f"{PATH}/unknown", None, 404, "no-such-project"),
        ("DELETE", f"{at}?chats=burn", None, 422, "validation"),
        ("POST", PATH, {"name": ""}, 422, "validation"),
        ("POST", PATH, {"name": "x", "colour": "infrared"}, 422, "validation"),
        ("PATCH", at, {"system": "x" * 20_001}, 422, "validation"),
        ("PATCH", at, {"place": -1}, 422, "validation"),
    )
    for method, path, body, status, code in calls:
        got, problem = await talk.call(method, path, body)
        assert (got, problem["code"]) == (status, code), (method, path, body)
    assert (await talk.call("GET", at)) == (200, project)
    kept = [await upload(talk, f"{number}".encode(), f"{number}.txt") for number in range(10)]
    for one in [*kept, kept[0]]:  # the last is there already
        assert (await talk.call("POST", f"{at}/files", one))[0] == 201
    status, problem = await talk.call("POST", f"{at}/files", file)
    assert (status, problem["code"]) == (422, "too-many-files")


async def test_projects_go_through_an_export(talk: Talk) -> None:
    project = await _project(talk, system="Speak of trees.", icon="🌳", colour="green", model="m")
    at = f"{PATH}/{project['id']}"
    await _project(talk, name="Empty")
    _, project = await talk.call("POST", f"{at}/files", await upload(talk, b"Blue.\n", "facts.txt"))
    inside = (await talk.ask("in it", project=project["id"]))["conversation_id"]
    outside = (await talk.ask("not in it"))["conversation_id"]

    async def export(query: str) -> bytes:
        async with talk.session.get(f"{talk.url}/api/export{query}") as reply:
            assert reply.status == 200
            return await reply.read()

    async def take(content: bytes) -> dict[str, Any]:
        form = aiohttp.FormData()
        form.add_field("file", content, filename="export.zip")
        async with talk.session.post(f"{talk.url}/api/import", data=form) as reply:
            started = (await reply.json())["import_id"]
        while True:
            _, view = await talk.call("GET", f"/api/import/{started}")
            if view["state"] != "running":
                assert view["state"] == "done"
                report: dict[str, Any] = view["report"]
                return report
            await asyncio.sleep(0)

    whole, one, other = (
        await export(""),
        await export(f"?ids={inside}"),
        await export(f"?ids={outside}"),
    )
    await talk.call("DELETE", f"{at}?chats=bin")
    for gone in (inside, outside):
        await talk.call("DELETE", f"/api/conversations/{gone}?forever=true")
    [empty] = (await talk.call("GET", PATH))[1]["items"]
    await talk.call("PATCH", f"{PATH}/{empty['id']}", {"name": "Mine"})
    assert ((await take(other))["projects"], (await take(one))["projects"]) == (0, 1)
    report = await take(whole)
    assert (report["projects"], report["unchanged"], report["skipped"]) == (2, 2, [])
    _, kept = await talk.call("GET", PATH)
    assert [one["name"] for one in kept["items"]] == ["Mine", "Trees"]
    assert {**kept["items"][1], "updated": 0} == {**project, "updated": 0}
    assert (await talk.tree(inside))["project"] == project["id"]
    assert (await talk.tree(outside))["project"] is None
