"""HTTP by hand over a socket: sends what no client library would, and reads what comes back."""

from __future__ import annotations

import json
import socket
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Reply:
    """The first response on a connection; `closed` if the server ended the connection after it."""

    status: int
    headers: dict[str, str]
    body: bytes
    closed: bool = False

    def json(self) -> Any:  # whatever the server said
        return json.loads(self.body)


def connect(port: int) -> socket.socket:
    """A connection to the server on this machine."""
    return socket.create_connection(("127.0.0.1", port), timeout=SECONDS)


def exchange(port: int, request: bytes, *, until_closed: bool = False) -> Reply:
    """Send bytes and read one response; with `until_closed`, wait for the end of the connection."""
    with closing(connect(port)) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # it answered early, and closed
            connection.sendall(request)
        reply = read_reply(connection, without_body=request.startswith(b"HEAD "))
        closed = until_closed and _is_closed(connection)
        return Reply(reply.status, reply.headers, reply.body, closed)


def request_bytes(
    method: str,
    target: str,
    *,
    port: int,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> bytes:
    """A request as a good client writes it, but for what `headers` change."""
    fields = {"Host": f"127.0.0.1:{port}", **(headers or {})}
    if body is not None:
        fields.setdefault("Content-Length", str(len(body)))
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("utf-8", "surrogateescape") + (
        body or b""
    )


def read_reply(connection: socket.socket, *, without_body: bool = False) -> Reply:
    """Read a response that has a Content-Length, or none and no body."""
    head, rest = read_head(connection)
    lines = head.decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])
    }
    length = 0 if without_body else int(headers.get("content-length", "0"))
    while len(rest) < length:
        rest += _receive(connection)
    return Reply(int(lines[0].split(" ")[1]), headers, rest[:length])


def read_head(connection: socket.socket) -> tuple[bytes, bytes]:
    """The head of a response, and what was already read of what follows it."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _receive(connection)
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def _receive(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the server closed the connection without a whole response")
    return data


def _is_closed(connection: socket.socket) -> bool:
    with suppress(ConnectionResetError):
        while connection.recv(65536):
            pass
    return True
