"""T-FUZZ: the bad inputs of SECURITY.md section 5 over raw sockets, with both parsers.

Rows 1 to 60, 63, 64 and 66 as far as one request shows them; the others: test_rows.py.
"""

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
from tests.security.bad_forms import BAD_FORMS
from tests.security.bad_inputs import (
    BAD_INPUTS,
    CANARY,
    HASH_MARK,
    JOB_MARK,
    PORT_MARK,
    Bad,
    get,
)
from tests.security.conftest import Tell
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
    parser: str

    def send(self, request: bytes, *, until_closed: bool = False) -> Reply:
        raw = request.replace(PORT_MARK, str(self.port).encode())
        raw = raw.replace(JOB_MARK.encode(), self.job.encode())
        raw = raw.replace(HASH_MARK.encode(), self.page.encode())
        return exchange(self.port, raw, until_closed=until_closed)


@pytest.fixture(params=["c", "py"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    folder = tmp_path / "site"
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
            yield Running(process, int(port), job, page, log, parser)
            process.communicate()
    assert process.returncode == 0


def test_every_bad_input_gets_its_answer_and_the_server_lives(server: Running, tell: Tell) -> None:
    wrong = []
    for bad in (*BAD_INPUTS, *BAD_FORMS):
        reply = server.send(bad.request, until_closed=bad.closes)
        try:
            check(bad, reply)
        except AssertionError as error:  # the others are asked nevertheless
            wrong.append(f"row {bad.row}: {error}")
    assert wrong == []
    assert server.process.poll() is None
    assert server.send(get("/health/live")).status == 200
    assert server.log.read_text() == ""
    tell(
        f"{len(BAD_INPUTS) + len(BAD_FORMS)} bad inputs to the {server.parser} parser:"
        " 0 answers 5xx, 0 tracebacks, 0 lines in the log, the same process"
    )


def check(bad: Bad, reply: Reply) -> None:
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
