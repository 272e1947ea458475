"""The process of the embedded model, for real: spawned, with the model that `make setup` brings."""

from __future__ import annotations

import contextlib
import http.client
import json
import multiprocessing
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from llmchat import resources
from llmchat.domain.messages import EngineFailed, EngineLoading, EngineReady
from llmchat.providers import engine
from llmchat.queues import codec, local
from tests.modelfiles import gguf

KEY = "a-key-of-this-test"
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="a promise of the Linux kernel")


@dataclass
class Running:
    """A spawned engine as its parent sees it: the two queue ends that are the parent's."""

    process: SpawnProcess
    reports: Connection
    lifeline: Connection

    def report(self, seconds: float = 20) -> codec.Message:
        assert self.reports.poll(seconds), "the engine says nothing"
        (message,) = codec.decode(self.reports.recv_bytes())
        return message

    def ready(self) -> EngineReady:
        message = self.report()
        assert isinstance(message, EngineReady)
        return message


@contextlib.contextmanager
def spawned(model_file: Path, **settings: Any) -> Iterator[Running]:
    """An engine that is gone at the end, whatever happened to it."""
    context = multiprocessing.get_context("spawn")
    reports, engines_reports = local.make_queue(context)
    engines_lifeline, lifeline = local.make_queue(context)
    config = engine.EngineConfig(os.getpid(), str(model_file), KEY, **settings)
    process = context.Process(
        target=local.enter, args=(engine.main, engines_reports, engines_lifeline, config)
    )
    process.start()
    engines_reports.close()
    engines_lifeline.close()
    with reports, lifeline:
        try:
            yield Running(process, reports, lifeline)
        finally:
            process.kill()
            process.join()
            process.close()


def bundled_model() -> Path:
    model_file = resources.embedded_model()
    assert model_file is not None, "run `make setup`"
    return model_file


@pytest.fixture(scope="module")
def ready() -> Iterator[EngineReady]:
    """One engine for all tests that only ask it something."""
    with spawned(bundled_model()) as running:
        yield running.ready()


@contextlib.contextmanager
def asked(
    engine_ready: EngineReady, path: str, body: dict[str, Any] | None, key: str = KEY
) -> Iterator[http.client.HTTPResponse]:
    """A response whose connection is closed at the end, read or not."""
    address = urlsplit(engine_ready.base_url)
    assert address.hostname is not None
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    with contextlib.closing(connection):
        data = None if body is None else json.dumps(body)
        connection.request("GET" if body is None else "POST", address.path + path, data, headers)
        with connection.getresponse() as response:
            yield response


def question(text: str, **parameters: object) -> dict[str, Any]:
    messages = [{"role": "user", "content": text}]
    return {"messages": messages, "temperature": 0, "max_tokens": 24, **parameters}


def answer(engine_ready: EngineReady, text: str) -> str:
    with asked(engine_ready, "/chat/completions", question(text)) as response:
        content = json.load(response)["choices"][0]["message"]["content"]
    assert isinstance(content, str)
    return content


def test_temperature_0_gives_the_same_text_twice(ready: EngineReady) -> None:
    first = answer(ready, "What is the capital of Germany?")

    assert "Berlin" in first
    assert answer(ready, "What is the capital of Germany?") == first


def test_it_listens_on_loopback_and_answers_nobody_without_the_key(ready: EngineReady) -> None:
    assert urlsplit(ready.base_url).hostname == "127.0.0.1"
    with asked(ready, "/chat/completions", question("Hello"), key="guessed") as response:
        assert response.status == 401


def test_its_model_is_named_as_the_file(ready: EngineReady) -> None:
    with asked(ready, "/models", None) as response:
        (model,) = json.load(response)["data"]

    assert model["id"] == bundled_model().stem == "SmolLM2-135M-Instruct"


def test_closed_streams_free_their_slots(ready: EngineReady) -> None:
    endless = question("Tell a very long story.", stream=True, max_tokens=3500, ignore_eos=True)
    with contextlib.ExitStack() as streams:
        for _ in range(2):
            response = streams.enter_context(asked(ready, "/chat/completions", endless))
            assert response.readline().startswith(b"data: ")

    start = time.monotonic()
    answer(ready, "Hello")

    # An endless answer keeps its slot for a minute or more.
    assert time.monotonic() - start < 20


