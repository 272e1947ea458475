"""`/api/import`: rows 56, 57 and 70 of SECURITY.md section 5, and what a page needs."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from llmchat.server.assets import Assets
from llmchat.server.limits import Limits
from llmchat.storage.database import Database
from llmchat.storage.files import FileStore
from tests.raw_http import exchange
from tests.server.jobs import ScriptedJobs
from tests.server.site import serve
from tests.transfer import samples
from tests.transfer.samples import to_bytes


@asynccontextmanager
async def site(
    assets: Assets, folder: Path, limits: Limits | None = None
) -> AsyncIterator[tuple[ClientSession, Database, int]]:
    database = Database.open(folder / "llmchat.db")
    files = FileStore(database, folder / "files")
    try:
        async with (
            serve(ScriptedJobs(), assets, limits=limits, files=files) as (port, _),
            ClientSession(f"http://127.0.0.1:{port}") as http,
        ):
            yield http, database, port
    finally:
        await database.close()


def form(body: bytes, name: str = "export.json") -> FormData:
    data = FormData(quote_fields=False)
    data.add_field("file", io.BytesIO(body), filename=name)
    return data


async def start(http: ClientSession, body: bytes, query: str = "", name: str = "e.json") -> str:
    async with http.post(f"/api/import{query}", data=form(body, name)) as reply:
        assert reply.status == 202, await reply.text()
        found: str = (await reply.json())["import_id"]
        return found


async def ended(http: ClientSession, import_id: str) -> dict[str, Any]:
    """The view of an import when it is over; nothing announces that, so it is asked for."""
    async with asyncio.timeout(20):
        while True:
            async with http.get(f"/api/import/{import_id}") as reply:
                view: dict[str, Any] = await reply.json()
            if view["state"] != "running":
                return view
            await asyncio.sleep(0.02)


async def count(database: Database) -> int:
    return int(
        await database.read(lambda one: one.execute("select count(*) from message").fetchone()[0])
    )


def leftovers(folder: Path) -> list[Path]:
    return list(folder.glob(".llmchat-import-*"))


async def test_an_upload_is_imported_and_reported(assets: Assets, tmp_path: Path) -> None:
    async with site(assets, tmp_path) as (http, database, _):
        tried = await ended(
            http, await start(http, to_bytes(samples.claude()), "?dry_run=true", "../../x.json")
        )
        assert await count(database) == 0
        view = await ended(http, await start(http, to_bytes(samples.claude())))
        assert (view["state"], view["error"]) == ("done", None)
        assert view["done_bytes"] == view["total_bytes"] == len(to_bytes(samples.claude()))
        assert view["report"] == {
            "format": "claude",
            "conversations": 1,
            "messages": 2,
            "new": 1,
            "updated": 0,
            "unchanged": 0,
            "attachments": 1,
            "missing_attachments": 1,
            "projects": 0,
            "skipped": [
                {"what": "e.json, entry 2 “Empty”", "why": "it has no messages"},
                {
                    "what": "e.json, entry 3 “No list”",
                    "why": "it has no messages (`chat_messages`)",
                },
            ],
            "skipped_more": 0,
            "dry_run": False,
        }
        assert tried["report"]["skipped"][0]["what"] == "x.json, entry 2 “Empty”"
        assert await count(database) == 2
        assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("headers", "body", "refused"),
    [
        ("Content-Type: multipart/form-data", b"x", (400, "multipart")),
        ("Content-Type: multipart/form-data; boundary=" + "b" * 5000, b"x", (400, "multipart")),
        ("Content-Type: application/json", b"[]", (415, "content-type")),
        ("Content-Type: application/x-www-form-urlencoded", b"a=b&" * 1000, (415, "content-type")),
        (
            "Content-Type: multipart/form-data; boundary=b",
            b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n" * 12_000 + b"--b--\r\n",
            (413, "too-large"),
        ),
        (
            "Content-Type: multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name=a; filename="a"\r\n\r\n[{"a":',
            (400, "multipart"),
        ),
    ],
)
async def test_a_form_that_is_none_is_refused(
    headers: str, body: bytes, refused: tuple[int, str], assets: Assets, tmp_path: Path
) -> None:
    async with site(assets, tmp_path, Limits(lingering_seconds=0.1)) as (http, _, port):
        request = (
            f"POST /api/import HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        ).encode() + body
        answer = await asyncio.to_thread(exchange, port, request)
        assert (answer.status, answer.json()["code"]) == refused
        assert leftovers(tmp_path) == []
        # The next one is taken.
        assert (await ended(http, await start(http, to_bytes(samples.claude()))))["state"] == "done"


async def test_what_is_asked_wrongly_is_told(assets: Assets, tmp_path: Path) -> None:
    async with site(assets, tmp_path) as (http, _, _):
        async with http.post("/api/import?dry_run=maybe", data=form(b"[]")) as reply:
            assert (reply.status, (await reply.json())["code"]) == (422, "validation")
        for method in ("GET", "DELETE"):
            async with http.request(method, "/api/import/unknown") as reply:
                assert (reply.status, (await reply.json())["code"]) == (404, "no-such-import")


async def test_a_second_import_is_refused_and_a_cancelled_one_makes_room(
    assets: Assets, tmp_path: Path
) -> None:
    chats = [{**samples.claude()[0], "uuid": f"u{n}"} for n in range(20_000)]
    async with site(assets, tmp_path) as (http, database, _):
        import_id = await start(http, to_bytes(chats))
        async with http.post("/api/import", data=form(b"[]")) as reply:
            assert (reply.status, (await reply.json())["code"]) == (409, "import-running")
        for _ in range(2):
            async with http.delete(f"/api/import/{import_id}") as reply:
                assert reply.status == 204
        view = await ended(http, import_id)
        assert view["state"] == "cancelled"
        assert view["report"]["messages"] == await count(database) < 40_000
        assert leftovers(tmp_path) == []
        assert (await ended(http, await start(http, b"[]")))["state"] == "done"


async def test_the_next_import_is_taken_at_once_after_one_is_cancelled(
    assets: Assets, tmp_path: Path
) -> None:
    chats = [{**samples.claude()[0], "uuid": f"u{n}"} for n in range(20_000)]
    async with site(assets, tmp_path) as (http, _, port):
        import_id = await start(http, to_bytes(chats))
        async with http.delete(f"/api/import/{import_id}") as reply:
            assert reply.status == 204
        import_id = await start(http, b"[]")
        assert (await ended(http, import_id))["state"] == "done"
        # One that is broken off while it comes.
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"POST /api/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            b'--b\r\nContent-Disposition: form-data; name=a; filename="a"\r\n\r\n[{"a":'
        )
        async with asyncio.timeout(20):
            while not leftovers(tmp_path):  # noqa: ASYNC110 - a folder announces nothing
                await asyncio.sleep(0.01)
        writer.close()
        assert (await ended(http, await start(http, b"[]")))["state"] == "done"
        assert leftovers(tmp_path) == []


async def test_a_server_that_ends_stops_the_import_and_cleans_up(
    assets: Assets, tmp_path: Path
) -> None:
    chats = [{**samples.claude()[0], "uuid": f"u{n}"} for n in range(20_000)]
    (tmp_path / ".llmchat-import-of-a-killed-server").write_bytes(b"x")
    async with site(assets, tmp_path) as (http, _, _):
        assert leftovers(tmp_path) == []
        await start(http, to_bytes(chats))
        assert len(leftovers(tmp_path)) == 1
    assert leftovers(tmp_path) == []
