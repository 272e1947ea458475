"""A server that is killed in mid-import: what is not complete was never there."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.commands.program import llmchat
from tests.system.program import Program, run
from tests.system.talk import Talk

MESSAGES = 10_000  # of one conversation: seconds in which it can be killed
CODE = "zanzibar"


def _export() -> bytes:
    """In the shape of Claude: a short conversation, and a long one that is stored in parts."""
    return json.dumps([_chat("short", 2), _chat("long", MESSAGES)]).encode()


def _chat(name: str, count: int) -> dict[str, Any]:
    return {
        "uuid": name,
        "name": f"{name} {CODE}",
        "created_at": "2026-01-01T10:00:00Z",
        "updated_at": "2026-01-01T10:00:00Z",
        "chat_messages": [
            {
                "uuid": f"{name}-{number}",
                "sender": "assistant" if number % 2 else "human",
                "text": f"{CODE} {name} {number}",
                "created_at": "2026-01-01T10:00:01Z",
                "content": [],
            }
            for number in range(count)
        ],
    }


def _count(folder: Path, sql: str) -> int:
    with contextlib.closing(sqlite3.connect(folder / "llmchat.db")) as connection:
        (count,) = connection.execute(sql).fetchone()
    return int(count)


def _staged(folder: Path) -> int:
    """The messages of what is not complete."""
    return _count(
        folder,
        "select count(*) from message where conversation in"
        " (select number from conversation where account = 'importing')",
    )


async def _until_staged(folder: Path, *, some: bool) -> None:
    async with asyncio.timeout(30):
        while (_staged(folder) > 200) is not some:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)


async def _titles(program: Program) -> set[str]:
    """All that lists, search and exports of a server know."""
    talk = Talk(program.url, program.session)
    found = {one["title"] for one in [*await talk.items(), *await talk.items("?deleted=true")]}
    _, hits = await talk.call("GET", f"/api/search?q={CODE}&limit=100")
    found |= {one["title"] for one in hits["items"]}
    async with program.session.get(f"{program.url}/api/export") as reply:
        return found | _exported(await reply.read())


def _exported(body: bytes) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(body)) as zipped:
        names = [one for one in zipped.namelist() if "_conv_" in one]
        heads = [zipped.read(one).splitlines()[0].decode() for one in names]
    assert all(f" {CODE}" in head for head in heads)
    return {f"{name} {CODE}" for name in ("short", "long") if f"{name} {CODE}" in "".join(heads)}


@pytest.mark.timeout(180)  # it starts the program six times
async def test_what_a_killed_import_has_left_is_seen_by_nobody_and_removed_at_the_next_start(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    async with run(data) as program:
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(_export()), filename="conversations.json")
        async with program.session.post(f"{program.url}/api/import", data=form) as reply:
            assert reply.status == 202
        await _until_staged(data, some=True)
        assert await _titles(program) == {f"short {CODE}"}
        program.process.kill()
        await program.process.wait()
    assert _staged(data) > 200
    backup, export = tmp_path / "backup.zip", tmp_path / "export.zip"
    assert llmchat("export", str(export), data_dir=data).returncode == 0
    assert _exported(export.read_bytes()) == {f"short {CODE}"}
    assert llmchat("backup", str(backup), data_dir=data).returncode == 0
    other = tmp_path / "other"
    assert llmchat("restore", str(backup), data_dir=other).returncode == 0
    assert _count(other, "select count(*) from message") == 2
    async with run(data) as program:
        assert await _titles(program) == {f"short {CODE}"}
        await _until_staged(data, some=False)
        async with asyncio.timeout(30):
            while _count(data, "select count(*) from message") > 2:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
        assert await _titles(program) == {f"short {CODE}"}
