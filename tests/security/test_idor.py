"""T-IDOR and T-RESUME: what belongs to another account is not there, whichever way it is asked for.

The walk is driven by the table of routes: a new one without a case fails it.
"""

from __future__ import annotations

import asyncio
import io
import re
import secrets
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from llmchat.domain.ids import new_id
from llmchat.server.routes import ROUTES
from tests.fake_openai import FakeOpenAI
from tests.security.accounts import two_accounts
from tests.security.idor_cases import CASES, Own, Try, filled, filled_body
from tests.system.talk import Talk

SECRET = "secret-of-bert"
_VARY = {"date", "x-request-id"}


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as running:
        yield running


async def upload(talk: Talk, body: bytes, name: str = "a.txt") -> dict[str, Any]:
    data = aiohttp.FormData()
    data.add_field("file", io.BytesIO(body), filename=name, content_type="text/plain")
    async with talk.session.post(f"{talk.url}/api/files", data=data) as reply:
        file: dict[str, Any] = await reply.json()
        assert reply.status == 201, file
        return file


async def bring(talk: Talk, body: bytes, name: str) -> str:
    """Import a file to its end. Gives the id of the import."""
    data = aiohttp.FormData()
    data.add_field("file", io.BytesIO(body), filename=name)
    async with talk.session.post(f"{talk.url}/api/import", data=data) as reply:
        import_id: str = (await reply.json())["import_id"]
    async with asyncio.timeout(20):
        while True:
            status, view = await talk.call("GET", f"/api/import/{import_id}")
            assert status == 200
            if view["state"] != "running":
                assert view["state"] == "done", view
                return import_id
            await asyncio.sleep(0.02)


async def made(talk: Talk, path: str, body: object) -> str:
    status, one = await talk.call("POST", path, body)
    assert status == 201, one
    return str(one["id"])


async def fill(bert: Talk) -> dict[str, str]:
    """Let somebody have one of everything. Gives the ids."""
    file = await upload(bert, f"{SECRET} in a file".encode())
    said = await bert.ask(f"{SECRET} in a chat", attachments=[file], model="known-4")
    binned = await bert.ask(f"{SECRET} in the bin")
    await bert.call("DELETE", f"/api/conversations/{binned['conversation_id']}")
    asked: dict[str, Any] = {"messages": [{"role": "user", "content": SECRET}]}
    temporary = await bert.begin(**asked, temporary=True)
    await bert.end(temporary)
    running = await bert.begin(**asked, model="gate")
    notes = {"models": {"echo": {"favourite": True, "price": {"prompt": 7, "completion": 7}}}}
    assert (await bert.call("PATCH", "/api/settings", {**notes, "system": SECRET}))[0] == 200
    return {
        "conversation": said["conversation_id"],
        "question": said["user_message_id"],
        "answer": said["message_id"],
        "job": said["job_id"],
        "binned": binned["conversation_id"],
        "temporary": temporary["job_id"],
        "running": running["job_id"],
        "file": file["file"],
        "import": await bring(bert, b"[]", "conversations.json"),
        "session": (await bert.call("GET", "/api/sessions"))[1]["items"][0]["id"],
        "key": await made(bert, "/api/keys", {"name": SECRET}),
        "prompt": await made(bert, "/api/prompts", {"name": SECRET, "text": SECRET}),
        "preset": await made(bert, "/api/presets", {"name": SECRET}),
        "project": await made(bert, "/api/projects", {"name": SECRET, "system": SECRET}),
        "share": await made(bert, f"/api/conversations/{said['conversation_id']}/shares", {}),
    }


def unpacked(export: bytes) -> bytes:
    """All that is in a zip."""
    with zipfile.ZipFile(io.BytesIO(export)) as archive:
        return b"".join(archive.read(one) for one in archive.namelist())


def nobodys() -> dict[str, str]:
    """Ids as good as those, which nothing has."""
    ids = {name: new_id() for name in ("conversation", "question", "answer", "binned")}
    ids |= {name: secrets.token_urlsafe(16) for name in ("job", "temporary", "running")}
    ids |= {name: new_id() for name in ("import", "prompt", "preset", "project")}
    ids |= {name: secrets.token_hex(8) for name in ("key", "session")}
    return {**ids, "file": secrets.token_hex(32), "share": new_id()}


def mine(said: dict[str, Any]) -> dict[str, str]:
    return {
        "my_conversation": said["conversation_id"],
        "my_question": said["user_message_id"],
        "my_answer": said["message_id"],
    }


