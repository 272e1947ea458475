"""No input makes the server fail: SECURITY.md section 5 over raw sockets, with both parsers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from llmchat.attachments.limits import FileLimits
from tests.raw_http import Reply, exchange
from tests.server.bad_forms import BAD_FORMS
from tests.server.bad_inputs import (
    BAD_INPUTS,
    CANARY,
    HASH_MARK,
    JOB_MARK,
    PORT_MARK,
    Bad,
    get,
)
from tests.server.site import site_assets

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Running:
    """A server in a process of its own, and where its log goes."""

    process: subprocess.Popen[str]
    port: int
    job: str
    page: str
    log: Path

    def send(self, request: bytes, *, until_closed: bool = False) -> Reply:
        raw = request.replace(PORT_MARK, str(self.port).encode())
        raw = raw.replace(JOB_MARK.encode(), self.job.encode())
        raw = raw.replace(HASH_MARK.encode(), self.page.encode())
        return exchange(self.port, raw, until_closed=until_closed)


@pytest.fixture(scope="module", params=["c", "py"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("site")
    page = site_assets(folder).hash
    (folder.parent / "outside.txt").write_text("secret")
    (folder / "link.txt").symlink_to(folder.parent / "outside.txt")
    log = folder.parent / f"{request.param}.log"
    extensions = {"AIOHTTP_NO_EXTENSIONS": "1"} if request.param == "py" else {}
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.server.serve", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=ROOT,
            env={**os.environ, **extensions},
            text=True,
        )
        with process:
            assert process.stdout is not None
            port, job, parser = process.stdout.readline().split()
            assert parser == request.param
            yield Running(process, int(port), job, page, log)
            process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize(
    "bad", [*BAD_INPUTS, *BAD_FORMS], ids=lambda bad: bad.row.replace(" ", "-")
)
def test_a_bad_input_gets_its_answer(server: Running, bad: Bad) -> None:
    reply = server.send(bad.request, until_closed=bad.closes)

    status, _, code = next(
        (one for one in bad.expected if one.startswith(str(reply.status))), bad.expected[0]
    ).partition(" ")
    assert reply.status == int(status), reply
    assert CANARY not in f"{reply.headers}{reply.body!r}"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["server"] == "llmchat"
    if code and reply.body:
        assert_problem(reply, code)
    if bad.closes:
        assert reply.closed
        assert reply.headers["connection"] == "close"
    if bad.errors_at is not None:
        assert [error["pointer"] for error in reply.json()["errors"]] == [bad.errors_at]
    if reply.status == 405:
        assert reply.headers["allow"]


def assert_problem(reply: Reply, code: str) -> None:
    body = reply.json()
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["cache-control"] == "no-store"
    assert body["type"] == f"urn:llmchat:problem:{code}"
    assert body["status"] == reply.status
    assert body["code"] == code
    assert body["title"]
    if code == "too-large":
        assert body.get("limit", 1024 * 1024) in (1024 * 1024, FileLimits().file_bytes)


def test_after_all_that_the_server_lives_and_has_nothing_to_say(server: Running) -> None:
    assert server.process.poll() is None
    assert server.send(get("/health/live")).status == 200
    assert server.log.read_text() == ""
