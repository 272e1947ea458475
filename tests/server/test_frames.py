"""The frames for diagrams and pages of an answer, and files that are packed at set-up."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from aiohttp import ClientSession

from llmchat.server.assets import load_assets
from llmchat.server.headers import CONTENT_SECURITY_POLICY
from tests.server.jobs import ScriptedJobs
from tests.server.site import serve, write_site

STATIC = Path(__file__).resolve().parents[2] / "static"
LIBRARY = b"globalThis.library = 1\n" * 100


async def test_a_frame_has_a_policy_of_its_own_that_lets_it_fetch_nothing(tmp_path: Path) -> None:
    site = write_site(tmp_path)
    (site / "preview").mkdir()
    for name in ("diagram.html", "page.html"):
        (site / "preview" / name).write_bytes((STATIC / "preview" / name).read_bytes())
    assets = load_assets(site)
    async with (
        serve(ScriptedJobs(), assets) as (port, _),
        ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        for name in ("diagram.html", "page.html"):
            async with http.get(f"/s/{assets.hash}/preview/{name}") as reply:
                policy = reply.headers["Content-Security-Policy"]
                assert reply.headers["X-Content-Type-Options"] == "nosniff"
            assert policy.startswith("default-src 'none'; ")
            assert "sandbox allow-scripts;" in policy
            assert "frame-ancestors 'self'" in policy
            assert not re.search(r"https?:|connect-src|frame-src|child-src|allow-same", policy)
            assert ("'unsafe-inline'" in policy.partition("script-src")[2]) == (name == "page.html")
        async with http.get(f"/s/{assets.hash}/js/main.js") as reply:
            assert reply.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "frame-src 'self'" in CONTENT_SECURITY_POLICY


async def test_a_file_that_was_packed_at_set_up_is_sent_to_everybody(tmp_path: Path) -> None:
    site = write_site(tmp_path)
    packed = gzip.compress(LIBRARY, mtime=0)
    (site / "vendor" / "library.js.gz").write_bytes(packed)
    assets = load_assets(site)
    address = f"/s/{assets.hash}/vendor/library.js"
    async with (
        serve(ScriptedJobs(), assets) as (port, _),
        ClientSession(f"http://127.0.0.1:{port}", auto_decompress=False) as http,
    ):
        async with http.get(address, headers={"Accept-Encoding": "gzip"}) as reply:
            assert reply.headers["Content-Type"] == "text/javascript; charset=utf-8"
            assert reply.headers["Content-Encoding"] == "gzip"
            assert await reply.read() == packed
        async with http.get(address, headers={"Accept-Encoding": "identity"}) as reply:
            assert "Content-Encoding" not in reply.headers
            assert await reply.read() == LIBRARY
        async with http.get(f"{address}.gz") as reply:
            assert reply.status == 404
