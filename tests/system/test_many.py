"""Thousands of questions in line: bounded, fair, in order, and there after a restart."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from llmchat.storage.database import Database
from llmchat.storage.jobs import JobStore, NewJob
from tests.fake_openai import FakeOpenAI
from tests.system.conftest import Client, Serve
from tests.system.program import run

MANY = 10_000


async def _fill(folder: Path, count: int, endpoint: str) -> list[str]:
    """A store with so many questions in line, as a server leaves it that was killed."""
    database = Database.open(folder / "llmchat.db")
    store = JobStore(database)
    jobs = [f"{'anna' if number % 2 else 'bert'}-{number}" for number in range(count)]
    await asyncio.gather(
        *(
            store.add(
                NewJob(
                    *(job, "", None),
                    f'{{"messages":[{{"role":"user","content":"{job}"}}],'
                    f'"model":null,"parameters":{{"user":"{job[:4]}"}}}}',
                    *("digest", endpoint, "echo"),
                )
            )
            for job in jobs
        )
    )
    await database.close()
    return jobs


@pytest.mark.timeout(120)
async def test_ten_thousand_questions_in_line_survive_a_restart_and_one_more_is_refused(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    jobs = await _fill(tmp_path, MANY, fake.url[7:-3])
    environment = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "silent"}
    async with run(tmp_path, **environment, LLMCHAT_ENDPOINT_SLOTS="1") as program:
        first = await fake.asked()
        assert first.question() in jobs[:2]
        question = {"messages": [{"role": "user", "content": "one more"}]}
        async with program.session.post(f"{program.url}/chat", json=question) as reply:
            assert (reply.status, (await reply.json())["code"]) == (503, "queue-full")
            assert int(reply.headers["Retry-After"]) > 0
        async with program.session.delete(f"{program.url}/chat/{jobs[-1]}") as reply:
            assert reply.status == 204
        async with program.session.post(f"{program.url}/chat", json=question) as reply:
            assert reply.status == 202
        fake.mode = "echo"
        await fake.release(float("inf"))
        await fake.asked(60)
    asked = [one.question() for one in fake.requests[1:60]]
    for user in ("anna", "bert"):
        theirs = [int(text[5:]) for text in asked if text.startswith(user)]
        assert theirs == sorted(theirs)  # first come, first served
        assert 20 <= len(theirs) <= 40  # and fair between the two


async def test_a_question_of_the_last_run_can_be_read_and_stopped_at_once(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    jobs = await _fill(tmp_path, 3000, fake.url[7:-3])
    environment = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "silent"}
    async with run(tmp_path, **environment, LLMCHAT_ENDPOINT_SLOTS="1") as program:
        async with program.session.delete(f"{program.url}/chat/{jobs[-1]}") as reply:
            assert reply.status == 204
        stream = await program.open_stream(jobs[-1])
        assert stream.status == 200
        assert '"finish_reason":"cancelled"' in (await stream.read()).decode()


async def test_the_clock_may_jump_without_harm_to_what_waits_or_runs(
    serve: Serve, fake: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, real_ns = time.time, time.time_ns
    async with serve(OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="gate") as client:
        jobs = []
        for days in (0, 1, -1):
            seconds = days * 86400
            monkeypatch.setattr(time, "time", lambda s=seconds: real() + s)
            monkeypatch.setattr(time, "time_ns", lambda s=seconds: real_ns() + s * 10**9)
            jobs.append(await client.submit(f"{days}"))
        await fake.asked(3)
        await fake.release(10)
        answers = await asyncio.gather(*(client.read(job) for job in jobs))
        assert [answer.last[0] for answer in answers] == ["done"] * 3
        for answer in answers:
            assert 0 <= answer.last[1]["timings"]["total_seconds"] < 60
        await _in_order(client, jobs)


async def _in_order(client: Client, jobs: list[str]) -> None:
    listed = await client.get("/api/jobs")
    assert [one["id"] for one in listed["items"]] == jobs  # by number, not by time
