"""Conversations as they leave: zips, one chat, over HTTP."""

from __future__ import annotations

import base64
import io
import json
import random
import re
import sqlite3
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from llmchat.domain.conversation import Conversation, ConversationId
from llmchat.storage.conversations import insert_conversation
from llmchat.storage.exports import ExportReader
from llmchat.storage.files import FileStore
from llmchat.transfer.export.archive import archive
from llmchat.transfer.export.open_webui import open_webui
from tests.server.jobs import ScriptedJobs
from tests.server.site import serve, site_assets
from tests.transfer.content import EMPTY, FULL, IN_BIN, ODD, PNG, TEXT, TREE, filled


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[tuple[ClientSession, FileStore]]:
    async with (
        filled(folder) as store,
        serve(ScriptedJobs(), site_assets(folder / "static"), files=store) as (port, _),
        ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        yield http, store


async def fetch(http: ClientSession, path: str) -> tuple[int, bytes, str]:
    async with http.get(path) as reply:
        return reply.status, await reply.read(), reply.headers.get("Content-Disposition", "")


async def fetch_zip(http: ClientSession, query: str = "") -> zipfile.ZipFile:
    status, body, _ = await fetch(http, f"/api/export{query}")
    assert status == 200, body
    zipped = zipfile.ZipFile(io.BytesIO(body))
    assert zipped.testzip() is None
    return zipped


def records(zipped: zipfile.ZipFile, conversation_id: str) -> list[Any]:
    (name,) = [one for one in zipped.namelist() if f"_conv_{conversation_id}_" in one]
    return [json.loads(line) for line in zipped.read(name).splitlines()]


async def test_our_format_has_all_that_a_conversation_holds(tmp_path: Path) -> None:
    async with site(tmp_path) as (http, store):
        zipped = await fetch_zip(http)
        session, root, *messages = records(zipped, FULL.id)
        assert session == {
            "harness": "llmchat",
            "format": 1,
            "type": "session",
            "id": "c-full",
            "name": FULL.title,
            "named": True,
            "created": FULL.created,
            "lastModified": FULL.updated,
            "currNode": "n",
            "pinned": True,
            "archived": False,
            "unread": True,
            "deleted": None,
            "settings": FULL.settings,
            "source": None,
            "sourceId": None,
        }
        assert root["message"] == {
            "id": "root-c-full",
            "convId": "c-full",
            "type": "root",
            "role": "system",
            "timestamp": FULL.created,
            "parent": None,
            "children": ["s", "q"],
            "content": "",
        }
        by_id = {one["message"]["id"]: one["message"] for one in messages}
        assert list(by_id) == [one.id for one in TREE]
        assert (by_id["q"]["parent"], by_id["q"]["children"]) == ("root-c-full", ["a1", "a2", "a3"])
        assert by_id["q"]["content"] == ODD
        assert by_id["a1"] == {
            "id": "a1",
            "convId": "c-full",
            "type": "text",
            "role": "assistant",
            "timestamp": 1_700_000_001_000,
            "parent": "q",
            "children": ["t"],
            "content": "First.",
            "reasoningContent": "Hm </details>.",
            "state": "done",
            "finishReason": "stop",
            "model": "qwen",
            "endpoint": "http://127.0.0.1:1/v1",
            "jobId": "job1",
            "parameters": {"temperature": 0.5, "stop": ["x"]},
            "usage": {"prompt_tokens": 3},
            "timings": {"predicted_ms": 1.5},
            "toolCalls": [
                {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ],
            "edited": 1_700_000_009_000,
            "sourceId": "s-a1",
        }
        assert records(zipped, EMPTY.id)[0]["sourceId"] == "u1"
        assert records(zipped, IN_BIN.id)[0]["deleted"] == IN_BIN.deleted
        for file in by_id["q"]["attachments"]:
            content = store.blobs.path(file["file"]).read_bytes()
            assert zipped.read(f"blobs/{file['file']}") == content
        manifest = json.loads(zipped.read("manifest.json"))
        assert (manifest["conversations"], manifest["messages"], manifest["files"]) == (3, 7, 2)
        assert manifest["missing"] == []
        assert zipped.namelist()[-1] == "manifest.json"


async def test_chosen_conversations_are_exported_alone(tmp_path: Path) -> None:
    async with site(tmp_path) as (http, _):
        zipped = await fetch_zip(http, "?ids=c-empty,c-bin,c-empty")
        manifest = json.loads(zipped.read("manifest.json"))
        assert (manifest["conversations"], manifest["files"]) == (2, 0)


async def test_more_conversations_than_an_address_holds_are_chosen_in_a_body(
    tmp_path: Path,
) -> None:
    async with site(tmp_path) as (http, store):
        ids = [f"{number:032x}" for number in range(1000)]

        def add(connection: sqlite3.Connection) -> None:
            for one in ids:
                insert_conversation(connection, "", Conversation(ConversationId(one), one, 1, 1))

        await store.database.write(add)
        async with http.get(f"/api/export?ids={','.join(ids)}") as reply:
            assert reply.status == 431
        async with http.post("/api/export", json={"ids": [*ids, ids[0]]}) as reply:
            assert (reply.status, reply.content_type) == (200, "application/zip")
            zipped = zipfile.ZipFile(io.BytesIO(await reply.read()))
        assert json.loads(zipped.read("manifest.json"))["conversations"] == 1000
        async with http.post("/api/export", json={"ids": ["c-full"], "format": "x"}) as reply:
            assert reply.status == 422
        async with http.post("/api/export", json={"ids": ["unknown"]}) as reply:
            assert reply.status == 404
        async with http.post("/api/export", json={"format": "open-webui"}) as reply:
            assert (reply.status, len(await reply.read()) > 1000) == (200, True)


async def test_a_file_that_is_gone_is_named_in_the_manifest(tmp_path: Path) -> None:
    async with site(tmp_path) as (http, store):
        zipped = await fetch_zip(http)
        file = next(name for name in zipped.namelist() if name.startswith("blobs/"))
        store.blobs.remove(file.removeprefix("blobs/"))
        manifest = json.loads((await fetch_zip(http)).read("manifest.json"))
        assert (manifest["files"], manifest["missing"]) == (1, [file.removeprefix("blobs/")])


async def test_an_answer_that_is_being_written_is_an_interrupted_one_with_its_text_so_far(
    tmp_path: Path,
) -> None:
    job = "insert into job values (7, 'j', '', null, '{}', '', '', '', 'running', 1, 0, null)"
    folded = '[[1,1,"reasoning",{"text":"Hm"}],[1,2,"delta",{"text":" A"}]]'
    journal = [
        f'[[7,{folded}],[8,[[1,3,"delta",{{"text":"no"}}]]]]',
        '[[7,[[1,3,"delta",{"text":"\\u00e9!"}]]]]',
    ]
    async with site(tmp_path) as (http, store):
        await store.database.write(lambda one: one.execute(job))
        row = (7, 1, 2, folded)
        await store.database.write(
            lambda one: one.execute("insert into job_event values (?, ?, ?, ?)", row)
        )
        lines = [(text,) for text in journal]
        await store.database.write(
            lambda one: one.executemany("insert into journal(events) values (?)", lines)
        )
        sql = "update message set state = 'running', job = 'j' where id = 'n'"
        await store.database.write(lambda one: one.execute(sql))
        message = records(await fetch_zip(http), FULL.id)[-1]["message"]
        assert (message["state"], message["error"]["code"]) == ("error", "interrupted")
        assert message["content"] == "It is **42**. Aé!"
        assert message["reasoningContent"] == "Hm"
        sql = "update message set job = 'forgotten' where id = 'n'"
        await store.database.write(lambda one: one.execute(sql))
        message = records(await fetch_zip(http), FULL.id)[-1]["message"]
        assert message["content"] == "It is **42**."


def check_open_webui(chats: Any) -> None:
    """As strict as a reader could be: the tree must hold together in both directions."""
    assert isinstance(chats, list)
    for chat in chats:
        assert {type(chat[key]) for key in ("id", "title", "user_id")} == {str}
        assert {type(chat[key]) for key in ("created_at", "updated_at")} == {int}
        assert {type(chat[key]) for key in ("archived", "pinned")} == {bool}
        history = chat["chat"]["history"]
        messages = history["messages"]
        assert history["currentId"] in messages or (history["currentId"] is None and not messages)
        assert chat["chat"]["title"] == chat["title"]
        assert all(isinstance(model, str) for model in chat["chat"]["models"])
        for key, message in messages.items():
            assert message["id"] == key
            assert message["role"] in ("user", "assistant", "system")
            assert type(message["timestamp"]) is int
            assert isinstance(message["content"], str)
            assert all(messages[child]["parentId"] == key for child in message["childrenIds"])
            if message["parentId"] is not None:
                assert key in messages[message["parentId"]]["childrenIds"]
            for file in message.get("files", []):
                assert file["url"].startswith("data:")


async def test_the_shape_of_open_webui_is_what_it_reads(tmp_path: Path) -> None:
    async with site(tmp_path) as (http, _):
        zipped = await fetch_zip(http, "?format=open-webui")
    assert zipped.namelist() == ["open-webui-001.json"]
    chats = json.loads(zipped.read("open-webui-001.json"))
    check_open_webui(chats)
    assert [chat["id"] for chat in chats] == ["c-full", "c-empty"]
    assert chats[0]["chat"]["models"] == ["qwen", "llama"]
    messages = chats[0]["chat"]["history"]["messages"]
    assert chats[0]["chat"]["history"]["currentId"] == "n"
    reasoning, call, message = messages["a1"]["output"]
    assert reasoning["content"] == [{"type": "output_text", "text": "Hm </details>."}]
    assert call == {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    assert message["content"] == [{"type": "output_text", "text": "First."}]
    image, text = messages["q"]["files"]
    assert image["url"] == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert (image["type"], text["type"], text["name"]) == ("image", "file", "notes`.md")
    assert base64.b64decode(text["url"].partition(",")[2]) == TEXT


async def test_a_store_without_conversations_gives_an_empty_array(tmp_path: Path) -> None:
    async with site(tmp_path) as (http, store):
        await store.database.write(lambda one: one.execute("delete from conversation"))
        zipped = await fetch_zip(http, "?format=open-webui")
        assert json.loads(zipped.read("open-webui-001.json")) == []


async def test_many_chats_for_open_webui_go_into_several_files(tmp_path: Path) -> None:
    async with filled(tmp_path) as store:
        with ExportReader(store.database.path) as reader:
            numbers = reader.numbers(with_bin=True)
            done: list[int] = []
            pieces = open_webui(reader, store.blobs, numbers, lambda: done.append(1), 300)
            zipped = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    chats = [json.loads(zipped.read(name)) for name in zipped.namelist()]
    assert [[chat["id"] for chat in one] for one in chats] == [["c-full"], ["c-empty", "c-bin"]]
    assert len(done) == 3
    for one in chats:
        check_open_webui(one)


async def test_a_chat_reads_well_as_markdown(tmp_path: Path) -> None:
    async with site(tmp_path) as (http, _):
        status, body, disposition = await fetch(http, "/api/conversations/c-full/export")
    text = re.sub(r"\*\d{4}-\d\d-\d\d \d\d:\d\d [+-]\d{4}\*", "*TIME*", body.decode())
    assert status == 200
    assert text == (
        '# Tea \\& "coffee" \\<b\\>\\_x\\_ ü\n\n*TIME*\n'
        "\n## You\n\n*TIME*\n\n"
        "Attached: a b.png (image/png, 285 bytes)\n\n"
        "Attached: notes\\`.md (text/markdown, 11 bytes)\n\n"
        f"{ODD}\n"
        "\n## Assistant · qwen\n\n*TIME*\n\n"
        "<details><summary>Reasoning</summary>\n\nHm &lt;/details>.\n\n</details>\n\n"
        "First.\n\nCalled: f\n"
        "\n## Tool\n\n*TIME*\n\n42\n"
        "\n## Assistant\n\n*TIME*\n\nIt is **42**.\n"
    )
    assert disposition == (
        'attachment; filename="Tea _ _coffee_ _b__x_ _.md";'
        " filename*=UTF-8''Tea%20%26%20_coffee_%20_b__x_%20%C3%BC.md"
    )


@pytest.mark.parametrize(
    ("leaf", "words"),
    [("a2", "*The answer was stopped here.*"), ("a3", "*The answer failed: It broke.*")],
)
async def test_markdown_says_how_an_answer_ended(tmp_path: Path, leaf: str, words: str) -> None:
    async with site(tmp_path) as (http, store):
        sql = "update conversation set active = ? where id = 'c-full'"
        await store.database.write(lambda one: one.execute(sql, (leaf,)))
        _, body, _ = await fetch(http, "/api/conversations/c-full/export?format=markdown")
        assert words in body.decode()


async def test_a_chat_as_json_has_all_its_branches(tmp_path: Path) -> None:
    async with site(tmp_path) as (http, _):
        zipped = await fetch_zip(http)
        status, body, _ = await fetch(http, "/api/conversations/c-full/export?format=json")
        assert status == 200
        session, root, *messages = records(zipped, FULL.id)
        expected = [one["message"] for one in messages]
        for one in expected:
            if one["parent"] == root["message"]["id"]:
                one["parent"] = None
        assert json.loads(body) == session | {"messages": expected}
        _, body, _ = await fetch(http, "/api/conversations/c-empty/export?format=json")
        assert json.loads(body)["messages"] == []


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/api/export?format=xml", (422, "validation")),
        ("/api/export?ids=c-full,unknown", (404, "no-such-conversation")),
        ("/api/export?ids=", (404, "no-such-conversation")),
        (f"/api/export?ids={','.join(str(one) for one in range(1001))}", (422, "validation")),
        ("/api/conversations/unknown/export", (404, "no-such-conversation")),
        ("/api/conversations/c-full/export?format=pdf", (422, "validation")),
    ],
)
async def test_what_cannot_be_exported_is_refused_before_it_begins(
    tmp_path: Path, path: str, answer: tuple[int, str]
) -> None:
    async with site(tmp_path) as (http, _):
        status, body, _ = await fetch(http, path)
        assert (status, json.loads(body)["code"]) == answer


async def test_an_export_is_made_while_it_is_read_and_can_be_given_up(tmp_path: Path) -> None:
    async with filled(tmp_path) as store:
        text = random.Random(1).randbytes(1_000_000).hex()
        sql = "update message set content = ? where id = 'q'"
        await store.database.write(lambda one: one.execute(sql, (text,)))
        with ExportReader(store.database.path) as reader:
            done: list[int] = []
            numbers = reader.numbers(with_bin=True)
            pieces = archive(reader, store.blobs, numbers, lambda: done.append(1))
            next(pieces)
            assert done == []
            pieces.close()
            assert reader.count(with_bin=True) == 3
