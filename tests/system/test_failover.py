"""One endpoint fails, the next one answers: once, in order, and only while nothing was shown."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import AsyncIterator

import pytest

from tests.fake_openai import FakeOpenAI
from tests.system.conftest import Answer, Serve


@pytest.fixture
async def second() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as running:
        yield running


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def _who(answer: Answer) -> list[str]:
    """The endpoints of the statuses that say who was asked."""
    statuses = [data for _, name, data in answer.events if name == "status"]
    return [one["endpoint"] for one in statuses if one["state"] in {"running", "failover"}]


def _name(fake: FakeOpenAI) -> str:
    return fake.url.removeprefix("http://").removesuffix("/v1")


async def test_an_endpoint_that_is_not_there_is_followed_by_the_next(
    serve: Serve, fake: FakeOpenAI
) -> None:
    gone = f"http://127.0.0.1:{_closed_port()}/v1"
    async with serve(OPENAI_BASE_URL=f"{gone},{fake.url}", DEFAULT_MODEL="m,echo") as client:
        answer = await client.ask("hello")
    assert answer.last[0] == "done"
    assert (answer.last[1]["endpoint"], answer.last[1]["model"]) == (_name(fake), "echo")
    assert _who(answer)[0] == gone[7:-3]
    assert _who(answer)[-2:] == [_name(fake), _name(fake)]
    assert answer.states().count("failover") == 1
    reason = next(d["reason"] for _, _, d in answer.events if d.get("state") == "failover")
    assert gone[7:-3] in reason
    assert fake.posts == 1


@pytest.mark.parametrize("mode", ["status-401", "quota", "rate-limit-hour", "html", "empty"])
async def test_each_endpoint_is_asked_once_and_with_its_own_key(
    serve: Serve, fake: FakeOpenAI, second: FakeOpenAI, mode: str
) -> None:
    async with serve(
        OPENAI_BASE_URL=f"{fake.url},{second.url}",
        OPENAI_API_KEY="sk-first,sk-second",
        DEFAULT_MODEL=f"{mode},echo",
    ) as client:
        answer = await client.ask("hello")
    assert answer.last[0] == "done", answer.last
    assert answer.last[1]["endpoint"] == _name(second)
    assert [one.headers["Authorization"] for one in fake.requests] == ["Bearer sk-first"]
    assert [one.headers["Authorization"] for one in second.requests] == ["Bearer sk-second"]


@pytest.mark.parametrize("mode", ["status-400", "context-openai", "cut", "stall", "error-object"])
async def test_what_is_the_fault_of_the_question_or_has_shown_text_stays_where_it_is(
    serve: Serve, fake: FakeOpenAI, second: FakeOpenAI, mode: str
) -> None:
    urls = f"{fake.url},{second.url}"
    async with serve(
        OPENAI_BASE_URL=urls, DEFAULT_MODEL=f"{mode},echo", LLMCHAT_IDLE_TIMEOUT="0.3"
    ) as client:
        answer = await client.ask("hello")
    assert answer.last[0] == "error"
    assert (fake.posts, second.posts) == (1, 0)


async def test_a_worker_lost_after_a_failover_costs_nothing_but_time(
    serve: Serve, fake: FakeOpenAI
) -> None:
    gone = f"http://127.0.0.1:{_closed_port()}/v1"
    async with serve(OPENAI_BASE_URL=f"{gone},{fake.url}", DEFAULT_MODEL="m,headers") as client:
        job_id = await client.submit()
        await fake.asked()
        fake.mode = "echo"
        os.kill(await client.worker_pid(), signal.SIGKILL)
        answer = await client.read(job_id)
    assert answer.last[0] == "done"
    assert "restarted" in answer.states()


async def test_when_all_fail_the_last_one_tells_why(
    serve: Serve, fake: FakeOpenAI, second: FakeOpenAI
) -> None:
    urls = f"{fake.url},{second.url}"
    async with serve(OPENAI_BASE_URL=urls, DEFAULT_MODEL="status-401,quota") as client:
        answer = await client.ask("hello")
    assert (answer.last[0], answer.last[1]["code"]) == ("error", "upstream-quota")
    assert (fake.posts, second.posts) == (1, 1)


async def test_the_embedded_model_can_be_the_last(serve: Serve, fake: FakeOpenAI) -> None:
    urls = f"{fake.url},embedded"
    async with serve(OPENAI_BASE_URL=urls, DEFAULT_MODEL="status-401") as client:
        answer = await client.ask("Say hi.", max_tokens=3)
    assert (answer.last[0], answer.last[1]["endpoint"]) == ("done", "embedded")
    assert [state for state in answer.states() if state != "queued"][:2] == ["running", "failover"]


async def test_an_answer_is_continued_as_its_endpoint_wants_it(
    serve: Serve, fake: FakeOpenAI
) -> None:
    messages = [{"role": "user", "content": "Count."}, {"role": "assistant", "content": "1 2 "}]
    async with serve(OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="echo") as client:
        await client.read(await client.submit(messages=messages, continue_final_message=True))
    sent = fake.requests[0].body
    assert sent["messages"][:2] == messages
    assert sent["messages"][2]["role"] == "user"
    assert "continue_final_message" not in sent
    assert "background" not in sent
