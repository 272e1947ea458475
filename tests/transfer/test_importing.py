"""An import stores each conversation once, and a second one changes what has changed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import pytest

from llmchat.domain.errors import StorageError
from llmchat.domain.imported import Skipped
from llmchat.storage import imports
from llmchat.transfer.importing import summary
from llmchat.transfer.reading import CancelledImportError, Meter, open_reading
from tests.transfer import samples
from tests.transfer.samples import EVERY, to_bytes
from tests.transfer.store import Store, opened


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(tmp_path / "data") as one:
        yield one


@pytest.mark.parametrize("name", EVERY)
async def test_a_second_import_changes_nothing(name: str, store: Store) -> None:
    content = EVERY[name][1]
    tried = await store.take(content, dry_run=True)
    assert not any((await store.everything()).values())
    assert not (store.folder / "files").exists()
    first = await store.take(content)
    assert asdict(tried) == {**asdict(first), "dry_run": True}
    assert first.new == first.conversations > 0
    before = await store.everything()
    assert len(before["message"]) == first.messages
    again = await store.take(content)
    assert await store.everything() == before
    assert (again.new, again.updated, again.unchanged) == (0, 0, first.conversations)
    assert again.skipped == first.skipped


async def test_what_is_stored_is_what_was_read(store: Store) -> None:
    await store.take(samples.chatgpt_zip())
    chats = await store.rows(
        "select title, source, source_id, pinned, archived, created, updated from conversation"
        " order by number"
    )
    assert chats[0] == ("Chat c1", "chatgpt", "c1", 1, 0, 1_700_000_000_500, 1_700_000_100_250)
    tree = await store.rows(
        "select source_id, (select source_id from message p where p.id = message.parent)"
        " from message where conversation = 1"
    )
    assert sorted(tree, key=str) == sorted(
        [
            ("q", None),
            ("a1", "q"),
            ("a2", "q"),
            ("pic", "a1"),
            ("call", "pic"),
            ("tool", "call"),
            ("end", "tool"),
        ],
        key=str,
    )
    active = "select message.source_id from message join conversation on message.id = active"
    assert (await store.rows(active))[0] == ("tool",)
    ((attachments,),) = await store.rows(
        "select attachments from message where source_id = 'pic' and attachments is not null"
    )
    (file,) = json.loads(str(attachments))
    assert (file["name"], file["type"], file["size"]) == ("holiday.png", "image/png", 70)
    assert store.files.blobs.path(file["file"]).read_bytes() == samples.PNG
    assert await store.rows("select file from message_file") == [(file["file"],)]


async def test_what_was_said_since_is_added_and_the_rest_stays(store: Store) -> None:
    await store.take(to_bytes([samples.claude()[0]]))
    before = await store.rows("select id, revision from message order by number")
    later = samples.claude()[0]
    later["chat_messages"].append({"uuid": "m3", "sender": "human", "text": "More."})
    later["chat_messages"][1]["content"][3]["text"] = "Green, again."
    later["name"] = "Named since"
    later["updated_at"] = "2026-02-01T10:00:00Z"
    report = await store.take(to_bytes([later]))
    assert (report.new, report.updated, report.unchanged) == (0, 1, 0)
    rows = await store.rows("select id, content, revision from message order by number")
    assert rows[0] == (before[0][0], "Which tea?\nPlease.", 1)
    assert [(row[1], row[2]) for row in rows[1:]] == [("Green, again.", 2), ("More.", 2)]
    (chat,) = await store.rows("select title, active, updated, revision from conversation")
    assert chat == ("Named since", rows[2][0], 1_769_940_000_000, 2)
    found = await store.rows(
        "select 1 from message_text where message_text match '\"Green, again\"'"
    )
    assert len(found) == 1


async def test_what_was_changed_here_stays(store: Store) -> None:
    content = to_bytes([samples.claude()[0]])
    await store.take(content)
    await store.change("update message set content = 'mine', edited = 5 where source_id = 'm1'")
    await store.change("update message set content = 'went on', job = 'j' where source_id = 'm2'")
    await store.change("update conversation set title = 'mine', named = 1, archived = 1")
    before = await store.everything()
    assert (await store.take(content)).unchanged == 1
    assert await store.everything() == before


async def test_a_branch_that_was_gone_on_with_here_stays_in_view(store: Store) -> None:
    await store.take(to_bytes([samples.claude()[0]]))
    await store.change("update message set source_id = null where source_id = 'm2'")
    (active,) = await store.rows("select active from conversation")
    later = samples.claude()[0]
    later["chat_messages"].append({"uuid": "m3", "sender": "human", "text": "More."})
    assert (await store.take(to_bytes([later]))).updated == 1
    assert await store.rows("select active from conversation") == [active]


async def test_what_is_in_the_bin_stays_there_and_is_told(store: Store) -> None:
    content = to_bytes([samples.claude()[0]])
    await store.take(content)
    await store.change("update conversation set deleted = 5")
    before = await store.everything()
    report = await store.take(content)
    assert [one.why for one in report.skipped] == ["it is in the bin here, and stays there"]
    assert await store.everything() == before


async def test_what_was_deleted_for_good_comes_as_new(store: Store) -> None:
    content = to_bytes([samples.claude()[0]])
    await store.take(content)
    await store.change("update conversation set deleted = 0")
    assert (await store.take(content)).new == 1
    rows = await store.rows("select source_id, deleted from conversation order by number")
    assert rows == [(None, 0), ("u1", None)]


async def test_the_same_conversation_twice_in_an_export_is_stored_once(store: Store) -> None:
    report = await store.take(to_bytes([samples.claude()[0]] * 2))
    assert (report.new, [one.why for one in report.skipped]) == (
        1,
        ["it is there twice; the first one counts"],
    )
    assert (
        summary(report) == "1 conversation, 2 messages, 1 attachment, 1 attachment missing,"
        " 1 entry skipped (1 new)"
    )


def _long(messages: int) -> bytes:
    chat = samples.claude()[0]
    chat["chat_messages"] = [
        {"uuid": f"m{n}", "sender": "human" if n % 2 == 0 else "assistant", "text": f"text {n}"}
        for n in range(messages)
    ]
    return to_bytes([chat])


async def test_a_long_conversation_lets_others_write_and_is_seen_when_it_is_complete(
    store: Store,
) -> None:
    seen: list[tuple[int, int]] = []

    def look(_seconds: float, _writes: int) -> None:
        connection = sqlite3.connect(store.folder / "llmchat.db")
        (shown,) = connection.execute(
            "select count(*) from conversation where account = '' and deleted is null"
        ).fetchone()
        (messages,) = connection.execute("select count(*) from message").fetchone()
        seen.append((shown, messages))
        connection.close()

    store.database.on_commit = look
    assert (await store.take(_long(350))).new == 1
    assert [m for _, m in seen if m] == [100, 200, 300, 350, 350]
    assert [shown for shown, _ in seen][-2:] == [0, 1]
    tree = await store.rows("select count(distinct parent) from message")
    assert tree == [(349,)]


async def test_a_long_conversation_that_fails_leaves_nothing_behind(store: Store) -> None:
    # The message with this text cannot be stored.
    await store.change(
        "create trigger no before insert on message when new.content = 'text 250'"
        " begin select raise(abort, 'no'); end"
    )
    with pytest.raises(StorageError):
        await store.take(_long(300))
    everything = await store.everything()
    assert (everything["conversation"], everything["message"]) == ([], [])


async def test_what_a_killed_import_has_left_is_removed_by_the_next_one(store: Store) -> None:
    await store.take(_long(10))
    await store.change("insert into account(id, name, created) values ('importing', '', 0)")
    await store.change(
        "update conversation set account = 'importing', deleted = ?", imports._HIDDEN
    )
    assert (await store.take(_long(10))).new == 1
    assert await store.rows("select account, deleted from conversation") == [("", None)]


async def test_an_import_can_be_stopped(store: Store) -> None:
    chats = [{**samples.claude()[0], "uuid": f"u{n}"} for n in range(5000)]
    path = store.folder / "given"
    path.write_bytes(to_bytes(chats))
    importer = store.importer()
    importer._changed = lambda _: importer.meter.cancel()
    with pytest.raises(CancelledImportError):
        await importer.run(path, "export.json")
    assert 0 < importer.report.new < 5000
    assert 0 < importer.meter.done_bytes < importer.meter.total_bytes
    assert len(await store.rows("select 1 from conversation")) == importer.report.new


def test_reading_stops_at_the_next_piece(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_bytes(to_bytes(samples.claude()))
    meter = Meter()
    meter.cancel()
    with open_reading(path, "export.json", meter) as reading, pytest.raises(CancelledImportError):
        next(reading.entries)


def test_too_many_messages_are_refused_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmchat.transfer.trees.MAX_MESSAGES", 3)
    monkeypatch.setattr("llmchat.transfer.sessions.MAX_MESSAGES", 3)
    for content in (_long(4), samples.llama_jsonl()):
        path = tmp_path / "export.json"
        path.write_bytes(content)
        with open_reading(path, "export.json", Meter()) as reading:
            (only,) = reading.entries
        assert isinstance(only, Skipped)
        assert "more than 3 messages" in only.why
