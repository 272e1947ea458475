"""One line per job in the log: what became of it and when, and nothing of what was said."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.fake_openai import FakeOpenAI
from tests.system.conftest import Client, Serve
from tests.system.program import run

CANARY = "sk-canary-9f3e"
MEMBERS = [
    *("job_id", "request_id", "account", "user", "model", "endpoint", "state", "finish_reason"),
    *("error", "deliveries", "attempts", "queue_seconds", "first_token_seconds", "total_seconds"),
    *("prompt_tokens", "completion_tokens", "pieces", "text_bytes"),
]


def _lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [
        json.loads(record.getMessage()) for record in caplog.records if record.name == "llmchat.job"
    ]


async def test_a_job_leaves_one_line_with_its_figures(
    client: Client, fake: FakeOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "llmchat.job"):
        body = {"messages": [{"role": "user", "content": "grüße"}], "user": "ann"}
        async with client.session.post(
            f"{client.url}/chat", json=body, headers={"X-Request-ID": "mine.1"}
        ) as reply:
            job_id = (await reply.json())["job_id"]
        answer = await client.read(job_id)
    [line] = _lines(caplog)
    assert list(line) == MEMBERS
    told = {name: line[name] for name in MEMBERS if not name.endswith("seconds")}
    assert told == {
        "job_id": job_id,
        "request_id": "mine.1",
        "account": None,
        "user": "ann",
        "model": "echo",
        "endpoint": f"127.0.0.1:{fake.port}",
        "state": "done",
        "finish_reason": "stop",
        "error": None,
        "deliveries": 1,
        "attempts": 1,
        "prompt_tokens": 12,
        "completion_tokens": 34,
        "pieces": line["pieces"],
        "text_bytes": len(answer.text.encode()),
    }
    assert line["pieces"] >= 1
    assert 0 <= line["queue_seconds"] <= line["total_seconds"]
    assert line["first_token_seconds"] > 0
    assert line["queue_seconds"] + line["first_token_seconds"] <= line["total_seconds"] + 0.001


async def test_the_times_of_the_line_are_those_that_passed(
    serve: Serve, fake: FakeOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    async with serve(
        OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="gate-1", LLMCHAT_ENDPOINT_SLOTS="1"
    ) as client:
        with caplog.at_level(logging.INFO, "llmchat.job"):
            loop = asyncio.get_running_loop()
            first = await client.submit(model="silent")
            began = loop.time()
            second = await client.submit()
            in_line = loop.time()  # it has been in line since a moment before
            await fake.asked()
            await asyncio.sleep(0.3)  # not to wait for something: it is what is measured
            held = loop.time() - in_line
            await fake.release()
            await client.read(first)
            await client.read(second)
            whole = loop.time() - began
    one, two = _lines(caplog)
    assert (one["job_id"], two["job_id"]) == (first, second)
    assert 0.3 <= one["first_token_seconds"] <= one["total_seconds"]
    assert held <= two["queue_seconds"] <= two["total_seconds"] <= whole


async def test_every_kind_of_end_has_its_line(
    client: Client, fake: FakeOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "llmchat.job"):
        await client.ask(model="status-401")
        stopped = await client.submit(model="gate")
        await client.until(stopped, lambda name, _: name == "delta")
        for _ in range(2):
            await client.stop(stopped)
        await client.read(stopped)
        left = await client.submit(model="gate")
        await client.until(left, lambda name, _: name == "delta")
        await client.service.close()
    lines = _lines(caplog)
    assert [(one["state"], one["finish_reason"], one["error"]) for one in lines] == [
        ("error", None, "upstream-auth"),
        ("cancelled", "cancelled", None),
        ("error", None, "interrupted"),
    ]
    assert [one["first_token_seconds"] is None for one in lines] == [True, False, False]
    assert [one["pieces"] for one in lines] == [0, 1, 1]


async def test_an_end_that_could_not_be_stored_is_not_told(
    client: Client, fake: FakeOpenAI, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "llmchat.job"):
        job_id = await client.submit(model="gate")
        await client.until(job_id, lambda name, _: name == "delta")
        with contextlib.closing(sqlite3.connect(tmp_path / "llmchat.db")) as other:
            other.execute("drop table job_event")
        await fake.release(10)
        # The end of the answer is given up after ten seconds: readers get another one.
        await client.until(job_id, lambda _, data: data.get("code") == "storage")
    assert [(one["job_id"], one["error"]) for one in _lines(caplog)] == [(job_id, "storage")]


async def test_a_job_that_was_moved_says_how_often_and_to_where(
    serve: Serve, fake: FakeOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    addresses = f"http://127.0.0.1:9/v1,{fake.url}"
    async with serve(OPENAI_BASE_URL=addresses, DEFAULT_MODEL="echo,echo") as client:
        with caplog.at_level(logging.INFO, "llmchat.job"):
            await client.ask()
    [line] = _lines(caplog)
    assert line["endpoint"] == f"127.0.0.1:{fake.port}"
    assert line["deliveries"] == 2
    assert line["attempts"] == 3  # a start, the move, a start


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_the_log_of_the_program_has_the_line_and_no_secret(
    tmp_path: Path, fake: FakeOpenAI, log_format: str
) -> None:
    async with run(
        tmp_path,
        OPENAI_BASE_URL=fake.url,
        DEFAULT_MODEL="echo",
        OPENAI_API_KEY=CANARY,
        LLMCHAT_LOG_FORMAT=log_format,
        LLMCHAT_LOG_LEVEL="debug",
    ) as program:
        user = "eve\nINFO llmchat.job: forged\x1b[31m\x7f\u2028"
        job_id = await program.submit(f"my secret is {CANARY}-prompt", user=user)
        stream = await program.open_stream(job_id)
        assert "event: done" in await stream.text()
        failed = await program.open_stream(
            await program.submit(f"my secret is {CANARY}-prompt", model="status-401")
        )
        assert "event: error" in await failed.text()
        program.process.terminate()
        assert program.process.stderr is not None
        log = (await program.process.stderr.read()).decode()
    assert CANARY not in log
    assert "\x1b" not in log
    lines = [line for line in log.splitlines() if "llmchat.job" in line]
    assert len(lines) == 2
    if log_format == "json":
        members = [json.loads(line) for line in log.splitlines()]
        assert all({"time", "level", "logger"} <= line.keys() for line in members)
        told = next(line for line in members if line.get("job_id") == job_id)
    else:
        start, _, rest = lines[0].partition(" INFO llmchat.job: ")
        assert start.endswith("Z")
        told = json.loads(rest)
    assert told["user"] == user
    assert told["job_id"] == job_id
