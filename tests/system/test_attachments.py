"""Files that go with a message, from the upload to what the model is sent."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import sqlite3
import struct
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from tests.fake_openai import FakeOpenAI
from tests.pdfs import pdf
from tests.system.conftest import Client, Serve
from tests.system.talk import Talk

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 2, 2) + b"\x08\x06\0\0\0" + bytes(200)


@pytest.fixture
def talk(client: Client) -> Talk:
    return Talk(client.url, client.session)


async def upload(talk: Talk, body: bytes, name: str) -> dict[str, Any]:
    data = FormData()
    data.add_field("file", io.BytesIO(body), filename=name, content_type="application/x-any")
    async with talk.session.post(f"{talk.url}/api/files", data=data) as reply:
        file: dict[str, Any] = await reply.json()
        assert reply.status == 201, file
        return file


def data_url(body: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{base64.b64encode(body).decode()}"


def image_part(body: bytes) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": data_url(body)}}


def text_part(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def below(said: dict[str, Any]) -> dict[str, Any]:
    return {"conversation_id": said["conversation_id"], "parent_id": said["message_id"]}


async def test_images_and_texts_reach_the_model_in_every_turn(talk: Talk, fake: FakeOpenAI) -> None:
    image = await upload(talk, PNG, "a.png")
    code = await upload(talk, b"print('hi')\n", "a.py")
    said = await talk.ask("What is this?", attachments=[image, code], model="known-40")
    first = {
        "role": "user",
        "content": [
            image_part(PNG),
            text_part("File: a.py\n```py\nprint('hi')\n```\n\nWhat is this?"),
        ],
    }
    assert fake.requests[0].body["messages"] == [first]
    await talk.ask("And then?", **below(said), model="known-40")
    told = fake.requests[1].body["messages"]
    assert (told[0], told[2]) == (first, {"role": "user", "content": "And then?"})


async def test_a_file_of_text_is_told_as_plain_text(talk: Talk, fake: FakeOpenAI) -> None:
    files = [
        await upload(talk, pdf("Page one.", "Page two."), "report.pdf"),
        await upload(talk, "a\n```\nb\n```".encode("utf-16"), "notes.md"),
        await upload(talk, b"", "empty.txt"),
    ]
    await talk.ask("Sum up.", attachments=files, model="known-40")
    assert fake.requests[0].body["messages"] == [
        {
            "role": "user",
            "content": "File: report.pdf (PDF, 2 pages)\n```\nPage one.\n\nPage two.\n```\n\n"
            "File: notes.md\n````md\na\n```\nb\n```\n````\n\n"
            "File: empty.txt\n```\n```\n\nSum up.",
        }
    ]


async def test_a_file_alone_is_a_question(talk: Talk, fake: FakeOpenAI) -> None:
    image = await upload(talk, PNG, "a.png")
    said = await talk.ask("", attachments=[image], model="known-40")
    assert fake.requests[0].body["messages"] == [{"role": "user", "content": [image_part(PNG)]}]
    assert (await talk.tree(said["conversation_id"]))["title"] == "a.png"


async def test_neither_the_job_nor_the_message_holds_what_is_in_a_file(
    talk: Talk, fake: FakeOpenAI, tmp_path: Path
) -> None:
    body = PNG + bytes(range(256)) * 8000
    image = await upload(talk, body, "a.png")
    document = await upload(talk, pdf("Some words of a page."), "b.pdf")
    said = await talk.ask("Look.", attachments=[image, document], model="known-40")
    assert fake.requests[0].body["messages"][0]["content"][0] == image_part(body)
    with sqlite3.connect(tmp_path / "llmchat.db") as store:
        ((request,),) = store.execute("select request from job").fetchall()
    assert len(request) < 1000
    assert image["file"] in request
    assert "Some words" not in request
    question = (await talk.tree(said["conversation_id"]))["messages"][0]
    assert question["attachments"] == [
        {name: one[name] for name in ("file", "name", "type", "size")} for one in (image, document)
    ]


async def test_regenerating_and_forking_take_the_files_along(talk: Talk, fake: FakeOpenAI) -> None:
    said = await talk.ask("Look.", attachments=[await upload(talk, PNG, "a.png")], model="known-40")
    place = {"conversation_id": said["conversation_id"], "parent_id": said["user_message_id"]}
    await talk.ask(None, **place, model="known-40")
    path = f"/api/conversations/{said['conversation_id']}/fork"
    status, fork = await talk.call("POST", path, {"message_id": said["message_id"]})
    assert status == 201
    place = {"conversation_id": fork["id"], "parent_id": fork["active"]}
    await talk.ask("More.", **place, model="known-40")
    first, again, forked = (one.body["messages"] for one in fake.requests)
    assert first == again == forked[:1]
    assert first[0]["content"][0] == image_part(PNG)


async def test_a_file_that_is_gone_is_told_to_the_model_and_to_the_page(
    talk: Talk, fake: FakeOpenAI, tmp_path: Path
) -> None:
    files = [
        await upload(talk, PNG, "a.png"),
        await upload(talk, b"x", "b.txt"),
        await upload(talk, pdf("c"), "c.pdf"),
        await upload(talk, b"there", "d.txt"),
    ]
    said = await talk.ask("Look.", attachments=files, model="known-40")
    for file in files[:3]:
        for path in (tmp_path / "files" / file["file"][:2]).glob(f"{file['file'][2:]}*"):
            path.unlink()
    again = await talk.ask("Again.", **below(said), model="known-40")
    assert fake.requests[1].body["messages"][0]["content"] == (
        "[The file a.png is no longer there.]\n\n[The file b.txt is no longer there.]\n\n"
        "[The file c.pdf is no longer there.]\n\nFile: d.txt\n```\nthere\n```\n\nLook."
    )
    assert (await talk.message(again))["state"] == "done"
    tree = await talk.tree(said["conversation_id"])
    assert tree["missing"] == [file["file"] for file in files[:3]]


async def test_an_endpoint_that_reads_no_images_ends_the_answer_with_what_to_do(
    talk: Talk, fake: FakeOpenAI
) -> None:
    image = await upload(talk, PNG, "a.png")
    said = await talk.ask("Look.", attachments=[image], model="no-vision-openai")
    error = (await talk.message(said))["error"]
    assert error["code"] == "upstream-no-vision"
    assert "cannot read images" in error["message"]
    assert error["message"].endswith("Choose another model or remove the picture.")
    assert fake.posts == 1


@pytest.mark.timeout(60)
async def test_a_picture_does_not_fail_over_to_a_model_that_reads_none(
    serve: Serve, fake: FakeOpenAI
) -> None:
    fake.mode = "status-401"
    async with serve(OPENAI_BASE_URL=f"{fake.url},embedded") as client:
        talk = Talk(client.url, client.session)
        image = await upload(talk, PNG, "a.png")
        said = await talk.ask("Look.", attachments=[image])
        answer = await talk.message(said)
        assert (answer["state"], answer["content"]) == ("error", "")
        assert answer["error"]["code"] == "upstream-no-vision"
        models = (await client.get("/models"))["data"]
        seen = {one["kind"]: one["capabilities"]["vision"] for one in models}
        assert seen == {"configured": None, "embedded": False}


async def test_the_text_of_a_file_is_cut_with_a_note(serve: Serve, fake: FakeOpenAI) -> None:
    async with serve(OPENAI_BASE_URL=fake.url, LLMCHAT_MAX_FILE_CHARACTERS="5") as client:
        talk = Talk(client.url, client.session)
        file = await upload(talk, "äöüßabc".encode(), "a.csv")
        await talk.ask("Go.", attachments=[file], model="known-40")
    assert fake.requests[0].body["messages"][0]["content"] == (
        "File: a.csv\n```csv\näöüßa\n```\n[Only the first 5 of 7 characters are here.]\n\nGo."
    )


async def test_the_files_of_a_message_have_limits(serve: Serve, fake: FakeOpenAI) -> None:
    limits = {"LLMCHAT_MAX_FILES": "2", "LLMCHAT_MAX_FILE_MB": "1", "LLMCHAT_MAX_MESSAGE_MB": "1"}
    async with serve(OPENAI_BASE_URL=fake.url, **limits) as client:
        talk = Talk(client.url, client.session)
        small = await upload(talk, b"x", "a.txt")
        large = await upload(talk, b"x" * (1 << 20), "b.txt")
        for files, code in (([small] * 3, "too-many-files"), ([small, large], "files-too-large")):
            status, problem = await talk.call(
                "POST", "/chat", {"content": "x", "attachments": files}
            )
            assert (status, problem["code"]) == (422, code)
        said = await talk.ask("x", attachments=[small, small], model="known-40")
        path = f"/api/conversations/{said['conversation_id']}/messages"
        body = {"role": "user", "content": "x", "attachments": [small] * 3}
        status, problem = await talk.call("POST", path, body)
        assert (status, problem["code"]) == (422, "too-many-files")
        assert (await client.get("/models"))["attachments"] == {
            "files": 2,
            "file_bytes": 1 << 20,
            "message_bytes": 1 << 20,
            "pixels": 50_000_000,
            "characters": 200_000,
        }
    assert fake.posts == 1


async def test_old_images_are_left_out_when_all_are_too_large_together(
    serve: Serve, fake: FakeOpenAI
) -> None:
    limits = {"LLMCHAT_MAX_MESSAGE_MB": "1"}
    async with serve(OPENAI_BASE_URL=fake.url, **limits) as client:
        talk = Talk(client.url, client.session)
        old, new = PNG + bytes(700_000), PNG + b"x" * 700_000
        said = await talk.ask(
            "One.", attachments=[await upload(talk, old, "1.png")], model="known-40"
        )
        await talk.ask(
            "Two.",
            **below(said),
            attachments=[await upload(talk, new, "2.png")],
            model="known-40",
        )
    first, _, last = fake.requests[1].body["messages"]
    assert first["content"] == (
        "[The image 1.png is left out: all images are too large together.]\n\nOne."
    )
    assert last["content"] == [image_part(new), text_part("Two.")]


async def test_a_name_is_cleaned_where_it_is_attached(talk: Talk) -> None:
    file = await upload(talk, b"x", "a.txt")
    said = await talk.ask(
        "x", attachments=[{"file": file["file"], "name": "../\u202efdp.exe"}], model="known-40"
    )
    question = (await talk.tree(said["conversation_id"]))["messages"][0]
    assert [one["name"] for one in question["attachments"]] == ["fdp.exe"]


async def test_imported_files_are_told_too(talk: Talk, fake: FakeOpenAI) -> None:
    document = base64.b64encode(pdf("An imported page.")).decode()
    export = [
        {
            "id": "c1",
            "title": "Imported",
            "chat": {
                "title": "Imported",
                "history": {
                    "currentId": "m1",
                    "messages": {
                        "m1": {
                            "id": "m1",
                            "parentId": None,
                            "childrenIds": [],
                            "role": "user",
                            "content": "Look.",
                            "timestamp": 1,
                            "files": [
                                {"type": "image", "url": data_url(PNG), "name": "a.png"},
                                {
                                    "type": "file",
                                    "url": f"data:application/pdf;base64,{document}",
                                    "name": "b.pdf",
                                },
                            ],
                        }
                    },
                },
            },
        }
    ]
    data = FormData()
    data.add_field("file", io.BytesIO(json.dumps(export).encode()), filename="chats.json")
    async with talk.session.post(f"{talk.url}/api/import", data=data) as reply:
        assert reply.status == 202, await reply.text()
        started = await reply.json()
    state: dict[str, Any] = {"state": "running"}
    while state["state"] == "running":
        _, state = await talk.call("GET", f"/api/import/{started['import_id']}")
        await asyncio.sleep(0.01)  # nothing announces it
    (one,) = await talk.items()
    tree = await talk.tree(one["id"])
    kinds = [(one["type"], one["name"]) for one in tree["messages"][0]["attachments"]]
    assert kinds == [("image/png", "a.png"), ("application/pdf", "b.pdf")]
    place = {"conversation_id": one["id"], "parent_id": tree["active"]}
    await talk.ask(None, **place, model="known-40")
    assert fake.requests[0].body["messages"][0]["content"] == [
        image_part(PNG),
        text_part("File: b.pdf (PDF, 1 page)\n```\nAn imported page.\n```\n\nLook."),
    ]
