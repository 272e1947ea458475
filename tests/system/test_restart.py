"""The server ends in the middle of answers, and starts again: nothing that was seen is lost."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from llmchat.app import make_service
from llmchat.config import load_settings
from llmchat.domain.chat import ChatRequest
from llmchat.storage.database import READERS, Database
from llmchat.storage.jobs import JobStore
from tests.fake_openai import FakeOpenAI
from tests.system.program import DidNotStartError, Program, run

pytestmark = pytest.mark.timeout(60)
ROUNDS = 5


async def _events(program: Program, job_id: str, after: str | None = None) -> list[Any]:
    """Read a stream until it ends or breaks: `(id, event, data)`."""
    events: list[Any] = []
    headers = {} if after is None else {"Last-Event-ID": after}
    address = f"{program.url}/stream/{job_id}"
    fields: dict[str, str] = {}
    try:
        async with program.session.get(address, headers=headers) as reply:
            assert reply.status == 200, await reply.text()
            async for raw in reply.content:
                name, _, value = raw.decode().rstrip("\r\n").partition(": ")
                if name:
                    fields[name] = value
                elif "data" in fields:
                    data = json.loads(fields["data"])
                    events.append((fields.get("id"), fields["event"], data))
                    fields = {}
    except (aiohttp.ClientPayloadError, ConnectionError):
        pass  # the server was killed
    return events


def _text(events: list[Any]) -> str:
    return "".join(data["text"] for _, name, data in events if name == "delta")


async def _until_text(program: Program, job_id: str) -> asyncio.Task[list[Any]]:
    """A reader of the job who goes on reading, once there is text."""
    reader = asyncio.create_task(_events(program, job_id))
    while True:
        async with program.session.get(f"{program.url}/api/jobs/{job_id}") as reply:
            if any(one["event"] == "delta" for one in (await reply.json())["events"]):
                return reader
        await asyncio.sleep(0.02)


def _endpoint(fake: FakeOpenAI, model: str = "gate", **more: str) -> dict[str, str]:
    return {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": model, **more}


async def _kill(program: Program) -> None:
    program.process.kill()
    await program.process.wait()


@pytest.mark.timeout(120)
async def test_after_a_kill_in_mid_stream_every_text_seen_is_there_and_the_end_comes_once(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    seen: dict[str, list[Any]] = {}
    for _ in range(ROUNDS):
        async with run(tmp_path, **_endpoint(fake)) as program:
            job_id = await program.submit("hi")
            await fake.asked(len(seen) + 1)
            await fake.release(2)
            reader = await _until_text(program, job_id)
            await _kill(program)
            seen[job_id] = await reader
        fake.released = 0
    async with run(tmp_path, **_endpoint(fake)) as program:
        for job_id, before in seen.items():
            whole = await _events(program, job_id)
            assert whole[: len(before)] == before or _text(whole).startswith(_text(before))
            assert _text(before)
            ends = [(name, data["code"]) for _, name, data in whole if name == "error"]
            assert ends == [("error", "interrupted")]
            assert whole[-1][1] == "error"
            last = before[-1][0]
            rest = await _events(program, job_id, last)
            assert _text(before) + _text(rest) == _text(whole)
            assert await _events(program, job_id) == whole
    assert fake.posts == ROUNDS  # none was asked twice


async def test_a_question_that_had_shown_nothing_is_asked_again(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    async with run(tmp_path, **_endpoint(fake)) as program:
        job_id = await program.submit("hi")
        await fake.asked()
        await _kill(program)
    await fake.release(100)
    async with run(tmp_path, **_endpoint(fake)) as program:
        events = await _events(program, job_id)
    states = [data["state"] for _, name, data in events if name == "status"]
    # There may be no worker yet: then it waits in line for one.
    assert [state for state in states if state != "queued"] == ["running", "restarted", "running"]
    assert (events[-1][1], fake.posts) == ("done", 2)
    assert _text(events) == "".join(f"piece {n} " for n in range(5))


async def test_a_question_that_was_under_way_at_two_kills_is_not_asked_a_third_time(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    async with run(tmp_path, **_endpoint(fake, "silent")) as program:
        job_id = await program.submit("hi")
        await fake.asked()
        await _kill(program)
    async with run(tmp_path, **_endpoint(fake, "silent")) as program:
        await fake.asked(2)
        await _kill(program)
    async with run(tmp_path, **_endpoint(fake, "silent")) as program:
        events = await _events(program, job_id)
    assert (events[-1][1], events[-1][2]["code"]) == ("error", "interrupted")
    assert fake.posts == 2


async def test_what_waits_in_line_survives_a_kill_and_keeps_its_order(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    one = {"LLMCHAT_ENDPOINT_SLOTS": "1"}
    async with run(tmp_path, **_endpoint(fake, **one)) as program:
        jobs = [await program.submit(f"question {n}") for n in range(4)]
        await fake.asked()
        await _kill(program)
    await fake.release(100)
    async with run(tmp_path, **_endpoint(fake, **one)) as program:
        answers = [await _events(program, job_id) for job_id in jobs]
    assert [events[-1][1] for events in answers] == ["done"] * 4
    asked = [request.body["messages"][-1]["content"] for request in fake.requests[1:]]
    assert asked == [f"question {n}" for n in range(4)]


async def test_a_repeated_question_is_known_after_a_restart(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    body = {"messages": [{"role": "user", "content": "hi"}]}
    headers = {"Idempotency-Key": "k1"}
    async with run(tmp_path, **_endpoint(fake, "echo")) as program:
        async with program.session.post(f"{program.url}/chat", json=body, headers=headers) as reply:
            job_id = (await reply.json())["job_id"]
        await _events(program, job_id)
    async with run(tmp_path, **_endpoint(fake, "echo")) as program:
        async with program.session.post(f"{program.url}/chat", json=body, headers=headers) as reply:
            again = await reply.json()
            assert (reply.status, again["job_id"]) == (200, job_id)
            assert reply.headers["Idempotent-Replayed"] == "true"
        body["messages"][0]["content"] = "other"
        async with program.session.post(f"{program.url}/chat", json=body, headers=headers) as reply:
            assert reply.status == 422
    assert fake.posts == 1


async def test_sigterm_lets_running_answers_end_and_keeps_what_waits(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    one = {"LLMCHAT_ENDPOINT_SLOTS": "1"}
    async with run(tmp_path, **_endpoint(fake, **one)) as program:
        running, waiting = [await program.submit(text) for text in ("first", "second")]
        await fake.asked()
        await fake.release()
        reader = await _until_text(program, running)
        program.process.send_signal(signal.SIGTERM)
        assert (await reader)[-1] == (None, "restart", {})
        refused = await program.session.post(
            f"{program.url}/chat", json={"messages": [{"role": "user", "content": "x"}]}
        )
        assert (refused.status, (await refused.json())["code"]) == (503, "stopping")
        follower = asyncio.create_task(_events(program, running))
        await fake.release(100)
        assert (await follower)[-1][1] == "done"
        assert await program.process.wait() == 0
    assert fake.posts == 1
    async with run(tmp_path, **_endpoint(fake, **one)) as program:
        assert (await _events(program, waiting))[-1][1] == "done"
        assert (await _events(program, running))[-1][1] == "done"
    assert fake.posts == 2


async def test_a_second_sigterm_ends_at_once_and_in_order(tmp_path: Path, fake: FakeOpenAI) -> None:
    async with run(tmp_path, **_endpoint(fake)) as program:
        job_id = await program.submit("hi")
        await fake.asked()
        await fake.release()
        reader = await _until_text(program, job_id)
        program.process.send_signal(signal.SIGTERM)
        await reader
        await asyncio.sleep(0.6)  # a signal right after the first is its echo
        program.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(program.process.wait(), 5) == 0
    async with run(tmp_path, **_endpoint(fake)) as program:
        events = await _events(program, job_id)
    assert (events[-1][1], events[-1][2]["code"]) == ("error", "interrupted")


async def test_a_second_llmchat_on_the_same_folder_is_refused_in_one_line(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    async with run(tmp_path, **_endpoint(fake)) as first:
        with pytest.raises(DidNotStartError) as refusal:
            async with run(tmp_path, **_endpoint(fake)):
                pass
        assert str(refusal.value).startswith("llmchat: llmchat already runs on ")
        assert str(refusal.value).count("\n") == 1
        assert first.process.returncode is None
        await _kill(first)
    async with run(tmp_path, **_endpoint(fake)) as after:
        assert after.url


async def test_a_question_that_comes_while_the_store_is_read_is_asked_once(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    settings = load_settings(
        {}, {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "echo", "LLMCHAT_DISCOVER": "0"}, {}
    )
    database = Database.open(tmp_path / "llmchat.db")
    held = threading.Event()
    readers = [asyncio.create_task(database.read(lambda _: held.wait())) for _ in range(READERS)]
    await asyncio.sleep(0)  # they have the readers now, and what is read next waits
    service = make_service(settings, JobStore(database))
    service.start(own_port=0)
    request = ChatRequest([{"role": "user", "content": "hi"}])
    asking = [asyncio.create_task(service.submit(request, account="")) for _ in range(3)]
    await asyncio.sleep(0.1)
    held.set()
    await asyncio.gather(*readers)
    for submission in await asyncio.gather(*asking):
        async for _ in (await service.log("", submission.job.id)).follow(None):
            pass
    assert service.figures().waiting == {f"127.0.0.1:{fake.port}": 0}
    assert fake.posts == 3
    await service.close()
    await database.close()