async def send(
    talk: Talk, method: str, one: Try | Own, ids: dict[str, str]
) -> tuple[int, dict[str, str], bytes]:
    """All that an answer tells, but for the time and the id of the request."""
    body, headers = filled_body(one.body, ids), one.headers if isinstance(one, Try) else None
    address = talk.url + filled(one.path, ids)
    async with (
        asyncio.timeout(20),
        talk.session.request(method, address, json=body, headers=headers) as reply,
    ):
        told = {name.lower(): value for name, value in reply.headers.items()}
        kept = {name: value for name, value in told.items() if name not in _VARY}
        return reply.status, kept, await reply.read()


def tries() -> list[tuple[str, Try]]:
    return [
        (method, one)
        for (method, _), case in CASES.items()
        if isinstance(case, list)
        for one in case
    ]


async def everything(talk: Talk, ids: dict[str, str]) -> list[Any]:
    """What somebody has, as far as others could change it."""
    paths = [
        *("/api/conversations", "/api/conversations?deleted=true", "/api/prompts"),
        *(
            "/api/sessions",
            "/api/presets",
            "/api/projects",
            "/api/keys",
            "/api/shares",
            "/api/settings",
            "/api/statistics?days=3650",
            "/api/tools",
        ),
        *(f"/api/conversations/{ids['conversation']}", f"/api/jobs/{ids['running']}"),
    ]
    return [await talk.call("GET", path) for path in paths]


def _bare(path: str) -> str:
    """Without the expressions that its parts have to match."""
    return re.sub(r"(?<=[a-z]):[^}]*(?=})", "", path)


def test_each_route_has_a_case() -> None:
    routes = [(one.method, _bare(one.path)) for one in ROUTES]
    assert set(routes) == {(method, _bare(path)) for method, path in CASES}
    # An id in an address is of somebody, or it stands in the table why not.
    for (method, path), case in CASES.items():
        assert not isinstance(case, Own) or "{" not in path, (method, path)


async def test_what_another_account_has_is_not_there(tmp_path: Path, fake: FakeOpenAI) -> None:
    async with two_accounts(tmp_path, fake) as (anna, bert):
        his, unknown = await fill(bert), nobodys()
        hers = mine(await anna.ask("hello"))
        hers["my_project"] = await made(anna, "/api/projects", {"name": "mine"})
        before = await everything(bert, his)
        # For herself: what she sends is good, and finds nothing.
        for method, one in tries():
            expected = await send(anna, method, one, {**unknown, **hers})
            assert expected[0] == one.status, (method, one, expected)
            found = await send(anna, method, one, {**his, **hers})
            assert found == expected, (method, one)
        for (method, _), case in CASES.items():
            if isinstance(case, Own):
                status, _, body = await send(anna, method, case, {})
                assert status == case.status, (method, case, body)
                for mark in (SECRET, *his.values()):
                    assert mark.encode() not in body, (method, case)
        models = (await anna.call("GET", "/models"))[1]["data"]
        assert [(one["favourite"], one["price"]) for one in models if one["id"] == "echo"] == [
            (False, None)
        ]
        for name in ("llmchat", "open-webui"):
            _, _, export = await send(anna, "GET", Own(f"/api/export?format={name}"), {})
            assert SECRET.encode() not in unpacked(export)
        assert await everything(bert, his) == before
        # For himself: each of these requests reaches what it names.
        for method, one in sorted(tries(), key=lambda two: _late(*two)):
            if one.own:
                own = await send(bert, method, one, {**his, **_as_mine(his)})
                assert own != await send(bert, method, one, {**unknown, **_as_mine(his)}), one


def _as_mine(ids: dict[str, str]) -> dict[str, str]:
    return {f"my_{name}": ids[name] for name in ("conversation", "question", "answer", "project")}


def _late(method: str, one: Try) -> tuple[bool, bool, int]:
    """What deletes comes last, and the whole after its parts."""
    return method == "DELETE", "forever" in one.path, -len(one.path)


async def test_a_stream_is_resumed_by_its_account_only(tmp_path: Path, fake: FakeOpenAI) -> None:
    """T-RESUME."""
    async with two_accounts(tmp_path, fake) as (anna, bert):
        said = await bert.begin("hi", model="gate")
        await fake.release()
        place = await bert.until_text(said, "piece")
        for after in ({}, {"Last-Event-ID": place}, {"Last-Event-ID": "0-1"}):
            replies = [
                await send(anna, "GET", Try(f"/stream/{job}", headers=after), {})
                for job in (said["job_id"], secrets.token_urlsafe(16))
            ]
            assert replies[0] == replies[1]
            assert replies[0][0] == 404
        await fake.release(float("inf"))
        headers = {"Last-Event-ID": place}
        async with bert.session.get(bert.url + said["stream"], headers=headers) as reply:
            assert "event: done" in await reply.text()


