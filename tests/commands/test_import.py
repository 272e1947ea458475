"""`llmchat import`: alone on the data folder, and through a server that runs on it."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from llmchat.storage.lock import DataDirLock
from tests.commands.program import assert_refused, llmchat
from tests.system.program import run
from tests.transfer import samples
from tests.transfer.samples import EVERY, to_bytes


def _count(folder: Path) -> int:
    with sqlite3.connect(folder / "llmchat.db") as connection:
        (count,) = connection.execute("select count(*) from conversation").fetchone()
    connection.close()
    return int(count)


def test_an_import_is_tried_first_and_then_told(tmp_path: Path) -> None:
    path, data = tmp_path / "export.zip", tmp_path / "data"
    path.write_bytes(samples.chatgpt_zip())
    tried = llmchat("import", str(path), "--dry-run", data_dir=data)
    assert (tried.returncode, tried.stderr) == (0, "")
    assert tried.stdout.splitlines() == [
        "chatgpt: 2 conversations, 11 messages, 1 attachment, 3 entries skipped (2 new)."
        " Nothing was changed.",
        "  skipped conversations.json, entry 2 “No mapping”: it has no messages (`mapping`)",
        "  skipped conversations.json, entry 4: it is no conversation",
        "  skipped conversations.json, entry 5 “Chat c3”: it has no messages",
    ]
    assert _count(data) == 0
    done = llmchat("import", str(path), data_dir=data)
    assert done.stdout.startswith("chatgpt: 2 conversations, 11 messages, 1 attachment, 3 entries")
    assert _count(data) == 2
    again = llmchat("import", str(path), data_dir=data)
    assert "(2 as they were)" in again.stdout
    assert _count(data) == 2


def test_several_files_are_one_import(tmp_path: Path) -> None:
    names = []
    for key in ("l1", "l2", "l3"):
        path = tmp_path / f"{key}.json"
        path.write_bytes(to_bytes(samples.librechat(key=key)))
        names.append(str(path))
    result = llmchat("import", *names, data_dir=tmp_path / "data")
    assert result.stdout.startswith("librechat: 3 conversations, 15 messages, 3 attachments miss")


def test_files_of_several_programs_are_all_named(tmp_path: Path) -> None:
    names = []
    for name in ("claude.json", "open-webui.json", "claude.zip"):
        path = tmp_path / name
        path.write_bytes(samples.EVERY[name][1])
        names.append(str(path))
    result = llmchat("import", *names, data_dir=tmp_path / "data")
    assert result.stdout.startswith("claude, open-webui: ")


def test_an_export_of_nothing_is_known_as_such(tmp_path: Path) -> None:
    target, path = str(tmp_path / "out.zip"), tmp_path / "claude.json"
    path.write_bytes(samples.EVERY[path.name][1])
    llmchat("import", str(path), "--dry-run", data_dir=tmp_path / "empty")
    assert llmchat("export", target, data_dir=tmp_path / "empty").returncode == 0
    result = llmchat("import", target, data_dir=tmp_path / "other")
    assert "skipped out.zip: there are no conversations in it" in result.stdout


def test_what_cannot_be_imported_has_an_exit_code(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.zip")
    assert_refused(llmchat("import", missing, data_dir=tmp_path / "d"), 66, missing, "No such file")
    assert_refused(llmchat("import", data_dir=tmp_path / "d"), 64, "FILE")
    text = tmp_path / "notes.txt"
    text.write_text("not an export")
    result = llmchat("import", str(text), data_dir=tmp_path / "d")
    assert result.returncode == 65
    assert "skipped notes.txt: it is not JSON" in result.stdout


def test_a_folder_whose_owner_cannot_be_reached_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_bytes(EVERY["claude.json"][1])
    with DataDirLock(tmp_path):
        result = llmchat("import", str(path), data_dir=tmp_path)
    assert_refused(result, 75, "Import in its page, or stop it first")


async def test_a_server_that_runs_on_the_folder_does_it(tmp_path: Path) -> None:
    path, data = tmp_path / "exp\N{LATIN SMALL LETTER O WITH DIAERESIS}rt.zip", tmp_path / "data"
    path.write_bytes(samples.chatgpt_zip())
    data.mkdir()
    bad = tmp_path / "bad.json"
    bad.write_bytes(b"{")
    async with run(data) as program:
        result = await asyncio.to_thread(llmchat, "import", str(path), str(bad), data_dir=data)
        assert result.returncode == 0, result.stderr
        assert result.stdout.startswith(
            "chatgpt: 2 conversations, 11 messages, 1 attachment, 4 entries skipped (2 new)."
        )
        assert _count(data) == 2
        assert not list(data.glob(".llmchat-import-*"))
        async with program.session.get(f"{program.url}/api/import/unknown") as reply:
            assert reply.status == 404


async def test_a_server_below_a_prefix_does_it_too(tmp_path: Path) -> None:
    path, data = tmp_path / "export.zip", tmp_path / "data"
    path.write_bytes(samples.chatgpt_zip())
    data.mkdir()
    async with run(data, LLMCHAT_BASE_PATH="/chat") as program:
        assert program.url.endswith("/chat/")
        result = await asyncio.to_thread(llmchat, "import", str(path), data_dir=data)
        assert result.returncode == 0, result.stderr
        assert _count(data) == 2
