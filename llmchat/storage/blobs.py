"""Files on disk by the SHA-256 of their content: `<folder>/ab/cdef...`, for this user only.

What was read from a file stands beside it, as `<folder>/ab/cdef....text`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import msgspec

from llmchat.domain.document import FileText
from llmchat.domain.media import HEAD_BYTES

FOLDER_NAME = "files"
_PREFIX = "incoming-"
_TEXT_SUFFIX = ".text"
_ID = re.compile(r"[0-9a-f]{64}", re.ASCII)


def is_file_id(text: str) -> bool:
    """Whether this can be the name of a file: a SHA-256 in lower-case hex."""
    return _ID.fullmatch(text) is not None


class Blobs:
    """The folder of them. It is made with the first one. Methods raise OSError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, file: str) -> Path:
        """Where a file is, if it is there. Raises ValueError for what is no name of one."""
        if not is_file_id(file):
            raise ValueError("a file is named by its SHA-256")
        return self.folder / file[:2] / file[2:]

    def text_path(self, file: str) -> Path:
        """Where the text is that was read from a file which is none itself."""
        return self.path(file).with_suffix(_TEXT_SUFFIX)

    def read_text(self, file: str) -> FileText | None:
        """That text, if it is there."""
        try:
            return msgspec.json.decode(self.text_path(file).read_bytes(), type=FileText)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None

    def write_text(self, file: str, text: FileText) -> None:
        """Put a text beside its file: it can be read again, so a power cut may take it."""
        place = self.text_path(file)
        handle, name = tempfile.mkstemp(prefix=_PREFIX, dir=self.folder)
        with os.fdopen(handle, "wb") as out:
            out.write(msgspec.json.encode(text))
        Path(name).replace(place)

    def incoming(self) -> Incoming:
        """A new file, to be written piece by piece."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Incoming(self)

    def remove(self, file: str) -> None:
        """Delete a file with its text, if it is there."""
        self.path(file).unlink(missing_ok=True)
        self.text_path(file).unlink(missing_ok=True)

    def leftovers(self, seconds: float) -> Iterator[Path]:
        """What was begun longer than this ago, and never kept: its process was killed."""
        before = time.time() - seconds
        for path in self.folder.glob(f"{_PREFIX}*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    yield path


class Incoming:
    """`with blobs.incoming() as file:` write, `finish`, `keep`; what is not kept is deleted.

    `head` is its beginning, `size` what was written so far, `path` where it is meanwhile.
    Use it in one thread at a time.
    """

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._digest = hashlib.sha256()
        self.size = 0
        self.head = b""
        self.id = ""
        handle, name = tempfile.mkstemp(prefix=_PREFIX, dir=blobs.folder)  # mode 0600
        self._file = os.fdopen(handle, "wb")
        self.path = Path(name)

    def __enter__(self) -> Incoming:
        return self

    def write(self, piece: bytes) -> None:
        """Add to it."""
        self._file.write(piece)
        self._digest.update(piece)
        self.size += len(piece)
        if len(self.head) < HEAD_BYTES:
            self.head += piece[: HEAD_BYTES - len(self.head)]

    def finish(self) -> str:
        """All was written: have it on the disk. Returns the SHA-256."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self.id = self._digest.hexdigest()
        return self.id

    def keep(self) -> None:
        """Give a finished file its place, from where a power cut does not take it."""
        place = self._blobs.path(self.id)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        self.path.replace(place)
        sync_folder(place.parent)
        sync_folder(self._blobs.folder)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk, where the system can do that."""
    with contextlib.suppress(OSError):  # Windows opens no folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
