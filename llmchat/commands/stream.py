"""The events of a job as they come, also over a break: of the connection, or of the server."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from llmchat.commands.server import Running, connect, find, path_of, why
from llmchat.domain.errors import EX_DATAERR, EX_TEMPFAIL, ConfigError

_TRIES = 30  # one each second: a server that is started again needs a few
_PAUSE_SECONDS = 1.0
_FINAL = ("done", "error")
_BROKEN = (OSError, http.client.HTTPException)


class Told(NamedTuple):
    """An event of a job: `name` and `data` are those of its stream."""

    name: str
    data: dict[str, Any]


class _Place:
    """Where the reader is: what has come is not asked for again."""

    def __init__(self) -> None:
        self.id = ""
        self.tries = 0


def follow(data_dir: Path, job_id: str) -> Iterator[Told]:
    """All events of a job, the final one last. Raises ConfigError."""
    place = _Place()
    while True:
        try:
            for told in _read(find(data_dir), job_id, place):
                yield told
                if told.name in _FINAL:
                    return
        except _BROKEN:
            pass  # tried again below
        except ConfigError as error:
            if not place.id or error.exit_code == EX_DATAERR:
                raise
        place.tries += 1
        if place.tries > _TRIES:
            raise ConfigError(
                f"The connection to llmchat was lost. `llmchat attach {job_id}` shows the answer"
                " when it runs again.",
                exit_code=EX_TEMPFAIL,
            )
        time.sleep(_PAUSE_SECONDS)


def _read(running: Running, job_id: str, place: _Place) -> Iterator[Told]:
    with closing(connect(running)) as connection:
        headers = {**running.headers, **({"Last-Event-ID": place.id} if place.id else {})}
        connection.request("GET", f"{path_of(running)}/stream/{job_id}", headers=headers)
        reply = connection.getresponse()
        if reply.status != 200:
            message = why(msgspec.json.decode(reply.read() or b"null"), reply.status)
            raise ConfigError(message, exit_code=EX_DATAERR)
        place.tries = 0
        fields: dict[str, str] = {}
        while line := reply.readline():
            name, _, value = line.decode().rstrip("\r\n").partition(": ")
            if name:
                fields[name] = value
                continue
            if "event" in fields and fields["event"] != "restart":
                place.id = fields["id"]
                yield Told(fields["event"], msgspec.json.decode(fields["data"]))
            fields = {}
