"""The token of an installation: 256 random bits in a file that only its owner can read.

Who can read the file may use this llmchat. It is given to a browser in the fragment of an address,
which no server, log or `Referer` ever sees (SECURITY.md, D7).
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from pathlib import Path

from llmchat.domain.errors import StorageError
from llmchat.endpoints.files import is_open_to_others, write_private

NAME = "token"
_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits


class Token:
    """`secret` is for the file, and for the address that opens the page."""

    def __init__(self, secret: str = "") -> None:
        self.secret = secret or secrets.token_urlsafe(32)

    def __repr__(self) -> str:
        return "Token(...)"

    def matches(self, given: str) -> bool:
        """Whether it is this one, in a time that says nothing of how much of it is right."""
        return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self.secret.encode())


def load_token(folder: Path) -> Token:
    """The token of a data folder; a new one if there is none, or if others may have read it.
    Blocks. Raises StorageError.
    """
    path = folder / NAME
    kept = _kept(path)
    if kept is not None:
        return kept
    return new_token(folder)


def new_token(folder: Path) -> Token:
    """Replace the token of a data folder: the old one is of no use any more. Blocks. Raises
    StorageError.
    """
    token = Token()
    write_private(folder / NAME, f"{token.secret}\n".encode())
    return token


def _kept(path: Path) -> Token | None:
    try:
        if path.is_symlink() or is_open_to_others(path) or _is_of_others(path):
            return None
        text = path.read_bytes()[:100].decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{path.name} cannot be read: {error.strerror}.") from error
    return Token(text) if _SHAPE.fullmatch(text) else None


def _is_of_others(path: Path) -> bool:
    return os.name == "posix" and path.stat().st_uid not in {os.geteuid(), 0}
