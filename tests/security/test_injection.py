"""T-SQLI, T-HOST, T-FETCH, T-MCP: text of a client that other systems have taken for more than
text, sent to the whole program.
"""

from __future__ import annotations

import json
import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from llmchat.server.routes import ROUTES
from tests.security.conftest import Tell
from tests.security.program import Target, run, upstream

SQL = (
    "'",
    "' OR '1'='1",
    "'; DROP TABLE conversations; --",
    '" OR ""="',
    "x' UNION SELECT sql FROM sqlite_master --",
    "x'||(SELECT name FROM sqlite_master)||'",
    "1; ATTACH DATABASE '/tmp/evil.db' AS evil; --",
    "%' ESCAPE '%",
    "*) OR messages MATCH (a",
    "title:x NEAR/1 NOT *",
)
HEADERS = (
    *("Authorization", "Cookie", "Idempotency-Key", "If-None-Match", "Last-Event-ID", "User-Agent"),
    *("X-Api-Key", "X-Request-ID", "X-Forwarded-For", "X-Forwarded-User", "X-Forwarded-Host"),
    *("Forwarded", "Accept-Language", "Referer", "X-Base-Url", "X-HTTP-Method-Override"),
    *("X-Original-URL", "X-Rewrite-URL"),
)
PLACES = ("/api/conversations", "/stream/x", "/v1/models", "/api/search?q=x", "/models")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with upstream() as url:
        yield url


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory, endpoint: str) -> Iterator[Target]:
    settings = {"OPENAI_BASE_URL": endpoint, "DEFAULT_MODEL": "echo"}
    with run(tmp_path_factory.mktemp("data"), **settings) as running:
        yield running


def schema(folder: Path) -> list[tuple[str, ...]]:
    """The tables and indexes of the store; that it is whole is checked, too."""
    with closing(sqlite3.connect(f"file:{folder / 'llmchat.db'}?mode=ro", uri=True)) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return store.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()


def paths() -> Iterator[tuple[str, str]]:
    """Every route with a place in its address."""
    for route in ROUTES:
        if "{" in route.path:
            yield route.method, route.path


