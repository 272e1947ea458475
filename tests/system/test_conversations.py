"""Conversations that last: what is asked and answered is in the store, whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from typing import Any

import pytest

from tests.fake_openai import FakeOpenAI
from tests.fake_replies import known_text
from tests.system.conftest import Client
from tests.system.program import run
from tests.system.talk import Talk


@pytest.fixture
def talk(client: Client) -> Talk:
    return Talk(client.url, client.session)


def _shape(tree: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["role"], one["content"]) for one in tree["messages"]]


async def test_a_question_makes_a_conversation_and_its_answer_becomes_a_message(
    talk: Talk, fake: FakeOpenAI
) -> None:
    said = await talk.ask("What is this?\nTell me all.", model="known-400", temperature=0.5)
    tree = await talk.tree(said["conversation_id"])
    question, answer = tree["messages"]
    assert tree["title"] == "What is this?"
    assert (tree["active"], tree["unread"], tree["running"]) == (answer["id"], True, False)
    assert question["id"] == said["user_message_id"]
    assert (question["content"], question["parent_id"]) == ("What is this?\nTell me all.", None)
    assert (answer["id"], answer["parent_id"]) == (said["message_id"], question["id"])
    assert answer["content"] == known_text(400)
    assert (answer["state"], answer["finish_reason"]) == ("done", "stop")
    assert (answer["model"], answer["job_id"]) == ("known-400", said["job_id"])
    assert answer["parameters"] == {"temperature": 0.5}
    assert answer["usage"]["completion_tokens"] == 34
    assert answer["timings"]["total_seconds"] > 0
    assert fake.requests[0].body["temperature"] == 0.5


async def test_the_next_question_goes_on_from_the_answer(talk: Talk, fake: FakeOpenAI) -> None:
    first = await talk.ask("one", model="known-40")
    place = {"conversation_id": first["conversation_id"], "parent_id": first["message_id"]}
    second = await talk.ask("two", **place, model="known-40")
    assert second["conversation_id"] == first["conversation_id"]
    assert fake.requests[1].body["messages"] == [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": known_text(40)},
        {"role": "user", "content": "two"},
    ]
    assert (await talk.tree(first["conversation_id"]))["active"] == second["message_id"]


async def test_what_the_settings_say_comes_first_and_a_failed_answer_is_not_told(
    talk: Talk, fake: FakeOpenAI
) -> None:
    first = await talk.ask("one", model="status-401")
    assert (await talk.message(first))["state"] == "error"
    path = f"/api/conversations/{first['conversation_id']}"
    await talk.call("PATCH", path, {"settings": {"system": "Be brief."}})
    place = {"conversation_id": first["conversation_id"], "parent_id": first["message_id"]}
    await talk.ask("two", **place, model="known-40")
    assert fake.requests[-1].body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "one\n\ntwo"},
    ]


async def test_a_new_conversation_can_have_settings_from_its_first_question_on(
    talk: Talk, fake: FakeOpenAI
) -> None:
    said = await talk.ask("one", settings={"system": "Be brief."}, model="known-40")
    assert (await talk.tree(said["conversation_id"]))["settings"] == {"system": "Be brief."}
    assert fake.requests[0].body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert "settings" not in fake.requests[0].body


async def test_thoughts_and_tool_calls_are_kept_apart_and_not_told(
    talk: Talk, fake: FakeOpenAI
) -> None:
    first = await talk.ask("one", model="reasoning")
    answer = await talk.message(first)
    assert (answer["reasoning"], answer["content"]) == ("Let me think.", "The answer is 4.")
    place = {"conversation_id": first["conversation_id"], "parent_id": first["message_id"]}
    second = await talk.ask("two", **place, model="tool")
    [call] = (await talk.message(second))["tool_calls"]
    assert call["type"] == "function"
    assert call["function"]["name"]
    assert "Let me think." not in str(fake.requests[-1].body)


@pytest.mark.parametrize("stopped", [False, True])
async def test_how_long_it_was_thought_is_stored_however_it_ends(
    talk: Talk, fake: FakeOpenAI, stopped: bool
) -> None:
    began = time.monotonic()
    said = await talk.begin("one", model="thinking")
    await talk.until_text(said, "Let me think.")
    if stopped:
        await talk.call("DELETE", f"/chat/{said['job_id']}")
    else:
        await fake.release()
    await talk.end(said)
    answer = await talk.message(said)
    assert 0 < answer["timings"]["thinking_seconds"] < time.monotonic() - began
    assert answer["state"] == ("cancelled" if stopped else "done")


async def test_another_answer_stands_beside_the_first_and_an_edited_question_too(
    talk: Talk, fake: FakeOpenAI
) -> None:
    first = await talk.ask("one", model="known-40")
    where = first["conversation_id"]
    again = await talk.ask(
        conversation_id=where, parent_id=first["user_message_id"], model="known-80"
    )
    assert again["user_message_id"] is None
    edited = await talk.ask(
        "one, but better", conversation_id=where, parent_id=None, branch=True, model="known-40"
    )
    tree = await talk.tree(where)
    parents = {one["id"]: one["parent_id"] for one in tree["messages"]}
    assert parents[again["message_id"]] == parents[first["message_id"]]
    assert parents[edited["user_message_id"]] is None
    assert tree["active"] == edited["message_id"]
    assert fake.requests[-1].body["messages"] == [{"role": "user", "content": "one, but better"}]


async def test_an_answer_is_continued_in_its_place(talk: Talk, fake: FakeOpenAI) -> None:
    first = await talk.ask("one", model="known-40")
    where = {"conversation_id": first["conversation_id"], "parent_id": first["message_id"]}
    fake.mode, fake.script = "markdown", " And more."
    more = await talk.begin(**where, continue_final_message=True, model="known-40")
    assert (more["message_id"], more["user_message_id"]) == (first["message_id"], None)
    await talk.end(more)
    answer = await talk.message(first)
    assert answer["content"] == known_text(40) + " And more."
    assert answer["job_id"] == more["job_id"] != first["job_id"]
    assert len((await talk.tree(first["conversation_id"]))["messages"]) == 2
    assert fake.requests[-1].body["messages"][1]["content"] == known_text(40)


async def test_a_stale_page_is_told_what_is_new_and_nothing_is_stored(
    talk: Talk, fake: FakeOpenAI
) -> None:
    first = await talk.ask("one", model="known-40")
    where = {"conversation_id": first["conversation_id"], "parent_id": first["message_id"]}
    second = await talk.ask("two", **where, model="known-40")
    status, problem = await talk.call("POST", "/chat", {"content": "three", **where})
    assert (status, problem["code"]) == (409, "stale")
    assert [one["content"] for one in problem["messages"]] == ["two", known_text(40)]
    assert problem["active"] == second["message_id"]
    assert len((await talk.tree(first["conversation_id"]))["messages"]) == 4
    root = {"conversation_id": first["conversation_id"], "content": "anew"}
    status, problem = await talk.call("POST", "/chat", root)
    assert (status, len(problem["messages"])) == (409, 4)
    assert fake.posts == 2


async def test_five_presses_of_enter_at_once_make_one_message(talk: Talk, fake: FakeOpenAI) -> None:
    body = {"content": "one", "model": "known-40"}
    said = await asyncio.gather(
        *[talk.call("POST", "/chat", body, Idempotency_Key="k") for _ in range(5)]
    )
    assert sorted(status for status, _ in said) == [200, 200, 200, 200, 202]
    assert all(reply == said[0][1] for _, reply in said)
    [item] = await talk.items()
    await talk.end(said[0][1])
    assert len((await talk.tree(item["id"]))["messages"]) == 2
    where = {"conversation_id": item["id"], "parent_id": said[0][1]["message_id"]}
    body |= {"content": "two", **where}
    replies = await asyncio.gather(*[talk.call("POST", "/chat", body) for _ in range(5)])
    assert sorted(status for status, _ in replies) == [202, 409, 409, 409, 409]
    assert len((await talk.tree(item["id"]))["messages"]) == 4
    assert fake.posts <= 2
    status, _ = await talk.call("POST", "/chat", {**body, "x": 1})
    assert status == 422


async def test_a_key_that_was_used_for_another_turn_is_refused(talk: Talk) -> None:
    body = {"content": "one", "model": "known-40"}
    await talk.call("POST", "/chat", body, Idempotency_Key="k")
    for other in (
        {**body, "content": "two"},
        {"messages": [{"role": "user", "content": "one"}], "model": "known-40"},
    ):
        status, problem = await talk.call("POST", "/chat", other, Idempotency_Key="k")
        assert (status, problem["code"]) == (422, "idempotency-mismatch")


async def test_a_stopped_answer_ends_where_its_reader_was(talk: Talk, fake: FakeOpenAI) -> None:
    said = await talk.begin("one", model="gate")
    seen = await talk.until_text(said, "piece 0")
    await fake.release()
    await talk.until_text(said, "piece 1")
    await talk.call("DELETE", f"/chat/{said['job_id']}?seen={seen}")
    answer = await talk.message(said)
    assert (answer["content"], answer["state"]) == ("piece 0 ", "cancelled")
    assert answer["error"] is None
    assert not (await talk.tree(said["conversation_id"]))["unread"]


async def test_while_an_answer_is_written_nothing_goes_on_from_it(
    talk: Talk, fake: FakeOpenAI
) -> None:
    said = await talk.begin("one", model="gate")
    place = {"conversation_id": said["conversation_id"], "parent_id": said["message_id"]}
    path = f"/api/conversations/{said['conversation_id']}"
    for method, where, body in (
        ("POST", "/chat", {"content": "two", **place}),
        ("POST", f"{path}/fork", {"message_id": said["message_id"]}),
        ("PATCH", f"{path}/messages/{said['message_id']}", {"content": "mine"}),
    ):
        status, problem = await talk.call(method, where, body)
        assert (status, problem["code"]) == (409, "running")
    assert (await talk.items())[0]["running"]
    await fake.release(float("inf"))
    await talk.end(said)
    assert (await talk.message(said))["content"] == "".join(f"piece {n} " for n in range(5))


async def test_answers_are_stopped_where_all_is_deleted(talk: Talk, fake: FakeOpenAI) -> None:
    fake.mode = "gate"
    said = await talk.begin("Count")
    await talk.until_text(said, "piece 0")
    assert await talk.call("DELETE", "/api/conversations?all=true") == (200, {"changed": 1})
    await talk.end(said)
    status, job = await talk.call("GET", f"/api/jobs/{said['job_id']}")
    assert (status, job["state"]) == (200, "cancelled")


@pytest.mark.parametrize("forever", ["", "?forever=true"])
async def test_deleting_a_conversation_stops_its_answer(
    talk: Talk, fake: FakeOpenAI, forever: str
) -> None:
    said = await talk.begin("one", model="gate")
    await fake.asked()
    path = f"/api/conversations/{said['conversation_id']}"
    assert (await talk.call("DELETE", path + forever))[0] == 204
    await talk.end(said)  # the stream has its end
    status, problem = await talk.call("GET", path)
    if forever:
        assert (status, problem["code"]) == (404, "no-such-conversation")
    else:
        assert problem["messages"][1]["state"] == "cancelled"


async def test_deleting_a_message_stops_the_answer_below_it(talk: Talk, fake: FakeOpenAI) -> None:
    said = await talk.begin("one", model="gate")
    await fake.asked()
    path = f"/api/conversations/{said['conversation_id']}/messages/{said['user_message_id']}"
    assert await talk.call("DELETE", path) == (200, {"deleted": 2, "active": None})
    await talk.end(said)
    assert (await talk.tree(said["conversation_id"]))["messages"] == []


async def test_what_is_asked_in_a_conversation_in_the_bin_takes_it_out(talk: Talk) -> None:
    said = await talk.ask("one", model="known-40")
    await talk.call("DELETE", f"/api/conversations/{said['conversation_id']}")
    assert await talk.items() == []
    place = {"conversation_id": said["conversation_id"], "parent_id": said["message_id"]}
    await talk.ask("two", **place, model="known-40")
    assert [one["id"] for one in await talk.items()] == [said["conversation_id"]]


@pytest.mark.parametrize(
    "body",
    [
        {"content": " \n"},
        {"content": "x", "parent_id": "m"},
        {"conversation_id": "{c}"},
        {"conversation_id": "{c}", "parent_id": "{a}"},
        {"conversation_id": "{c}", "parent_id": "{q}", "continue_final_message": True},
        {"content": "x", "conversation_id": "{c}", "parent_id": "{a}", "temporary": True},
        {"content": "x", "continue_final_message": True},
        {"content": "x", "attachments": [{"file": "0" * 64, "name": "a.png"}]},
        {"content": "x", "attachments": [{"file": "..", "name": "a.png"}]},
        {"content": "x" * 500_001},
        {"content": "x", "conversation_id": "{c}", "parent_id": "{a}", "settings": {"a": 1}},
        {"content": "x", "conversation_id": "../x"},
    ],
)
async def test_what_cannot_be_asked_is_refused_and_changes_nothing(
    talk: Talk, body: dict[str, Any]
) -> None:
    said = await talk.ask("one", model="known-40")
    names = {
        "{c}": said["conversation_id"],
        "{q}": said["user_message_id"],
        "{a}": said["message_id"],
    }
    filled = {
        name: names.get(value, value) if isinstance(value, str) else value
        for name, value in body.items()
    }
    status, problem = await talk.call("POST", "/chat", filled)
    assert (status, problem["code"]) == (422, "validation"), problem
    assert problem["errors"]
    assert (await talk.tree(said["conversation_id"]))["count"] == 2
    assert len(await talk.items()) == 1


async def test_an_unknown_place_is_not_found(talk: Talk) -> None:
    said = await talk.ask("one", model="known-40")
    status, problem = await talk.call("POST", "/chat", {"content": "x", "conversation_id": "no"})
    assert (status, problem["code"]) == (404, "no-such-conversation")
    body = {"content": "x", "conversation_id": said["conversation_id"], "parent_id": "no"}
    status, problem = await talk.call("POST", "/chat", body)
    assert (status, problem["code"]) == (404, "no-such-message")


async def test_nothing_of_a_temporary_chat_is_in_any_file(
    talk: Talk, tmp_path: Path, fake: FakeOpenAI
) -> None:
    secret = "a word that is nowhere else: xyzzy"
    fake.script = f"You said {secret}"
    body = {"messages": [{"role": "user", "content": secret}], "model": "markdown"}
    status, said = await talk.call("POST", "/chat", {**body, "temporary": True})
    assert status == 202
    assert "conversation_id" not in said
    async with talk.session.get(talk.url + said["stream"]) as reply:
        assert "xyzzy" in await reply.text()
    await talk.call("GET", f"/api/jobs/{said['job_id']}")
    assert not _anywhere(tmp_path, b"xyzzy")
    await talk.ask("plugh is stored", model="known-40")
    assert _anywhere(tmp_path, b"plugh is stored")
    assert not _anywhere(tmp_path, b"xyzzy")


def _anywhere(folder: Path, text: bytes) -> bool:
    return any(text in path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_a_second_reader_sees_every_change_within_a_second(
    talk: Talk, fake: FakeOpenAI
) -> None:
    feed = talk.changes()
    async with contextlib.aclosing(feed), asyncio.timeout(20):  # type: ignore[type-var]  # it is a generator
        assert (await anext(feed))[1] == "hello"
        said = await talk.begin("one", model="gate")
        began = time.monotonic()
        _, name, data = await anext(feed)
        assert time.monotonic() - began < 1
        assert (name, data["conversation"]) == ("change", said["conversation_id"])
        assert data["item"]["running"]
        assert data["messages"] == [said["user_message_id"], said["message_id"]]
        await fake.release(float("inf"))
        _, _, data = await anext(feed)
        assert (data["item"]["running"], data["messages"]) == (False, [said["message_id"]])
        revision = data["item"]["revision"]
        changed = await talk.tree(said["conversation_id"], f"?since={revision - 1}")
        assert [one["state"] for one in changed["messages"]] == ["done"]
        path = f"/api/conversations/{said['conversation_id']}"
        await talk.call("PATCH", path, {"title": "Named"})
        assert (await anext(feed))[2]["item"]["title"] == "Named"
        await talk.call("DELETE", f"{path}?forever=true")
        last, _, data = await anext(feed)
        assert data == {"conversation": said["conversation_id"], "item": None, "messages": []}
    again = talk.changes(Last_Event_ID=last.rpartition("-")[0] + "-1")
    async with contextlib.aclosing(again), asyncio.timeout(20):  # type: ignore[type-var]
        hello = await anext(again)
        assert (hello[1], hello[2]["missed"]) == ("hello", False)
        missed = [await anext(again) for _ in range(3)]
    assert [one[2]["item"] and one[2]["item"]["title"] for one in missed] == ["one", "Named", None]


async def test_a_reader_of_another_run_has_to_load_everything(talk: Talk) -> None:
    for unknown in ("0123456789ab-1", "x", "", "-", "1-99999999999999999999999"):
        feed = talk.changes(Last_Event_ID=unknown)
        async with contextlib.aclosing(feed), asyncio.timeout(20):  # type: ignore[type-var]
            hello = await anext(feed)
            assert (hello[1], hello[2]["missed"]) == ("hello", True)
            assert (await anext(feed))[1] == "reset"


GATE = {"DEFAULT_MODEL": "gate"}


async def test_after_a_kill_an_answer_has_what_was_shown_and_can_be_continued(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    endpoint = {"OPENAI_BASE_URL": fake.url, **GATE}
    async with run(tmp_path, **endpoint) as program:
        talk = Talk(program.url, program.session)
        said = await talk.begin("one")
        waits = await talk.begin("other", model="silent")
        await fake.asked(2)
        await talk.until_text(said, "piece 0")
        program.process.kill()
        await program.process.wait()
    async with run(tmp_path, **endpoint) as program:
        talk = Talk(program.url, program.session)
        await talk.end(said)
        answer = await talk.message(said)
        assert answer["state"] == "error"
        assert answer["error"]["code"] == "interrupted"
        assert answer["content"].startswith("piece 0 ")
        again = await talk.message(waits)  # it had shown nothing, and is asked again
        assert again["state"] == "running"
        where = {"conversation_id": said["conversation_id"], "parent_id": said["message_id"]}
        fake.mode, fake.script = "markdown", "And more."
        await talk.ask(**where, continue_final_message=True)
        more = await talk.message(said)
        assert more["content"] == answer["content"] + "And more."
        assert (more["state"], more["error"]) == ("done", None)


async def test_conversations_and_keys_outlast_a_restart(tmp_path: Path, fake: FakeOpenAI) -> None:
    endpoint = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "known-40"}
    body = {"content": "one"}
    async with run(tmp_path, **endpoint) as program:
        talk = Talk(program.url, program.session)
        status, said = await talk.call("POST", "/chat", body, Idempotency_Key="k")
        assert status == 202
        await talk.end(said)
        before = await talk.tree(said["conversation_id"])
    async with run(tmp_path, **endpoint) as program:
        talk = Talk(program.url, program.session)
        assert await talk.tree(said["conversation_id"]) == before
        assert await talk.call("POST", "/chat", body, Idempotency_Key="k") == (200, said)
    assert fake.posts == 1


async def test_the_feed_ends_when_the_server_does(tmp_path: Path, fake: FakeOpenAI) -> None:
    async with run(tmp_path, OPENAI_BASE_URL=fake.url) as program:
        talk = Talk(program.url, program.session)
        feed = talk.changes()
        await anext(feed)
        program.process.terminate()
        async with asyncio.timeout(20):
            names = [name async for _, name, _ in feed]
            assert names == ["restart"]
            assert await program.process.wait() == 0


async def test_answers_to_compare_and_the_one_that_is_made_of_them(
    talk: Talk, fake: FakeOpenAI
) -> None:
    first = await talk.begin("Which?", model="gate", side_by_side=True)
    place = {"conversation_id": first["conversation_id"], "parent_id": first["user_message_id"]}
    second = await talk.begin(model="known-40", side_by_side=True, **place)
    await talk.end(second)  # while the first one is still being written
    ids = [first["message_id"], second["message_id"]]
    status, problem = await talk.call("POST", "/chat", {"merge": ids, **place})
    assert (status, problem["code"]) == (409, "running")
    await fake.release(float("inf"))
    await talk.end(first)
    answers = [(await talk.message(one))["content"] for one in (first, second)]
    merged = await talk.ask(model="echo", merge=ids, **place)
    message = await talk.message(merged)
    assert (message["parent_id"], message["parameters"]) == (
        first["user_message_id"],
        {"merged": ids},
    )
    asked = fake.requests[-1].body
    assert "merge" not in asked
    assert "side_by_side" not in asked
    (question,) = asked["messages"]
    assert question["content"].startswith("Which?\n\nHere are 2 answers")
    assert all(answer in question["content"] for answer in answers)
    assert (await talk.message(first))["parameters"] == {"side_by_side": True}
    other = await talk.ask("Another chat")
    for wrong in ([ids[0]], [ids[0], other["message_id"]], [ids[0], first["user_message_id"]]):
        status, _ = await talk.call("POST", "/chat", {"merge": wrong, **place})
        assert status in (404, 422), wrong
