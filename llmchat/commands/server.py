"""Speaks with the llmchat that runs on a data folder, by its own API."""

from __future__ import annotations

import http.client
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from llmchat.access.token import NAME as TOKEN_FILE
from llmchat.domain.errors import EX_NOINPUT, EX_TEMPFAIL, EX_UNAVAILABLE, ConfigError
from llmchat.storage.lock import Owner, owner_of

TIMEOUT_SECONDS = 60.0  # of silence: streams are never silent for so long
_PIECE_BYTES = 256 * 1024
_BROKEN = (OSError, http.client.HTTPException, msgspec.MsgspecError)


class RefusedError(ConfigError):
    """The server said no; `status` is that of HTTP."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, exit_code=EX_TEMPFAIL)
        self.status = status


@dataclass(frozen=True, slots=True)
class Running:
    """Where a server can be reached, and what says that who asks may read its data folder."""

    url: str
    token: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def find(data_dir: Path) -> Running:
    """The llmchat that runs on a folder. Raises ConfigError if none does."""
    owner = owner_of(data_dir) if data_dir.is_dir() else None
    if owner is None or not owner.url:
        raise ConfigError(
            f"No llmchat runs on {data_dir}. Start one with `llmchat`, or name its folder with"
            " --data-dir.",
            exit_code=EX_UNAVAILABLE,
        )
    return running(owner, data_dir)


def running(owner: Owner, data_dir: Path) -> Running:
    """The one that holds the folder."""
    try:
        token = (data_dir / TOKEN_FILE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):  # it needs none, or this is another user
        token = ""
    return Running(owner.url, token if token.isprintable() else "")


def call(server: Running, method: str, target: str, document: object = None) -> Any:
    """Ask the server; both sides speak JSON. Raises ConfigError."""
    if document is None:
        return request(server, method, target)
    headers = {"Content-Type": "application/json"}
    return request(server, method, target, msgspec.json.encode(document), headers)


def send_file(server: Running, target: str, path: Path, step: Callable[[int], None]) -> Any:
    """Send a file as a form; `step` is told of each piece. Raises ConfigError."""
    boundary = secrets.token_hex(16)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{_plain(path)}"'
        "\r\nContent-Type: application/octet-stream\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(head) + path.stat().st_size + len(tail)),
    }
    return request(server, "POST", target, _body(path, head, tail, step), headers)


def request(
    server: Running,
    method: str,
    target: str,
    body: bytes | Iterator[bytes] | None = None,
    headers: dict[str, str] | None = None,
) -> Any:
    """One request and its JSON, None where there is none. Raises ConfigError."""
    try:
        with closing(connect(server)) as connection:
            given = {**server.headers, **(headers or {})}
            connection.request(method, path_of(server) + target, body=body, headers=given)
            reply = connection.getresponse()
            text = reply.read()
        answer = msgspec.json.decode(text) if text else None
    except _BROKEN as error:
        raise ConfigError(
            f"The llmchat at {server.url} did not answer as it should: {error}.",
            exit_code=EX_TEMPFAIL,
        ) from error
    if reply.status >= 400:
        raise RefusedError(why(answer, reply.status), reply.status)
    return answer


def connect(server: Running) -> http.client.HTTPConnection:
    """A connection to the server, not open yet."""
    address = urlsplit(server.url)
    return http.client.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT_SECONDS)


def path_of(server: Running) -> str:
    """The prefix that the site is served under."""
    return urlsplit(server.url).path


def why(answer: Any, status: int) -> str:
    """What a problem says to a person."""
    told = answer if isinstance(answer, dict) else {}
    details = [str(one["detail"]) for one in told.get("errors", [])]
    return " ".join(details) or str(told.get("detail") or told.get("title") or status)


def check_readable(path: Path) -> None:
    """Raises ConfigError for a file that cannot be read."""
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}.", exit_code=EX_NOINPUT
        ) from error


def _body(path: Path, head: bytes, tail: bytes, step: Callable[[int], None]) -> Iterator[bytes]:
    yield head
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece
            step(len(piece))
    yield tail


def _plain(path: Path) -> str:
    """A file name that a header can hold."""
    return "".join(char if char.isalnum() or char in "._- " else "_" for char in path.name)[:200]
