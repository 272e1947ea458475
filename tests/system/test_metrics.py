"""`GET /metrics` of a real server: it says exactly what happened."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import signal
from collections.abc import Callable, Iterator, Sequence

import aiohttp
import msgspec
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from llmchat import __version__
from llmchat.jobs.metrics import MOST_ENDPOINTS, OTHER, Meter, Metrics
from tests.fake_openai import FakeOpenAI
from tests.fake_replies import known_text
from tests.system.conftest import Answer, Client, Serve

CANARY = "sk-canary-77aa"


class Figures:
    """What a server tells, by name and labels; parsed by Prometheus's own parser."""

    def __init__(self, text: str) -> None:
        self.families = list(text_string_to_metric_families(text))
        self._samples = {
            (one.name, frozenset(one.labels.items())): one.value
            for family in self.families
            for one in family.samples
        }

    def value(self, name: str, **labels: str) -> float:
        return self._samples.get((f"llmchat_{name}", frozenset(labels.items())), 0.0)


async def scrape(client: Client) -> Figures:
    async with client.session.get(f"{client.url}/metrics") as reply:
        assert reply.status == 200
        assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return Figures(await reply.text())


async def until(client: Client, holds: Callable[[Figures], bool]) -> Figures:
    async with asyncio.timeout(10):
        while not holds(figures := await scrape(client)):  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)
    return figures


def _endpoint(fake: FakeOpenAI) -> str:
    return f"127.0.0.1:{fake.port}"


async def test_the_counters_say_exactly_what_happened(client: Client, fake: FakeOpenAI) -> None:
    before = await scrape(client)
    answers = [await client.ask("grüße"), await client.ask("hi"), await client.ask(model="tool")]
    answers.append(await client.ask(model="known-4000"))
    answers.append(await client.ask(model="status-401"))
    answers.append(await client.ask(model="error-text"))
    stopped = await client.submit(model="gate")
    await client.until(stopped, lambda name, _: name == "delta")
    await client.stop(stopped)
    answers.append(await client.read(stopped))
    after = await scrape(client)

    endpoint = _endpoint(fake)
    outcomes = ("done", "cancelled", "upstream-auth", "upstream-error", "interrupted")
    ended = [after.value("jobs_ended_total", endpoint=endpoint, outcome=one) for one in outcomes]
    assert ended == [4, 1, 1, 1, 0]
    with_text = [answer for answer in answers if answer.text]
    # A reader may have got several pieces as one event: the text itself is the same.
    size = sum(len(msgspec.json.encode(answer.text)) - len('""') for answer in answers)
    assert after.value("text_bytes_total", endpoint=endpoint) == size
    deltas = after.value("deltas_total", endpoint=endpoint)
    assert deltas >= sum(len(answer.text) for answer in with_text[:2]) / 4
    assert after.value("queue_wait_seconds_count", endpoint=endpoint) == len(answers)
    assert after.value("first_token_seconds_count", endpoint=endpoint) == len(with_text)
    gaps = after.value("inter_token_seconds_count", endpoint=endpoint)
    assert gaps == deltas - len(with_text)
    for kind in ("prompt", "completion"):
        told = sum(_usage(answer).get(f"{kind}_tokens", 0) for answer in answers)
        assert told > 0
        assert after.value("tokens_total", endpoint=endpoint, kind=kind) == told
    for state in ("queued", "running"):
        assert after.value("jobs", state=state, endpoint=endpoint) == 0
    assert after.value("commit_seconds_count") > before.value("commit_seconds_count")
    # A question and an end each have a commit of their own, at least.
    assert after.value("commit_writes_sum") >= 2 * len(answers)
    assert after.value("process_restarts_total", process="worker") == 0


def _usage(answer: Answer) -> dict[str, int]:
    return answer.last[1].get("usage") or {}


