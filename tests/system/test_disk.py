"""The disk is full, locked or cannot be written, while the program runs and when it starts."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llmchat.storage.migrations import MIGRATIONS, open_migrated
from tests.fake_openai import FakeOpenAI
from tests.fake_replies import Reply, chunk, known_text, sse
from tests.system.program import Program, run, start_refused

pytestmark = pytest.mark.timeout(60)
QUESTION = {"messages": [{"role": "user", "content": "hi"}]}
HELD = 2_000_000  # characters; more than may wait for a store that cannot write


class Gated(FakeOpenAI):
    """Sends some text, and more when it is released: so much, in pieces."""

    more = 400

    def behaviour(self, recorded: Any) -> Callable[[Reply], Any]:
        if recorded.question() != "hi":
            return super().behaviour(recorded)
        return self._say

    async def _say(self, reply: Reply) -> None:
        await reply.body(sse(chunk("seen before ")))
        await self.passed(1)
        text = known_text(self.more)
        for at in range(0, len(text), 4000):
            await reply.body(sse(chunk(text[at : at + 4000])))
        await reply.finish()


@pytest.fixture
async def gated() -> AsyncIterator[Gated]:
    fake = Gated()
    async with fake:
        yield fake


@contextlib.asynccontextmanager
async def _running(folder: Path, fake: FakeOpenAI) -> AsyncIterator[tuple[Program, str]]:
    """A program with a job that has shown text, and goes on when the fake is released."""
    environment = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "echo"}
    async with run(folder, **environment) as program:
        job_id = await program.submit("hi")
        while "seen before" not in str(await _job(program, job_id)):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)
        yield program, job_id


async def _job(program: Program, job_id: str) -> Any:
    async with program.session.get(f"{program.url}/api/jobs/{job_id}") as reply:
        assert reply.status == 200, await reply.text()
        return await reply.json()


async def _end(program: Program, job_id: str) -> tuple[str, Any]:
    stream = await program.open_stream(job_id)
    text = (await stream.read()).decode()
    events = (await _job(program, job_id))["events"]
    assert text.count("event: done") + text.count("event: error") == 1
    assert "seen before" in text
    return "".join(one["data"]["text"] for one in events if one["event"] == "delta"), events[-1]


def _limit_files(program: Program, limit: int) -> None:
    """Let no file of the program grow beyond `limit` bytes, as a full disk does."""
    resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


async def _refused(program: Program) -> tuple[int, str]:
    async with program.session.post(f"{program.url}/chat", json=QUESTION) as reply:
        return reply.status, (await reply.json()).get("code", "")


async def test_on_a_full_disk_reads_go_on_and_questions_are_refused_and_answers_end(
    tmp_path: Path, gated: Gated
) -> None:
    gated.more = HELD
    async with _running(tmp_path, gated) as (program, job_id):
        over = await program.submit("an answer of before")
        before = await _end_of(program, over)
        _limit_files(program, 4096)
        assert await _refused(program) == (507, "storage-full")
        assert await _end_of(program, over) == before
        async with program.session.get(f"{program.url}/models") as reply:
            assert "storage-full" in [one["code"] for one in (await reply.json())["notices"]]
        await gated.release()
        text, last = await _end(program, job_id)
        assert (last["event"], last["data"]["code"]) == ("error", "storage")
        assert ("seen before " + known_text(HELD)).startswith(text)
        assert await _refused(program) == (507, "storage-full")
    async with run(tmp_path) as program:  # there is room again
        assert await _end_of(program, over) == before
        assert (await _end(program, job_id))[0].startswith("seen before ")


async def _end_of(program: Program, job_id: str) -> str:
    """The whole answer of a job as it is read after its end."""
    await (await program.open_stream(job_id)).read()
    return str((await _job(program, job_id))["events"])


async def test_an_answer_goes_on_when_there_is_room_again(tmp_path: Path, gated: Gated) -> None:
    async with _running(tmp_path, gated) as (program, job_id):
        _limit_files(program, 4096)
        assert await _refused(program) == (507, "storage-full")
        await gated.release()
        await asyncio.sleep(0.5)  # its text comes, and waits
        assert known_text(400) not in str(await _job(program, job_id))
        _limit_files(program, resource.RLIM_INFINITY)
        text, last = await _end(program, job_id)
        assert (text, last["event"]) == ("seen before " + known_text(400), "done")
        while (await _refused(program))[0] == 507:  # noqa: ASYNC110 - room is looked for at times
            await asyncio.sleep(0.2)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MiB where mounting is allowed, else an ordinary folder."""
    command = ["mount", "-t", "tmpfs", "-o", "size=12m", "none", str(tmp_path)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    yield tmp_path
    if mounted:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


async def test_on_a_small_disk_that_fills_up_nothing_seen_is_lost(
    small_disk: Path, gated: Gated
) -> None:
    async with _running(small_disk, gated) as (program, job_id):
        if not _fill(small_disk):
            _limit_files(program, 4096)
        status = 200
        for _ in range(2000):  # until the reserve is used up too
            async with program.session.post(f"{program.url}/chat", json=QUESTION) as reply:
                status = reply.status
            if status == 507:
                break
        assert status == 507
        assert "seen before" in str(await _job(program, job_id))
        (small_disk / "other-program").unlink(missing_ok=True)
        _limit_files(program, resource.RLIM_INFINITY)
        await gated.release(float("inf"))
        text, last = await _end(program, job_id)
        assert (text, last["event"]) == ("seen before " + known_text(400), "done")


def _fill(folder: Path) -> bool:
    """Take all the space of a small disk, as another program may; not that of a real one."""
    if not folder.is_mount():
        return False
    with contextlib.suppress(OSError), (folder / "other-program").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(65536))
    return True


