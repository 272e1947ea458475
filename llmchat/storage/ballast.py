"""A file that is only there to be deleted: on a full disk, even deleting rows needs space."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

# The log of SQLite, some 4 MB when it is copied into the file, must fit twice: else it cannot be
# begun anew, and the next transaction finds the disk full again.
BALLAST_BYTES = 8 * 1024 * 1024
RESTORE_SECONDS = 5.0


class Ballast:
    """Made when there is room for it; `spent` while there is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tried = 0.0
        self.spent = not self._make()

    def spend(self) -> bool:
        """Free the reserve. False if that was done before."""
        if self.spent:
            return False
        self.spent = True
        self._tried = time.monotonic()
        self._path.unlink(missing_ok=True)
        return True

    def restore(self) -> None:
        """Make the reserve anew, if there is room again; tried every few seconds at most."""
        now = time.monotonic()
        if self.spent and now - self._tried >= RESTORE_SECONDS:
            self._tried = now
            self.spent = not self._make()

    def _make(self) -> bool:
        with contextlib.suppress(OSError):
            if self._path.stat().st_size == BALLAST_BYTES:
                return True
        try:
            with self._path.open("wb") as file:
                file.write(bytes(BALLAST_BYTES))  # not a hole: it must take its space
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            self._path.unlink(missing_ok=True)
            return False
        return True
