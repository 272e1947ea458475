"""Imports through a server that runs, since only one process may write to a data folder."""

from __future__ import annotations

import http.client
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from llmchat.commands.progress import Progress
from llmchat.domain.errors import EX_CANTCREAT, EX_TEMPFAIL, ConfigError
from llmchat.domain.imported import ImportReport

_POLL_SECONDS = 0.2
_PIECE_BYTES = 256 * 1024
_TIMEOUT_SECONDS = 60.0


def import_remotely(url: str, paths: Sequence[Path], *, dry_run: bool) -> ImportReport:
    """Send the files to the server at `url`, one after the other. Raises ConfigError."""
    report = ImportReport(dry_run=dry_run)
    for path in paths:
        try:
            _add(report, _import(url, path, dry_run=dry_run))
        except (OSError, http.client.HTTPException, msgspec.MsgspecError) as error:
            raise ConfigError(
                f"The llmchat at {url} did not answer as it should: {error}.",
                exit_code=EX_TEMPFAIL,
            ) from error
    return report


def _import(url: str, path: Path, *, dry_run: bool) -> ImportReport:
    query = f"/api/import?dry_run={'true' if dry_run else 'false'}"
    boundary = secrets.token_hex(16)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{_plain(path)}"'
        "\r\nContent-Type: application/octet-stream\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    size = path.stat().st_size
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(head) + size + len(tail)),
    }
    with Progress("Sending  ", size, "bytes") as progress:
        body = _body(path, head, tail, progress)
        import_id = _ask(url, "POST", query, body, headers)["import_id"]
    try:
        return _wait(url, import_id)
    except BaseException:
        _ask(url, "DELETE", f"/api/import/{import_id}")
        raise


def _body(path: Path, head: bytes, tail: bytes, progress: Progress) -> Iterator[bytes]:
    yield head
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece
            progress.step(len(piece))
    yield tail


def _wait(url: str, import_id: str) -> ImportReport:
    with Progress("Importing", 0, "bytes") as progress:
        while True:
            view = _ask(url, "GET", f"/api/import/{import_id}")
            progress.set(view["done_bytes"], view["total_bytes"])
            if view["state"] != "running":
                break
            time.sleep(_POLL_SECONDS)
    if view["state"] == "done":
        return msgspec.convert(view["report"], ImportReport)
    why = view["error"]["message"] if view["error"] else "It was cancelled."
    raise ConfigError(why, exit_code=EX_CANTCREAT if view["error"] else EX_TEMPFAIL)


def _ask(
    url: str,
    method: str,
    target: str,
    body: Iterator[bytes] | None = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port, timeout=_TIMEOUT_SECONDS
    )
    with closing(connection):
        connection.request(method, address.path + target, body=body, headers=headers or {})
        reply = connection.getresponse()
        text = reply.read()
    answer: dict[str, Any] = msgspec.json.decode(text) if text else {}
    if reply.status >= 400:
        message = str(answer.get("detail") or answer.get("title") or reply.status)
        raise ConfigError(message, exit_code=EX_TEMPFAIL)
    return answer


def _plain(path: Path) -> str:
    """A file name that a header can hold."""
    return "".join(char if char.isalnum() or char in "._- " else "_" for char in path.name)[:200]


def _add(total: ImportReport, one: ImportReport) -> None:
    total.format = total.format or one.format
    for name in (
        "conversations",
        "messages",
        "new",
        "updated",
        "unchanged",
        "attachments",
        "missing_attachments",
        "skipped_more",
    ):
        setattr(total, name, getattr(total, name) + getattr(one, name))
    total.skipped += one.skipped
