"""`llmchat export` as a person gives it, and how far it is."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from llmchat.commands.progress import Progress
from llmchat.storage.lock import DataDirLock
from llmchat.storage.migrations import MIGRATIONS, open_migrated
from tests.commands.program import assert_refused, llmchat
from tests.transfer.content import filled


@pytest.mark.parametrize(
    ("flags", "count", "name"),
    [
        ((), 3, "manifest.json"),
        (("--format", "open-webui"), 2, "open-webui-001.json"),
    ],
)
async def test_all_conversations_are_written_while_a_server_runs(
    tmp_path: Path, flags: tuple[str, ...], count: int, name: str
) -> None:
    target = tmp_path / "out.zip"
    async with filled(tmp_path):
        with DataDirLock(tmp_path):
            result = llmchat("export", str(target), *flags, data_dir=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{count} conversations are in {target}.\n"
    with zipfile.ZipFile(target) as zipped:
        assert zipped.testzip() is None
        found = json.loads(zipped.read(name))
    assert (found["conversations"] if isinstance(found, dict) else len(found)) == count


async def test_nothing_is_written_over(tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    target.write_text("mine")
    async with filled(tmp_path):
        assert_refused(llmchat("export", str(target), data_dir=tmp_path), 73, "exists already")
    assert target.read_text() == "mine"


def test_what_cannot_be_exported_is_one_clear_line(tmp_path: Path) -> None:
    target = str(tmp_path / "out.zip")
    assert_refused(llmchat("export", target, data_dir=tmp_path), 66, "no store")
    assert_refused(llmchat("export", data_dir=tmp_path), 64, "FILE")
    assert_refused(llmchat("export", target, "--format", "x", data_dir=tmp_path), 64, "--format")
    assert_refused(llmchat("export", target, "--port", "1", data_dir=tmp_path), 64, "--port")
    open_migrated(tmp_path / "llmchat.db", 1.0, MIGRATIONS[:1]).close()
    assert_refused(llmchat("export", target, data_dir=tmp_path), 78, "older llmchat")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_shown_how_far_it_is_and_left_clean() -> None:
    terminal = Terminal()
    with Progress("Exporting", 2000, "chats", stream=terminal) as progress:
        progress.step(500)
        assert progress.line() == f"Exporting [{'#' * 7}{'.' * 23}]  25%  500 of 2,000 chats"
        progress.set(2000, 2000)
        assert "100%" in progress.line()
    assert terminal.getvalue().startswith("\r\x1b[KExporting [#######.")
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_nothing_is_drawn_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    with Progress("Exporting", 0, stream=stream) as progress:
        progress.step()
    assert stream.getvalue() == ""
