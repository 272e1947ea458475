"""What is set for a chat goes with every question of it, and can be seen before it is sent."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fake_openai import FakeOpenAI
from tests.pictures import png
from tests.system.conftest import Client, Serve
from tests.system.talk import Talk

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
FORMAT = {"type": "json_schema", "json_schema": {"name": "numbers", "schema": SCHEMA}}
SAMPLING: dict[str, Any] = {
    "temperature": 0.25,
    "top_p": 0.9,
    "max_tokens": 1000,
    "stop": ["END", "###"],
    "seed": -7,
    "presence_penalty": 0.5,
    "frequency_penalty": -0.5,
    "response_format": FORMAT,
    "reasoning_effort": "low",
}
EXTRA = {"top_p": 0.5, "min_p": 0.05, "chat_template_kwargs": {"thinking": None}}
SETTINGS = {**SAMPLING, "model": "known-40", "system": "Be brief.", "extra": EXTRA}
SENT = {**SAMPLING, **EXTRA, "model": "known-40"}


@pytest.fixture
def talk(client: Client) -> Talk:
    return Talk(client.url, client.session)


def _sampling(body: dict[str, Any]) -> dict[str, Any]:
    ours = {"messages", "stream", "stream_options"}
    return {name: value for name, value in body.items() if name not in ours}


async def test_every_turn_of_a_chat_is_asked_with_its_settings(
    talk: Talk, fake: FakeOpenAI
) -> None:
    first = await talk.ask("one", settings=SETTINGS)
    place = {"conversation_id": first["conversation_id"]}
    await talk.ask(**place, parent_id=first["message_id"], continue_final_message=True)
    await talk.ask("two", **place, parent_id=first["message_id"])
    await talk.ask(**place, parent_id=first["user_message_id"])
    await talk.ask("other", **place, branch=True)
    assert len(fake.requests) == 5
    for sent in fake.requests:
        assert _sampling(sent.body) == SENT
        assert sent.body["messages"][0] == {"role": "system", "content": "Be brief."}
    answer = await talk.message(first)
    assert (answer["model"], answer["parameters"]) == ("known-40", {**SAMPLING, **EXTRA})
    # What a question says itself goes before what is set.
    await talk.ask("own", **place, branch=True, model="known-50", temperature=1, top_p=1)
    assert _sampling(fake.requests[-1].body) == {
        **SENT,
        "model": "known-50",
        "temperature": 1,
        "top_p": 1,
    }
    path = f"/api/conversations/{first['conversation_id']}"
    status, item = await talk.call("PATCH", path, {"settings": {"seed": 1, "system": None}})
    assert (status, item["settings"]) == (200, {"seed": 1})
    await talk.ask("later", **place, branch=True)
    assert _sampling(fake.requests[-1].body) == {"seed": 1, "model": "echo"}


async def test_a_temporary_chat_has_settings_of_its_own(client: Client, fake: FakeOpenAI) -> None:
    await client.ask("hi", settings=SETTINGS, temporary=True)
    assert _sampling(fake.requests[0].body) == SENT
    assert fake.requests[0].body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hi"},
    ]


WRONG: tuple[tuple[object, str, str], ...] = (
    ({"temperature": 3}, "/temperature", "<= 2"),
    ({"top_p": "x"}, "/top_p", "float"),
    ({"max_tokens": 0}, "/max_tokens", ">= 1"),
    ({"stop": [""]}, "/stop/0", "length >= 1"),
    ({"seed": 1.5}, "/seed", "int"),
    ({"reasoning_effort": "huge"}, "/reasoning_effort", "none of the values"),
    ({"unknown": 1}, "", "not known"),
    ({"extra": []}, "/extra", "object"),
    ({"extra": {"messages": []}}, "/extra/messages", "sets this itself"),
    ({"extra": {"Stream": False}}, "/extra/stream", "sets this itself"),
    ({"extra": {"model": "x"}}, "/extra/model", "sets this itself"),
    ({"extra": {"Authorization": "x"}}, "/extra/authorization", "sets this itself"),
    ({"extra": {"a": "x" * 32_000}}, "/extra", "at most 32000 bytes"),
)


async def test_settings_that_cannot_be_used_are_refused_where_they_are(talk: Talk) -> None:
    first = await talk.ask("one", model="known-40")
    path = f"/api/conversations/{first['conversation_id']}"
    for settings, pointer, word in WRONG:
        for method, place in (("POST", "/chat"), ("POST", "/api/request"), ("PATCH", path)):
            body = {"settings": settings, **({} if method == "PATCH" else {"content": "hi"})}
            status, problem = await talk.call(method, place, body)
            assert (status, problem["code"]) == (422, "validation")
            [error] = problem["errors"]
            assert error["pointer"] == f"/settings{pointer}"
            assert word in error["detail"]
    assert (await talk.tree(first["conversation_id"]))["settings"] == {}
    for schema, word in (
        ({"type": "strin"}, "at /type "),
        ({"properties": {"a": {"required": "a"}}}, "at /properties/a/required "),
        ({"properties": {"a b<i>": 1}}, "at /properties/* "),
        ({"minLength": -1}, "at /minLength "),
        ({"$ref": 1}, "at /$ref "),
        ({"title": "x" * 32_000}, "at most 32000 bytes"),
        (None, "required"),
    ):
        wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
        settings = {"response_format": wanted}
        status, problem = await talk.call("PATCH", path, {"settings": settings})
        [error] = problem["errors"]
        assert (status, error["pointer"]) == (422, "/settings/response_format/json_schema/schema")
        assert word in error["detail"]


async def test_what_is_shown_as_the_request_is_what_the_endpoint_gets(
    talk: Talk, fake: FakeOpenAI
) -> None:
    first = await talk.ask("one", settings={"temperature": 1, "model": "known-40"})
    place = {"conversation_id": first["conversation_id"], "parent_id": first["message_id"]}
    path = f"/api/conversations/{first['conversation_id']}"
    shown: dict[str, Any] = {}
    for settings in ({}, SETTINGS):
        status, shown = await talk.call(
            "POST", "/api/request", {"content": "two", **place, "settings": settings}
        )
        assert status == 200, shown
        assert shown["url"] == f"{fake.url}/chat/completions"
        await talk.call("PATCH", path, {"settings": settings})
        asked = fake.posts
        await talk.ask("two", **place, branch=True)
        assert (fake.posts, fake.requests[-1].body) == (asked + 1, shown["body"])
    assert (shown["model"], shown["endpoint"]) == ("known-40", fake.url[7:-3])
    # As the first question of a new chat, and of one that nobody keeps.
    for question in (
        {"content": "new", "settings": SETTINGS},
        {"messages": [{"role": "user", "content": "new"}], "settings": SETTINGS},
    ):
        _, shown = await talk.call("POST", "/api/request", question)
        _, said = await talk.call("POST", "/chat", question)
        await talk.end(said)
        assert fake.requests[-1].body == shown["body"]
    assert len(await talk.items()) == 2


async def test_the_images_of_a_request_are_shown_by_their_start(
    talk: Talk, fake: FakeOpenAI
) -> None:
    form = aiohttp.FormData()
    form.add_field("file", png(40, 30), filename="a.png", content_type="image/png")
    async with talk.session.post(f"{talk.url}/api/files", data=form) as reply:
        file = (await reply.json())["file"]
    question: dict[str, Any] = {"content": "look", "attachments": [{"file": file, "name": "a.png"}]}
    _, shown = await talk.call("POST", "/api/request", question)
    await talk.ask(**question)
    [image, text] = shown["body"]["messages"][0]["content"]
    [sent, same] = fake.requests[-1].body["messages"][0]["content"]
    assert (shown["shortened"], text) == (True, same)
    assert sent["image_url"]["url"].startswith(image["image_url"]["url"].removesuffix("…"))
    assert len(image["image_url"]["url"]) == 101


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
async def test_the_curl_that_is_shown_asks_the_same_with_the_key_of_whoever_runs_it(
    serve: Serve, fake: FakeOpenAI
) -> None:
    async with serve(OPENAI_BASE_URL=fake.url, OPENAI_API_KEY="sk-very-secret") as client:
        talk = Talk(client.url, client.session)
        question: dict[str, Any] = {"content": 'it\'s $HOME `id` \\ \n"x"', "settings": SETTINGS}
        _, shown = await talk.call("POST", "/api/request", question)
        assert "sk-very" not in json.dumps(shown)
        await talk.ask(**question)
        process = await asyncio.create_subprocess_shell(
            shown["curl"],
            env={**os.environ, "OPENAI_API_KEY": "sk-other", "no_proxy": "*"},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await process.wait()
        ours, theirs = fake.requests
        assert theirs.body == ours.body == shown["body"]
        assert ours.headers["Authorization"] == "Bearer sk-very-secret"
        assert theirs.headers["Authorization"] == "Bearer sk-other"


async def test_a_copy_and_an_export_keep_the_settings_and_an_import_cannot_overstep_them(
    talk: Talk, fake: FakeOpenAI, tmp_path: Path
) -> None:
    first = await talk.ask("one", settings=SETTINGS)
    path = f"/api/conversations/{first['conversation_id']}"
    _, copy = await talk.call("POST", f"{path}/fork", {"message_id": first["message_id"]})
    assert copy["settings"] == SETTINGS
    async with talk.session.get(f"{talk.url}{path}/export?format=json") as reply:
        exported = await reply.text()
    evil = {"messages": [], "stream": False, "N": 5, "top_k": 1}
    changed = exported.replace(json.dumps(EXTRA, separators=(",", ":")), json.dumps(evil))
    assert changed != exported
    form = aiohttp.FormData()
    form.add_field("file", changed.replace(first["conversation_id"], "another"), filename="a.json")
    async with talk.session.post(f"{talk.url}/api/import", data=form) as reply:
        started = await reply.json()
    while (await talk.call("GET", f"/api/import/{started['import_id']}"))[1]["state"] == "running":  # noqa: ASYNC110 - nothing announces it
        await asyncio.sleep(0.01)
    imported = next(
        one for one in await talk.items() if one["settings"].get("extra", {}).get("top_k")
    )
    assert imported["settings"] == {**SETTINGS, "extra": evil}
    await talk.ask("x", conversation_id=imported["id"], branch=True)
    assert _sampling(fake.requests[-1].body) == {**SAMPLING, "model": "known-40", "top_k": 1}
    assert len(fake.requests[-1].body["messages"]) == 2


async def test_a_summary_takes_the_place_of_what_it_is_about(talk: Talk, fake: FakeOpenAI) -> None:
    first = await talk.ask("one", settings={**SETTINGS, "history": 5})
    place = {"conversation_id": first["conversation_id"]}
    summary = await talk.ask(**place, parent_id=first["message_id"], compact=True)
    assert summary["user_message_id"] is None
    asked = fake.requests[-1].body
    assert [one["role"] for one in asked["messages"]] == ["system", "user", "assistant", "user"]
    assert asked["messages"][-1]["content"].startswith("Summarise this conversation")
    assert not {"compact", "response_format", "stop", "max_tokens"} & set(asked)
    stored = await talk.message(summary)
    assert (stored["parent_id"], stored["role"]) == (first["message_id"], "assistant")
    assert stored["parameters"]["compact"] is True
    # More of a summary that was cut is asked for as a summary.
    await talk.ask(**place, parent_id=summary["message_id"], continue_final_message=True)
    roles = [one["role"] for one in fake.requests[-1].body["messages"]]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]
    assert (await talk.message(summary))["parameters"]["compact"] is True
    path = f"/api/conversations/{first['conversation_id']}"
    edit = {"content": "All was said."}
    await talk.call("PATCH", f"{path}/messages/{summary['message_id']}", edit)
    await talk.ask("two", **place, parent_id=summary["message_id"])
    assert fake.requests[-1].body["messages"] == [
        {
            "role": "system",
            "content": "Be brief.\n\nSummary of the conversation so far:\n\nAll was said.",
        },
        {"role": "user", "content": "two"},
    ]
    for wrong in ({"content": "x"}, {"continue_final_message": True}):
        body = {**place, "parent_id": first["message_id"], "compact": True, **wrong}
        assert (await talk.call("POST", "/chat", body))[0] == 422
