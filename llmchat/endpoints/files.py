"""Small files that are replaced as a whole and that only their owner can read. All of it blocks."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from llmchat.domain.errors import StorageError


def write_private(path: Path, data: bytes) -> None:
    """Replace a file: after a crash it is the old one or the new one. Raises StorageError."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.unlink(missing_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "wb") as file:  # noqa: PTH123 - with the mode that it is made with
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise StorageError(f"{path.name} cannot be written: {error.strerror}.") from error


def read_private(path: Path) -> bytes | None:
    """The content of a file of ours, None if there is none. What others could read is closed to
    them. Raises StorageError.
    """
    try:
        data = path.read_bytes()
        if is_open_to_others(path):
            path.chmod(0o600)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{path.name} cannot be read: {error.strerror}.") from error
    return data


def is_open_to_others(path: Path) -> bool:
    """Whether other people of this machine can read a file. Windows has other rules."""
    return os.name == "posix" and bool(path.stat().st_mode & 0o077)