def test_sql_is_only_text_wherever_it_stands(target: Target, tell: Tell) -> None:
    """T-SQLI."""
    for text in SQL:
        body = {"content": text, "model": "echo", "settings": {"system": text}}
        said = target.json("POST", "/chat", body)
        place = f"/api/conversations/{said['conversation_id']}"
        assert target.json("PATCH", place, {"title": text})["title"] == text
    before = schema(target.folder)
    told = target.json("GET", "/api/conversations?limit=100")["items"]
    assert sorted(one["title"] for one in told) == sorted(SQL)
    first = len(target.replies)
    for text in SQL:
        for name in HEADERS:
            for place in PLACES:
                target.call("GET", place, **{name.replace("-", "_"): text})
        for method, path in paths():
            address = re.sub(r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", quote(text, safe=""), path)
            target.call(method, address, {} if method in ("POST", "PATCH") else None)
        for name in ("q", "cursor", "limit", "state", "days", "ids", "format", "after", "archived"):
            for place in ("/api/search", "/api/conversations", "/api/jobs", "/api/statistics"):
                target.call("GET", f"{place}?{name}={quote(text)}")
        found = target.json("GET", f"/api/search?q={quote(text)}")["items"]
        assert all(one["title"] in SQL for one in found)
    assert schema(target.folder) == before
    after = target.json("GET", "/api/conversations?limit=100")["items"]
    assert {one["id"] for one in after} == {one["id"] for one in told}
    assert not Path("/tmp/evil.db").exists()
    target.check()
    tell(
        f"{len(SQL)} texts of SQL in {len(target.replies) - first} requests: the store is as before"
    )


def test_headers_that_name_another_place_lead_nowhere_else(target: Target) -> None:
    """T-HOST: what is answered is what the request line names, with the address that was sent."""
    for name in ("X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Host", "X-Forwarded-Prefix"):
        reply = target.call("GET", "/nothing", **{name.replace("-", "_"): "/health/live"})
        assert reply.status == 404
        reply = target.call("GET", "/health/live", **{name.replace("-", "_"): "evil.example"})
        assert reply.status == 200
        assert b"evil" not in reply.body
    reply = target.call("GET", "/api/conversations", X_HTTP_Method_Override="DELETE")
    assert reply.json()["items"]


@contextmanager
def recorder() -> Iterator[tuple[str, socket.socket]]:
    """A place that waits for connections, which stay in its queue."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=100)) as listening:
        listening.setblocking(False)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", listening


def came(listening: socket.socket) -> int:
    """How many have come."""
    count = 0
    with suppress(BlockingIOError):
        while True:
            listening.accept()[0].close()
            count += 1
    return count


def test_the_server_fetches_nothing_that_a_message_names(
    tmp_path: Path, endpoint: str, tell: Tell
) -> None:
    """T-FETCH: a recorder that is the place named, and the proxy to any other place."""
    with recorder() as (place, listening):
        proxy = {"HTTP_PROXY": place, "HTTPS_PROXY": place}
        settings = {"OPENAI_BASE_URL": endpoint, "DEFAULT_MODEL": "echo", **proxy}
        with run(tmp_path / "data", **settings) as target:
            for address in (place, "https://example.org", "http://example.org"):
                text = (
                    f"![x]({address}/a.png) <img src={address}/b> [l]({address}/c) {address}/d"
                    f" {{{{{address}/e}}}} @{address}/f file://{address}"
                )
                said = target.json("POST", "/chat", {"content": text})
                while target.json("GET", f"/api/jobs/{said['job_id']}")["state"] != "done":
                    pass
                image = [{"type": "image_url", "image_url": {"url": f"{address}/g.png"}}]
                body = {"messages": [{"role": "user", "content": image}]}
                assert target.call("POST", "/chat", body).status == 422
                exported = json.dumps([chat_with_files(address)]).encode()
                started = target.upload("conversations.json", exported, "/api/import")
                wait = f"/api/import/{started.json()['import_id']}"
                while target.json("GET", wait)["state"] == "running":
                    pass
                target.json("GET", f"/api/search?q={quote(address)}")
            target.json("GET", "/models")
            target.check()
        assert came(listening) == 0
    tell("3 places named in questions, answers, images and imports: 0 connections to them")


def chat_with_files(address: str) -> dict[str, Any]:
    """A chat of Open WebUI with a picture that is elsewhere."""
    message = {
        "id": "m", "parentId": None, "childrenIds": [], "role": "user",
        "content": f"![]({address}/h)",
        "files": [{"type": "image", "url": f"{address}/i.png"}], "timestamp": 1_700_000_000,
    }  # fmt: skip
    chat = {"title": address, "history": {"messages": {"m": message}, "currentId": "m"}}
    return {"id": f"chat of {address}", "title": address, "chat": chat}


def asked_for(described: dict[str, Any]) -> set[str]:
    """The names in the bodies of all requests, with those of the types they are made of."""
    names: set[str] = set()
    bodies = [
        operation["requestBody"]
        for methods in described["paths"].values()
        for operation in methods.values()
        if "requestBody" in operation
    ]
    texts, seen = [json.dumps(bodies)], set[str]()
    for text in texts:
        names |= set(re.findall(r'"([a-z_]+)": ?\{', text))
        for part in set(re.findall(r'"#/components/schemas/([^"]+)"', text)) - seen:
            seen.add(part)
            texts.append(json.dumps(described["components"]["schemas"][part]))
    return names


def test_no_route_takes_a_command_or_names_a_file_of_this_machine(target: Target) -> None:
    """T-MCP, T-PATH: tools are set up in a file of their own; nothing in a request names a program,
    or a path that is opened.
    """
    names = asked_for(target.json("GET", "/api/openapi.json"))
    assert {"base_url", "title", "content"} <= names
    assert (
        names & {"command", "cmd", "args", "argv", "env", "cwd", "path", "exec", "program"} == set()
    )
    for method, path in (("POST", "/chat"), ("POST", "/api/endpoints"), ("PATCH", "/api/settings")):
        reply = target.call(method, path, {"command": "sh", "args": ["-c", "touch /tmp/evil"]})
        assert reply.status == 422
    assert target.call("POST", "/api/tools", {"command": "sh"}).status == 405
