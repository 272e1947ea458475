"""The page and its parts, from memory."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from aiohttp import ClientSession

from llmchat import resources
from llmchat.domain.errors import ConfigError
from llmchat.server.assets import Assets, load_assets
from tests.server.jobs import ScriptedJobs
from tests.server.site import SCRIPT, serve, site_assets, write_site


def client(port: int) -> ClientSession:
    return ClientSession(f"http://127.0.0.1:{port}", auto_decompress=False)


async def test_the_page_names_the_hash_and_is_asked_for_again(assets: Assets) -> None:
    async with serve(ScriptedJobs(), assets) as (port, _), client(port) as http:
        async with http.get("/", headers={"Accept-Encoding": "identity"}) as reply:
            body = await reply.read()
            etag = reply.headers["ETag"]
            assert reply.headers["Cache-Control"] == "no-cache"
            assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
        assert f'src="/s/{assets.hash}/js/main.js"'.encode() in body
        assert b"@HASH@" not in body
        async with http.get("/", headers={"If-None-Match": f'W/{etag}, "x"'}) as reply:
            assert (reply.status, await reply.read()) == (304, b"")
            assert reply.headers["ETag"] == etag
        async with http.get("/", headers={"If-None-Match": '"x"'}) as reply:
            assert reply.status == 200


async def test_parts_are_kept_for_ever_under_their_hash_and_nowhere_else(assets: Assets) -> None:
    async with serve(ScriptedJobs(), assets) as (port, _), client(port) as http:
        async with http.get(f"/s/{assets.hash}/js/main.js") as reply:
            assert reply.status == 200
            assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert reply.headers["Content-Type"] == "text/javascript; charset=utf-8"
        for path in (f"/s/{'0' * 16}/js/main.js", "/js/main.js", f"/s/{assets.hash}/index.html"):
            async with http.get(path) as reply:
                assert reply.status == 404
                assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("accepts", "compressed"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("gzip;q=1.0, *", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("x-gzip", False),
    ],
)
async def test_gzip_is_sent_to_who_takes_it(assets: Assets, accepts: str, compressed: bool) -> None:
    async with serve(ScriptedJobs(), assets) as (port, _), client(port) as http:
        headers = {"Accept-Encoding": accepts}
        async with http.get(f"/s/{assets.hash}/js/main.js", headers=headers) as reply:
            body = await reply.read()
            assert reply.headers["Vary"] == "Accept-Encoding"
            assert ("Content-Encoding" in reply.headers) == compressed
            assert (gzip.decompress(body) if compressed else body) == SCRIPT
        async with http.get(f"/s/{assets.hash}/vendor/font.woff2", headers=headers) as reply:
            assert "Content-Encoding" not in reply.headers


def test_the_hash_is_that_of_all_contents_and_names(tmp_path: Path) -> None:
    site = write_site(tmp_path)
    before = load_assets(site).hash
    assert load_assets(site).hash == before
    (site / "js" / "main.js").write_bytes(b"export {}")
    changed = load_assets(site).hash
    (site / "js" / "main.js").rename(site / "js" / "other.js")
    assert len({before, changed, load_assets(site).hash}) == 3


def test_the_page_has_one_style_sheet_in_the_order_of_its_links(tmp_path: Path) -> None:
    site = write_site(tmp_path / "static")
    link = '  <link rel="stylesheet" href="s/@HASH@/css/{}.css">\n'
    page = f"<head>\n{link.format('tokens')}{link.format('base')}</head>"
    (site / "index.html").write_text(page)
    (site / "css" / "base.css").write_text("@layer base { p { margin: 0 } }")
    assets = load_assets(site)
    sent = assets.page.plain().decode().replace(assets.hash, "@HASH@")
    assert sent == f"<head>\n{link.format('page')}</head>"
    sheet = assets.files["css/page.css"].plain()
    assert sheet == b"@layer reset;\n@layer base { p { margin: 0 } }"


def test_only_known_types_inside_the_folder_are_read(tmp_path: Path) -> None:
    site = write_site(tmp_path / "static")
    (tmp_path / "secret.txt").write_text("secret")
    (site / "link.txt").symlink_to(tmp_path / "secret.txt")
    (site / "program.py").write_text("secret")
    (site / ".hidden").mkdir()
    (site / ".hidden" / "a.txt").write_text("secret")
    assert sorted(load_assets(site).files) == [
        "css/tokens.css",
        "js/main.js",
        "vendor/font.woff2",
        "vendor/marked.js",
    ]


def test_without_the_set_up_it_says_what_to_run(tmp_path: Path) -> None:
    site = write_site(tmp_path / "static")
    for name in ("vendor/marked.js", "vendor/font.woff2"):
        (site / name).unlink()
    for folder in (site, tmp_path / "none"):
        with pytest.raises(ConfigError, match="make setup"):
            load_assets(folder)


def test_what_was_unpacked_is_found_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site_assets(tmp_path / "static")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "tiny.gguf").write_bytes(b"GGUF")
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    assert resources.static_dir() == tmp_path / "static"
    assert resources.embedded_model() == tmp_path / "model" / "tiny.gguf"


def test_an_empty_build_has_no_model_and_says_that_the_page_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    assert resources.embedded_model() is None
    with pytest.raises(ConfigError, match="make setup"):
        resources.static_dir()
