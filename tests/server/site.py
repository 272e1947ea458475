"""A small page, and the server on a free port with it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from llmchat.accounts.opening import Opening
from llmchat.config import Settings
from llmchat.server.app import make_runner, make_web_app
from llmchat.server.assets import Assets, load_assets
from llmchat.server.limits import Limits
from llmchat.storage.database import Database
from llmchat.storage.files import FileStore
from tests.server.jobs import ScriptedJobs

PAGE = (
    b'<!doctype html><html lang="en"><title>llmchat</title>'
    b'<script type="module" src="/s/@HASH@/js/main.js">'
)
ENTRANCE = b'<!doctype html><html lang="en"><title>llmchat, from outside</title>'
SHARED = b'<!doctype html><title>llmchat</title><script src="../s/@HASH@/js/main.js">'
SCRIPT = b"export const answer = 42\n" * 40


def write_site(folder: Path) -> Path:
    """A folder like static/ after the set-up."""
    for name, body in {
        "index.html": PAGE,
        "entrance.html": ENTRANCE,
        "share.html": SHARED,
        "js/main.js": SCRIPT,
        "css/tokens.css": b"@layer reset;",
        "vendor/marked.js": b"export {}",
        "vendor/font.woff2": b"\0" * 400,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    return folder


@asynccontextmanager
async def serve(
    jobs: ScriptedJobs,
    assets: Assets,
    *,
    limits: Limits | None = None,
    allowed_hosts: tuple[str, ...] = (),
    base_path: str = "",
    max_connections: int = 900,
    files: FileStore | None = None,
    access: Mapping[str, Any] | None = None,
    opening: Opening | None = None,
) -> AsyncIterator[tuple[int, web.AppRunner]]:
    """Serve on a free port of this machine; yields the port and the runner. `access` are settings
    that say who gets in.
    """
    settings = Settings(
        data_dir=Path(),
        allowed_hosts=allowed_hosts,
        base_path=base_path,
        max_connections=max_connections,
        **(access or {}),
    )
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        files = files or FileStore(Database.open(place / "llmchat.db"), place / "files")
        app = make_web_app(
            settings, jobs.as_service(), assets, limits, files=files, opening=opening
        )
        runner = make_runner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield runner.addresses[0][1], runner
        finally:
            await runner.cleanup()
            await files.database.close()


def site_assets(folder: Path) -> Assets:
    return load_assets(write_site(folder))
