"""The routes as a client sees them."""

from __future__ import annotations

import ast
import asyncio
import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientPayloadError, ClientSession, web

from llmchat.attachments.limits import FileLimits
from llmchat.attachments.parts import NO_VISION
from llmchat.domain.errors import UnavailableError
from llmchat.domain.job import Delta, Done
from llmchat.server.app import make_runner
from llmchat.server.assets import Assets
from llmchat.server.headers import SECURITY_HEADERS
from llmchat.server.keys import HOST_NAMES, LIMITS, STREAMS
from llmchat.server.limits import Limits
from llmchat.server.problems import PROBLEMS, problems
from llmchat.server.sse import Streams
from tests.server.jobs import ANSWER, ScriptedJobs
from tests.server.site import serve

QUESTION: dict[str, Any] = {"messages": [{"role": "user", "content": "hi"}], "temperature": 0.5}
PACKAGE = Path(__file__).parents[2] / "llmchat"


def client(port: int) -> ClientSession:
    return ClientSession(f"http://127.0.0.1:{port}")


async def test_a_question_is_accepted_as_a_job(assets: Assets) -> None:
    jobs = ScriptedJobs(ANSWER)
    async with serve(jobs, assets) as (port, _), client(port) as http:
        async with http.post("/chat", json=QUESTION) as reply:
            assert reply.status == 202
            body = await reply.json()
        assert body["stream"] == f"/stream/{body['job_id']}"
        assert (body["model"], body["endpoint"]) == ("tiny", "embedded")
        assert jobs.request(body["job_id"]).parameters == {"temperature": 0.5}
        async with http.get(body["stream"]) as stream:
            assert (await stream.text()).endswith('data: {"finish_reason":"stop"}\r\n\r\n')


async def test_a_repeated_question_with_its_key_is_the_same_job(assets: Assets) -> None:
    headers = {"Idempotency-Key": "k1"}
    async with serve(ScriptedJobs(), assets) as (port, _), client(port) as http:
        async with http.post("/chat", json=QUESTION, headers=headers) as first:
            job = await first.json()
            assert "Idempotent-Replayed" not in first.headers
        async with http.post("/chat", json=QUESTION, headers=headers) as again:
            assert (again.status, await again.json()) == (200, job)
            assert again.headers["Idempotent-Replayed"] == "true"
        async with http.post("/chat", json=QUESTION | {"seed": 1}, headers=headers) as other:
            assert (other.status, (await other.json())["code"]) == (422, "idempotency-mismatch")


async def test_a_job_can_be_stopped_at_what_was_seen_and_again(assets: Assets) -> None:
    jobs = ScriptedJobs()
    async with serve(jobs, assets) as (port, _), client(port) as http:
        async with http.post("/chat", json=QUESTION) as reply:
            job = (await reply.json())["job_id"]
        jobs.write(job, Delta("a"), Delta("b"))
        for target, status in ((f"{job}?seen=1-1", 204), (job, 204), (f"{job}?seen=x", 400)):
            async with http.delete(f"/chat/{target}") as reply:
                assert reply.status == status
        final = jobs.watched(job).final
    assert isinstance(final, Done)
    assert (final.finish_reason, final.seen) == ("cancelled", "1-1")


async def test_the_models_are_an_openai_list_and_say_which_answers(assets: Assets) -> None:
    async with (
        serve(ScriptedJobs(), assets) as (port, _),
        client(port) as http,
        http.get("/models") as reply,
    ):
        body = await reply.json()
    assert body["object"] == "list"
    assert body["data"] == [
        {
            "id": "tiny",
            "object": "model",
            "owned_by": "embedded",
            "endpoint": "embedded",
            "kind": "embedded",
            "context_window": 2048,
            "capabilities": {"vision": False, "tools": None, "reasoning": None},
            "price": None,
            "favourite": False,
            "hidden": False,
            "default": True,
        }
    ]
    assert body["local"]["folder"].endswith("nowhere")
    assert body["local"]["refused"] == []
    assert body["attachments"] == asdict(FileLimits())
    assert body["default"] == "tiny"
    assert body["ready"] is True
    assert "built-in" in body["reason"]
    assert body["reason_code"] == "default-nothing-found"
    (endpoint,) = body["endpoints"]
    assert endpoint.pop("age_seconds") >= 0
    assert endpoint == {
        "name": "embedded",
        "kind": "embedded",
        "base_url": "",
        "state": "ok",
        "error": None,
        "code": None,
    }


async def test_an_image_for_a_model_that_reads_none_is_refused_before_it_is_stored(
    assets: Assets,
) -> None:
    jobs = ScriptedJobs(ANSWER)
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    shown = {"role": "user", "content": [{"type": "text", "text": "hi"}, image]}
    later = [shown, {"role": "assistant", "content": "x"}, QUESTION["messages"][0]]
    async with serve(jobs, assets) as (port, _), client(port) as http:
        async with http.post("/chat", json={"messages": [shown]}) as reply:
            problem = await reply.json(content_type=None)
            assert (reply.status, problem["code"]) == (422, "no-vision")
            assert problem["detail"] == NO_VISION
        assert await jobs.list("", active_only=False, limit=10) == []
        async with http.post("/chat", json={"messages": later}) as reply:
            assert reply.status == 202


