"""T-BOOT: no server is open to others by accident, and nobody becomes its admin by being first."""

from __future__ import annotations

import asyncio
import io
import stat
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from llmchat.access.token import NAME, load_token
from llmchat.accounts.opening import Opening
from llmchat.accounts.policy import is_loopback
from llmchat.cli import main
from llmchat.domain.access import Role
from tests.commands.program import assert_refused, llmchat
from tests.security.gates import PASSWORD, ROOT, bearer, cookie, site
from tests.system.program import DidNotStartError, run, start_refused

NAMES = {"name": ROOT, "password": PASSWORD}


async def test_a_bind_that_others_could_reach_needs_an_account_first(tmp_path: Path) -> None:
    code, told = await start_refused(tmp_path, "--host", "0.0.0.0")
    assert (code, told.count("\n")) == (78, 1), told
    assert "`llmchat user add NAME --role admin`" in told
    made = await asyncio.to_thread(
        llmchat, "user", "add", ROOT, "--role", "admin", data_dir=tmp_path, typed=PASSWORD
    )
    assert "first admin" in made.stdout, made.stderr
    async with run(tmp_path, LLMCHAT_HOST="0.0.0.0") as program:
        for method, path, status in (
            ("GET", "/", 200),
            ("GET", "/models", 401),
            ("GET", "/metrics", 401),
            ("POST", "/api/setup", 409),
        ):
            body = None if method == "GET" else {**NAMES, "code": "x"}
            async with program.session.request(method, program.url + path, json=body) as reply:
                assert (path, reply.status) == (path, status)
        async with program.session.post(f"{program.url}/api/session", json=NAMES) as reply:
            assert (reply.status, (await reply.json())["account"]["id"]) == (200, "owner")


async def test_everybody_is_let_in_where_that_is_said_and_the_log_says_so(tmp_path: Path) -> None:
    async with run(tmp_path, LLMCHAT_HOST="0.0.0.0", LLMCHAT_AUTH="none") as program:
        async with program.session.get(f"{program.url}/api/users") as reply:
            assert reply.status == 200
        assert program.process.stderr is not None
        assert b"everybody who reaches 0.0.0.0" in await program.process.stderr.readline()


async def test_the_token_is_in_a_file_of_its_own_and_in_the_fragment(tmp_path: Path) -> None:
    async with run(tmp_path, LLMCHAT_AUTH="token") as program:
        url, _, token = program.url.partition("/#token=")
        file = tmp_path / NAME
        assert file.read_text().strip() == token
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "llmchat.db").stat().st_mode) == 0o600
        for pid in (program.process.pid, *program.children()):
            assert token.encode() not in _seen_by_others(pid)
        assert await _status(program.session, url, {}) == 401
        assert await _status(program.session, f"{url}/?token={token}", {}) == 200  # the page only
        assert await _status(program.session, url, bearer(token)) == 200
        assert await _status(program.session, url, bearer(token[:-1])) == 401
        async with program.session.post(f"{url}/api/session", json={"token": token}) as reply:
            made = reply.headers["Set-Cookie"]
            assert (reply.status, (await reply.json())["account"]["role"]) == (200, "admin")
        assert await _status(program.session, url, cookie(made.split(";")[0])) == 200
        assert "HttpOnly" in made
        assert "SameSite=Lax" in made
        # The commands of this machine read the file.
        listed = await asyncio.to_thread(llmchat, "models", data_dir=tmp_path)
        assert listed.returncode == 0, listed.stderr
    async with run(tmp_path, LLMCHAT_AUTH="token") as again:
        assert again.url.endswith(token)


def _seen_by_others(pid: int) -> bytes:
    place = Path(f"/proc/{pid}")
    return (place / "cmdline").read_bytes() + (place / "environ").read_bytes()


