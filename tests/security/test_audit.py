"""T-LOCK, known flaws: `make audit` fails at one, and says what it could not ask."""

from __future__ import annotations

import asyncio
import datetime
import json
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from scripts import audit

TODAY = datetime.date(2026, 12, 1)
FLAW = audit.Flaw("starlette", "1.10.0", frozenset({"GHSA-1", "CVE-2"}), "not mended yet")

pytestmark = pytest.mark.timeout(120)


class Services:
    """OSV and the registry of npm: each knows a flaw of one package, or is out of order."""

    def __init__(self) -> None:
        self.working = True
        self.url = ""

    async def osv(self, request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        if not self.working:
            raise web.HTTPServiceUnavailable
        if asked["package"]["name"] != "jinja2":
            return web.json_response({})
        flaw = {
            "id": "GHSA-osv",
            "aliases": ["CVE-osv"],
            "summary": "It may be left.",
            "affected": [{"package": asked["package"]}],
        }
        return web.json_response({"vulns": [flaw]})

    async def npm(self, request: web.Request) -> web.Response:
        if not self.working:
            raise web.HTTPServiceUnavailable
        flaw = {
            "id": 7,
            "url": "https://example.org/advisories/GHSA-npm",
            "title": "It may hang.",
            "severity": "high",
            "vulnerable_versions": "<99",
        }
        return web.json_response({"temml": [flaw]})


@pytest.fixture
async def services(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Services]:
    services = Services()
    app = web.Application()
    app.router.add_post("/osv", services.osv)
    app.router.add_post("/-/npm/v1/security/advisories/bulk", services.npm)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    services.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    monkeypatch.setenv("npm_config_registry", services.url)
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    yield services
    await runner.cleanup()


async def test_flaws_of_both_registries_are_found(services: Services, tmp_path: Path) -> None:
    lines = ["jinja2==3.0", "click==8.5.1"]
    text = "\n".join(f"{line} --hash=sha256:{'0' * 64}" for line in lines)
    (tmp_path / "requirements.txt").write_text(text)

    python = await asyncio.to_thread(audit.ask_for_python, f"{services.url}/osv", tmp_path)
    npm = await asyncio.to_thread(audit.ask_for_npm, audit.ROOT / "scripts")

    assert (python.checked, python.unchecked) == ({"jinja2", "click"}, {})
    [flaw] = python.flaws
    assert (flaw.package, flaw.version) == ("jinja2", "3.0")
    assert flaw.ids == {"GHSA-osv", "CVE-osv"}
    [flaw] = npm.flaws
    assert (flaw.package, flaw.text) == ("temml", "It may hang.")
    assert "GHSA-npm" in flaw.ids
    assert "markdown-it" in npm.checked


async def test_services_that_do_not_answer_are_told_of(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    services.working = False
    (tmp_path / "requirements.txt").write_text(f"click==8.5.1 --hash=sha256:{'0' * 64}")

    python = await asyncio.to_thread(audit.ask_for_python, f"{services.url}/osv", tmp_path)
    npm = await asyncio.to_thread(audit.ask_for_npm, audit.ROOT / "scripts")

    answers = {"PyPI": python, "npm": npm}
    assert audit.judge(answers, [], TODAY, False) == 0
    told = capsys.readouterr().out
    assert "PyPI: 0 packages checked" in told
    assert "NOT CHECKED: 1 packages of PyPI: the service osv has no answer." in told
    assert "NOT CHECKED: 14 packages of npm" in told
    assert audit.judge(answers, [], TODAY, True) == 1


def test_a_flaw_is_accepted_for_a_reason_and_until_a_day(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = {"PyPI": audit.Answer({"starlette"}, flaws=[FLAW])}
    entry = {"id": "CVE-2", "package": "starlette", "reason": "Never called.", "until": TODAY}

    assert audit.judge(answers, [], TODAY, False) == 1
    assert audit.judge(answers, [entry], TODAY, True) == 0
    assert "accepted  starlette 1.10.0" in capsys.readouterr().out
    assert audit.judge(answers, [entry], TODAY + datetime.timedelta(days=1), False) == 1
    assert audit.judge(answers, [entry | {"package": "uvicorn"}], TODAY, False) == 1
    assert audit.judge(answers, [entry | {"id": "CVE-3"}], TODAY, False) == 1


def test_every_accepted_flaw_has_its_reason_and_day() -> None:
    document = tomllib.loads((audit.ROOT / "audit.toml").read_text(encoding="utf-8"))
    for entry in document.get("accepted", []):
        assert len(entry["reason"]) > 20
        assert isinstance(entry["until"], datetime.date)
