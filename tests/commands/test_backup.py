"""`llmchat backup` and `llmchat restore`: what comes back is what was there."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from llmchat.domain.errors import ConfigError
from llmchat.storage import snapshot
from llmchat.storage.location import Location
from llmchat.storage.lock import DataDirLock
from llmchat.storage.migrations import MIGRATIONS, open_migrated
from llmchat.storage.restoring import swap
from tests.commands.program import assert_refused, llmchat
from tests.transfer.content import filled


def dump(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "llmchat.db") as connection:
        lines = list(connection.iterdump())
    connection.close()
    return lines


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "llmchat.lock")


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in (folder / "files").rglob("*")
        if path.is_file()
    }


async def backed_up(folder: Path) -> Path:
    """A store in `folder`/data, and its backup."""
    data = folder / "data"
    data.mkdir()
    async with filled(data):
        pass
    target = folder / "backup.zip"
    result = llmchat("backup", str(target), data_dir=data)
    assert result.returncode == 0, result.stderr
    assert "complete and was checked" in result.stdout
    return target


async def test_what_is_restored_is_what_was_backed_up(tmp_path: Path) -> None:
    target = await backed_up(tmp_path)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    other = tmp_path / "other" / "place"
    result = llmchat("restore", str(target), data_dir=other)
    assert (result.returncode, result.stdout.count("\n")) == (0, 1), result.stderr
    data = tmp_path / "data"
    assert dump(other) == dump(data)
    assert files(other) == files(data) != {}
    assert {stat.S_IMODE(path.stat().st_mode) for path in other.rglob("*") if path.is_file()} == {
        0o600
    }
    assert names(tmp_path) == ["backup.zip", "data", "other"]


async def test_what_was_there_is_kept_aside(tmp_path: Path) -> None:
    target = await backed_up(tmp_path)
    data = tmp_path / "data"
    before = dump(data)
    with sqlite3.connect(data / "llmchat.db") as connection:
        connection.execute("delete from conversation where id = 'c-full'")
    connection.close()
    changed, kept = dump(data), files(data)
    result = llmchat("restore", str(target), data_dir=data)
    assert result.returncode == 0, result.stderr
    assert dump(data) == before
    (aside,) = data.glob("before-restore-*")
    assert str(aside) in result.stdout
    assert (dump(aside), files(aside)) == (changed, kept)


async def test_a_backup_is_not_restored_under_a_running_server(tmp_path: Path) -> None:
    target = await backed_up(tmp_path)
    data = tmp_path / "data"
    before = dump(data)
    with DataDirLock(data, "http://127.0.0.1:8000"):
        result = llmchat("restore", str(target), data_dir=data)
    assert_refused(result, 75, "runs on", "http://127.0.0.1:8000", "Stop it")
    assert dump(data) == before


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _flip(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(2000)
        byte = file.read(1)
        file.seek(2000)
        file.write(bytes([byte[0] ^ 0xFF]))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _foreign(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("manifest.json", '{"harness":"llmchat","format":1}')


def _rewrite(path: Path, change: Callable[[str, bytes], tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(path) as old:
        entries = [change(name, old.read(name)) for name in old.namelist()]
    with zipfile.ZipFile(path, "w") as new:
        for name, body in entries:
            new.writestr(name, body)


def _damaged_page(path: Path) -> None:
    """A zip that is whole, around a database that is not."""
    with zipfile.ZipFile(path) as zipped:
        body = zipped.read("llmchat.db")
    broken = body[:8192] + b"\xff" * 4096 * 3 + body[8192 + 4096 * 3 :]

    def change(name: str, body: bytes) -> tuple[str, bytes]:
        if name == "backup.json":
            manifest = json.loads(body) | {"sha256": hashlib.sha256(broken).hexdigest()}
            return name, json.dumps(manifest).encode()
        return name, broken if name == "llmchat.db" else body

    _rewrite(path, change)


def _manifest(**members: object) -> Callable[[Path], None]:
    def change(name: str, body: bytes) -> tuple[str, bytes]:
        if name == "backup.json":
            return name, json.dumps(json.loads(body) | members).encode()
        return name, body

    return lambda path: _rewrite(path, change)


def _other_database(path: Path) -> None:
    _rewrite(path, lambda name, body: (name, body + b"x" if name == "llmchat.db" else body))


def _other_file(path: Path) -> None:
    _rewrite(path, lambda name, body: (name, body + b"x" if name.startswith("files/") else body))


def _way_out(path: Path) -> None:
    _rewrite(path, lambda name, body: (name.replace("files/", "../out/"), body))


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (_truncate, "no zip"),
        (_empty, "no zip"),
        (_flip, "llmchat.db"),
        (_foreign, "no backup of llmchat"),
        (_damaged_page, "damaged"),
        (_other_database, "llmchat.db is not what was put in"),
        (_other_file, "is not what was put in"),
        (_way_out, "files that"),
        (_manifest(format=2), "newer llmchat"),
        (_manifest(schema=len(MIGRATIONS) + 1), "newer llmchat"),
        (_manifest(files=5), "does not have the files"),
        (_manifest(harness="llmchat"), "no backup of llmchat"),
    ],
)
async def test_a_backup_that_is_not_whole_is_refused_and_nothing_changes(
    tmp_path: Path, damage: Callable[[Path], None], word: str
) -> None:
    target = await backed_up(tmp_path)
    damage(target)
    data = tmp_path / "data"
    before = dump(data), files(data), names(data)
    result = llmchat("restore", str(target), data_dir=data)
    assert result.returncode in (65, 78)
    assert_refused(result, result.returncode, word)
    assert (dump(data), files(data), names(data)) == before
    assert not (tmp_path / "out").exists()


async def test_a_backup_is_never_written_over(tmp_path: Path) -> None:
    target = await backed_up(tmp_path)
    before = target.read_bytes()
    assert_refused(llmchat("backup", str(target), data_dir=tmp_path / "data"), 73, "exists already")
    assert target.read_bytes() == before


async def test_a_damaged_store_makes_no_backup(tmp_path: Path) -> None:
    await backed_up(tmp_path)
    store = tmp_path / "data" / "llmchat.db"
    with store.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 4096 * 3)
    target = tmp_path / "second.zip"
    result = llmchat("backup", str(target), data_dir=tmp_path / "data")
    assert_refused(result, 78, "damaged")
    assert names(tmp_path) == ["backup.zip", "data"]


def test_what_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    target = str(tmp_path / "new.zip")
    assert_refused(llmchat("backup", target, data_dir=tmp_path), 66, "no store", "--data-dir")
    assert_refused(llmchat("restore", target, data_dir=tmp_path), 66, "no file", target)
    nowhere = str(tmp_path / "none" / "new.zip")
    assert_refused(llmchat("backup", nowhere, data_dir=tmp_path), 73, "no folder")


async def test_a_disk_without_room_leaves_nothing_half_done(tmp_path: Path) -> None:
    target = await backed_up(tmp_path)
    data, second = tmp_path / "data", tmp_path / "second.zip"
    size = (data / "llmchat.db").stat().st_size
    result = llmchat("backup", str(second), data_dir=data, most_bytes=size - 4096)
    assert_refused(result, 73, "does not fit")
    before = dump(data), files(data), names(data)
    result = llmchat("restore", str(target), data_dir=data, most_bytes=size - 4096)
    assert_refused(result, 73, "disk is full")
    assert (dump(data), files(data), names(data)) == before
    assert names(tmp_path) == ["backup.zip", "data"]


async def test_a_file_that_is_gone_is_told_and_no_reason_to_fail(tmp_path: Path) -> None:
    await backed_up(tmp_path)
    data = tmp_path / "data"
    name = next(iter(files(data)))
    (data / name).unlink()
    target = tmp_path / "second.zip"
    result = llmchat("backup", str(target), data_dir=data)
    assert (result.returncode, "1 attached files" in result.stdout) == (0, True)
    assert llmchat("restore", str(target), data_dir=tmp_path / "other").returncode == 0


def test_a_store_of_an_older_version_can_be_backed_up(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    open_migrated(data / "llmchat.db", 1.0, MIGRATIONS[:1]).close()
    before = dump(data)
    target = tmp_path / "old.zip"
    assert llmchat("backup", str(target), data_dir=data).returncode == 0
    assert llmchat("restore", str(target), data_dir=tmp_path / "other").returncode == 0
    assert dump(tmp_path / "other") == before


def test_a_snapshot_is_of_one_moment_while_others_write(tmp_path: Path) -> None:
    store = tmp_path / "llmchat.db"
    writer = open_migrated(store, 1.0)
    writer.execute("create table pair(a, b, filler)")
    rows = [(0, 0, os.urandom(3000)) for _ in range(5000)]
    writer.executemany("insert into pair values (?, ?, ?)", rows)
    stop = threading.Event()

    def write() -> None:
        count = 0
        while not stop.is_set():
            count += 1
            writer.execute("begin immediate")
            writer.execute("update pair set a = ? where rowid = 1", (count,))
            writer.execute("update pair set b = ? where rowid = 5000", (count,))
            writer.execute("commit")

    thread = threading.Thread(target=write)
    thread.start()
    steps: list[int] = []
    try:
        taken = snapshot.take(store, tmp_path / "copy", lambda done, _: steps.append(done))
    finally:
        stop.set()
        thread.join()
        writer.close()
    with sqlite3.connect(taken.path) as copy:
        first, last = copy.execute("select max(a), max(b) from pair").fetchone()
        assert copy.execute("pragma journal_mode").fetchone()[0] == "delete"
    copy.close()
    assert first == last
    assert steps == sorted(steps)
    assert len(steps) > 2


def test_a_swap_that_fails_half_way_is_undone(tmp_path: Path) -> None:
    new = tmp_path / "new"
    (new / "files").mkdir(parents=True)
    (new / "llmchat.db").write_text("new")
    (tmp_path / "llmchat.db").write_text("old")
    (tmp_path / "files").symlink_to("nowhere")  # no folder can take its place
    with pytest.raises(NotADirectoryError):
        swap(tmp_path, new)
    assert (tmp_path / "llmchat.db").read_text() == "old"
    assert (new / "llmchat.db").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["files", "llmchat.db", "new"]


# Kills itself before the n-th move of a part of a store.
KILLED = """
import os, signal, sys

