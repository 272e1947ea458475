"""Files on disk and in their table: kept once, and deleted when nothing has them any more."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from llmchat.domain.conversation import Attachment
from llmchat.storage.blobs import Blobs
from llmchat.storage.database import Database
from llmchat.storage.files import FileStore
from llmchat.storage.holders import StoredFile
from llmchat.storage.messages import link_files

CONVERSATION = "insert into conversation(id, title, created, updated) values ('c', '', 0, 0)"
MESSAGE = """
insert into message(id, conversation, role, state, created, revision)
values ('m', 1, 'user', 'done', 0, 0)
"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[FileStore]:
    database = Database.open(tmp_path / "llmchat.db")
    yield FileStore(database, tmp_path / "files")
    await database.close()


async def add(store: FileStore, body: bytes, account: str = "") -> StoredFile:
    with store.blobs.incoming() as incoming:
        incoming.write(body)
        incoming.finish()
        return await store.add(account, incoming, "text/plain")


async def attach(store: FileStore, *files: str) -> None:
    def work(connection: sqlite3.Connection) -> None:
        connection.execute(CONVERSATION)
        connection.execute(MESSAGE)
        link_files(connection, "", 1, [Attachment(file, "a", "text/plain", 1) for file in files])

    await store.database.write(work)


async def test_a_file_without_a_message_is_deleted_after_its_time(store: FileStore) -> None:
    used, unused = await add(store, b"used"), await add(store, b"unused")
    await attach(store, used.id, used.id, "0" * 64)
    assert await store.collect() == 0
    assert await store.collect(-1) == 1
    assert (await store.get("", used.id), await store.get("", unused.id)) == (used, None)
    assert store.blobs.path(used.id).read_bytes() == b"used"
    assert not store.blobs.path(unused.id).exists()


async def test_a_file_is_there_for_who_has_brought_it(store: FileStore) -> None:
    rows = [(name, name) for name in ("anna", "bert")]
    sql = "insert into account(id, name, created) values (?, ?, 0)"
    await store.database.write(lambda one: one.executemany(sql, rows))
    file = await add(store, b"x", "anna")
    assert await store.get("anna", file.id) == file
    assert await store.get("bert", file.id) is None
    assert await store.missing("anna", [file.id, "0" * 64]) == ["0" * 64]
    assert await store.missing("bert", [file.id]) == [file.id]
    assert not await store.hold("bert", "0" * 64)
    assert await store.hold("bert", file.id)
    assert await store.get("bert", file.id) == file
    # Nobody holds what is gone, nor holds an account that is gone anything.
    await store.database.write(lambda one: one.execute("delete from account where id = 'anna'"))
    assert await store.get("anna", file.id) is None
    assert await store.collect(-1) == 1
    assert await store.get("bert", file.id) is None


async def test_a_file_is_read_by_its_digest(store: FileStore) -> None:
    file = await add(store, b"x")
    assert await store.read(file.id) == b"x"
    assert await store.read("0" * 64) is None
    assert await store.read("../llmchat.db") is None


async def test_a_file_goes_with_the_last_message_that_has_it(store: FileStore) -> None:
    file = await add(store, b"x")
    await attach(store, file.id)
    await store.database.write(lambda one: one.execute("delete from conversation"))
    assert await store.collect(-1) == 1
    assert not store.blobs.path(file.id).exists()


async def test_a_file_that_comes_again_counts_as_new(store: FileStore) -> None:
    file = await add(store, b"x")
    await store.database.write(lambda one: one.execute("update file set created = 0"))
    assert await add(store, b"x") == file
    assert await store.collect() == 0


async def test_what_a_killed_process_had_begun_is_deleted_after_a_day(store: FileStore) -> None:
    kept = store.blobs.incoming()
    old = store.blobs.folder / "incoming-old"
    old.write_bytes(b"x")
    os.utime(old, (0, 0))
    await store.collect()
    assert [path.name for path in store.blobs.folder.iterdir()] == [kept.path.name]
    kept.__exit__(None, None, None)


def test_what_is_not_kept_is_deleted(tmp_path: Path) -> None:
    with Blobs(tmp_path / "files").incoming() as incoming:
        incoming.write(b"x")
    assert list((tmp_path / "files").iterdir()) == []


def test_a_file_has_no_other_name_than_a_digest(tmp_path: Path) -> None:
    for name in ("", "..", "a/b", "A" * 64, "0" * 63):
        with pytest.raises(ValueError, match="SHA-256"):
            Blobs(tmp_path).path(name)
