"""One llmchat per data folder: two would answer the same waiting questions twice."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from llmchat.domain.errors import EX_TEMPFAIL, ConfigError

FILE_NAME = "llmchat.lock"


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that has a folder, as far as it has told."""

    pid: str
    url: str

    def __str__(self) -> str:
        at = f", {self.url}" if self.url else ""
        return f"process {self.pid or 'unknown'}{at}"


def owner_of(data_dir: Path) -> Owner | None:
    """Who has the folder, if anybody has. Changes nothing. Raises OSError."""
    try:
        file = os.open(data_dir / FILE_NAME, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        _lock(file)
    except OSError:
        return _owner(file)
    finally:
        os.close(file)
    return None


class DataDirLock:
    """Held while the process lives, however it ends: the system lets go of it.

    `url` is where the process can be reached, for who wants the folder too.
    """

    def __init__(self, data_dir: Path, url: str = "") -> None:
        self._path = data_dir / FILE_NAME
        self._url = url
        self._file: int | None = None

    def __enter__(self) -> DataDirLock:
        """Take the lock. Raises ConfigError if another process has it."""
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(self._file)
        except OSError:
            owner = _owner(self._file)
            os.close(self._file)
            self._file = None
            raise ConfigError(
                f"llmchat already runs on {self._path.parent} ({owner})."
                " Use that one, or start this one with another --data-dir.",
                exit_code=EX_TEMPFAIL,
            ) from None
        os.ftruncate(self._file, 0)
        os.write(self._file, f"{os.getpid()} {self._url}".encode())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._file = None


def _owner(file: int) -> Owner:
    text = os.read(file, 200).decode("ascii", "replace")
    pid, _, url = text.strip().partition(" ")
    return Owner(pid, url)


def _lock(file: int) -> None:
    """OSError if another process has it."""
    if os.name == "nt":
        import msvcrt

        os.lseek(file, 1 << 20, os.SEEK_SET)  # beyond the text, which others read
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        os.lseek(file, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