async def test_one_idempotency_key_of_two_accounts_is_two_questions(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    async with two_accounts(tmp_path, fake) as (anna, bert):
        for body in ({"messages": [{"role": "user", "content": "hi"}]}, {"content": "hi"}):
            key = secrets.token_hex(8)
            jobs = []
            for talk in (bert, anna, bert):
                status, said = await talk.call("POST", "/chat", body, Idempotency_Key=key)
                jobs.append((status, said["job_id"]))
            assert [status for status, _ in jobs] == [202, 202, 200]
            assert jobs[0][1] == jobs[2][1] != jobs[1][1]


async def test_an_account_hears_nothing_of_what_another_one_changes(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    async with two_accounts(tmp_path, fake) as (anna, bert):
        feed, his = anna.changes(), bert.changes()
        (first, name, _), (other, _, _) = await anext(feed), await anext(his)
        assert name == "hello"
        ids = await fill(bert)
        await bert.call("POST", "/api/conversations/batch", {"ids": [], "action": "pin"})
        await bert.call("DELETE", f"/api/conversations/{ids['conversation']}?forever=true")
        await bert.call("DELETE", "/api/conversations?all=true")
        said = await anna.ask("hello")
        heard = [await anext(feed) for _ in range(2)]
        assert {data["conversation"] for _, _, data in heard} == {said["conversation_id"]}
        # Not even how much: the numbers are hers, and a place of another account is none.
        assert heard[0][0] == first.replace("-0", "-1")
        back = anna.changes(Last_Event_ID=other)
        assert (await anext(back))[2]["missed"] is True
        for stream in (feed, his, back):
            await stream.aclose()  # type: ignore[attr-defined]


async def test_what_two_accounts_bring_is_of_both(tmp_path: Path, fake: FakeOpenAI) -> None:
    async with two_accounts(tmp_path, fake) as (anna, bert):
        file = await upload(bert, b"the same")
        path = f"/api/files/{file['file']}"
        assert (await send(anna, "GET", Try(path), {}))[0] == 404
        again = await upload(anna, b"the same", "b.txt")
        assert again["file"] == file["file"]
        status, _, body = await send(anna, "GET", Try(path), {})
        assert (status, body) == (200, b"the same")
        said = await anna.ask("See this.", attachments=[again])
        await bert.call("DELETE", "/api/conversations?all=true")
        assert (await anna.tree(said["conversation_id"]))["missing"] == []


async def test_an_import_that_names_a_file_does_not_bring_it(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    async with two_accounts(tmp_path, fake) as (anna, bert):
        ids = await fill(bert)
        _, _, export = await send(bert, "GET", Own(f"/api/export?ids={ids['conversation']}"), {})
        await bring(anna, _without_files(export), "export.zip")
        [taken] = await anna.items()
        tree = await anna.tree(taken["id"])
        question, answer = tree["messages"]
        assert question["attachments"][0]["file"] == ids["file"]
        assert tree["missing"] == [ids["file"]]
        assert (await send(anna, "GET", Try("/api/files/{file}"), ids))[0] == 404
        forked = f"/api/conversations/{taken['id']}/fork"
        assert (await anna.call("POST", forked, {"message_id": question["id"]}))[0] == 201
        assert (await send(anna, "GET", Try("/api/files/{file}"), ids))[0] == 404
        # Neither a model is told what is in it, nor does it come with an export.
        count = len(fake.requests)
        await anna.ask("What is in it?", conversation_id=taken["id"], parent_id=answer["id"])
        told = str((await fake.asked(count + 1)).body["messages"])
        assert "no longer there" in told
        assert f"{SECRET} in a file" not in told
        for name in ("llmchat", "open-webui"):
            _, _, again = await send(anna, "GET", Own(f"/api/export?format={name}"), {})
            content = unpacked(again)
            assert b"in a file" not in content
            assert b"data:text" not in content


def _without_files(export: bytes) -> bytes:
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(export)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            if not name.startswith("blobs/"):
                new.writestr(name, old.read(name))
    return changed.getvalue()
