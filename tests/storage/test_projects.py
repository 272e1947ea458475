"""Projects in the store: their order, their lists, and what their end leaves."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from llmchat.domain.conversation import Attachment, Conversation, ConversationId
from llmchat.domain.errors import NoSuchProjectError, TooManyKeptError
from llmchat.domain.project import Project
from llmchat.storage import projects
from llmchat.storage.conversation_store import ConversationStore
from llmchat.storage.database import Database
from llmchat.storage.files import FileStore
from llmchat.storage.projects import ProjectStore, bring_project, insert_project

LIST = """
select number from conversation
where project = 'p' and +account = '' and deleted is null and archived = 0 and pinned = 0
and (updated, number) < (99, 99) order by updated desc, number desc limit 5
"""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database.open(tmp_path / "llmchat.db")
    yield opened
    await opened.close()


async def test_they_keep_the_order_that_they_are_given(database: Database) -> None:
    store = ProjectStore(database)
    for name in "abcd":
        await store.add("", Project(name, name, 0))
    await store.patch("", "d", {"place": 0})
    await store.patch("", "a", {"place": 99, "name": "A"})
    await store.add("", Project("e", "e", 0))
    assert [one.name for one in await store.list("")] == ["d", "b", "c", "A", "e"]
    for work in (store.get("other", "a"), store.patch("other", "a", {"name": "x"})):
        with pytest.raises(NoSuchProjectError):
            await work
    assert await store.list("other") == []


async def test_there_are_not_too_many(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projects, "MOST", 1)
    store = ProjectStore(database)
    await store.add("", Project("a", "a", 0))
    with pytest.raises(TooManyKeptError, match="At most 1 projects"):
        await store.add("", Project("b", "b", 0))


async def test_a_page_of_a_project_is_read_by_its_index(database: Database) -> None:
    def plan(connection: sqlite3.Connection) -> list[str]:
        return [str(row[3]) for row in connection.execute(f"explain query plan {LIST}")]

    [step] = await database.read(plan)
    assert "conversation_by_project" in step


async def test_a_file_is_kept_while_a_project_has_it(tmp_path: Path, database: Database) -> None:
    files, store = FileStore(database, tmp_path / "files"), ProjectStore(database)
    with files.blobs.incoming() as incoming:
        incoming.write(b"x")
        incoming.finish()
        stored = await files.add("", incoming, "text/plain")
    await store.add("", Project("p", "P", 0))
    await store.add_file("", "p", Attachment(stored.id, "x.txt", "", 0))
    later = -60.0  # as if a minute had gone by
    assert await files.collect(later) == 0
    assert (await store.get("", "p")).files == [Attachment(stored.id, "x.txt", "text/plain", 1)]
    await store.remove_file("", "p", stored.id)
    assert await files.collect(later) == 1


async def test_an_end_leaves_what_was_in_the_bin_there(database: Database) -> None:
    store, chats = ProjectStore(database), ConversationStore(database)
    for bin_chats in (False, True):
        await store.add("", Project("p", "P", 0))
        names = [f"{name}{bin_chats}" for name in ("live", "binned")]
        for name, deleted in zip(names, (None, 5), strict=True):
            one = Conversation(ConversationId(name), name, 1, 1, deleted=deleted, project="p")
            await chats.create("", one)
        gone = await store.delete("", "p", bin_chats=bin_chats)
        assert (gone.conversations, gone.jobs) == (names[:1], [])
        live, binned = [await chats.get("", name) for name in names]
        assert (live.project, live.deleted is not None) == (None, bin_chats)
        assert (binned.project, binned.deleted) == (None, 5)
        assert live.revision == 2  # whoever has an older one takes this


async def test_an_import_takes_no_project_of_another_account(database: Database) -> None:
    def work(connection: sqlite3.Connection) -> list[str]:
        connection.execute("insert into account(id, name, created) values ('b', '', 0)")
        one = Project("p", "P", 0, system="Theirs.")
        insert_project(connection, "b", one)
        first = bring_project(connection, "", Project("p", "P", 0, system="Mine."))
        again = bring_project(connection, "", Project("p", "New name", 0))
        return [first, again, bring_project(connection, "b", one)]

    mine, again, theirs = await database.write(work)
    assert (again, theirs) == (mine, "p")
    assert mine != "p"
    assert [one.system for one in await ProjectStore(database).list("")] == ["Mine."]
