"""A backup that is made while answers stream has them all."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest

from tests.fake_openai import FakeOpenAI
from tests.system.program import ROOT, Program, run

ANSWERS = 20
FLOWING = "paced-20-2000"  # a piece each 50 ms, for 100 s


async def _command(data_dir: Path, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "llmchat", *arguments, "--data-dir", str(data_dir)),
        stdout=PIPE,
        stderr=PIPE,
        cwd=ROOT,
    )
    _, told = await process.communicate()
    assert process.returncode == 0, told.decode()


async def _ask(program: Program, content: str) -> Any:
    """Begin a conversation."""
    body = {"content": content, "model": FLOWING}
    async with program.session.post(f"{program.url}/chat", json=body) as reply:
        assert reply.status == 202, await reply.text()
        return await reply.json()


async def _messages(program: Program, conversation_id: str) -> Any:
    async with program.session.get(f"{program.url}/api/conversations/{conversation_id}") as reply:
        assert reply.status == 200
        return (await reply.json())["messages"]


async def _job(program: Program, job_id: str) -> Any:
    async with program.session.get(f"{program.url}/api/jobs/{job_id}") as reply:
        assert reply.status == 200
        return await reply.json()


def _text(job: Any) -> str:
    return "".join(event["data"]["text"] for event in job["events"] if event["event"] == "delta")


async def _until(program: Program, job_id: str, wanted: bytes) -> None:
    async with await program.open_stream(job_id) as stream:
        async for line in stream.content:
            if wanted in line:
                return
    raise AssertionError("the stream ended without it")


@pytest.mark.timeout(90)
async def test_a_backup_made_while_answers_stream_has_them_all(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    target = tmp_path / "backup.zip"
    async with FakeOpenAI() as fake:
        environment = {"OPENAI_BASE_URL": fake.url, "LLMCHAT_ENDPOINT_SLOTS": str(ANSWERS)}
        async with run(first, **environment) as program:
            done = await program.submit("hi", model="echo")
            await _until(program, done, b"event: done")
            asked = [await _ask(program, f"question {number}") for number in range(ANSWERS)]
            jobs = [one["job_id"] for one in asked]
            await asyncio.gather(*(_until(program, job, b"event: delta") for job in jobs))
            before = [_text(await _job(program, job)) for job in jobs]
            await _command(first, "backup", str(target))
            after = [await _job(program, job) for job in jobs]
            assert {job["state"] for job in after} == {"running"}
        await _command(second, "restore", str(target))
        async with run(second, **environment) as program:
            assert _text(await _job(program, done)) == "hi"
            for job_id, shorter, longer in zip(jobs, before, after, strict=True):
                job = await _job(program, job_id)
                assert _text(job).startswith(shorter)
                assert _text(longer).startswith(_text(job))
                last = job["events"][-1]
                assert (last["event"], last["data"]["code"]) == ("error", "interrupted")
            for number, (one, shorter) in enumerate(zip(asked, before, strict=True)):
                question, answer = await _messages(program, one["conversation_id"])
                assert question["content"] == f"question {number}"
                assert answer["content"].startswith(shorter)
                assert (answer["state"], answer["error"]["code"]) == ("error", "interrupted")
