"""What one client may take from the server (docs/decisions.md, "Limits")."""

from __future__ import annotations

import sys
from dataclasses import dataclass

_OTHER_FILES = 124  # descriptors that are not connections: workers, logs, libraries


@dataclass(frozen=True, slots=True)
class Limits:
    """`header_seconds` is counted from the first byte of a request head, `body_seconds` from the
    moment when the body is asked for, `lingering_seconds` from the refusal of a body to the end of
    a connection on which it still arrives, `stall_seconds` from when the client reads nothing more.
    `api_body_bytes` are for who has a key, and sends the images of a chat with each question.
    """

    body_bytes: int = 1024 * 1024
    api_body_bytes: int = 32 * 1024 * 1024
    body_seconds: float = 15.0
    header_seconds: float = 10.0
    lingering_seconds: float = 2.0
    stall_seconds: float = 120.0
    ping_seconds: float = 15.0
    connections: int = 900

    @property
    def open_connections(self) -> int:
        """`connections`, or what the descriptors of this process suffice for."""
        return min(self.connections, max(1, _descriptors() - _OTHER_FILES))


def _descriptors() -> int:
    if sys.platform == "win32":
        return 8192
    import resource  # there is none on Windows

    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
