"""The folder of model files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmchat.domain.errors import StorageFullError
from llmchat.modelfiles.folder import ModelFolder
from llmchat.modelfiles.problems import ModelFileError
from llmchat.modelfiles.receiving import Receiving
from tests.modelfiles import gguf


def test_files_are_read_once_and_again_when_they_change(tmp_path: Path) -> None:
    folder = ModelFolder(tmp_path, frozenset({"taken"}))
    for name in ("b.gguf", "a.GGUF", "taken.gguf", ".hidden.gguf", "readme.md"):
        (tmp_path / name).write_bytes(gguf.model())
    (tmp_path / "folder.gguf").mkdir()
    first = folder.scan()
    assert [one.id for one in first.models] == ["a", "b", "taken.gguf"]
    assert not first.refused
    again = folder.scan()
    assert [id(one) for one in again.models] == [id(one) for one in first.models]
    (tmp_path / "b.gguf").write_bytes(b"changed")
    assert [one.file for one in folder.scan().refused] == ["b.gguf"]
    (tmp_path / "b.gguf").unlink()
    assert [one.id for one in folder.scan().models] == ["a", "taken.gguf"]


def test_a_name_that_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    (tmp_path / "\u202egpj.gguf").write_bytes(gguf.model())
    (tmp_path / os.fsdecode(b"\xff.gguf")).write_bytes(gguf.model())
    found = ModelFolder(tmp_path).scan()
    assert not found.models
    assert {one.code for one in found.refused} == {"model-unreadable"}
    assert {one.file for one in found.refused} == {"\ufffdgpj.gguf", "\ufffd.gguf"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "secret.gguf").touch(mode=0)
    [refused] = ModelFolder(tmp_path).scan().refused
    assert "Permission denied" in refused.reason


def test_no_folder_is_an_empty_one_until_it_is_made(tmp_path: Path) -> None:
    folder = ModelFolder(tmp_path / "models")
    assert not folder.scan().models
    folder.prepare()
    assert folder.path.stat().st_mode & 0o777 == 0o700
    (folder.path / ".incoming-left").touch()  # by a server that was killed
    folder.prepare()
    assert not list(folder.path.iterdir())
    (tmp_path / "file").touch()
    ModelFolder(tmp_path / "file").prepare()  # nothing to be done


def test_a_header_is_checked_as_soon_as_it_is_there(tmp_path: Path) -> None:
    good = gguf.model()
    with Receiving(tmp_path, len(good)) as incoming:
        for at in range(0, len(good), 7):
            incoming.write(good[at : at + 7])
        incoming.keep("good.gguf")
    assert (tmp_path / "good.gguf").read_bytes() == good
    bad = good.replace(b"general.architecture", b"general.Architecture")
    with Receiving(tmp_path, 1500) as incoming, pytest.raises(ModelFileError) as caught:
        incoming.write(good)
    assert caught.value.code == "model-cut"  # it is announced as smaller than its tensors
    with Receiving(tmp_path, None) as incoming, pytest.raises(ModelFileError) as caught:
        incoming.write(bad)
    assert caught.value.code == "model-damaged"
    with Receiving(tmp_path, None) as incoming:
        incoming.write(good[:-1])
        with pytest.raises(ModelFileError, match="ends too early"):
            incoming.keep("cut.gguf")
    assert [one.name for one in tmp_path.iterdir()] == ["good.gguf"]


def test_a_file_that_the_disk_has_no_room_for_is_refused_before_it_comes(tmp_path: Path) -> None:
    with pytest.raises(StorageFullError, match=r"has 1125899\.9 GB, and there is room for"):
        Receiving(tmp_path, 2**50)
    assert not list(tmp_path.iterdir())
