"""`llmchat ask "..."`: a question to the llmchat that runs, and its answer in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llmchat.commands.progress import Progress
from llmchat.commands.server import RefusedError, Running, call, check_readable, find, send_file
from llmchat.commands.stream import follow
from llmchat.commands.terminal import BROKEN_PIPE, INTERRUPTED, ClosedOutputError, Screen
from llmchat.config import Settings
from llmchat.domain.errors import EX_DATAERR, EX_USAGE, ConfigError


def run(
    settings: Settings, flags: dict[str, str], words: Sequence[str], files: Sequence[str]
) -> int:
    """Ask, and print the answer as it comes. Returns the exit code. Raises ConfigError."""
    paths = [Path(name) for name in files]
    temporary = bool(flags["temporary"])
    if temporary and paths:
        raise ConfigError("A temporary question takes no files.", exit_code=EX_USAGE)
    for path in paths:
        check_readable(path)
    running = find(settings.data_dir)
    job_id = _submit(running, _question(words), paths, flags["model"], temporary=temporary)
    screen = Screen()
    try:
        return screen.show(follow(settings.data_dir, job_id))
    except KeyboardInterrupt:
        _stop(settings, job_id)
        screen.break_line()
        screen.note("Stopped.")
        return INTERRUPTED
    except ClosedOutputError:
        _stop(settings, job_id)
        return BROKEN_PIPE


def _question(words: Sequence[str]) -> str:
    """What was typed, and below it what came by a pipe."""
    piped = "" if sys.stdin is None or sys.stdin.isatty() else _piped()
    parts = [part for part in (" ".join(words).strip(), piped.strip("\n")) if part.strip()]
    if not parts:
        raise ConfigError('Ask something: llmchat ask "..."', exit_code=EX_USAGE)
    return "\n\n".join(parts)


def _piped() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(
            "What comes by the pipe is no text. Attach a file with -f.", exit_code=EX_DATAERR
        ) from None


def _submit(
    running: Running, text: str, paths: Sequence[Path], model: str | None, *, temporary: bool
) -> str:
    try:
        if temporary:
            message = {"role": "user", "content": text}
            body: dict[str, Any] = {"messages": [message], "temporary": True}
        else:
            body = {"content": text, "attachments": [_send(running, path) for path in paths]}
        if model:
            body["model"] = model
        return str(call(running, "POST", "/chat", body)["job_id"])
    except RefusedError as error:
        if error.status < 500:  # else the server has no room for a question that is right
            error.exit_code = EX_DATAERR
        raise


def _send(running: Running, path: Path) -> dict[str, Any]:
    with Progress(f"Sending {path.name}", path.stat().st_size, "bytes") as progress:
        sent: dict[str, Any] = send_file(running, "/api/files", path, progress.step)
    return {**sent, "name": path.name}


def _stop(settings: Settings, job_id: str) -> None:
    call(find(settings.data_dir), "DELETE", f"/chat/{job_id}")
