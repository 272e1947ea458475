"""What was exported and imported again is what it was."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from llmchat.storage.exports import ExportReader
from llmchat.storage.files import FileStore
from llmchat.transfer.export.formats import SINGLES, ZIPS
from tests.transfer import samples
from tests.transfer.content import filled
from tests.transfer.samples import EVERY
from tests.transfer.store import Store, opened

# Numbers, revisions and what counts them are those of one store.
CONVERSATION = (
    "select id, account, title, named, created, updated, pinned, archived, unread, deleted,"
    " active, settings, source, source_id from conversation order by id"
)
MESSAGE = (
    "select id, (select id from conversation where number = conversation), parent, role, content,"
    " reasoning, state, finish_reason, error, model, endpoint, job, parameters, usage, timings,"
    " tool_calls, attachments, created, edited, source_id from message order by id"
)
FILE = "select id, size, type from file order by id"
LINK = (
    "select message.id, file from message_file join message on message = message.number"
    " order by 1, 2"
)


def _export(folder: Path, files: FileStore, kind: str) -> bytes:
    with ExportReader(folder / "llmchat.db") as reader:
        form = ZIPS[kind]
        numbers = reader.numbers(with_bin=form.with_bin)
        return b"".join(form.write(reader, files.blobs, numbers, lambda: None))


async def _content(store: Store) -> list[list[tuple[object, ...]]]:
    return [await store.rows(sql) for sql in (CONVERSATION, MESSAGE, FILE, LINK)]


async def test_our_own_export_into_an_empty_store_gives_the_same_content(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    async with filled(tmp_path / "old") as files:
        exported = _export(tmp_path / "old", files, "llmchat")
    async with opened(tmp_path / "old") as old, opened(tmp_path / "new") as new:
        report = await new.take(exported)
        assert (report.format, report.new, report.skipped) == ("llmchat", 3, [])
        assert await _content(new) == await _content(old)
        assert (report.attachments, report.missing_attachments) == (2, 0)
        before = await new.everything()
        assert (await new.take(exported)).unchanged == 3 - 1 + 1  # one of them is in the bin
        assert await new.everything() == before
        assert _export(tmp_path / "new", new.files, "llmchat").count(b"PK\x01\x02") == 6


@pytest.mark.parametrize("name", EVERY)
async def test_an_import_of_another_program_goes_on_by_way_of_our_own_export(
    name: str, tmp_path: Path
) -> None:
    content = EVERY[name][1]
    async with opened(tmp_path / "old") as old:
        count = (await old.take(content)).new
        exported = _export(tmp_path / "old", old.files, "llmchat")
        async with opened(tmp_path / "new") as new:
            report = await new.take(exported)
            assert (report.new, report.skipped) == (count, [])
            assert await _content(new) == await _content(old)
            again = await new.take(content)
            assert (again.new, again.updated, again.unchanged) == (0, 0, count)
            assert await _content(new) == await _content(old)


async def test_our_own_export_over_a_store_that_has_gone_on_takes_nothing_away(
    tmp_path: Path,
) -> None:
    (tmp_path / "one").mkdir()
    async with filled(tmp_path / "one") as files:
        exported = _export(tmp_path / "one", files, "llmchat")
    async with opened(tmp_path / "one") as store:
        await store.change("update message set content = 'went on' where id = 'n'")
        await store.change("update conversation set title = 'renamed' where id = 'c-full'")
        await store.change("delete from message where id = 'a3'")
        report = await store.take(exported)
        assert (report.new, report.updated) == (0, 1)
        assert await store.rows("select content from message where id = 'n'") == [("went on",)]
        assert await store.rows("select title from conversation where id = 'c-full'") == [
            ("renamed",)
        ]
        assert len(await store.rows("select 1 from message where id = 'a3'")) == 1


async def test_a_file_turns_no_tools_on(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    async with filled(tmp_path / "one"):
        pass
    async with opened(tmp_path / "one") as store:
        settings = '{"system":"Be brief.","tool_servers":["time"]}'
        await store.change(f"update conversation set settings = '{settings}' where id = 'c-full'")
        exported = _export(tmp_path / "one", store.files, "llmchat")
    async with opened(tmp_path / "two") as other:
        await other.take(exported)
        kept = await other.rows("select settings from conversation where id = 'c-full'")
        assert kept == [('{"system":"Be brief."}',)]


async def test_ids_that_somebody_else_has_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    async with filled(tmp_path / "one") as files:
        exported = _export(tmp_path / "one", files, "llmchat")
    async with opened(tmp_path / "one") as store:
        await store.change("insert into account(id, name, created) values ('other', '', 0)")
        await store.change("update conversation set account = 'other'")
        before = await store.rows("select id, content from message order by id")
        assert (await store.take(exported)).new == 3
        theirs = (
            "select message.id, content from message join conversation"
            " on conversation = conversation.number where account = 'other' order by message.id"
        )
        assert await store.rows(theirs) == before
        again = await store.take(exported)
        assert (again.new, again.updated) == (0, 0)


async def test_one_conversation_as_json_comes_back_without_its_files(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    async with filled(tmp_path / "old"):
        with ExportReader(tmp_path / "old" / "llmchat.db") as reader:
            number, _ = reader.titled("c-full")
            with reader.conversation(number) as one:
                assert one is not None
                text = b"".join(SINGLES["json"].write(one, reader.messages(one)))
    async with opened(tmp_path / "old") as old, opened(tmp_path / "new") as new:
        report = await new.take(text)
        assert (report.new, report.missing_attachments) == (1, 2)
        of_it = MESSAGE.replace("order by", "where conversation = 1 order by")
        assert await new.rows(of_it) == await old.rows(of_it)


@pytest.mark.parametrize("name", EVERY)
async def test_the_shape_of_open_webui_comes_back_with_the_same_text(
    name: str, tmp_path: Path
) -> None:
    async with opened(tmp_path / "old") as old:
        count = (await old.take(EVERY[name][1])).new
        exported = _export(tmp_path / "old", old.files, "open-webui")
        with zipfile.ZipFile(io.BytesIO(exported)) as archive:
            text = archive.read(archive.namelist()[0])
        texts = (  # what a tool said is an answer there
            "select replace(role, 'tool', 'assistant'), content, reasoning,"
            " (select content from message above"
            " where above.id = message.parent) from message order by 2, 3, 4, 1"
        )
        async with opened(tmp_path / "new") as new:
            report = await new.take(text)
            assert (report.format, report.new) == ("open-webui", count)
            assert await new.rows(texts) == await old.rows(texts)
            again = await new.take(exported)
            assert again.unchanged == count


async def test_a_newer_format_of_ours_is_refused(tmp_path: Path) -> None:
    session = {"harness": "llmchat", "format": 2, "type": "session", "id": "x", "name": "n"}
    async with opened(tmp_path / "one") as store:
        report = await store.take(samples.lines(session))
        assert [one.why for one in report.skipped] == ["it was written by a newer llmchat"]
