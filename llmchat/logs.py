"""How the log is written, by the server and its workers: one line for each thing, on stderr."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

# A terminal obeys control characters, and a line break begins what looks like another entry.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Fields(dict[str, object]):
    """A message with names: as JSON in a line of text, and members of the line where that is JSON.

    `log.info(Fields(a=1))`.
    """

    def __str__(self) -> str:
        return json.dumps(self)


def configure(level: str, log_format: str = "text", process: str = "") -> logging.Handler:
    """Set up the log of this process; `process` is told in each line, where there is one."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JSON(process) if log_format == "json" else _Text(process))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    return handler


class _Text(logging.Formatter):
    """`2026-11-25T09:41:28.123Z INFO llmchat.job: message`, then a traceback where there is one."""

    def __init__(self, process: str) -> None:
        name = f"{process} " if process else ""
        super().__init__(f"%(asctime)s {name}%(levelname)s %(name)s: %(message)s")

    def formatTime(  # noqa: N802 - the name of logging
        self, record: logging.LogRecord, datefmt: str | None = None
    ) -> str:
        return _time(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as above
        record.message = _CONTROLS.sub(_escape, record.message)
        return super().formatMessage(record)


class _JSON(logging.Formatter):
    """One object a line, with a traceback as one of its members."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if self._process:
            line["process"] = self._process
        if isinstance(record.msg, Fields):
            line |= record.msg
        else:
            line["message"] = record.getMessage()
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return _CONTROLS.sub(_escape, json.dumps(line))


def _time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
