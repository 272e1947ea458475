"""One llmchat per data folder: two would answer the same waiting questions twice."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType

from llmchat.domain.errors import EX_TEMPFAIL, ConfigError


class DataDirLock:
    """Held while the process lives, however it ends: the system lets go of it."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "llmchat.lock"
        self._file: int | None = None

    def __enter__(self) -> DataDirLock:
        """Take the lock. Raises ConfigError if another process has it."""
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(self._file)
        except OSError:
            owner = os.read(self._file, 32).decode("ascii", "replace").strip()
            os.close(self._file)
            self._file = None
            raise ConfigError(
                f"llmchat already runs on {self._path.parent} (process {owner or 'unknown'})."
                " Use that one, or start this one with another --data-dir.",
                exit_code=EX_TEMPFAIL,
            ) from None
        os.ftruncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode())
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
