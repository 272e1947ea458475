"""T-BOMB: reading PDFs of strangers: what is in them, and that they do no harm."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from llmchat.attachments.documents import Documents, read_apart
from llmchat.attachments.pdf import PdfLimits, read_pdf
from llmchat.domain.document import FileText
from llmchat.storage.database import Database
from llmchat.storage.files import FileStore
from tests import pdfs


def write(folder: Path, body: bytes) -> Path:
    path = folder / "some.pdf"
    path.write_bytes(body)
    return path


def children() -> set[str]:
    """The processes that this one has started and that are there."""
    own = Path(f"/proc/self/task/{os.getpid()}/children")
    return set(own.read_text().split())


async def read(folder: Path, body: bytes, **limits: float) -> FileText:
    given = PdfLimits(**limits)  # type: ignore[arg-type]  # whole numbers where it wants some
    return await read_apart(write(folder, body), given)


async def test_the_text_of_all_pages_comes_in_their_order(tmp_path: Path) -> None:
    found = await read(tmp_path, pdfs.pdf("One (1)\nline \\ two", "", "Three"))
    assert found == FileText("One (1)\nline \\ two\n\n\n\nThree", pages=3)


async def test_reading_ends_where_its_limits_are(tmp_path: Path) -> None:
    body = pdfs.pdf(*[f"Page {number}" for number in range(9)])
    by_pages = await read(tmp_path, body, pages=2)
    assert by_pages == FileText("Page 0\n\nPage 1", pages=9, cut=True)
    by_characters = await read(tmp_path, body, characters=10)
    assert by_characters == FileText("Page 0\n\nPa", pages=9, cut=True)
    by_time = await read(tmp_path, body, enough_seconds=0)
    assert by_time == FileText("Page 0", pages=9, cut=True)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "file-unreadable"),
        (b"%PDF-1.7", "file-unreadable"),
        (pdfs.pdf("x") + bytes(500), ""),
        (pdfs.pdf("x")[:150], "file-unreadable"),
        (pdfs.pdf_in_a_circle(), "file-unreadable"),
        (pdfs.pdf_without_text(), "file-without-text"),
        (pdfs.pdf_with_password("secret", b"x"), "file-encrypted"),
        (pdfs.pdf_bomb(), "file-too-complex"),
        (pdfs.pdf_nested(), "file-unreadable"),
        (pdfs.pdf_of_content(b"(" * 100_000), "file-without-text"),
    ],
)
async def test_a_pdf_that_cannot_be_read_says_why(
    tmp_path: Path, body: bytes, problem: str
) -> None:
    assert (await read(tmp_path, body)).problem == problem


async def test_one_page_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    body = pdfs.pdf_of_streams(b"<</Length 9/Filter/NoSuchFilter>>\nstream\nsome\nendstream", "Two")
    assert await read(tmp_path, body) == FileText("Two", pages=2)


async def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    before = children()
    found = await read(tmp_path, pdfs.pdf_that_never_ends(), seconds=0.5)
    assert found.problem == "file-too-complex"
    assert children() <= before


_LIMITED = """
import resource
from llmchat.attachments.pdf import PdfLimits, limit_process

limit_process(PdfLimits())
for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
    print(*resource.getrlimit(kind))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="macOS and Windows limit no memory")
def test_the_process_has_limits_of_the_system() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _LIMITED], capture_output=True, text=True, check=True
    ).stdout
    limits = PdfLimits()
    most = (limits.memory_bytes, int(limits.seconds) + 1, 0, 0)
    assert told.splitlines() == [f"{one} {one}" for one in most]


@pytest.mark.skipif(sys.platform != "linux", reason="macOS and Windows limit no memory")
async def test_what_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    content = zlib.compress(b"BT /F 9 Tf (" + b"x" * (60 << 20) + b") Tj ET")
    stream = b"<</Length %d/Filter/FlateDecode>>\nstream\n%b\nendstream" % (len(content), content)
    body = pdfs.pdf_of_streams(stream)
    assert (await read(tmp_path, body, memory_bytes=100 << 20)).problem == "file-too-complex"


async def test_a_reader_who_leaves_ends_the_process(tmp_path: Path) -> None:
    before = children()
    task = asyncio.create_task(read(tmp_path, pdfs.pdf_that_never_ends()))
    while children() <= before:  # noqa: ASYNC110 - nothing announces it
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() <= before


def test_no_pdf_with_a_flaw_makes_the_reader_raise(tmp_path: Path) -> None:
    whole = pdfs.pdf("Some text", "and more")
    for at in range(0, len(whole), 7):
        for body in (whole[:at] + whole[at + 5 :], whole[:at] + b"\xff<<[" + whole[at:]):
            found = read_pdf(str(write(tmp_path, body)), PdfLimits())
            assert bool(found.text) != bool(found.problem)


async def test_an_imported_pdf_is_read_when_it_is_first_needed(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "llmchat.db")
    store = FileStore(database, tmp_path / "files")
    documents = Documents(store)
    with store.blobs.incoming() as incoming:
        incoming.write(pdfs.pdf("Imported."))
        file = incoming.finish()
        await documents.prepare(file)  # it is not there yet
        assert await store.text(file) is None
        await store.add("", incoming, "application/pdf")
    await documents.prepare(file)
    assert await store.text(file) == FileText("Imported.", pages=1)
    assert await store.collect(-1) == 1
    assert await store.text(file) is None
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []
    await database.close()
