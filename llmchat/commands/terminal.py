"""What a person sees of an answer: its text on stdout, and what it waits for on stderr."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable
from typing import Any

from llmchat.commands.stream import Told

# What would move the cursor, change colours, or tell the terminal to do something else.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
INTERRUPTED = 130  # what a shell reports for Ctrl+C
BROKEN_PIPE = 141  # and for SIGPIPE
_FAILED = 1
_ENDINGS = {
    "cancelled": "The answer was stopped.",
    "length": "The answer was cut at the length limit.",
    "content_filter": "The endpoint filtered the answer.",
}


class ClosedOutputError(Exception):
    """Who read the answer has enough of it."""


class Screen:
    """A terminal gets a line that says what is waited for; a pipe gets the answer, and no more."""

    def __init__(self) -> None:
        self._to_person = sys.stdout.isatty()
        self._status = sys.stderr.isatty()
        self._shown = False  # a status line stands there
        self._last = "\n"
        if not self._to_person:
            sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]  # it is a file
        else:
            sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # the same

    def show(self, events: Iterable[Told]) -> int:
        """Show an answer as it comes. Returns the exit code. Raises ClosedOutputError."""
        for name, data in events:
            if name == "delta":
                self._write(data["text"])
            elif name == "reasoning":
                self._say("Thinking …")
            elif name == "status":
                self._say(_words(data))
            elif name in ("done", "error"):
                return self._end(name, data)
        return _FAILED

    def note(self, text: str) -> None:
        """Tell a person something that is no part of the answer."""
        self._clear()
        if self._status:
            sys.stderr.write(f"{text}\n")

    def break_line(self) -> None:
        """Begin a new line, if there is text on this one."""
        self._clear()
        if self._last != "\n":
            self._write("\n")

    def _write(self, text: str) -> None:
        if not text:
            return
        self._clear()
        self._last = text[-1]
        try:
            sys.stdout.write(_CONTROLS.sub("", text) if self._to_person else text)
            sys.stdout.flush()
        except BrokenPipeError:
            # Else Python tries once more at its end, and complains.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise ClosedOutputError from None

    def _end(self, name: str, data: dict[str, Any]) -> int:
        self.break_line()
        if name == "error":
            sys.stderr.write(f"llmchat: {data['message']}\n")
            return _FAILED
        reason = data["finish_reason"]
        if reason in _ENDINGS:
            sys.stderr.write(f"llmchat: {_ENDINGS[reason]}\n")
        return _FAILED if reason == "cancelled" else 0

    def _say(self, text: str) -> None:
        if not self._status or not text:
            return
        width = shutil.get_terminal_size().columns - 1
        self.break_line()
        sys.stderr.write(f"\r\x1b[K{_CONTROLS.sub('', text)[:width]}")
        sys.stderr.flush()
        self._shown = True

    def _clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False


def _words(status: dict[str, Any]) -> str:
    """A status for a person; the page says it in the same way."""
    state = status["state"]
    if state == "queued":
        place, eta = status.get("position"), status.get("eta_seconds")
        about = f", about {eta:.0f} s" if eta else ""
        return f"Waiting, number {place} in line{about} …" if place else "Waiting …"
    reason = status.get("reason") or ""
    return {
        "loading": "Loading the model …",
        "running": f"Asking {status.get('model') or status.get('endpoint')} …",
        "waiting": f"No answer for {status.get('waited_seconds') or 0:.0f} s yet …",
        "reading": f"Reading the question, {status.get('progress') or 0:.0%} …",
        "retrying": f"Trying again in {status.get('in_seconds') or 0:.0f} s: {reason}",
        "failover": f"Asking {status.get('endpoint')} instead: {reason}",
    }.get(state, reason)
