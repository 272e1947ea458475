"""`llmchat ask`, `attach` and `models` as one uses them: in pipes, in a terminal, with Ctrl+C."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pty
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fake_openai import FakeOpenAI
from tests.pictures import png
from tests.system.program import ROOT, Program, run


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as running:
        yield running


@pytest.fixture
async def program(tmp_path: Path, fake: FakeOpenAI) -> AsyncIterator[Program]:
    async with run(
        tmp_path, OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="echo", LLMCHAT_BASE_PATH="/chat"
    ) as started:
        yield started


async def _start(folder: Path, *arguments: str, **streams: Any) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "llmchat", *arguments, "--data-dir", str(folder)),
        cwd=ROOT,
        env={**os.environ, "XDG_CONFIG_HOME": str(folder)},
        **{"stdin": DEVNULL, "stdout": PIPE, "stderr": PIPE, **streams},
    )


async def _said(folder: Path, *arguments: str, piped: bytes | None = None) -> tuple[int, str, str]:
    """The exit code, what went to stdout, and what to stderr."""
    process = await _start(folder, *arguments, stdin=PIPE if piped is not None else DEVNULL)
    out, err = await process.communicate(piped)
    return process.returncode or 0, out.decode(), err.decode()


async def _get(program: Program, path: str) -> Any:
    async with program.session.get(program.url.rstrip("/") + path) as reply:
        return await reply.json()


async def test_a_question_in_a_pipe_gets_its_answer_and_nothing_else(
    tmp_path: Path, program: Program, fake: FakeOpenAI
) -> None:
    assert await _said(tmp_path, "ask", "Say", "ä漢🙂") == (0, "Say ä漢🙂\n", "")
    assert await _said(tmp_path, "ask", "Sum up:", piped=b"a\n\x1b[1mb\n") == (
        *(0, "Sum up:\n\na\n\x1b[1mb\n", ""),
    )
    assert (await _said(tmp_path, "ask", piped=b"only this"))[1] == "only this\n"
    code, out, _ = await _said(tmp_path, "ask", "-m", "known-3000", "x")
    assert (code, len(out)) == (0, 3001)
    assert fake.requests[-1].model == "known-3000"
    # They are chats of the page, but for one that is not to be kept.
    before = (await _get(program, "/api/conversations"))["items"]
    assert [one["title"] for one in before][:2] == ["x", "only this"]
    assert (await _said(tmp_path, "ask", "--temporary", "secret"))[1] == "secret\n"
    assert (await _get(program, "/api/conversations"))["items"] == before
    code, out, _ = await _said(tmp_path, "models")
    assert (code, out.splitlines()[:2]) == (0, ["echo", "known-1000"])


async def test_files_go_with_a_question(tmp_path: Path, program: Program, fake: FakeOpenAI) -> None:
    note, picture, junk = tmp_path / "n.txt", tmp_path / "p.png", tmp_path / "junk"
    note.write_text("the note")
    picture.write_bytes(png(4, 4))
    junk.write_bytes(bytes(range(256)))
    code, _, err = await _said(tmp_path, "ask", "-f", str(note), "--file", str(picture), "Look")
    assert (code, err) == (0, "")
    content = json.dumps(fake.requests[-1].body["messages"])
    assert "the note" in content
    assert "n.txt" in content
    assert "data:image/png;base64," in content
    code, out, err = await _said(tmp_path, "ask", "-f", str(junk), "Look")
    assert (code, out, err.count("\n")) == (65, "", 1)
    assert (await _said(tmp_path, "ask", "-f", str(tmp_path / "none"), "Look"))[0] == 66
    assert (await _said(tmp_path, "ask", "--temporary", "-f", str(note), "Look"))[0] == 64


async def test_what_goes_wrong_is_one_line_and_an_exit_code(
    tmp_path: Path, program: Program, fake: FakeOpenAI
) -> None:
    code, out, err = await _said(tmp_path, "ask")
    assert (code, out, err) == (64, "", 'llmchat: Ask something: llmchat ask "..."\n')
    assert (await _said(tmp_path, "ask", piped=b"\xff\xfe"))[0] == 65
    fake.mode = "cut"
    code, out, err = await _said(tmp_path, "ask", "hi")
    assert (code, out, err.count("\n")) == (1, "Some text ä漢🙂.\n", 1)
    fake.mode = "finish-length"
    code, out, err = await _said(tmp_path, "ask", "hi")
    assert (code, out) == (0, "Some text ä漢🙂.\n")
    assert "length limit" in err
    assert (await _said(tmp_path, "attach", "no-such-job"))[0] == 65
    assert (await _said(tmp_path, "attach"))[0] == 65
    nobody = tmp_path / "nobody"
    for command in (("ask", "hi"), ("attach",), ("models",)):
        code, out, err = await _said(nobody, *command)
        assert (code, out, err.count("\n")) == (69, "", 1)
        assert "No llmchat runs" in err


async def test_ctrl_c_stops_an_answer_and_leaves_one_that_is_only_read(
    tmp_path: Path, program: Program, fake: FakeOpenAI
) -> None:
    asking = await _start(tmp_path, "ask", "-m", "gate-9", "hi")
    assert asking.stdout is not None
    assert await asking.stdout.readexactly(8) == b"piece 0 "
    reading = await _start(tmp_path, "attach")
    assert reading.stdout is not None
    assert await reading.stdout.readexactly(8) == b"piece 0 "
    reading.send_signal(signal.SIGINT)
    assert await reading.wait() == 130
    await fake.release()
    assert await asking.stdout.readexactly(8) == b"piece 1 "
    asking.send_signal(signal.SIGINT)
    assert await asking.wait() == 130
    await fake.requests[-1].gone.wait()
    [job] = (await _get(program, "/api/jobs"))["items"]
    assert job["state"] == "cancelled"
    code, out, err = await _said(tmp_path, "attach", f"chatcmpl-{job['id']}")
    assert (code, out) == (1, "piece 0 piece 1 \n")
    assert "stopped" in err


async def test_a_reader_that_has_enough_stops_the_answer(
    tmp_path: Path, program: Program, fake: FakeOpenAI
) -> None:
    asking = await _start(tmp_path, "ask", "-m", "gate-9", "hi")
    assert asking.stdout is not None
    await asking.stdout.readexactly(8)
    asking._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]  # as `head` does
    await fake.release()
    assert asking.stderr is not None
    assert (await asking.wait(), await asking.stderr.read()) == (141, b"")
    await fake.requests[-1].gone.wait()
    assert fake.requests[-1].disconnected


async def test_an_answer_goes_on_after_the_server_was_started_again(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    environment = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "silent"}
    async with run(tmp_path, **environment) as first:
        asking = await _start(tmp_path, "ask", "hi")
        await fake.asked()
        first.process.kill()
        await first.process.wait()
    async with run(tmp_path, **environment):
        await fake.asked(2)
        await fake.release()
        out, err = await asking.communicate()
    assert (asking.returncode, out.decode(), err) == (0, "after the silence\n", b"")


async def _terminal(folder: Path, *arguments: str) -> tuple[Process, int]:
    """A command in a terminal, and the other end of that."""
    ours, theirs = pty.openpty()
    process = await _start(folder, *arguments, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    return process, ours


def _until(terminal: int, text: str) -> str:
    """What a person sees up to that text, or to the end."""
    seen = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while text.encode() not in seen and (data := os.read(terminal, 1000)):
            seen += data
    return seen.decode()


async def test_a_terminal_says_what_is_waited_for_and_is_not_told_what_to_do(
    tmp_path: Path, program: Program, fake: FakeOpenAI
) -> None:
    fake.script = "a\x1b]0;title\x07b\x9b31mc"
    process, terminal = await _terminal(tmp_path, "ask", "-m", "thinking", "hi")
    seen = await asyncio.to_thread(_until, terminal, "Thinking")
    assert "Asking thinking" in seen
    await fake.release()
    seen = await asyncio.to_thread(_until, terminal, "\n")
    assert seen.endswith("\r\x1b[KThe answer is 4.\r\n")
    assert await process.wait() == 0
    os.close(terminal)
    process, terminal = await _terminal(tmp_path, "ask", "-m", "markdown", "hi")
    seen = await asyncio.to_thread(_until, terminal, "\n")
    assert seen.endswith("a]0;titleb31mc\r\n")
    assert await process.wait() == 0
    os.close(terminal)
    process, terminal = await _terminal(tmp_path, "models")
    seen = await asyncio.to_thread(_until, terminal, "never")
    assert ", the default" in seen.splitlines()[0]
    assert await process.wait() == 0
    os.close(terminal)
