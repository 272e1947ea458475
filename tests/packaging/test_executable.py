"""The built programs: each starts where nothing is installed, answers, and leaves nothing behind.

`.ci/run build` builds them and names their folder in LLMCHAT_TEST_DIST.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pdfs import pdf

DIST = os.environ.get("LLMCHAT_TEST_DIST")
ANSWER_SECONDS = 60.0

pytestmark = [
    pytest.mark.skipif(not DIST, reason="nothing is built here: `.ci/run build` does and tests it"),
    pytest.mark.timeout(120),
]


both_builds = pytest.mark.parametrize("program", ["llmchat", "llmchat-dir/llmchat"])


@both_builds
def test_it_answers_and_ends_without_a_trace(
    program: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start = time.monotonic()
    with running(program, tmp_path) as process:
        url = address(process)
        assert b"<!doctype html>" in get(url).lower()
        page_seconds = time.monotonic() - start
        text, first_token = answer(url)
        first_token_seconds = first_token - start
        assert b"llmchat_build_info" in get(f"{url}/metrics")
        process.terminate()
        last_words = output_until_all_ended(process)

    with capsys.disabled():
        print(  # noqa: T201 - a measurement, for the log of the build
            f"\n{program}: {size(Path(DIST or '') / program):.0f} MB, page after"
            f" {page_seconds:.2f} s, first token after {first_token_seconds:.2f} s"
        )
    assert "Berlin" in text
    assert process.returncode == 0
    [line] = last_words.splitlines()
    assert " INFO llmchat.job: {" in line
    assert not list(tmp_path.glob("_MEI*"))


@both_builds
def test_a_build_reads_a_pdf(program: str, tmp_path: Path) -> None:
    head = 'Content-Disposition: form-data; name="file"; filename="a.pdf"'
    body = f"--b\r\n{head}\r\n\r\n".encode() + pdf("One", "Two") + b"\r\n--b--\r\n"
    with running(program, tmp_path) as process:
        url = address(process)
        request = urllib.request.Request(
            f"{url}/api/files",
            body,
            {"Content-Type": "multipart/form-data; boundary=b", "Origin": url},
        )
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as response:
            file = json.load(response)
        process.terminate()
        output_until_all_ended(process)
    assert (file["kind"], file["pages"], file["characters"]) == ("pdf", 2, 8)
    assert not list(tmp_path.glob("_MEI*"))


@both_builds
def test_the_doctor_of_a_build_finds_nothing(program: str, tmp_path: Path) -> None:
    result = subprocess.run(
        [Path(DIST or "").resolve() / program, "doctor", "--json", "--port", "0"],
        env={"HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    states = {check["name"]: check["state"] for check in json.loads(result.stdout)["checks"]}
    assert (result.returncode, set(states.values())) == (0, {"ok"})
    assert states["embedded model"] == "ok"
    assert not list(tmp_path.rglob("*"))


@both_builds
def test_killed_with_its_model_loaded_it_leaves_no_process_and_no_unpacked_files(
    program: str, tmp_path: Path
) -> None:
    with running(program, tmp_path) as process:
        answer(address(process))
        process.kill()
        output_until_all_ended(process)

    assert not list(tmp_path.glob("_MEI*"))


@contextlib.contextmanager
def running(program: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    """A built program with an empty environment, and a home and temporary folder of its own."""
    with subprocess.Popen(
        [Path(DIST or "").resolve() / program, "--port", "0", "--no-browser"],
        env={"HOME": str(home), "TMPDIR": str(home)},
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def output_until_all_ended(process: subprocess.Popen[str]) -> str:
    """What is still said. The pipe ends with the last process that inherited it: the server's, the
    worker's, the model's or the bootloader's.
    """
    output, _ = process.communicate(timeout=5)
    return output


def address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert found, line
    return found[0]


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as response:
        body: bytes = response.read()
    return body


def answer(url: str) -> tuple[str, float]:
    """Ask the embedded model. Returns its answer and the time of its first piece."""
    question = {"role": "user", "content": "What is the capital of Germany?"}
    body = json.dumps({"messages": [question], "temperature": 0}).encode()
    request = urllib.request.Request(
        f"{url}/chat", body, {"Content-Type": "application/json", "Origin": url}
    )
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as response:
        assert response.status == 202
        stream = json.load(response)["stream"]
    pieces = []
    first = 0.0
    for name, data in events(url + stream):
        assert name != "error", data
        if name == "delta":
            first = first or time.monotonic()
            pieces.append(data["text"])
        if name == "done":
            assert data["finish_reason"] == "stop"
            return "".join(pieces), first
    raise AssertionError("the stream has no final event")


def events(url: str) -> Iterator[tuple[str, dict[str, Any]]]:
    name = ""
    with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as stream:
        for line in stream:
            field, _, value = line.decode().rstrip("\r\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                yield name, json.loads(value)


def size(program: Path) -> float:
    """Megabytes on the disk of a one-file program, or of the folder that a program lies in."""
    files = program.parent.rglob("*") if program.parent.name == "llmchat-dir" else [program]
    return sum(file.stat().st_size for file in files if not file.is_symlink()) / 1e6
