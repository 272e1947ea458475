"""A question on its whole way: HTTP, queue, worker, endpoint, queue, stream."""

from __future__ import annotations

import asyncio

from tests.fake_faults import MODES
from tests.fake_openai import FakeOpenAI
from tests.fake_replies import known_text
from tests.system.conftest import Client, Serve


async def test_the_answer_is_what_the_endpoint_sent(client: Client) -> None:
    answer = await client.ask("Grüße, 世界 😀\r\n\r\n  indented\u2028\x00"[:-1])
    assert answer.text == "Grüße, 世界 😀\r\n\r\n  indented\u2028"
    name, done = answer.last
    assert name == "done"
    assert done["finish_reason"] == "stop"
    assert done["usage"] == {"prompt_tokens": 12, "completion_tokens": 34, "cached_tokens": 6}
    assert done["model"] == "echo"
    assert set(done["timings"]) == {"queue_seconds", "first_token_seconds", "total_seconds"}


async def test_a_long_answer_is_byte_exact(client: Client) -> None:
    assert (await client.ask(model="known-20000")).text == known_text(20_000)


async def test_the_request_reaches_the_endpoint_once_and_with_its_parameters(
    client: Client, fake: FakeOpenAI
) -> None:
    await client.ask("hi", temperature=0.5, max_tokens=7, stop=["x"], seed=1)
    [request] = fake.requests
    assert request.body["messages"] == [{"role": "user", "content": "hi"}]
    sent = {name: request.body[name] for name in ("temperature", "max_tokens", "stop", "seed")}
    assert sent == {"temperature": 0.5, "max_tokens": 7, "stop": ["x"], "seed": 1}


async def test_reasoning_is_apart_from_the_answer(client: Client) -> None:
    answer = await client.ask(model="reasoning")
    thoughts = [data["text"] for _, name, data in answer.events if name == "reasoning"]
    assert "".join(thoughts) == "Let me think."
    assert answer.text == "The answer is 4."


async def test_the_ids_of_a_stream_only_grow_and_its_states_come_in_order(client: Client) -> None:
    answer = await client.ask()
    ids = [tuple(map(int, event_id.split("-"))) for event_id, _, _ in answer.events]
    assert ids == sorted(set(ids))
    # It is queued only if the worker is still starting.
    assert answer.states() in (["queued", "running"], ["running"])


async def test_a_reader_that_comes_back_gets_only_what_it_missed(
    client: Client, fake: FakeOpenAI
) -> None:
    job_id = await client.submit(model="known-400")
    whole = await client.read(job_id)
    for event_id, _, _ in whole.events[:-1]:
        rest = await client.read(job_id, after=event_id)
        missed = [one for one, _, _ in whole.events].index(event_id) + 1
        seen = whole.events[:missed]
        text = "".join(data["text"] for _, name, data in seen if name == "delta")
        assert text + rest.text == whole.text


async def test_two_readers_of_one_job_see_the_same(client: Client, fake: FakeOpenAI) -> None:
    job_id = await client.submit(model="gate")
    first = asyncio.create_task(client.read(job_id))
    await client.until(job_id, lambda name, _: name == "delta")
    second = asyncio.create_task(client.read(job_id))
    await fake.release(10)
    assert (await first).text == (await second).text == "".join(f"piece {n} " for n in range(5))


async def test_a_reader_who_leaves_does_not_stop_the_job(client: Client, fake: FakeOpenAI) -> None:
    job_id = await client.submit(model="gate")
    await client.until(job_id, lambda name, _: name == "delta")
    await fake.release(10)
    assert (await client.read(job_id)).last[0] == "done"


async def test_one_hundred_and_fifty_streams_at_once(serve: Serve, fake: FakeOpenAI) -> None:
    slots = {"LLMCHAT_ENDPOINT_SLOTS": "150"}
    async with serve(OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="gate", **slots) as client:
        jobs = [await client.submit() for _ in range(150)]
        await fake.asked(150)
        readers = [asyncio.create_task(client.read(job_id)) for job_id in jobs]
        await fake.release(10)
        answers = await asyncio.gather(*readers)
    assert {answer.text for answer in answers} == {"".join(f"piece {n} " for n in range(5))}


async def test_a_repeated_submit_with_the_same_key_is_the_same_job(
    client: Client, fake: FakeOpenAI
) -> None:
    body = {"messages": [{"role": "user", "content": "hi"}]}
    headers = {"Idempotency-Key": "k1"}
    jobs = set()
    for _ in range(5):
        async with client.session.post(f"{client.url}/chat", json=body, headers=headers) as reply:
            jobs.add((await reply.json())["job_id"])
    assert len(jobs) == 1
    await client.read(jobs.pop())
    assert fake.posts == 1
    other = {"messages": [{"role": "user", "content": "other"}]}
    async with client.session.post(f"{client.url}/chat", json=other, headers=headers) as reply:
        assert (reply.status, (await reply.json())["code"]) == (422, "idempotency-mismatch")


async def test_the_list_of_active_jobs_holds_those_that_are_not_over(
    client: Client, fake: FakeOpenAI
) -> None:
    over = await client.submit()
    await client.read(over)
    running = await client.submit(model="gate")
    await client.until(running, lambda name, _: name == "delta")
    listed = await client.get("/api/jobs?state=active")
    assert [(one["id"], one["state"]) for one in listed["items"]] == [(running, "running")]


# What takes long by nature is in tests/providers; its way to the stream is the same.
EVERY_MODE = sorted(MODES.keys() - {"endless", "wide", "reset"})


async def test_a_connection_that_is_reset_keeps_the_text(client: Client, fake: FakeOpenAI) -> None:
    job_id = await client.submit(model="reset")
    shown = MODES["reset"].text.rstrip()[-1]
    await client.until(job_id, lambda name, data: name == "delta" and shown in data["text"])
    await fake.release()
    answer = await client.read(job_id)
    assert (answer.text, answer.last[1]["code"]) == (MODES["reset"].text, "upstream-cut")


async def test_every_misbehaviour_of_an_endpoint_ends_the_stream_as_it_must(
    serve: Serve, fake: FakeOpenAI
) -> None:
    async with serve(
        OPENAI_BASE_URL=fake.url,
        DEFAULT_MODEL="echo",
        LLMCHAT_IDLE_TIMEOUT="3",
        LLMCHAT_JOB_TIMEOUT="9",
    ) as client:
        answers = await asyncio.gather(*(client.ask(model=mode) for mode in EVERY_MODE))
    outcomes = {
        mode: (answer.text, answer.last[1].get("code") or answer.last[1]["finish_reason"])
        for mode, answer in zip(EVERY_MODE, answers, strict=True)
    }
    assert outcomes == {
        mode: (MODES[mode].text, MODES[mode].code or MODES[mode].finish) for mode in EVERY_MODE
    }
    for answer in answers:
        assert sum(name in {"done", "error"} for _, name, _ in answer.events) == 1