left = int(sys.argv.pop(1))

def hear(event, arguments):
    global left
    if event == "os.rename" and "restore-" in "".join(map(str, arguments[:2])):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hear)
from llmchat.cli import main
main(sys.argv[1:])
"""
MOVES = 4  # the old store and its files, then the new ones


def restore_killed(move: int, target: Path, data: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", KILLED, str(move), "restore", str(target)]
    return subprocess.run(
        [*command, "--data-dir", str(data)],
        env={**os.environ, "XDG_CONFIG_HOME": str(data)},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("move", range(1, MOVES + 1))
async def test_a_restore_killed_between_two_moves_is_finished_and_nothing_is_lost(
    tmp_path: Path, move: int, again: bool, caplog: pytest.LogCaptureFixture
) -> None:
    target = await backed_up(tmp_path)
    data = tmp_path / "data"
    restored, kept = dump(data), files(data)
    with sqlite3.connect(data / "llmchat.db") as connection:
        connection.execute("delete from conversation where id = 'c-full'")
    connection.close()
    changed = dump(data)
    result = restore_killed(move, target, data)
    assert result.returncode == -signal.SIGKILL, result.stderr
    if again:
        told = llmchat("restore", str(target), data_dir=data).stdout
    else:
        with Location(data):
            told = caplog.text
        with Location(data):
            assert caplog.text == told
    assert told.count("was cut short; it is complete now. What was there before is in ") == 1
    assert dump(data) == restored
    assert files(data) == kept
    asides = sorted(data.glob("before-restore-*"))
    assert len(asides) == 1 + again
    olds = [one for one in asides if str(one) in told and dump(one) == changed]
    assert [files(one) for one in olds] == [kept]
    assert not list(data.glob("restore*"))


def test_a_restore_that_cannot_be_finished_ends_the_start_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "restore.json").write_text("{}")
    with pytest.raises(ConfigError, match="cut short and cannot go on"), Location(tmp_path):
        pass
    assert (tmp_path / "restore.json").exists()
