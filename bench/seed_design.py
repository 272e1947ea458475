"""The baseline: the design that llmchat was asked for, as a competent first draft would have it.

FastAPI and uvicorn, one worker process, an input and an output `multiprocessing.Queue`, one put per
token, the stock stream of the openai package; a thread routes what comes back into an asyncio.Queue
per job. `python bench/seed_design.py PORT`, with OPENAI_BASE_URL set, in a .venv of
bench/requirements-seed.txt. What is left to choose was chosen in its favour: uvloop and httptools
under uvicorn, a plain StreamingResponse, no access log, no store.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import sys
import threading
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.queues import Queue
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

Asked = tuple[str, "dict[str, Any] | None"]
Answered = tuple[str, str, str]  # job, event, text


class Message(BaseModel):
    role: str
    content: str


class ChatRequest(BaseModel):
    model: str
    messages: list[Message]


def worker(questions: Queue[Asked], answers: Queue[Answered]) -> None:
    """Answer questions until one is None. Runs in a process of its own."""
    asyncio.run(_work(questions, answers))


async def _work(questions: Queue[Asked], answers: Queue[Answered]) -> None:
    from openai import AsyncOpenAI

    client = AsyncOpenAI(api_key="none")
    tasks = set()
    while True:
        job_id, question = await asyncio.to_thread(questions.get)
        if question is None:
            return
        task = asyncio.create_task(_answer(client, job_id, question, answers))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def _answer(
    client: Any, job_id: str, question: dict[str, Any], answers: Queue[Answered]
) -> None:
    try:
        stream = await client.chat.completions.create(**question, stream=True)
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                answers.put((job_id, "delta", chunk.choices[0].delta.content))
        answers.put((job_id, "done", ""))
    except Exception as error:  # noqa: BLE001 - whatever it is, the reader must hear of it
        answers.put((job_id, "error", str(error)))


class Jobs:
    """The server's side of the two queues."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._questions: Queue[Asked] = context.Queue()
        self._answers: Queue[Answered] = context.Queue()
        self._events: dict[str, asyncio.Queue[Answered]] = {}
        self._worker = context.Process(target=worker, args=(self._questions, self._answers))
        self._loop = asyncio.get_running_loop()
        self._worker.start()
        threading.Thread(target=self._route, daemon=True).start()

    def submit(self, question: dict[str, Any]) -> str:
        job_id = uuid.uuid4().hex
        self._events[job_id] = asyncio.Queue()
        self._questions.put((job_id, question))
        return job_id

    def has(self, job_id: str) -> bool:
        return job_id in self._events

    async def follow(self, job_id: str) -> AsyncIterator[str]:
        """The events as the wire has them."""
        events = self._events[job_id]
        try:
            while True:
                _, event, text = await events.get()
                yield f"event: {event}\ndata: {json.dumps({'text': text})}\n\n"
                if event != "delta":
                    return
        finally:
            del self._events[job_id]

    def close(self) -> None:
        self._questions.put(("", None))
        self._worker.join(timeout=5)

    def _route(self) -> None:
        while True:
            answered = self._answers.get()
            self._loop.call_soon_threadsafe(self._deliver, answered)

    def _deliver(self, answered: Answered) -> None:
        if events := self._events.get(answered[0]):
            events.put_nowait(answered)


def make_app() -> FastAPI:
    """The routes; the jobs start and end with the server."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.jobs = Jobs()
        yield
        app.state.jobs.close()

    app = FastAPI(lifespan=lifespan)

    @app.post("/chat", status_code=202)
    async def chat(request: ChatRequest) -> dict[str, str]:
        return {"job_id": app.state.jobs.submit(request.model_dump())}

    @app.get("/stream/{job_id}")
    async def stream(job_id: str) -> StreamingResponse:
        if not app.state.jobs.has(job_id):
            raise HTTPException(404)
        events = app.state.jobs.follow(job_id)
        return StreamingResponse(events, media_type="text/event-stream")

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


if __name__ == "__main__":
    uvicorn.run(make_app(), port=int(sys.argv[1]), log_level="warning", access_log=False)