async def _status(session: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> int:
    place = url if "?" in url else f"{url}/api/jobs"
    async with session.get(place, headers=headers) as reply:
        return reply.status


def test_a_browser_is_started_with_a_file_and_not_with_the_token(tmp_path: Path) -> None:
    token = load_token(tmp_path)
    asking = Opening(token, asks=True)
    place = asking.to_open("http://127.0.0.1:8000", tmp_path)
    assert place == (tmp_path / "open.html").as_uri()
    page = tmp_path / "open.html"
    assert f"http://127.0.0.1:8000/#token={token.secret}" in page.read_text()
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert Opening(token).to_open("http://127.0.0.1:8000", tmp_path) == "http://127.0.0.1:8000"
    assert token.secret not in repr(asking)


@pytest.mark.parametrize(
    ("host", "local"),
    [("", True), ("localhost", True), ("127.8.9.1", True), ("::1", True)]
    + [(host, False) for host in ("0.0.0.0", "::", "192.168.1.2", "::ffff:8.8.8.8", "name")],
)
def test_only_loopback_is_for_this_machine(host: str, local: bool) -> None:
    assert is_loopback(host) is local


async def test_of_thirty_set_ups_at_once_one_makes_an_admin(tmp_path: Path) -> None:
    async with site(tmp_path, people=False, setup=True) as running:
        code = running.gate.entrance.setup
        assert code is not None
        assert (await running.call("GET", "/models")).status == 401
        assert (await running.call("GET", "/api/session")).body["setup"] is True
        wrong = await running.call("POST", "/api/setup", {**NAMES, "code": "0000-0000-0000-0000"})
        assert (wrong.status, wrong.body["code"]) == (401, "login-failed")
        weak = {"name": ROOT, "password": "password1", "code": code.text}
        refused = await running.call("POST", "/api/setup", weak)
        assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/password")
        bodies: list[Any] = [
            {"name": f"admin {number}", "password": PASSWORD, "code": code.text.lower()}
            for number in range(30)
        ]
        replies = await asyncio.gather(
            *(running.call("POST", "/api/setup", body) for body in bodies)
        )
        statuses = sorted(reply.status for reply in replies)
        assert statuses == [200, *[409] * 29]
        [made] = [reply for reply in replies if reply.status == 200]
        listed = await running.call("GET", "/api/users", headers=cookie(made.cookie))
        [admin] = listed.body["items"]
        assert (admin["id"], admin["role"], admin["name"]) == (
            *("owner", Role.ADMIN),
            made.body["account"]["name"],
        )
        assert (await running.call("GET", "/api/session")).body["setup"] is False


async def test_the_command_can_be_faster_than_the_code(tmp_path: Path) -> None:
    async with site(tmp_path, people=False, setup=True) as running:
        folder = running.database.path.parent
        for role in ("admin", "user"):
            arguments = ("user", "add", f"the {role}", "--role", role)
            made = await asyncio.to_thread(llmchat, *arguments, data_dir=folder, typed=PASSWORD)
            assert made.returncode == 0, made.stderr
        async with asyncio.timeout(5):
            while (  # noqa: ASYNC110 - nothing announces it
                await running.call("GET", "/api/session")
            ).body["setup"]:
                await asyncio.sleep(0.05)
        assert (await running.log_in("the user")).status == 200
        code = running.gate.entrance.setup
        assert code is not None
        late = await running.call("POST", "/api/setup", {**NAMES, "code": code.text})
        assert (late.status, late.body["code"]) == (409, "setup-done")


def test_accounts_are_kept_by_a_command_that_takes_no_password_as_an_argument(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def user(*arguments: str, typed: str = "", code: int = 0) -> str:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))  # no terminal
        assert main(["user", *arguments, "--data-dir", str(tmp_path)]) == code
        told = capsys.readouterr()
        assert told.err.count("\n") == (code != 0)
        return told.out + told.err

    argument = llmchat("user", "add", ROOT, "--password", "x", data_dir=tmp_path)
    assert_refused(argument, 64, "--password")
    assert "8 to 1024" in user("add", ROOT, typed="short", code=65)
    assert "needs the name" in user("add", code=64)
    user("add", ROOT, "--role", "admin", typed=PASSWORD)
    assert user("add", "bob", typed=PASSWORD) == "bob can sign in as user.\n"
    assert "Another account has this name" in user("add", "BOB", typed=PASSWORD, code=65)
    assert "only admin" in user("disable", ROOT, code=65)
    assert "no account" in user("delete", "nobody", "--yes", code=69)
    assert "--yes" in user("delete", "bob", code=64)
    assert "signed out" in user("passwd", "bob", typed="another battery")
    assert "signed out" in user("disable", "bob")
    rows = [line.split("\t") for line in user("list").splitlines()]
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        (ROOT, "admin", "never used"),
        ("bob", "user", "disabled"),
    ]
    user("enable", "bob")
    assert "deleted" in user("delete", "bob", "--yes")
    assert len(user("list").splitlines()) == 1


async def test_a_start_that_is_refused_leaves_no_token(tmp_path: Path) -> None:
    with pytest.raises(DidNotStartError, match="nobody has a password"):
        async with run(tmp_path, LLMCHAT_HOST="::"):
            pass
    assert not (tmp_path / NAME).exists()
