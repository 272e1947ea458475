"""Model files of this machine: found, loaded when they are asked, and gone when they are not."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from llmchat import resources
from tests.modelfiles import gguf
from tests.system.conftest import Client, Serve

pytestmark = pytest.mark.timeout(120)

SHORT: dict[str, Any] = {"temperature": 0, "max_tokens": 8}


def place(folder: Path, *names: str) -> None:
    """Put the embedded model into the folder of models under other names."""
    model = resources.embedded_model()
    assert model is not None, "run `make setup`"
    (folder / "models").mkdir(exist_ok=True)
    for name in names:
        (folder / "models" / name).symlink_to(model)


def sparse(path: Path, size: int) -> None:
    """A model that has a large file, most of which is a hole."""
    model = resources.embedded_model()
    assert model is not None, "run `make setup`"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(model.read_bytes())
    with path.open("r+b") as file:
        file.truncate(size)


def engines(client: Client) -> list[int]:
    return list(client.service.pids()["engine"])


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)


async def test_a_file_that_is_dropped_into_the_folder_appears_and_answers(
    serve: Serve, tmp_path: Path
) -> None:
    async with serve() as client:
        assert [one["kind"] for one in (await client.get("/models"))["data"]] == ["embedded"]
        place(tmp_path, "Tiny Friend.gguf", "SmolLM2-135M-Instruct.gguf")
        (tmp_path / "models" / "notes.txt").write_text("no model")
        models = await client.get("/models")
        local = {one["id"]: one for one in models["data"] if one["kind"] == "local"}
        # One is called like the embedded model: it keeps the ending of its name.
        assert set(local) == {"Tiny Friend", "SmolLM2-135M-Instruct.gguf"}
        assert models["default"] == "SmolLM2-135M-Instruct"
        assert models["local"] == {"folder": str(tmp_path / "models"), "refused": []}
        file = local["Tiny Friend"]["file"]
        assert file | {"needed_bytes": 0} == {
            "name": "Tiny Friend.gguf",
            "title": "Smollm2 135M 8k Lc100K Mix1 Ep2",
            "size_bytes": 98362432,
            "quantisation": "Q4_1",
            "parameters": 134515008,
            "architecture": "llama",
            "context_length": 8192,
            "chat_template": True,
            "needed_bytes": 0,
            "state": "off",
        }
        assert local["Tiny Friend"]["context_window"] == 4096
        assert not engines(client)
        answer = await client.ask("Count to three.", "Tiny Friend", **SHORT)
        assert answer.last[0] == "done"
        assert answer.last[1]["endpoint"] == "local:Tiny Friend"
        assert answer.states()[:2] == ["loading", "running"]
        assert len(engines(client)) == 1
        listed = (await client.get("/models"))["data"]
        assert [one["file"]["state"] for one in listed if "file" in one] == ["off", "ready"]
        (tmp_path / "models" / "Tiny Friend.gguf").unlink()
        listed = (await client.get("/models"))["data"]
        assert "Tiny Friend" not in {one["id"] for one in listed}
        await until(lambda: not engines(client))  # nobody needs it any more


async def test_bad_files_are_listed_with_the_reason_and_loaded_by_nobody(
    serve: Serve, tmp_path: Path
) -> None:
    """T-GGUF of SECURITY.md."""
    folder = tmp_path / "models"
    folder.mkdir()
    good = gguf.model()
    (folder / "cut.gguf").write_bytes(good[:-1])
    (folder / "huge.gguf").write_bytes(good[:8] + b"\xff" * 8 + good[16:])
    (folder / "page.gguf").write_bytes(b"<!doctype html>" * 100)
    (folder / "eyes.gguf").write_bytes(gguf.with_pairs(a=("general.type", gguf.STRING, "mmproj")))
    (folder / "away.gguf").symlink_to(tmp_path / "nowhere")
    os.mkfifo(folder / "pipe.gguf")
    async with serve() as client:
        models = await client.get("/models")
        assert [one["kind"] for one in models["data"]] == ["embedded"]
        refused = {one["file"]: one for one in models["local"]["refused"]}
        assert {name: one["code"] for name, one in refused.items()} == {
            "cut.gguf": "model-cut",
            "huge.gguf": "model-damaged",
            "page.gguf": "model-not-gguf",
            "eyes.gguf": "model-kind",
        }
        assert refused["cut.gguf"]["size_bytes"] == len(good) - 1
        assert "tells of 18446744073709551615 tensors" in refused["huge.gguf"]["reason"]
        body = {"messages": [{"role": "user", "content": "hi"}], "model": "huge"}
        async with client.session.post(f"{client.url}/chat", json=body) as reply:
            assert reply.status == 422
        # The header is good, and what follows is not: llama.cpp says so, and only this job ends.
        (folder / "empty.gguf").write_bytes(good)
        answer = await client.ask("hi", "empty")
        assert answer.last[1]["code"] == "model-not-loaded"
        assert "llama.cpp cannot load" in answer.last[1]["message"]
        (folder / "cut.gguf").write_bytes(good)  # it was still being copied
        listed = await client.get("/models")
        assert {one["id"] for one in listed["data"] if one["kind"] == "local"} == {"cut", "empty"}
        assert (await client.ask(**SHORT)).last[0] == "done"


async def test_models_take_turns_where_only_one_may_be_in_memory(
    serve: Serve, tmp_path: Path
) -> None:
    place(tmp_path, "first.gguf", "second.gguf")
    async with serve(LLMCHAT_MODELS_LOADED="1", LLMCHAT_MODEL_SLOTS="1") as client:
        most, done = 0, asyncio.Event()

        async def watch() -> None:
            nonlocal most
            while not done.is_set():
                most = max(most, len(engines(client)))
                await asyncio.sleep(0.002)

        watching = asyncio.create_task(watch())
        names = ["first", "second", "first", "SmolLM2-135M-Instruct", "second"]
        answers = await asyncio.gather(*(client.ask("hi", name, **SHORT) for name in names))
        done.set()
        await watching
        assert most == 1
    assert [answer.last[0] for answer in answers] == ["done"] * 5
    assert [answer.last[1]["model"] for answer in answers] == names


async def test_a_model_that_nobody_asks_leaves_memory_and_comes_back(
    serve: Serve, tmp_path: Path
) -> None:
    place(tmp_path, "first.gguf")
    async with serve(LLMCHAT_MODEL_IDLE="0.3", DEFAULT_MODEL="first") as client:
        models = await client.get("/models")
        assert (models["default"], models["reason_code"]) == ("first", "default-local")
        answer = await client.ask("Tell me a long story.", max_tokens=60)
        assert len(answer.text) > 60  # it takes longer than that, and is not cut off
        assert answer.last[1]["endpoint"] == "local:first"
        await until(lambda: not engines(client))
        again = await client.ask("hi", **SHORT)
        assert again.last[0] == "done"
        assert "loading" in again.states()
        await client.session.get(client.url)  # the page is opened: it is loaded ahead
        await until(lambda: bool(engines(client)))


async def test_the_crash_of_one_model_leaves_the_others_alone(serve: Serve, tmp_path: Path) -> None:
    place(tmp_path, "first.gguf", "second.gguf")
    async with serve() as client:
        steady = await client.submit("Tell me a story.", "second", max_tokens=120)
        await client.until(steady, lambda name, _: name == "delta")
        [other] = engines(client)
        long = await client.submit("Tell me a story.", "first", max_tokens=1000)
        await client.until(long, lambda name, _: name == "delta")
        [victim] = set(engines(client)) - {other}
        os.kill(victim, signal.SIGKILL)  # as the kernel does when memory runs out
        broken = await client.read(long)
        assert broken.last[1]["code"] == "upstream-cut"
        assert broken.last[1]["message"].startswith("The process of first ended before the answer")
        assert broken.text  # what was shown is kept
        assert (await client.read(steady)).last[0] == "done"
        assert other in engines(client)
        assert (await client.ask("hi", "first", **SHORT)).last[0] == "done"


async def test_a_model_that_does_not_fit_into_memory_is_not_loaded(
    serve: Serve, tmp_path: Path
) -> None:
    await asyncio.to_thread(sparse, tmp_path / "models" / "whale.gguf", 2**42)
    place(tmp_path, "first.gguf")
    async with serve() as client:
        assert (await client.ask("hi", "first", **SHORT)).last[0] == "done"
        answer = await client.ask("hi", "whale")
        assert answer.last[1]["code"] == "model-no-memory"
        assert answer.last[1]["message"].startswith("whale needs about 4398.4 GB of memory, and ")
        assert "LLMCHAT_MODEL_CONTEXT" in answer.last[1]["message"]
        assert (await client.ask("hi", "first", **SHORT)).last[0] == "done"


async def test_the_loading_of_a_large_file_tells_how_far_it_is(
    serve: Serve, tmp_path: Path
) -> None:
    await asyncio.to_thread(sparse, tmp_path / "models" / "large.gguf", 400_000_000)
    async with serve() as client:
        answer = await client.ask("hi", "large", **SHORT)
    assert answer.last[0] == "done"
    statuses = [data for _, name, data in answer.events if name == "status"]
    told = [one.get("progress") for one in statuses if one["state"] == "loading"]
    known = [one for one in told if one is not None]
    assert known == sorted(known)
    assert len(set(known)) > 5


async def upload(client: Client, content: bytes, name: str = "sent.gguf") -> tuple[int, Any]:
    data = aiohttp.FormData(quote_fields=False)
    data.add_field("file", io.BytesIO(content), filename=name)
    async with client.session.post(f"{client.url}/api/models", data=data) as reply:
        return reply.status, await reply.json(content_type=None)


async def remove(client: Client, name: str) -> int:
    async with client.session.delete(f"{client.url}/api/models/{name}") as reply:
        return reply.status


async def test_a_file_is_sent_asked_and_removed(serve: Serve, tmp_path: Path) -> None:
    model = resources.embedded_model()
    assert model is not None, "run `make setup`"
    content = await asyncio.to_thread(model.read_bytes)
    async with serve() as client:
        status, sent = await upload(client, content, "../My model.gguf")
        assert (status, sent["id"], sent["file"]["name"]) == (201, "My model", "My model.gguf")
        stored = tmp_path / "models" / "My model.gguf"
        assert stored.read_bytes() == content
        assert stored.stat().st_mode & 0o777 == 0o600
        assert (await upload(client, content, "My model.gguf"))[1]["code"] == "model-exists"
        job = await client.submit("Tell me a story.", "My model", max_tokens=1000)
        await client.until(job, lambda name, _: name == "delta")
        assert await remove(client, "My%20model.gguf") == 409
        await client.stop(job)
        assert await remove(client, "My%20model.gguf") == 204
        assert not engines(client)
        assert not list(stored.parent.iterdir())
        assert await remove(client, "My%20model.gguf") == 404
        assert await remove(client, "..%2Fllmchat.db") == 404


async def test_a_file_that_is_no_model_is_refused_with_its_first_bytes(
    serve: Serve, tmp_path: Path
) -> None:
    good = gguf.model()
    async with serve() as client:
        for content, name, code in (
            (b"PK\3\4" + bytes(100), "zip.gguf", "model-not-gguf"),
            (good, "model.bin", "model-not-gguf"),
            (good[:-40], "cut.gguf", "model-cut"),
            (good[:8] + b"\xff" * 8 + good[16:], "huge.gguf", "model-damaged"),
            (b"", "empty.gguf", "model-cut"),
        ):
            status, problem = await upload(client, content, name)
            assert (status, problem["code"]) == (422, code)
        started = asyncio.Event()

        async def endless(start: bytes) -> Any:
            yield start
            started.set()
            while True:
                yield bytes(65536)
                await asyncio.sleep(0.001)

        # Of a file that goes on for ever, the first bytes are enough.
        data = aiohttp.FormData()
        bad = good[:8] + bytes(8) + good[16:]
        data.add_field("file", endless(bad), filename="endless.gguf")
        async with (
            asyncio.timeout(20),
            client.session.post(f"{client.url}/api/models", data=data) as reply,
        ):
            assert (await reply.json(content_type=None))["code"] == "model-damaged"
        assert not [*(tmp_path / "models").iterdir()]


async def test_an_upload_that_is_broken_off_leaves_nothing(serve: Serve, tmp_path: Path) -> None:
    started = asyncio.Event()

    async def half() -> Any:
        yield gguf.model()
        started.set()
        await asyncio.Event().wait()

    async with serve() as client:
        data = aiohttp.FormData()
        data.add_field("file", half(), filename="half.gguf")
        sending = asyncio.create_task(client.session.post(f"{client.url}/api/models", data=data))
        folder = tmp_path / "models"
        await started.wait()
        await until(lambda: folder.is_dir() and bool([*folder.iterdir()]))
        assert (await client.get("/models"))["local"]["refused"] == []
        sending.cancel()
        await until(lambda: not [*folder.iterdir()])
        assert (await upload(client, gguf.model(), "half.gguf"))[0] == 201