async def test_a_locked_store_is_waited_for_and_then_told_and_then_used_again(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    environment = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "echo"}
    async with run(tmp_path, **environment) as program:
        over = await program.submit("before")
        before = await _end_of(program, over)
        other = sqlite3.connect(tmp_path / "llmchat.db", isolation_level=None)
        other.execute("begin immediate")
        refused = asyncio.create_task(program.session.post(f"{program.url}/chat", json=QUESTION))
        assert await _end_of(program, over) == before  # readers are not locked out
        reply = await refused
        assert (reply.status, (await reply.json())["code"]) == (503, "storage-locked")
        assert int(reply.headers["Retry-After"]) > 0
        other.execute("rollback")
        other.close()
        assert "'finish_reason': 'stop'" in await _end_of(program, await program.submit("after"))


@pytest.mark.parametrize("what", ["not a database", "damaged", "newer"])
async def test_a_file_that_cannot_be_used_ends_the_start_in_one_line_and_stays_as_it_is(
    tmp_path: Path, what: str
) -> None:
    path = tmp_path / "llmchat.db"
    open_migrated(path, 1.0).close()
    if what == "newer":
        with contextlib.closing(sqlite3.connect(path)) as newer:
            newer.execute(f"pragma user_version = {len(MIGRATIONS) + 1}")
    elif what == "damaged":
        path.write_bytes(path.read_bytes()[:100] + b"\xff" * 8000)
    else:
        path.write_bytes(b"this is no database, and never was" * 100)
    before = path.read_bytes()
    code, told = await start_refused(tmp_path)
    assert (code, told.count("\n")) == (78, 1), told
    assert told.startswith("llmchat: ")
    assert path.read_bytes() == before


async def test_without_a_folder_to_write_to_it_runs_and_says_that_nothing_is_kept(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    (tmp_path / "file").touch()
    environment = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "echo"}
    async with run(tmp_path / "file" / "data", **environment) as program:
        assert "'finish_reason': 'stop'" in await _end_of(program, await program.submit("hello"))
        async with program.session.get(f"{program.url}/models") as reply:
            notices = (await reply.json())["notices"]
    assert [one["code"] for one in notices] == ["storage-temporary"]
    assert "--data-dir" in notices[0]["message"]
