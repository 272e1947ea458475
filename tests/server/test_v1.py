"""The API for programs: who may use it, and what it says to who may not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession

from llmchat.domain.errors import RequestError
from llmchat.domain.job import Done, Failed, Status
from llmchat.server.assets import Assets
from llmchat.server.limits import Limits
from llmchat.server.v1.wire import question
from tests.server.jobs import ANSWER, ScriptedJobs
from tests.server.site import serve
from tests.system.talk import Talk

HELLO = [{"role": "user", "content": "hi"}]
ASK = {"model": "tiny", "messages": HELLO}
COMPLETIONS = "/v1/chat/completions"


@asynccontextmanager
async def talking(
    jobs: ScriptedJobs, assets: Assets, **options: Any
) -> AsyncIterator[tuple[Talk, dict[str, str]]]:
    """A client of the API, and the header with its key."""
    async with serve(jobs, assets, **options) as (port, _), ClientSession() as session:
        talk = Talk(f"http://127.0.0.1:{port}{options.get('base_path', '')}", session)
        status, key = await talk.call("POST", "/api/keys", {"name": " my laptop "})
        assert (status, key["name"]) == (201, "my laptop")
        yield talk, {"Authorization": f"Bearer {key['key']}"}


async def test_a_key_is_told_once_and_can_be_revoked(assets: Assets) -> None:
    async with talking(ScriptedJobs(ANSWER), assets) as (talk, key):
        _, listed = await talk.call("GET", "/api/keys")
        [one] = listed["items"]
        assert set(one) == {"id", "name", "ending", "created", "used"}
        assert key["Authorization"].endswith(one["ending"])
        assert (await talk.call("GET", "/v1/models", **key))[0] == 200
        assert await talk.call("DELETE", f"/api/keys/{one['id']}") == (204, None)
        status, told = await talk.call("GET", "/v1/models", **key)
        assert (status, told["error"]["code"]) == (401, "invalid_api_key")
        status, told = await talk.call("DELETE", f"/api/keys/{one['id']}")
        assert (status, told["code"]) == (404, "no-such-key")
        for name in ("", "  ", "a\nb", "x" * 101):
            assert (await talk.call("POST", "/api/keys", {"name": name}))[0] == 422


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", "Basic {key}", "{key}", "Bearer {key}x", "Bearer x' or '1'='1", "ä"],
)
@pytest.mark.parametrize("path", ["/v1/models", "/v1/no-such-thing", COMPLETIONS])
async def test_nobody_gets_in_without_a_key(assets: Assets, given: str, path: str) -> None:
    jobs = ScriptedJobs(ANSWER)
    async with talking(jobs, assets) as (talk, key):
        header = given.format(key=key["Authorization"].split()[1])
        method, body = ("POST", ASK) if path == COMPLETIONS else ("GET", None)
        async with talk.session.request(
            method, talk.url + path, json=body, headers={"Authorization": header}
        ) as reply:
            assert reply.status == 401
            assert reply.headers["WWW-Authenticate"] == "Bearer"
            assert reply.content_type == "application/json"
            error = (await reply.json())["error"]
        assert (error["type"], error["code"]) == ("authentication_error", "invalid_api_key")
        assert await jobs.list("", active_only=False, limit=1) == []


async def test_two_keys_are_none(assets: Assets) -> None:
    async with talking(ScriptedJobs(), assets) as (talk, key):
        headers = [("Authorization", key["Authorization"])] * 2
        async with talk.session.get(f"{talk.url}/v1/models", headers=headers) as reply:
            assert reply.status == 401


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Origin": "https://evil.example"}, 403, "cross_origin"),
        ({"Sec-Fetch-Site": "cross-site"}, 403, "cross_origin"),
        ({"Host": "evil.example"}, 421, "wrong_host"),
    ],
)
async def test_a_page_of_another_site_does_not_get_in_with_one(
    assets: Assets, headers: dict[str, str], status: int, code: str
) -> None:
    async with talking(ScriptedJobs(ANSWER), assets) as (talk, key):
        for method, path, body in (("GET", "/v1/models", None), ("POST", COMPLETIONS, ASK)):
            async with talk.session.request(
                method, talk.url + path, json=body, headers={**key, **headers}
            ) as reply:
                error = (await reply.json())["error"]
                assert (reply.status, error["code"]) == (status, code)
                assert not any(name.startswith("Access-Control") for name in reply.headers)
        async with talk.session.options(
            talk.url + COMPLETIONS, headers={**key, **headers}
        ) as asked:
            assert asked.status == status


async def test_the_key_is_for_no_other_part(assets: Assets) -> None:
    """Nothing but `/v1/` changes by it, and errors elsewhere keep their shape."""
    async with talking(ScriptedJobs(ANSWER), assets, base_path="/chat") as (talk, key):
        assert (await talk.call("GET", "/v1/models", **key))[1]["data"][0]["id"] == "tiny"
        assert (await talk.call("GET", "/v1/models/tiny", **key))[1]["id"] == "tiny"
        status, told = await talk.call("GET", "/v1/models/large/one", **key)
        assert (status, told["error"]["code"]) == (404, "model_not_found")
        status, told = await talk.call("GET", "/v1/nothing", **key)
        assert (status, told["error"]["type"]) == (404, "invalid_request_error")
        status, told = await talk.call("GET", COMPLETIONS, **key)
        assert (status, told["error"]["code"]) == (405, "method_not_allowed")
        status, told = await talk.call("GET", "/api/nothing", **key)
        assert (status, told["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("members", "param", "words"),
    [
        ({"n": 2}, "n", "n has to be 1"),
        ({"logprobs": True}, "logprobs", "not passed on"),
        ({"functions": [{"name": "f"}]}, "functions", "tools"),
        ({"modalities": ["text", "audio"]}, "modalities", "text only"),
        ({"temperature": 3}, "temperature", "<= 2"),
        ({"top_k": "x"}, "top_k", "Expected"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content", "Expected"),
        ({"messages": []}, "messages", ">= 1"),
        ({"messages": None}, "messages", "Expected"),
        ({"messages": [{"role": "robot", "content": ""}]}, "messages[0].role", "none of"),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}
                        ],
                    }
                ]
            },
            "messages[0].content[0].image_url.url",
            "fetches no addresses",
        ),
        ({"model": "large"}, "model", "No endpoint has this model"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(
    assets: Assets, members: dict[str, Any], param: str, words: str
) -> None:
    async with talking(ScriptedJobs(ANSWER), assets) as (talk, key):
        status, told = await talk.call("POST", COMPLETIONS, {**ASK, **members}, **key)
        assert status == (404 if param == "model" else 400)
        assert told["error"]["param"] == param
        assert words in told["error"]["message"]
        assert told["error"]["type"] == "invalid_request_error"


def _asked(**members: Any) -> Any:
    return question(msgspec.json.encode({**ASK, **members}), "k").request


def test_what_clients_send_besides_is_left_out() -> None:
    said = {
        "role": "assistant",
        "content": None,
        "refusal": None,
        "annotations": [],
        "audio": None,
        "function_call": None,
        "reasoning_content": "hm",
        "tool_calls": [
            {
                "id": "c1",
                "type": "function",
                "index": 0,
                "function": {"name": "f", "arguments": "{}", "strict": None},
            }
        ],
    }
    cached = {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}
    request = _asked(
        messages=[
            {"role": "user", "content": [cached]},
            said,
            {"role": "tool", "tool_call_id": "c1", "content": "1", "name": "f"},
            {"role": "assistant", "content": "b", "tool_calls": []},
        ],
        tools=[
            {
                "type": "function",
                "function": {"name": "f", "parameters": {"a": [None]}, "strict": None},
            }
        ],
        n=1,
        stream=False,
        stream_options=None,
        metadata={"a": "b"},
        store=False,
        service_tier="auto",
        temporary=True,
        background=True,
        logprobs=False,
        top_k=40,
        stop=[],
    )
    assert request.messages == [
        {"role": "user", "content": [{"type": "text", "text": "a"}]},
        {
            "role": "assistant",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "1"},
        {"role": "assistant", "content": "b"},
    ]
    assert request.parameters == {
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"a": [None]}}}],
        "n": 1,
        "logprobs": False,
        "top_k": 40,
    }
    assert not request.background


def test_each_key_has_one_turn() -> None:
    """However many people a program asks for, it has no more turns beside the others."""
    assert _asked(user="a").user == _asked(user="b").user == "key:k"


def test_a_body_that_is_no_object_is_refused() -> None:
    for body in (b"[]", b"1", b"null"):
        with pytest.raises(RequestError):
            question(body, "k")


TOO_LONG = Failed("upstream-context-length", "It is too long.", retryable=False)


async def test_a_body_may_be_as_large_as_its_own_limit(assets: Assets) -> None:
    limits = Limits(body_bytes=1000, api_body_bytes=300_000)
    async with talking(ScriptedJobs(ANSWER), assets, limits=limits) as (talk, key):
        text = "x" * 250_000
        large = {**ASK, "messages": [{"role": "user", "content": text}]}
        assert (await talk.call("POST", COMPLETIONS, large, **key))[0] == 200
        larger = {**ASK, "messages": [{"role": "user", "content": text * 2}]}
        status, told = await talk.call("POST", COMPLETIONS, larger, **key)
        assert (status, told["error"]["code"]) == (413, "too_large")
        assert (await talk.call("POST", "/api/keys", {"name": text}))[0] == 413


async def test_a_failure_has_its_status_while_nothing_was_sent(assets: Assets) -> None:
    async with talking(ScriptedJobs((TOO_LONG,)), assets) as (talk, key):
        for stream in (False, True):
            async with talk.session.post(
                talk.url + COMPLETIONS, json={**ASK, "stream": stream}, headers=key
            ) as reply:
                assert (reply.status, reply.headers["X-Should-Retry"]) == (400, "false")
                error = (await reply.json())["error"]
            assert error["code"] == "context_length_exceeded"
            assert error["message"] == "It is too long."


async def test_a_failure_is_the_last_event_of_a_stream_that_has_begun(assets: Assets) -> None:
    async with talking(ScriptedJobs((*ANSWER, TOO_LONG)), assets) as (talk, key):
        assert (await talk.call("POST", COMPLETIONS, ASK, **key))[0] == 400
        body = {**ASK, "stream": True}
        async with talk.session.post(talk.url + COMPLETIONS, json=body, headers=key) as reply:
            assert reply.status == 200
            events = (await reply.text()).strip().split("\n\n")
        assert "w\u00f6rld" in events[-2]
        assert msgspec.json.decode(events[-1].removeprefix("data: "))["error"]["code"] == (
            "context_length_exceeded"
        )


async def test_who_waits_is_told_that_the_connection_stands(assets: Assets) -> None:
    """Also while the page would be told much of what is waited for."""
    jobs = ScriptedJobs()

    async def tell() -> None:
        while not (views := await jobs.list("", active_only=True, limit=1)):  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)
        while True:
            jobs.write(views[0].id, Status("waiting"))
            await asyncio.sleep(0.01)

    async with talking(jobs, assets, limits=Limits(ping_seconds=0.05)) as (talk, key):
        telling = asyncio.create_task(tell())
        body = {**ASK, "stream": True}
        async with talk.session.post(talk.url + COMPLETIONS, json=body, headers=key) as reply:
            assert await reply.content.readuntil(b"\n\n") == b": ping\n\n"
            telling.cancel()
            [view] = await jobs.list("", active_only=True, limit=1)
            jobs.write(view.id, *ANSWER, Done("other:bored"))
            events = (await reply.text()).split("\n\n")
        data = [one.removeprefix("data: ") for one in events if one.startswith("data: ")]
        assert data.pop() == "[DONE]"
        chunks = [msgspec.json.decode(one) for one in data]
        assert {one["id"] for one in chunks} == {f"chatcmpl-{view.id}"}
        deltas = [one["choices"][0]["delta"] for one in chunks]
        assert deltas[0] == {"role": "assistant", "content": ""}
        assert "".join(one.get("content", "") for one in deltas) == "Hello w\u00f6rld"
        assert [one["choices"][0]["finish_reason"] for one in chunks][-2:] == [None, "stop"]


async def test_who_leaves_stops_the_answer_and_who_is_stopped_is_told(assets: Assets) -> None:
    jobs = ScriptedJobs()
    async with talking(jobs, assets, limits=Limits(ping_seconds=0.05)) as (talk, key):
        body = {**ASK, "stream": True}
        async with talk.session.post(talk.url + COMPLETIONS, json=body, headers=key) as reply:
            await reply.content.readuntil(b"\n\n")
            [first] = await jobs.list("", active_only=True, limit=1)
            reply.close()
        async for _ in jobs.watched(first.id).follow(None):
            pass
        assert (await jobs.view("", first.id)).state == "cancelled"
        async with talk.session.post(talk.url + COMPLETIONS, json=body, headers=key) as reply:
            await reply.content.readuntil(b"\n\n")
            [second] = await jobs.list("", active_only=True, limit=1)
            await jobs.cancel("", second.id)
            assert '"code":"cancelled"' in await reply.text()
