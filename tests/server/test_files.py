"""Files as a client sends and fetches them: SECURITY.md section 5, rows 55 to 59."""

from __future__ import annotations

import asyncio
import hashlib
import io
import stat
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from llmchat.attachments.limits import FileLimits
from llmchat.domain.document import FILE_PROBLEMS, FileText
from llmchat.server.assets import Assets
from llmchat.server.limits import Limits
from llmchat.storage.database import Database
from llmchat.storage.files import FileStore
from tests.pdfs import pdf, pdf_bomb, pdf_in_a_circle, pdf_with_password, pdf_without_text
from tests.server.jobs import ScriptedJobs
from tests.server.site import serve

FILE_BYTES = FileLimits().file_bytes
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 2, 2) + b"\x08\x06\0\0\0"
HUGE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 100_000, 100_000) + b"\x08\x06\0\0\0"
_METADATA = b"\xff\xe1\xff\xff" + bytes(65533)
PHOTOGRAPH = b"\xff\xd8" + _METADATA * 9 + b"\xff\xc0\0\x11\x08" + struct.pack(">HH", 30, 40)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@asynccontextmanager
async def site(
    assets: Assets, folder: Path, limits: Limits | None = None
) -> AsyncIterator[tuple[ClientSession, FileStore]]:
    database = Database.open(folder / "llmchat.db")
    store = FileStore(database, folder / "files")
    try:
        async with (
            serve(ScriptedJobs(), assets, limits=limits, files=store) as (port, _),
            ClientSession(f"http://127.0.0.1:{port}") as http,
        ):
            yield http, store
    finally:
        await database.close()


def form(body: bytes, name: str = "a.txt", media_type: str = "text/plain") -> FormData:
    data = FormData(quote_fields=False)
    data.add_field("file", io.BytesIO(body), filename=name, content_type=media_type)
    return data


async def send(http: ClientSession, data: FormData) -> tuple[int, dict[str, Any]]:
    async with http.post("/api/files", data=data) as reply:
        return reply.status, await reply.json(content_type=None)


def on_disk(folder: Path) -> list[Path]:
    return [path for path in (folder / "files").rglob("*") if path.is_file()]


async def test_a_file_is_kept_once_under_its_digest(assets: Assets, tmp_path: Path) -> None:
    body = b"hello " * 100_000
    async with site(assets, tmp_path) as (http, _):
        first = await send(http, form(body))
        again = await send(http, form(body, "b.txt"))
        digest = hashlib.sha256(body).hexdigest()
        fields = {"file": digest, "name": "a.txt", "type": "text/plain", "size": len(body)}
        fields |= {"kind": "text", "characters": len(body)}
        assert first == (201, fields)
        assert again == (201, fields | {"name": "b.txt"})
        async with http.get(f"/api/files/{digest}", headers={"Range": "bytes=0-1"}) as reply:
            assert (reply.status, await reply.read()) == (200, body)
    (path,) = on_disk(tmp_path)
    assert path == tmp_path / "files" / digest[:2] / digest[2:]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("body", "sent", "kept"),
    [
        (PNG + b"<script>alert(1)</script>", "text/html", "image/png"),
        (SVG, "image/svg+xml", "text/plain"),
        (b"<script>alert(1)</script>", "text/html", "text/plain"),
        (b"no image", "image/png", "text/plain"),
        (pdf("A text."), "text/plain", "application/pdf"),
        (b"print(1)", "text/x-python", "text/plain"),
        (b'{"a": 1}', "application/json", "application/json"),
        (b"", "text/markdown; charset=utf-8", "text/markdown"),
    ],
)
async def test_a_browser_is_given_nothing_to_run(
    assets: Assets, tmp_path: Path, body: bytes, sent: str, kept: str
) -> None:
    async with site(assets, tmp_path) as (http, _):
        status, file = await send(http, form(body, media_type=sent))
        assert (status, file["type"]) == (201, kept)
        async with http.get(f"/api/files/{file['file']}?name=x\r\ny%22.png") as reply:
            headers = reply.headers
            assert await reply.read() == body
        assert headers["Content-Type"] == kept
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["Content-Disposition"].startswith("attachment; filename=")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../x", "x"),
        ("C:\\x", "x"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("..", "file"),
        ("", "file"),
        ("a" * 300 + ".txt", "a" * 196 + ".txt"),
        ("ä" * 300, "ä" * 100),
        ("gpj\u202etxt.exe", "gpjtxt.exe"),
        ("x\0\x1b[31m.txt", "x[31m.txt"),
        ("résumé <1>?.md. ", "résumé _1__.md"),
    ],
)
async def test_a_name_is_cleaned(assets: Assets, tmp_path: Path, name: str, kept: str) -> None:
    data = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="'
        + name.replace("\\", "\\\\").encode()
        + b'"\r\n\r\nx\r\n--b--\r\n'
    )
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    async with (
        site(assets, tmp_path) as (http, _),
        http.post("/api/files", data=data, headers=headers) as reply,
    ):
        assert (reply.status, (await reply.json())["name"]) == (201, kept)


