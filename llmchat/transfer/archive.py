"""The files of an export: one by itself, or those in a zip, which is read in place.

Nothing is ever unpacked to a path that a zip names, and no zip in a zip is opened. The limits are
those of SECURITY.md 2.4, with room for exports of many years.
"""

from __future__ import annotations

import zipfile
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from llmchat.domain.imported import ImportedFile, Skipped
from llmchat.domain.names import clean_name
from llmchat.transfer.data_urls import file_name
from llmchat.transfer.values import BrokenEntryError

MAX_ENTRIES = 100_000
MAX_TOTAL_BYTES = 64 * 1024**3
MAX_RATIO = 100
RATIO_FLOOR_BYTES = 1024 * 1024  # what is smaller than this may be packed as tightly as it is
CHUNK_BYTES = 256 * 1024

_DIRECTORY_BYTES = 32 * 1024 * 1024  # of a zip's own list, which is read as a whole
_END_BYTES = 22 + 65535
_ZIP = b"PK\x03\x04"
_ARCHIVES = (_ZIP, b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What reading an entry of a broken zip may raise, EOFError for one that is cut short.
READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Part:
    """A file that may hold conversations. `open` gives it from its beginning."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


class Files:
    """The files beside the conversations in a zip, by their names."""

    def __init__(
        self, archive: zipfile.ZipFile | None = None, entries: list[zipfile.ZipInfo] | None = None
    ) -> None:
        self._archive = archive
        named = sorted((one.filename.rsplit("/", 1)[-1], i) for i, one in enumerate(entries or ()))
        self._names = [name for name, _ in named]
        self._entries = [(entries or [])[i] for _, i in named]

    def find(self, key: str, name: str = "", declared: str = "") -> ImportedFile:
        """The file whose name is `key`, or begins with it; a missing one if there is none."""
        at = bisect_left(self._names, key)
        found = key and at < len(self._names) and self._names[at].startswith(key)
        rest = self._names[at][len(key) :] if found else ""
        label = name or (f"{rest.lstrip('-_')}" if rest[:1] in "-_" else "")
        if not found or (rest and rest[0] not in "-_."):
            return ImportedFile(file_name(label, declared), declared or "application/octet-stream")
        return ImportedFile(
            file_name(label or self._names[at], declared),
            declared or "application/octet-stream",
            lambda: self._read(self._entries[at]),
        )

    def _read(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """Raises OSError for an entry that is damaged."""
        if self._archive is None:
            return
        try:
            with self._archive.open(entry) as file:
                while piece := file.read(CHUNK_BYTES):
                    yield piece
        except READ_ERRORS as error:
            raise OSError("the entry is damaged") from error


@dataclass(slots=True)
class Export:
    """What a file holds. `names` are all entries of a zip at its top."""

    parts: list[Part]
    files: Files
    skipped: list[Skipped] = field(default_factory=list)
    names: frozenset[str] = frozenset()


@contextmanager
def open_export(path: Path, name: str = "") -> Iterator[Export]:
    """Raises BrokenEntryError for a file or zip that is not read at all."""
    name = name or path.name
    try:
        with path.open("rb") as file:
            head = file.read(4)
            file.seek(0)
            if head not in (_ZIP, b"PK\x05\x06"):
                yield Export([Part(name, path.stat().st_size, lambda: path.open("rb"))], Files())
                return
            _check_directory(file, path.stat().st_size)
            with _opened(file) as archive:
                yield _contents(archive, path.stat().st_size)
    except OSError as error:
        raise BrokenEntryError(f"it cannot be read: {error.strerror}") from None


def _opened(file: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except READ_ERRORS:
        raise BrokenEntryError("the zip is damaged") from None


def _check_directory(file: BinaryIO, size: int) -> None:
    """A zip's list of entries is read as a whole: not one that is made to fill the memory."""
    file.seek(max(0, size - _END_BYTES))
    end = file.read()
    at = end.rfind(b"PK\x05\x06")
    listed = int.from_bytes(end[at + 12 : at + 16], "little") if at >= 0 else 0
    if listed == 0xFFFFFFFF:
        wide = end.rfind(b"PK\x06\x06")
        listed = int.from_bytes(end[wide + 40 : wide + 48], "little") if wide >= 0 else 0
    file.seek(0)
    if listed > _DIRECTORY_BYTES:
        raise _too_many()


def _contents(archive: zipfile.ZipFile, size: int) -> Export:
    entries = [one for one in archive.infolist() if not one.is_dir()]
    if len(entries) > MAX_ENTRIES:
        raise _too_many()
    if sum(one.compress_size for one in entries) > size:
        raise BrokenEntryError("the zip says that it holds more than it does")
    if sum(one.file_size for one in entries) > MAX_TOTAL_BYTES:
        raise BrokenEntryError(f"the zip unpacks to more than {MAX_TOTAL_BYTES // 1024**3} GB")
    skipped = []
    readable = []
    for one in entries:
        if why := _refusal(one):
            skipped.append(Skipped(_shown(one), why))
        else:
            readable.append(one)
    texts = [one for one in readable if one.filename.lower().endswith((".json", ".jsonl"))]
    parts = [Part(_shown(one), one.file_size, _opener(archive, one)) for one in texts]
    parts.sort(key=lambda part: part.name)
    return Export(
        parts,
        Files(archive, readable),
        skipped,
        frozenset(one.filename for one in entries if "/" not in one.filename),
    )


def _refusal(entry: zipfile.ZipInfo) -> str:
    if entry.flag_bits & 0x1:
        return "it is encrypted"
    if entry.compress_type not in _METHODS:
        return "it is packed in a way that is not read"
    packed = max(entry.compress_size, 1)
    if entry.file_size > RATIO_FLOOR_BYTES and entry.file_size / packed > MAX_RATIO:
        return "it is packed too tightly to be a real file"
    if entry.filename.lower().endswith(".zip"):
        return "it is a zip inside the zip: import it by itself"
    return ""


def is_archive(head: bytes) -> bool:
    """Whether a file begins as an archive does."""
    return head.startswith(_ARCHIVES)


def _opener(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: cast("BinaryIO", archive.open(entry))


def _shown(entry: zipfile.ZipInfo) -> str:
    return clean_name(entry.filename)


def _too_many() -> BrokenEntryError:
    return BrokenEntryError(f"the zip has more than {MAX_ENTRIES:,} entries")
