"""Ids that nobody can guess, and that sort by the time they were made at."""

from __future__ import annotations

import secrets
import time


def now() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def new_id(made: int | None = None) -> str:
    """44 hexadecimal digits: 48 bits of time, as in a UUID of version 7, and 128 at random."""
    return f"{now() if made is None else max(made, 0):012x}{secrets.token_hex(16)}"
