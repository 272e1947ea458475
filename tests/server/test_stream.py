"""`GET /stream/{job_id}`: what readers get, whenever they come, leave and come back."""

from __future__ import annotations

import asyncio
import socket

from aiohttp import web

from llmchat.domain.chat import ChatRequest
from llmchat.domain.job import Delta, Done, Failed, JobId, Reasoning
from llmchat.server.assets import Assets
from tests.server.jobs import ANSWER, ScriptedJobs
from tests.server.site import serve
from tests.server.streams import Got, open_stream, text_of

FINAL = "4294967295-0"


async def new_job(jobs: ScriptedJobs) -> JobId:
    return (await jobs.submit(ChatRequest([]))).job.id


async def test_a_reader_who_comes_late_gets_everything(assets: Assets) -> None:
    jobs = ScriptedJobs(ANSWER)
    job = await new_job(jobs)
    async with serve(jobs, assets) as (port, _), open_stream(port, job) as stream:
        assert stream.status == 200
        assert "Content-Type: text/event-stream\r\n" in stream.head
        assert "Cache-Control: no-cache, no-transform\r\n" in stream.head
        assert "X-Accel-Buffering: no\r\n" in stream.head
        events = await stream.all()
    assert text_of(events) == "Hello wörld"
    assert events[-1] == Got(FINAL, "done", {"finish_reason": "stop"})


async def test_headers_and_a_comment_come_before_there_is_an_event(assets: Assets) -> None:
    jobs = ScriptedJobs()
    job = await new_job(jobs)
    async with serve(jobs, assets) as (port, _), open_stream(port, job, "?after=0-1") as stream:
        assert await stream.chunk() == b": ok\r\n\r\n"


async def test_a_reader_follows_live_until_the_final_event(assets: Assets) -> None:
    jobs = ScriptedJobs()
    job = await new_job(jobs)
    async with serve(jobs, assets) as (port, _), open_stream(port, job) as stream:
        events = stream.events()
        assert (await anext(events)).data == {"state": "queued"}
        jobs.write(job, Delta("one"))
        assert (await anext(events)).data["state"] == "running"
        assert await anext(events) == Got("1-1", "delta", {"text": "one"})
        jobs.write(job, Reasoning("why"))
        assert await anext(events) == Got("1-2", "reasoning", {"text": "why"})
        jobs.write(job, Done("stop"))
        assert [event.id async for event in events] == [FINAL]


async def test_a_reader_that_comes_back_gets_only_what_it_missed(assets: Assets) -> None:
    jobs = ScriptedJobs(ANSWER)
    job = await new_job(jobs)
    async with serve(jobs, assets) as (port, _):
        async with open_stream(port, job, Last_Event_ID="1-1") as stream:
            assert text_of(await stream.all()) == "lo wörld"
        async with open_stream(port, job, "?after=1-2") as stream:
            assert text_of(await stream.all()) == "wörld"
        # An EventSource repeats its address: the header is the newer of the two.
        async with open_stream(port, job, "?after=1-1", Last_Event_ID="1-3") as stream:
            assert [event.event for event in await stream.all()] == ["done"]


async def test_wherever_a_reader_is_cut_the_texts_join_to_the_answer(assets: Assets) -> None:
    jobs = ScriptedJobs()
    job = await new_job(jobs)
    words = [f"w{number} " for number in range(40)]
    async with serve(jobs, assets) as (port, _):
        got: list[Got] = []
        for word in words:
            jobs.write(job, Delta(word), Delta("."))
            query = f"?after={got[-1].id}" if got else ""
            async with open_stream(port, job, query) as stream:
                async for event in stream.events():
                    got.append(event)
                    if event.event == "delta":
                        break
        jobs.write(job, Done("stop"))
        async with open_stream(port, job, f"?after={got[-1].id}") as stream:
            got += await stream.all()
    assert text_of(got) == "".join(f"{word}." for word in words)
    assert [event.event for event in got].count("done") == 1


async def test_who_has_the_final_event_is_told_to_stop(assets: Assets) -> None:
    jobs = ScriptedJobs(ANSWER)
    job = await new_job(jobs)
    async with serve(jobs, assets) as (port, _), open_stream(port, job, "?after=" + FINAL) as end:
        assert end.status == 204
        assert "text/event-stream" not in end.head