async def test_jobs_are_listed_for_a_page_that_comes_back(assets: Assets) -> None:
    jobs = ScriptedJobs()
    async with serve(jobs, assets) as (port, _), client(port) as http:
        ids = []
        for _ in range(3):
            async with http.post("/chat", json=QUESTION) as reply:
                ids.append((await reply.json())["job_id"])
        jobs.write(ids[0], Delta("a"), Done("stop"))
        jobs.write(ids[1], Delta("a"), Delta("b"))
        async with http.get("/api/jobs?state=active") as reply:
            body = await reply.json()
        assert body["next"] is None
        assert [(one["id"], one["state"], one["last_event_id"]) for one in body["items"]] == [
            (ids[1], "running", "1-2"),
            (ids[2], "queued", "0-1"),
        ]
        async with http.get("/api/jobs?limit=2") as reply:
            assert [one["id"] for one in (await reply.json())["items"]] == ids[1:]
        async with http.get(f"/api/jobs/{ids[1]}?after=1-0") as reply:
            body = await reply.json()
        assert body["events"] == [{"id": "1-2", "event": "delta", "data": {"text": "ab"}}]
        assert (body["state"], body["model"]) == ("running", "tiny")


async def test_health_says_what_is_missing(assets: Assets) -> None:
    jobs = ScriptedJobs()
    async with serve(jobs, assets) as (port, _), client(port) as http:
        for target in ("/health/live", "/health/ready"):
            async with http.get(target) as reply:
                assert (reply.status, await reply.json()) == (200, {"status": "ok"})
                assert reply.headers["Cache-Control"] == "no-store"
        jobs.missing = {"worker": "restarting"}
        async with http.get("/health/ready") as reply:
            assert reply.status == 503
            assert reply.headers["Retry-After"] == "1"
            assert reply.headers["Cache-Control"] == "no-store"
            body = await reply.json(content_type="application/problem+json")
        assert (body["code"], body["missing"]) == ("not-ready", {"worker": "restarting"})


async def test_every_response_has_the_security_headers(assets: Assets) -> None:
    jobs = ScriptedJobs(ANSWER)
    async with serve(jobs, assets) as (port, _), client(port) as http:
        async with http.post("/chat", json=QUESTION) as reply:
            stream = (await reply.json())["stream"]
        for target in ("/", f"/s/{assets.hash}/js/main.js", "/models", stream, "/nope", "/chat"):
            async with http.get(target) as reply:
                for name, value in SECURITY_HEADERS.items():
                    assert name in reply.headers
                    assert name == "Cache-Control" or reply.headers[name] == value
                assert reply.headers["Server"] == "llmchat"


async def _fail(request: web.Request) -> web.StreamResponse:
    raise RuntimeError("cAnArY")


async def _fail_late(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"a part")
    raise RuntimeError("cAnArY")


async def _unavailable(request: web.Request) -> web.StreamResponse:
    raise UnavailableError("Later.", code="queue-full", retry_after_seconds=7)


async def _broken(port_of: str, caplog: pytest.LogCaptureFixture) -> tuple[int, dict[str, object]]:
    app = web.Application(middlewares=[problems])
    app[LIMITS] = Limits()
    app[STREAMS] = Streams()
    app[HOST_NAMES] = frozenset()
    app.add_routes(
        [
            web.get("/fail", _fail),
            web.get("/late", _fail_late),
            web.get("/unavailable", _unavailable),
        ]
    )
    runner = make_runner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        with caplog.at_level(logging.INFO):
            async with client(runner.addresses[0][1]) as http, http.get(port_of) as reply:
                headers = {"Retry-After": reply.headers.get("Retry-After")}
                return reply.status, headers | json.loads(await reply.read())
    finally:
        await runner.cleanup()


async def test_a_bug_is_logged_once_and_answered_with_a_reference(
    caplog: pytest.LogCaptureFixture,
) -> None:
    status, body = await _broken("/fail", caplog)
    (record,) = caplog.records
    assert status == 500
    assert body["code"] == "internal"
    assert "cAnArY" not in str(body)
    assert str(body["reference"]) in record.getMessage()
    assert len(str(body["reference"])) == 12
    assert record.exc_info


async def test_a_bug_after_the_first_byte_ends_the_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(ClientPayloadError):
        await _broken("/late", caplog)
    assert len(caplog.records) == 1


async def test_what_is_unavailable_says_when_to_come_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    status, body = await _broken("/unavailable", caplog)
    assert (status, body["code"], body["Retry-After"]) == (503, "queue-full", "7")


def test_every_code_that_is_raised_is_in_the_table() -> None:
    raised = set()
    for path in (*PACKAGE.glob("server/*.py"), *PACKAGE.glob("jobs/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                raised |= _codes(node, node.func.id)
    assert {"queue-full", "validation", "idempotency-mismatch", "json-depth"} <= raised
    assert raised <= set(PROBLEMS)


def _codes(call: ast.Call, name: str) -> set[object]:
    if name in {"RequestError", "UnavailableError"}:
        found = [one.value for one in call.keywords if one.arg == "code"]
    elif name in {"refusal", "problem"}:
        found = call.args[:1]
    else:
        found = []
    return {one.value for one in found if isinstance(one, ast.Constant)}


async def test_many_questions_at_once_get_a_job_each(assets: Assets) -> None:
    async with serve(ScriptedJobs(ANSWER), assets) as (port, _), client(port) as http:

        async def ask() -> str:
            async with http.post("/chat", json=QUESTION) as reply:
                return str((await reply.json())["job_id"])

        assert len(set(await asyncio.gather(*(ask() for _ in range(50))))) == 50
