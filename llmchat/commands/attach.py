"""`llmchat attach [JOB]`: an answer that is being written, or was, in the terminal."""

from __future__ import annotations

from llmchat.commands.server import Running, call, find
from llmchat.commands.stream import follow
from llmchat.commands.terminal import BROKEN_PIPE, INTERRUPTED, ClosedOutputError, Screen
from llmchat.config import Settings
from llmchat.domain.errors import EX_DATAERR, ConfigError

_COMPLETION = "chatcmpl-"  # before the id of a job that another program has asked for


def run(settings: Settings, job: str | None) -> int:
    """Print an answer from its start to its end. Returns the exit code. Raises ConfigError."""
    job_id = (job or _newest(find(settings.data_dir))).removeprefix(_COMPLETION)
    screen = Screen()
    try:
        return screen.show(follow(settings.data_dir, job_id))
    except KeyboardInterrupt:
        screen.break_line()
        screen.note("The answer goes on without you.")
        return INTERRUPTED
    except ClosedOutputError:
        return BROKEN_PIPE


def _newest(running: Running) -> str:
    items = call(running, "GET", "/api/jobs?state=active")["items"]
    if not items:
        raise ConfigError("No answer is being written now.", exit_code=EX_DATAERR)
    return str(items[-1]["id"])
