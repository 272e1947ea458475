"""Zips that are made to do harm are refused, and none ever writes where its names say."""

from __future__ import annotations

import io
import os
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmchat.transfer import archive
from tests.transfer import samples
from tests.transfer.reads import Found, read
from tests.transfer.samples import packed, to_bytes

CLAUDE = to_bytes(samples.claude())


def _whys(found: Found) -> list[str]:
    return [one.why for one in found.skipped]


def test_an_entry_that_is_packed_too_tightly_is_not_read(tmp_path: Path) -> None:
    bomb = b"[" + b" " * (40 * 1024 * 1024) + b"]"
    content = packed({"bomb.json": bomb, "conversations.json": CLAUDE})
    tracemalloc.start()
    found = read(tmp_path, content, "x.zip")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * 1024 * 1024
    assert [one.conversation.id for one in found.conversations] == ["u1"]
    assert "it is packed too tightly to be a real file" in _whys(found)


def test_what_is_small_may_be_packed_as_tightly_as_it_is(tmp_path: Path) -> None:
    padded = CLAUDE + b" " * 1_000_000
    assert len(padded) / len(packed({"conversations.json": padded})) > 100
    found = read(tmp_path, packed({"conversations.json": padded}), "x.zip")
    assert len(found.conversations) == 1


def test_a_zip_inside_a_zip_is_not_opened(tmp_path: Path) -> None:
    inner = packed({"conversations.json": CLAUDE})
    found = read(tmp_path, packed({"inner.zip": inner, "hidden.json": inner}), "x.zip")
    assert not found.conversations
    assert _whys(found) == [
        "it is a zip inside the zip: import it by itself",
        "it is an archive that is not read: unpack it first",
    ]


def test_a_zip_with_too_many_entries_is_refused_before_its_list_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_ENTRIES", 3)
    found = read(tmp_path, packed({f"{n}.json": b"[]" for n in range(4)}), "x.zip")
    assert _whys(found) == ["the zip has more than 3 entries"]
    # The end of a zip that says that its list has 64 MB.
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 65535, 65535, 64 * 1024 * 1024, 0, 0)
    found = read(tmp_path, b"PK\3\4" + b"\0" * 1000 + end, "x.zip")
    assert _whys(found) == ["the zip has more than 3 entries"]


def test_a_zip_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 1000)
    found = read(tmp_path, packed({"a.json": b" " * 600, "b.json": b" " * 600}), "x.zip")
    assert len(found.skipped) == 1
    assert "unpacks to more than" in found.skipped[0].why


def test_entries_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    """As in the zip bombs that name the same data again and again."""
    content = packed({"a.json": os.urandom(5000)}, zipfile.ZIP_STORED)
    start = content.index(b"PK\1\2")
    end = content.index(b"PK\5\6")
    directory = content[start:end]
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 9, 9, len(directory) * 9, start, 0)
    found = read(tmp_path, content[:start] + directory * 9 + tail, "x.zip")
    assert _whys(found) == ["the zip says that it holds more than it does"]


def test_entries_are_never_written_to_where_they_say(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    names = ("../../up.json", "/abs.json", "C:\\x\\win.json", "a/../../b.json", "con.json")
    before = {*tmp_path.rglob("*")}
    found = read(folder, packed(dict.fromkeys(names, CLAUDE)), "x.zip")
    assert len(found.conversations) == len(names)
    assert {*tmp_path.rglob("*")} - before == {folder / "x.zip"}
    assert all("/" not in one.what and "\\" not in one.what for one in found.skipped)


def test_an_encrypted_entry_is_told(tmp_path: Path) -> None:
    content = bytearray(packed({"conversations.json": CLAUDE, "b.json": CLAUDE}))
    content[content.index(b"PK\1\2") + 8] |= 1
    found = read(tmp_path, bytes(content), "x.zip")
    assert "it is encrypted" in _whys(found)
    assert len(found.conversations) == 1


def test_another_packing_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, packed({"conversations.json": CLAUDE}, zipfile.ZIP_LZMA), "x.zip")
    assert "it is packed in a way that is not read" in _whys(found)


def test_a_damaged_entry_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    content = bytearray(
        packed({"a.json": to_bytes([samples.claude()[0]]), "b.json": CLAUDE}, zipfile.ZIP_STORED)
    )
    content[content.index(b"leaves")] ^= 1
    found = read(tmp_path, bytes(content), "x.zip")
    assert found.conversations[-1].conversation.id == "u1"
    assert "it is damaged, and is not read any further" in _whys(found)


def test_a_zip_that_was_cut_off_is_told(tmp_path: Path) -> None:
    whole = samples.chatgpt_zip()
    for size in (4, 30, len(whole) // 2, len(whole) - 1):
        found = read(tmp_path, whole[:size], "x.zip")
        assert _whys(found) == ["the zip is damaged"]


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_no_change_to_a_zip_makes_reading_raise(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(samples.chatgpt_zip())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    found = read(tmp_path, bytes(content), "x.zip")
    assert found.conversations or found.skipped


def test_a_zip_with_wide_numbers_is_read(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w") as one,
        one.open("conversations.json", "w", force_zip64=True) as file,
    ):
        file.write(CLAUDE)
    assert len(read(tmp_path, buffer.getvalue(), "x.zip").conversations) == 1