async def test_an_id_ahead_of_the_job_is_refused(assets: Assets) -> None:
    jobs = ScriptedJobs()
    job = await new_job(jobs)
    jobs.write(job, Delta("a"))
    async with serve(jobs, assets) as (port, _):
        for ahead in ("1-2", "2-0", FINAL):
            async with open_stream(port, job, Last_Event_ID=ahead) as stream:
                assert stream.status == 400
        async with open_stream(port, job, Last_Event_ID="0-0") as stream:
            assert stream.status == 200


async def test_an_unknown_job_is_404_and_no_stream(assets: Assets) -> None:
    async with serve(ScriptedJobs(), assets) as (port, _), open_stream(port, "x") as stream:
        assert stream.status == 404
        assert "Content-Type: application/problem+json\r\n" in stream.head


async def test_two_readers_get_the_same(assets: Assets) -> None:
    jobs = ScriptedJobs()
    job = await new_job(jobs)
    async with (
        serve(jobs, assets) as (port, _),
        open_stream(port, job) as one,
        open_stream(port, job) as two,
    ):
        assert await one.chunk() == await two.chunk() == b": ok\r\n\r\n"
        jobs.write(job, *ANSWER)
        jobs.write(job, Done("stop"))
        assert await one.all() == await two.all()


async def test_a_failure_is_the_event_error(assets: Assets) -> None:
    jobs = ScriptedJobs()
    job = await new_job(jobs)
    jobs.write(job, Failed("upstream-cut", "The answer was cut.", retryable=True))
    async with serve(jobs, assets) as (port, _), open_stream(port, job) as stream:
        last = (await stream.all())[-1]
    assert last == Got(
        FINAL,
        "error",
        {"code": "upstream-cut", "message": "The answer was cut.", "retryable": True},
    )


async def test_a_client_that_leaves_ends_its_handler_within_a_second(assets: Assets) -> None:
    jobs = ScriptedJobs()
    job = await new_job(jobs)
    async with serve(jobs, assets) as (port, _):
        async with open_stream(port, job) as stream:
            await stream.chunk()
        await asyncio.wait_for(jobs.watched(job).left.wait(), timeout=1)


async def test_a_slow_reader_holds_up_nobody_and_gets_all_of_it(assets: Assets) -> None:
    jobs = ScriptedJobs()
    job = await new_job(jobs)
    pieces = [Delta(chr(ord("a") + number % 26) * 10_000) for number in range(800)]
    whole = "".join(piece.text for piece in pieces)
    async with serve(jobs, assets) as (port, runner), open_stream(port, job) as slow:
        await jobs.watched(job).came.wait()
        sock = slow.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 128 * 1024)
        jobs.write(job, *pieces, Done("stop"))
        async with open_stream(port, job) as quick:
            assert text_of(await quick.all()) == whole
        (connection,) = [one for one in _connections(runner) if one.writing_paused]
        assert connection.transport is not None
        assert connection.transport.get_write_buffer_size() < 256 * 1024
        assert text_of(await slow.all()) == whole


def _connections(runner: web.AppRunner) -> list[web.RequestHandler]:
    assert runner.server is not None
    return runner.server.connections


async def test_at_shutdown_streams_end_at_once_and_tell_when_to_come_back(assets: Assets) -> None:
    jobs = ScriptedJobs()
    job = await new_job(jobs)
    async with (
        serve(jobs, assets) as (port, runner),
        open_stream(port, job, "?after=0-1") as stream,
    ):
        await jobs.watched(job).came.wait()
        await asyncio.wait_for(runner.cleanup(), 5)
        frames = [frame async for frame in stream.frames()]
    assert frames == [": ok", "event: restart\r\ndata: {}\r\nretry: 1000"]


async def test_a_final_event_at_shutdown_still_arrives(assets: Assets) -> None:
    jobs = ScriptedJobs()
    job = await new_job(jobs)
    async with serve(jobs, assets) as (port, runner), open_stream(port, job) as stream:
        await jobs.watched(job).came.wait()
        jobs.write(job, Failed("interrupted", "llmchat was stopped."))
        await runner.cleanup()
        assert (await stream.all())[-1].data["code"] == "interrupted"