def test_it_ends_when_the_lifeline_closes_even_in_the_middle_of_an_answer() -> None:
    with spawned(bundled_model()) as running:
        endless = question("Tell a very long story.", stream=True, max_tokens=3500)
        with asked(running.ready(), "/chat/completions", endless) as response:
            assert response.readline().startswith(b"data: ")
            running.lifeline.close()
            running.process.join(2)
        assert running.process.exitcode == 0


def test_ctrl_c_is_left_to_the_parent() -> None:
    with spawned(bundled_model()) as running:
        message = running.ready()
        assert running.process.pid is not None
        os.kill(running.process.pid, signal.SIGINT)
        assert answer(message, "Hello")


def test_its_death_is_an_end_of_file() -> None:
    with spawned(bundled_model()) as running:
        running.ready()
        running.process.kill()
        with pytest.raises(EOFError):
            running.report(2)


_PARENT = """
import time
from pathlib import Path
from tests.providers.test_engine import bundled_model, spawned

if __name__ == "__main__":
    with spawned(bundled_model()) as running:
        {wait}
        print(running.process.pid, flush=True)
        time.sleep(60)
"""


@linux_only
@pytest.mark.parametrize("wait", ["running.ready()", "pass"], ids=["serving", "loading"])
def test_it_dies_with_a_parent_that_is_killed(wait: str) -> None:
    script = [sys.executable, "-c", _PARENT.format(wait=wait)]
    with subprocess.Popen(script, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        engine_pid = int(parent.stdout.readline())
        descriptor = os.pidfd_open(engine_pid)
        parent.kill()
    try:
        # A pidfd is readable when its process has ended.
        assert Connection(os.dup(descriptor), writable=False).poll(2)
    finally:
        os.close(descriptor)


def _header(version: int = 3, tensors: int = 1, pairs: int = 1) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, pairs)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "There is no model file"),
        (b"", "cut off"),
        (b"PK\x03\x04" + bytes(1000), "This is no GGUF file"),
        (_header(version=1), "known are 2 and 3"),
        (_header(version=0x03000000), "big-endian"),
        (_header(tensors=2**63), "it is damaged"),
        (gguf.model(), "llama.cpp cannot load"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_named_with_the_reason(
    content: bytes | None, why: str, tmp_path: Path
) -> None:
    model_file = tmp_path / "some.gguf"
    if content is not None:
        model_file.write_bytes(content)

    with spawned(model_file) as running:
        message = running.report()
        running.process.join(5)

        assert isinstance(message, EngineFailed)
        assert why in message.message
        assert str(model_file) in message.message
        assert running.process.exitcode == 1


def test_a_model_that_is_cut_off_is_told_from_one_that_loads(tmp_path: Path) -> None:
    model_file = tmp_path / "cut.gguf"
    model_file.write_bytes(bundled_model().read_bytes()[:50_000_000])

    with spawned(model_file) as running:
        message = running.report()

    assert isinstance(message, EngineFailed)
    assert "cut off" in message.message


def test_a_model_is_not_loaded_where_there_is_no_memory_for_it() -> None:
    with spawned(bundled_model(), alias="huge", needed_bytes=2**50) as running:
        message = running.report()
        running.process.join(5)

        assert isinstance(message, EngineFailed)
        assert message.code == "model-no-memory"
        assert message.message.startswith("huge needs about 1125899.9 GB of memory, and ")
        assert running.process.exitcode == 1


def test_a_large_file_is_read_first_and_tells_how_far_it_is() -> None:
    with spawned(bundled_model(), alias="large", slow_bytes=1) as running:
        message = running.report()
        told = []
        while isinstance(message, EngineLoading):
            told.append(message.progress)
            message = running.report()

        assert told == sorted(set(told))
        assert len(told) >= 10
        assert 0 <= told[0] < told[-1] == 0.95
        assert isinstance(message, EngineReady)
        with asked(message, "/models", None) as response:
            assert json.load(response)["data"][0]["id"] == "large"


@pytest.mark.parametrize(
    ("cpuinfo", "supported"),
    [
        ("processor\t: 0\nflags\t\t: fpu sse4_2 avx avx2 fma\n", True),
        ("processor\t: 0\nflags\t\t: fpu sse4_2 avx avx2_not\n", False),
        ("", True),
    ],
)
def test_avx2_is_looked_for_where_the_kernel_lists_it(cpuinfo: str, supported: bool) -> None:
    assert engine.supports_avx2(cpuinfo) is supported


def test_the_key_is_not_shown() -> None:
    config = engine.EngineConfig(parent_pid=1, model_file="x.gguf", api_key=KEY)

    assert KEY not in repr(config)
