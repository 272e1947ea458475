"""`llmchat doctor`: what works is said to, each broken part is named with what to do about it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import socket
import sqlite3
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from llmchat.app import Children
from llmchat.config import Settings
from llmchat.doctor.answers import answers
from llmchat.doctor.report import Check
from llmchat.jobs.supervisor import Child
from llmchat.queues.base import Inbox, Outbox
from llmchat.storage.database import Database
from tests.fake_openai import FakeOpenAI
from tests.system.program import ROOT, run

CANARY = "sk-canary-c0ffee"
NO_MODEL = {"MODEL_FILE": "none.gguf"}  # it is not loaded where it is not the point

pytestmark = pytest.mark.timeout(90)


@dataclass
class Findings:
    """What a run of the doctor said."""

    code: int
    checks: list[dict[str, str]]
    output: str

    def states(self, name: str) -> list[str]:
        return [one["state"] for one in self.checks if one["name"] == name]

    def one(self, name: str, state: str) -> str:
        """Message and hint of the only check like that."""
        [found] = [one for one in self.checks if (one["name"], one["state"]) == (name, state)]
        return f"{found['message']} {found['hint']}"

    def broken(self) -> set[str]:
        return {one["name"] for one in self.checks if one["state"] != "ok"}


async def _run(data_dir: Path, *flags: str, **environment: str) -> tuple[int, str, str]:
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "llmchat", "doctor", "--data-dir", str(data_dir), *flags),
        env={
            **clean,
            "LLMCHAT_DISCOVER": "0",
            "LLMCHAT_PORT": "0",
            "XDG_CONFIG_HOME": str(data_dir.parent / "config"),
            **environment,
        },
        stdout=PIPE,
        stderr=PIPE,
        cwd=ROOT,
    )
    output, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()


async def doctor(data_dir: Path, *flags: str, **environment: str) -> Findings:
    code, output, errors = await _run(data_dir, "--json", *flags, **environment)
    assert "Traceback" not in errors, errors
    document = json.loads(output)
    assert document["ok"] == (code == 0)
    return Findings(code, document["checks"], output + errors)


@contextlib.asynccontextmanager
async def endpoint(status: int, body: object, kind: str = "application/json") -> AsyncIterator[str]:
    """An endpoint with that answer to `GET /models`, in which it repeats the key it was sent."""

    async def models(request: web.Request) -> web.Response:
        key = request.headers.get("Authorization", "")
        text = json.dumps(body).replace("KEY", key)
        return web.Response(status=status, text=text, content_type=kind)

    app = web.Application()
    app.router.add_get("/v1/models", models)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def _contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


async def test_a_whole_installation_is_well(tmp_path: Path, fake: FakeOpenAI) -> None:
    data = tmp_path / "data"
    found = await doctor(data, OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="echo")
    assert (found.code, found.broken()) == (0, set())
    name = f"endpoint 127.0.0.1:{fake.port}"
    assert f"{fake.url} answers and lists" in found.one(name, "ok")
    assert "first token" in found.one("embedded model", "ok")
    assert "process" in found.one("worker", "ok")
    assert "New chats use echo" in found.one("answers", "ok")
    assert fake.requests == []  # nobody is asked a question that may cost money
    assert not data.exists()


async def test_a_person_gets_a_line_for_each_part_and_a_summary(tmp_path: Path) -> None:
    code, output, errors = await _run(tmp_path)
    *lines, summary = output.splitlines()
    assert (code, errors, summary) == (0, "", "All is well.")
    assert all(line.startswith("ok    ") for line in lines)
    code, output, _ = await _run(tmp_path, "--workers", "99")
    assert code == 1
    assert "fail  settings: --workers cannot be '99'" in output
    assert output.splitlines()[-1] == "0 to look at, 1 broken."


async def test_every_bad_setting_is_named_and_the_rest_is_tried_all_the_same(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    found = await doctor(
        tmp_path,
        *("--port", "99999"),
        LLMCHAT_WORKERS="many",
        LLMCHAT_PROT="1",
        OPENAI_BASE_URL=fake.url,
        **NO_MODEL,
    )
    bad = [one["message"] for one in found.checks if one["state"] == "fail"]
    assert any("--port cannot be '99999'" in message for message in bad)
    assert any("LLMCHAT_WORKERS cannot be 'many'" in message for message in bad)
    assert "LLMCHAT_PROT in the environment is no setting. Is LLMCHAT_PORT meant?" in found.one(
        "settings", "warn"
    )
    assert found.states(f"endpoint 127.0.0.1:{fake.port}") == ["ok"]
    assert found.code == 1


async def test_a_key_without_an_address_of_its_own_is_named(tmp_path: Path) -> None:
    found = await doctor(tmp_path, OPENAI_API_KEY=f"{CANARY},{CANARY}", **NO_MODEL)
    assert "OPENAI_API_KEY lists more values" in found.one("settings", "fail")
    assert CANARY not in found.output


async def test_an_env_file_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "x.env"
    path.write_text(f"OPENAI_API_KEY={CANARY}\nOPENAI_BASEURL=http://x/v1\nLLMCHAT_WORKERS=1\n")
    path.chmod(0o644)
    found = await doctor(
        tmp_path / "data", "--env-file", str(path), OPENAI_BASE_URL="embedded", **NO_MODEL
    )
    assert f"chmod 600 {path}" in found.one("env file", "warn")
    assert "Is OPENAI_BASE_URL meant?" in found.one("settings", "warn")
    told = found.one("settings", "ok")
    assert "OPENAI_API_KEY (env file), OPENAI_BASE_URL (environment)" in told
    assert "LLMCHAT_DATA_DIR (--data-dir)" in told
    assert CANARY not in found.output


@pytest.mark.parametrize(("content", "words"), [(None, "No such file"), (b"\xff\xfe", "UTF-8")])
async def test_an_env_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "x.env"
    if content is not None:
        path.write_bytes(content)
    found = await doctor(tmp_path / "data", "--env-file", str(path), **NO_MODEL)
    assert str(path) in found.one("env file", "fail")
    assert words in found.one("env file", "fail")
    assert found.states("worker") == ["ok"]


async def test_of_two_env_files_the_one_that_is_not_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config" / "llmchat" / ".env"
    path.parent.mkdir(parents=True)
    path.write_text("LLMCHAT_WORKERS=1\n")
    found = await doctor(tmp_path / "data", **NO_MODEL)
    assert any(str(path) in one["message"] for one in found.checks if one["name"] == "env file")


async def test_a_data_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "data"):
        found = await doctor(folder, **NO_MODEL)
        assert "--data-dir" in found.one("data folder", "fail")
        assert found.states("worker") == ["ok"]


def _not_a_database(path: Path) -> None:
    path.write_bytes(b"some notes of mine" * 1000)


def _of_another_program(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("create table recipe(name)")


def _newer(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma user_version = 999")


def _damaged(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("create table job(number integer primary key, text)")
        connection.execute("pragma user_version = 1")
        rows = ((f"{number}" * 500,) for number in range(500))
        connection.executemany("insert into job(text) values (?)", rows)
        connection.commit()
    whole = bytearray(path.read_bytes())
    whole[8192 : 8192 + 40_000] = b"\xaa" * 40_000
    path.write_bytes(whole)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_not_a_database, "damaged or no database"),
        (_of_another_program, "another program"),
        (_newer, "newer llmchat"),
        (_damaged, "damaged"),
    ],
)
async def test_a_store_that_cannot_be_used_is_named_and_left_alone(
    tmp_path: Path, spoil: Any, words: str
) -> None:
    spoil(tmp_path / "llmchat.db")
    before = _contents(tmp_path)
    found = await doctor(tmp_path, **NO_MODEL)
    assert words in found.one("store", "fail")
    assert _contents(tmp_path) == before


async def test_a_store_that_another_program_locks_is_named(tmp_path: Path) -> None:
    path = tmp_path / "llmchat.db"
    await Database.open(path).close()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("pragma locking_mode = exclusive")
        connection.execute("begin immediate")
        connection.execute("insert into job_event values (1, 1, 1, '[]')")
        found = await doctor(tmp_path, **NO_MODEL)
    assert "locked by another program" in found.one("store", "fail")


async def test_a_port_that_another_program_has_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = await doctor(tmp_path, "--port", str(port), **NO_MODEL)
    assert f"Port {port}" in found.one("port", "fail")
    assert f"--port {port + 1}" in found.one("port", "fail")


async def test_it_works_beside_a_server_and_disturbs_nothing(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    settings = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "gate"}
    async with run(tmp_path, **settings) as program:
        stream = await program.open_stream(await program.submit("hi"))
        await fake.asked()
        port = program.url.rsplit(":", 1)[1]
        flags = ("--port", port, "--host", "localhost")
        found = await doctor(tmp_path, *flags, **settings, **NO_MODEL)
        told = f"process {program.process.pid}"
        assert f"an llmchat runs on it ({told}, {program.url})" in found.output
        assert found.states("port") == ["ok"]
        assert f"{told} is ready at {program.url}" in found.one("server", "ok")
        assert "1 wait or run" in found.one("store", "ok")
        assert found.broken() == {"embedded model"}

        other = await doctor(tmp_path / "other", "--port", port, **settings, **NO_MODEL)
        assert "another data folder" in other.one("port", "fail")

        await fake.release(float("inf"))
        assert "event: done" in await stream.text()


async def test_jobs_that_a_killed_server_left_are_seen_and_the_store_is_not_changed(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    settings = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "gate"}
    async with run(tmp_path, **settings) as program:
        stopped = await program.submit("hi")
        async with program.session.delete(f"{program.url}/chat/{stopped}") as reply:
            assert reply.status == 204
        await program.submit("hi")
        await fake.asked()
        program.process.kill()
        await program.process.wait()
    before = _contents(tmp_path)
    found = await doctor(tmp_path, **settings, **NO_MODEL)
    told = [one["message"] for one in found.checks if one["name"] == "store"]
    assert "1 jobs cancelled, 1 wait or run" in told[0]
    assert told[1] == "1 jobs have no end yet."
    assert "no llmchat runs on it now" in found.output
    after = _contents(tmp_path)
    shared = "llmchat.db-shm"  # an index into the log, which is made anew from it
    assert {k: v for k, v in after.items() if k != shared} == {
        k: v for k, v in before.items() if k != shared
    }


async def test_every_endpoint_that_does_not_work_is_named_with_the_reason(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    error = {"error": {"message": "Incorrect API key provided: KEY"}}
    async with (
        endpoint(401, error) as locked,
        endpoint(200, "<html>", "text/html") as page,
        endpoint(200, {"object": "list", "data": []}) as empty,
        endpoint(404, {"detail": "Not Found"}) as silent,
    ):
        addresses = {
            "refused": "http://127.0.0.1:9/v1",
            "unknown": "http://no-such-host.invalid/v1",
            "tls": f"https://localhost:{fake.port}/v1",
            "locked": locked,
            "page": page,
            "empty": empty,
            "wrong model": fake.url,
            "without a list": silent,
        }
        written = f'[[endpoint]]\nbase_url = "http://localhost:{fake.port}/v1"\nkey = "{CANARY}"\n'
        (tmp_path / "endpoints.toml").write_text(written)
        found = await doctor(
            tmp_path,
            OPENAI_BASE_URL=",".join(addresses.values()),
            OPENAI_API_KEY=",".join([CANARY] * len(addresses)),
            DEFAULT_MODEL="m,m,m,m,m,,no-such-model,m",
            **NO_MODEL,
        )
    told = [
        (one["state"], f"{one['message']} {one['hint']}")
        for one in found.checks
        if one["name"].startswith("endpoint ")
    ]
    expected = [
        ("fail", "refused"),
        ("fail", "name is not known"),
        ("fail", "No secure connection"),
        ("fail", "Check the key"),
        ("fail", "no OpenAI-compatible API"),
        ("warn", "lists no model"),
        ("warn", "Set DEFAULT_MODEL"),
        ("warn", "does not list its models"),
        ("ok", "answers and lists"),  # of the file
    ]
    assert "chmod 600" in found.one("endpoints", "warn")
    assert [state for state, _ in told] == [state for state, _ in expected]
    for (_, message), (_, words) in zip(told, expected, strict=True):
        assert words in message
    assert CANARY not in found.output


async def test_no_key_is_ever_printed(tmp_path: Path) -> None:
    url = f"http://user:{CANARY}@127.0.0.1:9/v1?key={CANARY}"
    for flags in ((), ("--env-file", str(tmp_path / "x.env"))):
        (tmp_path / "x.env").write_text(f"OPENAI_API_KEY='{CANARY} {CANARY}'\n{CANARY}=1\n")
        code, output, errors = await _run(
            tmp_path, *flags, OPENAI_BASE_URL=url, OTHER_TOKEN=CANARY, **NO_MODEL
        )
        assert code == 1
        assert "OPENAI_BASE_URL cannot be used" in output
        assert CANARY not in output + errors


@pytest.mark.parametrize(
    ("content", "words"), [(None, "There is no model file"), (b"GGUFFFFF" * 9, "known are 2 and 3")]
)
async def test_a_model_that_cannot_be_loaded_is_named(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "x.gguf"
    if content is not None:
        path.write_bytes(content)
    found = await doctor(tmp_path / "data", "--model-file", str(path))
    assert words in found.one("embedded model", "fail")
    assert "Check MODEL_FILE" in found.one("embedded model", "fail")
    assert found.code == 1


def _die(reports: Outbox[Any], commands: Inbox[Any], config: None) -> None:
    os._exit(3)


async def test_a_worker_that_cannot_start_is_named() -> None:
    from llmchat.app import make_children

    child: Child[Any] = Child("worker", _die, lambda: None, start_seconds=10, silence_seconds=10)
    settings = Settings(data_dir=Path(), discover=False)
    children = Children(child, None, None, make_children(settings).local)
    found = [check async for check in answers(settings, children)]
    [check] = found
    assert isinstance(check, Check)
    assert (check.name, check.state) == ("worker", "fail")
    assert "exit code 3" in check.message


async def test_nothing_to_answer_is_a_failure(tmp_path: Path) -> None:
    from llmchat.app import make_children

    settings = Settings(data_dir=tmp_path, discover=False)
    made = make_children(settings)
    children = Children(made.worker, None, None, made.local)
    found = {check.name: check.state async for check in answers(settings, children)}
    assert found == {"worker": "ok", "answers": "fail", "embedded model": "warn"}


async def test_each_tool_server_is_tried_and_who_reads_their_keys_is_told(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    environment = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "echo", **NO_MODEL}
    server = {"command": sys.executable, "args": ["-m", "mcp_server_time"]}
    broken = {"command": "no-such-program", "env": {"TOKEN": CANARY}}
    file = tmp_path / "mcp.json"
    file.write_text(json.dumps({"mcpServers": {"time": server, "broken": broken}}))
    file.chmod(0o644)
    found = await doctor(tmp_path, **environment)
    assert found.states("tools") == ["warn", "ok", "warn"]
    assert "2 tools: get_current_time, convert_time" in found.one("tools", "ok")
    assert "chmod 600" in found.output
    assert "no-such-program" in found.output
    assert CANARY not in found.output
    file.write_text("{")
    file.chmod(0o600)
    found = await doctor(tmp_path, **environment)
    assert "not of the shape" in found.one("tools", "fail")


async def test_a_flag_that_is_not_known_is_one_line(tmp_path: Path) -> None:
    code, output, errors = await _run(tmp_path, "--nope")
    assert (code, output) == (64, "")
    assert errors.count("\n") == 1


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as running:
        yield running
