"""T-SHARE: the link to a copy of a conversation opens that copy, to be read, and nothing else."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, FormData, web

from llmchat.domain.chat import JSONObject
from llmchat.domain.conversation import (
    Attachment,
    Conversation,
    ConversationId,
    Message,
    MessageId,
)
from llmchat.domain.errors import TooManyKeptError
from llmchat.domain.ids import now
from llmchat.domain.share import Share
from llmchat.server.keys import CONVERSATIONS, FILES, SHARES
from llmchat.storage.conversation_store import ConversationStore
from llmchat.storage.database import Database
from llmchat.storage.shares import MOST_SHARES, ShareStore
from tests.fake_openai import FakeOpenAI
from tests.pictures import png
from tests.security.accounts import two_accounts
from tests.server.jobs import ScriptedJobs
from tests.server.site import serve, site_assets
from tests.system.talk import Talk

PICTURE = png(4, 4)
NOTES = b"<script>alert(1)</script> kept"
CHAT = "/api/conversations/chat"
ALL = {"expires_days": 7, "reasoning": True, "files": True}
CALL: JSONObject = {
    "id": "call",
    "server": "SECRET-server",
    "tool": "look",
    "state": "done",
    "result": "SECRET-result",
    "at": 7,
    "function": {"name": "look", "arguments": '{"path": "SECRET-path"}'},
}


def message(name: str, parent: str | None, role: Any, content: str, **more: Any) -> Message:
    above = None if parent is None else MessageId(parent)
    return Message(MessageId(name), above, role, content, 1, **more)


BRANCH = [
    message("SECRET-sys", None, "system", "SECRET-instruction"),
    message("SECRET-q1", "SECRET-sys", "user", "What is in these?"),
    message("SECRET-other", "SECRET-q1", "assistant", "SECRET-branch"),
    message(
        "SECRET-a1",
        "SECRET-q1",
        "assistant",
        "I look.A picture.",
        reasoning="I think.",
        model="/srv/SECRET-folder/llama-3",
        endpoint="http://SECRET-host:1234/v1",
        job_id="SECRET-job",
        parameters={"temperature": 0.5, "system": "SECRET-parameter"},
        timings={"thinking_seconds": 2.5, "first_endpoint": "SECRET-first"},
        usage={"completion_tokens": 987_654},
        tool_calls=[CALL],
    ),
    message("SECRET-tool", "SECRET-a1", "tool", "SECRET-given"),
    message("SECRET-q2", "SECRET-tool", "user", "And then?"),
    message(
        "SECRET-a2",
        "SECRET-q2",
        "assistant",
        "Half",
        state="error",
        error={"code": "upstream-down", "message": "http://SECRET-host:1234 is not answering."},
        model="org/model-7b",
    ),
]
SEEN: dict[str, Any] = {
    "title": "Two files",
    "messages": [
        {"role": "user", "content": "What is in these?"},
        {
            "role": "assistant",
            "content": "I look.\n\nA picture.",
            "reasoning": "I think.",
            "thinking_seconds": 2.5,
            "model": "llama-3",
        },
        {"role": "user", "content": "And then?"},
        {"role": "assistant", "content": "Half", "model": "org/model-7b", "state": "failed"},
    ],
}
SHARED_FILES = [
    {"number": 0, "name": "a.png", "type": "image/png", "size": len(PICTURE)},
    {"number": 1, "name": "notes.txt", "type": "text/plain", "size": len(NOTES)},
]


@pytest.fixture
async def runner_and_talk(tmp_path: Path) -> AsyncIterator[tuple[web.AppRunner, Talk]]:
    async with (
        serve(ScriptedJobs(), site_assets(tmp_path)) as (port, runner),
        ClientSession() as session,
    ):
        talk = Talk(f"http://127.0.0.1:{port}", session)
        await _store_chat(runner, talk)
        yield runner, talk


@pytest.fixture
def runner(runner_and_talk: tuple[web.AppRunner, Talk]) -> web.AppRunner:
    return runner_and_talk[0]


@pytest.fixture
def talk(runner_and_talk: tuple[web.AppRunner, Talk]) -> Talk:
    return runner_and_talk[1]


async def _store_chat(runner: web.AppRunner, talk: Talk) -> None:
    """A conversation with all that must not be shown, and two files that may be."""
    files = []
    for name, body, kind in (
        ("a.png", PICTURE, "image/png"),
        ("notes.txt", NOTES, "text/plain"),
    ):
        with runner.app[FILES].blobs.incoming() as incoming:
            incoming.write(body)
            incoming.finish()
            stored = await runner.app[FILES].add("", incoming, kind)
        files.append(Attachment(stored.id, name, kind, stored.size))
    branch = [*BRANCH]
    branch[1] = replace(branch[1], attachments=files)
    one = Conversation(
        ConversationId("chat"),
        "Two files",
        1,
        1,
        active=branch[-1].id,
        settings={"system": "SECRET-system", "model": "SECRET-model"},
    )
    await runner.app[CONVERSATIONS].store.create("", one, branch)


async def _share(talk: Talk, **body: object) -> dict[str, Any]:
    status, made = await talk.call("POST", f"{CHAT}/shares", body)
    assert status == 201, made
    share: dict[str, Any] = made
    return share


async def _get(talk: Talk, path: str, method: str = "GET") -> tuple[int, bytes, dict[str, str]]:
    async with talk.session.request(method, talk.url + path) as reply:
        return reply.status, await reply.read(), dict(reply.headers)


def _bare(document: Any) -> Any:
    """Without what is as it always is."""
    if isinstance(document, list):
        return [_bare(one) for one in document]
    if not isinstance(document, dict):
        return document
    usual: tuple[object, ...] = ("", None, [], "done", 0)
    return {
        name: _bare(one)
        for name, one in document.items()
        if name in {"number", "size"} or one not in usual
    }


async def test_a_link_shows_its_branch_and_nothing_that_is_not_for_others(talk: Talk) -> None:
    share = await _share(talk, **ALL)
    assert share["path"] == f"share/{share['token']}"
    assert len(share["token"]) == 43  # 256 bits
    assert share["expires"] - share["created"] == 7 * 86_400_000
    status, page, headers = await _get(talk, f"/{share['path']}")
    assert status == 200
    for name in ("default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'"):
        assert name in headers["Content-Security-Policy"]
    status, data = await talk.call("GET", f"/{share['path']}/data")
    files = data["messages"][0].pop("files")
    assert (status, _bare(data)) == (200, {**SEEN, "created": share["created"]})
    assert files == SHARED_FILES
    for path in ("", "/data", "/files/0", "/files/1"):
        status, body, headers = await _get(talk, f"/{share['path']}{path}")
        assert status == 200
        assert "noindex" in headers["X-Robots-Tag"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        everything = body + repr(headers).encode() + page
        for secret in (b"SECRET", b"987654", b"temperature", b'chat"', share["id"].encode()):
            assert secret not in everything


async def test_reasoning_and_files_are_shown_only_where_that_was_wanted(talk: Talk) -> None:
    share = await _share(talk)
    assert (share["reasoning"], share["files"]) == (False, False)
    _, data = await talk.call("GET", f"/{share['path']}/data")
    first, answer, *_ = data["messages"]
    assert (first["files"], first["withheld"]) == ([], 2)
    assert (answer["reasoning"], answer["thinking_seconds"]) == ("", None)
    assert b"notes" not in (await _get(talk, f"/{share['path']}/data"))[1]
    assert (await _get(talk, f"/{share['path']}/files/0"))[0] == 404


async def test_files_of_a_copy_are_sent_as_those_of_the_api(talk: Talk) -> None:
    share = await _share(talk, **ALL)
    _, picture, shown = await _get(talk, f"/{share['path']}/files/0")
    _, notes, saved = await _get(talk, f"/{share['path']}/files/1")
    assert (picture, notes) == (PICTURE, NOTES)
    assert shown["Content-Disposition"].startswith("inline;")
    assert saved["Content-Disposition"].startswith('attachment; filename="notes.txt"')
    for headers in (shown, saved):
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_with_its_token_only_get_works_and_only_for_the_copy(
    talk: Talk, runner: web.AppRunner
) -> None:
    share, other = await _share(talk, **ALL), await _share(talk, expires_days=None)
    path = f"/share/{share['token']}"
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
        for below in ("", "/data", "/files/0"):
            json = {"Content-Type": "application/json"}
            async with talk.session.request(
                method, f"{talk.url}{path}{below}", headers=json, data=b"{}"
            ) as reply:
                assert (method, below, reply.status) == (method, below, 405)
    digest = hashlib.sha256(NOTES).hexdigest()
    for below in (
        *("/files/2", "/files/-1", "/files/00000000", "/files/x", "/files/0x0", "/files/%D9%A0"),
        *(f"/files/{digest}", "/files/..%2F..%2Fdata", "/messages", "/data/", "/shares"),
    ):
        assert (below, (await _get(talk, path + below))[0]) == (below, 404)
    assert (await _get(talk, f"/share/{other['token']}/files/0"))[0] == 404
    token, share_id = share["token"], share["id"]
    for address in (
        *(f"/share/{share_id}", "/share/chat", f"/share/{token[:-1]}", f"/share/{token}A"),
        *(f"/api/conversations/{token}", f"/api/files/{token}", f"/api/jobs/{token}"),
        *(f"/stream/{token}", f"/api/import/{token}", f"/share/{token.swapcase()}"),
    ):
        assert (address, (await _get(talk, address))[0]) == (address, 404)
    status, _ = await talk.call("DELETE", f"/api/shares/{token}")
    assert status == 404
    status, _ = await talk.call("GET", "/v1/models", Authorization=f"Bearer {token}")
    assert status == 401
    assert len(await runner.app[SHARES].list("")) == 2
    assert (await _get(talk, f"{path}/data"))[0] == 200


async def test_another_site_may_lead_to_the_page_and_fetch_nothing(talk: Talk) -> None:
    share = await _share(talk, **ALL)
    for below, status in (("", 200), ("/data", 403), ("/files/0", 403)):
        async with talk.session.get(
            f"{talk.url}/{share['path']}{below}", headers={"Sec-Fetch-Site": "cross-site"}
        ) as reply:
            assert (below, reply.status) == (below, status)
            assert "Access-Control-Allow-Origin" not in reply.headers


async def test_unknown_expired_and_revoked_links_are_answered_alike(
    talk: Talk, runner: web.AppRunner
) -> None:
    expired = await _share(talk, **ALL)
    sql = "update share set expires = ?"
    await runner.app[FILES].database.write(lambda writer: writer.execute(sql, (now(),)))
    revoked = await _share(talk, **ALL)
    assert (await talk.call("DELETE", f"/api/shares/{revoked['id']}"))[0] == 204
    unknown = f"share/{'A' * 43}"
    binned = await _share(talk, **ALL)
    assert (await talk.call("DELETE", CHAT))[0] == 204
    varying = {"Date", "X-Request-ID"}
    for below in ("", "/data", "/files/0"):
        answers: list[object] = []
        for path in (expired["path"], revoked["path"], unknown, binned["path"], "share/x"):
            status, body, headers = await _get(talk, f"/{path}{below}")
            assert status == 404
            assert "noindex" in headers["X-Robots-Tag"]
            answers.append((body, {k: v for k, v in headers.items() if k not in varying}))
        assert all(one == answers[0] for one in answers)
    for path in (expired["path"], revoked["path"], unknown):
        token = {"token": path.removeprefix("share/")}
        status, problem = await talk.call("POST", "/api/shares/take", token)
        assert (status, problem["code"]) == (404, "no-such-share")
    assert (await talk.call("GET", "/api/shares"))[1] == {"items": []}
    assert (await talk.call("POST", f"{CHAT}/restore", {}))[0] == 200
    assert [one["id"] for one in (await talk.call("GET", "/api/shares"))[1]["items"]] == [
        binned["id"]
    ]
    assert (await _get(talk, f"/{binned['path']}/data"))[0] == 200
    assert await runner.app[SHARES].forget_expired() == 1


async def test_what_becomes_of_the_chat_does_not_change_the_copy(
    talk: Talk, runner: web.AppRunner
) -> None:
    share = await _share(talk, **ALL)
    before = await _get(talk, f"/{share['path']}/data")
    later = {"content": "LATER"}
    for method, path, body in (
        ("PATCH", f"{CHAT}/messages/SECRET-a1", later),
        ("POST", f"{CHAT}/messages", {"role": "user", "parent_id": "SECRET-a2", **later}),
        ("PATCH", CHAT, {"title": "LATER", "active": "SECRET-other"}),
        ("DELETE", f"{CHAT}/messages/SECRET-q1", None),
    ):
        status, reply = await talk.call(method, path, body)
        assert status in {200, 201}, reply
    await runner.app[FILES].collect(seconds=-60)
    assert (await _get(talk, f"/{share['path']}/data"))[1] == before[1]
    assert (await _get(talk, f"/{share['path']}/files/0"))[1] == PICTURE
    assert (await talk.call("GET", "/api/shares"))[1]["items"][0]["title"] == "Two files"
    assert (await talk.call("DELETE", f"{CHAT}?forever=true"))[0] == 204
    assert (await _get(talk, f"/{share['path']}"))[0] == 404
    assert (await _get(talk, f"/{share['path']}/files/0"))[0] == 404
    left = await runner.app[FILES].database.read(
        lambda reader: reader.execute(
            "select (select count(*) from share) + (select count(*) from share_file)"
        ).fetchone()
    )
    assert left == (0,)
    assert await runner.app[FILES].collect(seconds=-60) == 2


async def test_a_reader_with_access_takes_the_copy_into_chats_of_their_own(talk: Talk) -> None:
    share = await _share(talk, **ALL)
    status, taken = await talk.call("POST", "/api/shares/take", {"token": share["token"]})
    assert (status, taken["title"]) == (201, "Two files")
    tree = await talk.tree(taken["id"])
    assert tree["active"] == tree["messages"][-1]["id"]
    assert [(one["role"], one["content"], one["state"]) for one in tree["messages"]] == [
        (one["role"], one["content"], "error" if one.get("state") == "failed" else "done")
        for one in SEEN["messages"]
    ]
    assert [one["parent_id"] for one in tree["messages"]] == [
        None,
        *(one["id"] for one in tree["messages"][:-1]),
    ]
    names = [one["name"] for one in tree["messages"][0]["attachments"]]
    assert (names, tree["missing"]) == (["a.png", "notes.txt"], [])
    assert tree["messages"][1]["reasoning"] == "I think."
    assert not re.search("SECRET", str(tree))


async def test_only_what_can_be_shared_is_shared(talk: Talk, runner: web.AppRunner) -> None:
    for body in (
        *({"expires_days": days} for days in (0, 2, 365, "7", 1.5, True)),
        *({"reasoning": 1}, {"files": None}, {"more": 1}, []),
    ):
        status, problem = await talk.call("POST", f"{CHAT}/shares", body)
        assert (body, status, problem["code"]) == (body, 422, "validation")
    status, problem = await talk.call("POST", "/api/conversations/none/shares", {})
    assert (status, problem["code"]) == (404, "no-such-conversation")
    store = runner.app[CONVERSATIONS].store
    running = message("running", None, "assistant", "", state="running")
    for name, branch, code in (("empty", [], "validation"), ("busy", [running], "running")):
        one = Conversation(
            ConversationId(name), name, 1, 1, active=branch[0].id if branch else None
        )
        await store.create("", one, branch)
        status, problem = await talk.call("POST", f"/api/conversations/{name}/shares", {})
        assert (status, problem["code"]) == ({"validation": 422, "running": 409}[code], code)
    shares = (await talk.call("GET", "/api/shares?conversation=chat"))[1]
    assert shares == {"items": []}


async def test_links_are_of_their_account_and_their_tokens_in_no_file(
    runner: web.AppRunner, talk: Talk
) -> None:
    share = await _share(talk, **ALL)
    store = runner.app[SHARES]
    assert not await store.revoke("somebody", share["id"])
    assert await store.list("somebody") == []
    assert [one.id for one in await store.list("")] == [share["id"]]
    assert (await talk.call("GET", "/api/shares?conversation=other"))[1] == {"items": []}
    listed = (await talk.call("GET", "/api/shares"))[1]["items"]
    assert listed == [{k: v for k, v in share.items() if k not in {"token", "path"}}]
    for path in runner.app[FILES].database.path.parent.rglob("*"):
        assert not path.is_file() or share["token"].encode() not in path.read_bytes(), path


async def test_an_account_has_so_many_links(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "llmchat.db")
    conversation = Conversation(ConversationId("chat"), "x", 1, 1)
    await ConversationStore(database).create("", conversation)
    store = ShareStore(database)
    first, *rest = (
        Share(str(n), "chat", "x", 1, None, reasoning=False, files=False)
        for n in range(MOST_SHARES + 1)
    )
    await asyncio.gather(*(store.create("", one, b"{}", []) for one in rest))
    with pytest.raises(TooManyKeptError):
        await store.create("", first, b"{}", [])
    await database.close()


async def test_another_account_reads_and_takes_but_does_not_own(tmp_path: Path) -> None:
    async with FakeOpenAI() as fake, two_accounts(tmp_path, fake) as (anna, bert):
        data = FormData()
        data.add_field("file", NOTES, filename="notes.txt", content_type="text/plain")
        async with anna.session.post(f"{anna.url}/api/files", data=data) as reply:
            file = await reply.json()
        attached = {"file": file["file"], "name": "notes.txt"}
        said = await anna.ask("hello", attachments=[attached], model="echo")
        path = f"/api/conversations/{said['conversation_id']}/shares"
        assert (await bert.call("POST", path, {}))[0] == 404
        _, share = await anna.call("POST", path, ALL)
        assert (await bert.call("DELETE", f"/api/shares/{share['id']}"))[0] == 404
        assert (await bert.call("GET", "/api/shares"))[1] == {"items": []}
        assert (await _get(bert, f"/api/files/{file['file']}"))[0] == 404
        async with ClientSession() as nobody:
            reader = Talk(anna.url, nobody)
            _, shown = await reader.call("GET", f"/{share['path']}/data")
            assert [one["role"] for one in shown["messages"]] == ["user", "assistant"]
            assert (await _get(reader, f"/{share['path']}/files/0"))[1] == NOTES
        _, taken = await bert.call("POST", "/api/shares/take", {"token": share["token"]})
        tree = await bert.tree(taken["id"])
        assert (tree["missing"], len(tree["messages"])) == ([], 2)
        assert (await _get(bert, f"/api/files/{file['file']}"))[1] == NOTES
        assert (await anna.call("GET", f"/api/conversations/{taken['id']}"))[0] == 404