async def test_what_waits_and_runs_and_is_open_is_seen(serve: Serve, fake: FakeOpenAI) -> None:
    async with serve(
        OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="gate", LLMCHAT_ENDPOINT_SLOTS="1"
    ) as client:
        jobs = [await client.submit() for _ in range(3)]
        await fake.asked()
        reader = asyncio.create_task(client.read(jobs[0]))
        seen = await until(client, lambda now: now.value("open_streams") == 1)
        endpoint = _endpoint(fake)
        assert seen.value("jobs", state="running", endpoint=endpoint) == 1
        assert seen.value("jobs", state="queued", endpoint=endpoint) == 2
        assert seen.value("queue_length") == 2
        assert (seen.value("workers"), seen.value("workers_up")) == (1, 1)
        assert seen.value("jobs_limit") == 10_000
        await fake.release(float("inf"))
        await reader
        for job_id in jobs:
            await client.read(job_id)
        seen = await until(client, lambda now: now.value("open_streams") == 0)
        assert seen.value("queue_length") == 0
        assert seen.value("queue_wait_seconds_count", endpoint=endpoint) == 3


async def test_a_worker_that_dies_is_counted(client: Client) -> None:
    os.kill(await client.worker_pid(), signal.SIGKILL)
    await until(client, lambda now: now.value("process_restarts_total", process="worker") == 1)
    await until(client, lambda now: now.value("workers_up") == 1)


async def test_the_version_and_the_process_are_told(client: Client) -> None:
    figures = await scrape(client)
    names = {family.name for family in figures.families}
    assert {"process_resident_memory_bytes", "process_cpu_seconds", "process_open_fds"} <= names
    [build] = [one for one in figures.families if one.name == "llmchat_build_info"]
    assert build.samples[0].labels["version"] == __version__


async def test_the_event_loop_is_watched(client: Client) -> None:
    await until(client, lambda now: now.value("event_loop_lag_seconds_count") > 0)


async def test_no_label_holds_a_user_a_prompt_a_model_or_a_key(
    serve: Serve, fake: FakeOpenAI
) -> None:
    async with serve(
        OPENAI_BASE_URL=fake.url, OPENAI_API_KEY=CANARY, DEFAULT_MODEL="echo"
    ) as client:
        await client.ask(f"what is {CANARY}?", user=f"user {CANARY}")
        await client.ask(model=f"model-{CANARY}")
        async with client.session.get(
            f"{client.url}/metrics", headers={"X-Request-ID": CANARY}
        ) as reply:
            text = await reply.text()
    assert CANARY not in text
    assert len(text.splitlines()) < 400


async def test_histograms_and_headings_are_as_the_format_wants_them(client: Client) -> None:
    await client.ask(known_text(50))
    figures = await scrape(client)
    for family in figures.families:
        assert family.documentation, family.name
        if family.type == "histogram":
            for buckets, count in _histograms(family.samples):
                assert buckets == sorted(buckets), family.name
                assert buckets[-1] == (math.inf, count), family.name


def _histograms(samples: Sequence[Sample]) -> Iterator[tuple[list[tuple[float, float]], float]]:
    series: dict[str, tuple[list[tuple[float, float]], list[float]]] = {}
    for one in samples:
        name, labels, value = one.name, one.labels, one.value
        buckets, counts = series.setdefault(labels.get("endpoint", ""), ([], []))
        if name.endswith("_bucket"):
            buckets.append((float(labels["le"]), value))
        elif name.endswith("_count"):
            counts.append(value)
    for buckets, [count] in series.values():
        yield buckets, count


async def test_another_site_cannot_read_them(client: Client) -> None:
    for headers, status in (
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Host": "evil.example"}, 421),
    ):
        async with client.session.get(f"{client.url}/metrics", headers=headers) as reply:
            assert reply.status == status, headers


def test_endpoints_beyond_a_number_share_their_figures() -> None:
    metrics = Metrics()
    for number in range(2 * MOST_ENDPOINTS):
        Meter(metrics).start(f"endpoint {number}", 0.0)
    assert len(metrics.endpoints) == MOST_ENDPOINTS + 1
    assert sum(metrics.endpoints[OTHER].waits.counts) == MOST_ENDPOINTS


async def test_a_scrape_in_mid_answer_shows_the_text_so_far(
    client: Client, fake: FakeOpenAI
) -> None:
    job_id = await client.submit(model="gate")
    await client.until(job_id, lambda name, _: name == "delta")
    seen = await scrape(client)
    assert seen.value("deltas_total", endpoint=_endpoint(fake)) == 1
    assert seen.value("text_bytes_total", endpoint=_endpoint(fake)) == len("piece 0 ")
    with contextlib.suppress(aiohttp.ClientError):
        await client.stop(job_id)
