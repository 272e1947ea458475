"""A model file that is being sent: checked from its first bytes on, and in its place when whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from llmchat.domain.errors import StorageFullError
from llmchat.modelfiles.describe import describe, read_model_file
from llmchat.modelfiles.folder import PART_PREFIX
from llmchat.modelfiles.header import START_BYTES, parse
from llmchat.modelfiles.problems import MoreNeededError

SPARE_BYTES = 256 * 1024 * 1024  # that are left to the rest of the machine
_UNKNOWN = 2**62


class Receiving:
    """`with Receiving(folder, most) as file:` write, then `keep(name)`; else nothing is left of it.

    `most` is the size that is announced, if it is: the file has no more than that. Methods raise
    ModelFileError as soon as it is plain that this is no model that can be used, StorageFullError,
    and OSError. Use it in one thread at a time.
    """

    def __init__(self, folder: Path, most: int | None) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free - SPARE_BYTES
        if (most or 0) > free:
            raise StorageFullError(
                f"The file has {_gigabytes(most or 0)} GB, and there is room for"
                f" {_gigabytes(max(free, 0))} GB.",
                code="storage-full",
            )
        self._folder = folder
        self._most = most or _UNKNOWN
        self._head: bytearray | None = bytearray()  # None when the header is known to be good
        self._wanted = START_BYTES
        self.size = 0
        handle, name = tempfile.mkstemp(prefix=PART_PREFIX, dir=folder)  # mode 0600
        self._file = os.fdopen(handle, "wb")
        self._path = Path(name)

    def __enter__(self) -> Receiving:
        return self

    def write(self, piece: bytes) -> None:
        """Add to it."""
        self.size += len(piece)
        self._file.write(piece)
        if self._head is not None:
            self._head += piece
            if len(self._head) >= self._wanted:
                self._check(self._head, self._most)

    def keep(self, name: str) -> None:
        """It is whole: give it its place in the folder, where no other file is."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        # Once more, with the true size: the announced one was that of the whole request.
        read_model_file(self._path, "")
        self._path.replace(self._folder / name)

    def _check(self, head: bytearray, size: int) -> None:
        try:
            header = parse(bytes(head), size)
        except MoreNeededError as error:
            self._wanted = max(2 * len(head), error.size)
            return
        describe(header, size, self._path, "")
        self._head = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f}"