async def test_a_file_that_is_too_large_leaves_nothing(assets: Assets, tmp_path: Path) -> None:
    async with site(assets, tmp_path) as (http, _):
        status, problem = await send(http, form(bytes(FILE_BYTES + 1)))
        assert (status, problem["code"]) == (413, "too-large")
        status, file = await send(http, form(b"x" * FILE_BYTES))
        assert (status, file["size"]) == (201, FILE_BYTES)
    assert len(on_disk(tmp_path)) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PNG, {"kind": "image", "width": 2, "height": 2}),
        (PHOTOGRAPH, {"kind": "image", "width": 40, "height": 30}),
        ("Grüße".encode(), {"kind": "text", "characters": 5}),
        ("Grüße".encode("utf-8-sig"), {"kind": "text", "characters": 5}),
        ("Grüße".encode("utf-16"), {"kind": "text", "characters": 5}),
        (SVG, {"kind": "text", "characters": len(SVG)}),
        (b"", {"kind": "text", "characters": 0}),
        (pdf("one", "two"), {"kind": "pdf", "pages": 2, "characters": 8, "cut": False}),
        (
            pdf_with_password("Open.", b""),
            {"kind": "pdf", "pages": 1, "characters": 5, "cut": False},
        ),
    ],
)
async def test_what_is_in_a_file_is_told(
    assets: Assets, tmp_path: Path, body: bytes, kind: dict[str, Any]
) -> None:
    async with site(assets, tmp_path) as (http, _):
        status, file = await send(http, form(body, "a", "application/x-anything"))
    assert status == 201, file
    common = {"file", "name", "type", "size"}
    assert {name: value for name, value in file.items() if name not in common} == kind


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (HUGE, "file-too-many-pixels"),
        (b"\xff\xd8\xff\xe1\x00\x06abcd", "file-unreadable"),
        (b"PK\x03\x04\x14\x00\x08\x00", "file-type"),
        (b"MZ\x90\x00", "file-type"),
        ("Grüße".encode("latin-1"), "file-type"),
        (b"text with \0 in it", "file-type"),
        (b"ends in half a character \xc3", "file-type"),
        (b"%PDF-1.7 and nothing more", "file-unreadable"),
        (pdf("A text.")[:300], "file-unreadable"),
        (pdf_in_a_circle(), "file-unreadable"),
        (pdf_with_password("secret", b"pass"), "file-encrypted"),
        (pdf_without_text(), "file-without-text"),
        (pdf_bomb(), "file-too-complex"),
    ],
)
async def test_what_cannot_be_attached_is_refused_with_its_reason(
    assets: Assets, tmp_path: Path, body: bytes, code: str
) -> None:
    async with site(assets, tmp_path) as (http, _):
        status, problem = await send(http, form(body, "a.txt", "text/plain"))
        assert (status, problem["code"]) == (422, code)
        assert problem["detail"] == FILE_PROBLEMS[code]
        assert (await send(http, form(b"the next one")))[0] == 201
    assert len(on_disk(tmp_path)) == 1


async def test_a_pdf_is_read_once(assets: Assets, tmp_path: Path) -> None:
    body = pdf("Some text.")
    async with site(assets, tmp_path) as (http, store):
        _, file = await send(http, form(body))
        text = await store.text(file["file"])
        assert text == FileText("Some text.", pages=1)
        await store.keep_text(file["file"], FileText("Read before.", pages=7))
        again = (await send(http, form(body)))[1]
        assert (again["pages"], again["characters"]) == (7, 12)


@pytest.mark.parametrize(
    ("content_type", "body", "answer"),
    [
        ("multipart/form-data", b"--x", (400, "multipart")),
        ("multipart/form-data; boundary=x", b"--x\r\n", (400, "multipart")),
        (f"multipart/form-data; boundary={'b' * 5000}", b"--b", (400, "multipart")),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\na\r\n' * 12_000 + b"--x--\r\n",
            (413, "too-large"),
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\na\r\n--x--\r\n',
            (400, "multipart"),
        ),
        ("application/x-www-form-urlencoded", b"a=1&" * 100_000, (415, "content-type")),
        ("application/json", b"{}", (415, "content-type")),
    ],
)
async def test_what_is_no_form_with_a_file_is_refused(
    assets: Assets, tmp_path: Path, content_type: str, body: bytes, answer: tuple[int, str]
) -> None:
    async with (
        site(assets, tmp_path) as (http, _),
        http.post("/api/files", data=body, headers={"Content-Type": content_type}) as reply,
    ):
        assert (reply.status, (await reply.json())["code"]) == answer
    assert on_disk(tmp_path) == []


async def test_a_form_of_another_site_is_refused(assets: Assets, tmp_path: Path) -> None:
    headers = {"Origin": "http://evil.example"}
    async with (
        site(assets, tmp_path) as (http, _),
        http.post("/api/files", data=form(b"x"), headers=headers) as reply,
    ):
        assert (reply.status, (await reply.json())["code"]) == (403, "cross-origin")


async def test_an_upload_that_stands_still_ends(assets: Assets, tmp_path: Path) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nabc'
        await asyncio.Event().wait()

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    async with (
        site(assets, tmp_path, Limits(body_seconds=0.2)) as (http, _),
        http.post("/api/files", data=slow(), headers=headers) as reply,
    ):
        assert (reply.status, (await reply.json())["code"]) == (408, "body-timeout")
    assert on_disk(tmp_path) == []


@pytest.mark.parametrize("file", ["0" * 64, "x", "..%2f..%2fllmchat.db", "%00", "A" * 64])
async def test_what_is_not_there_is_a_404(assets: Assets, tmp_path: Path, file: str) -> None:
    async with (
        site(assets, tmp_path) as (http, _),
        http.get(f"/api/files/{file}") as reply,
    ):
        assert (reply.status, (await reply.json())["code"]) == (404, "no-such-file")
