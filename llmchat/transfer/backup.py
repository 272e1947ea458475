"""A backup: the store and its files in one zip (docs/format.md)."""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from llmchat import __version__
from llmchat.domain.errors import EX_DATAERR, ConfigError
from llmchat.domain.ids import now
from llmchat.storage.blobs import Blobs
from llmchat.storage.migrations import MIGRATIONS
from llmchat.storage.snapshot import Snapshot

HARNESS = "llmchat-backup"
FORMAT = 1
DATABASE = "llmchat.db"
MANIFEST = "backup.json"
PIECE_BYTES = 1024 * 1024
_MANIFEST_BYTES = 64 * 1024
_FILE = re.compile(r"files/([0-9a-f]{2})/([0-9a-f]{62})", re.ASCII)

Done = Callable[[int], None]
Sink = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; `sha256` is that of the database."""

    harness: str
    format: int
    version: str
    schema: int
    created: int
    files: int
    sha256: str


def write(file: IO[bytes], snapshot: Snapshot, blobs: Blobs, done: Done) -> tuple[Manifest, int]:
    """Write a backup. `done` gets the bytes that were read. Gives the number of files that the
    database knows and the disk has not, too: they were deleted meanwhile, or long ago.
    """
    missing = count = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
        digest = _add(zipped, DATABASE, snapshot.path, done)
        for one in snapshot.files():
            try:
                _add(zipped, f"files/{one[:2]}/{one[2:]}", blobs.path(one), done)
                count += 1
            except FileNotFoundError:
                missing += 1
        manifest = Manifest(HARNESS, FORMAT, __version__, snapshot.version, now(), count, digest)
        zipped.writestr(MANIFEST, msgspec.json.encode(manifest))
    return manifest, missing


def _add(zipped: zipfile.ZipFile, name: str, path: Path, done: Done) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source, zipped.open(name, "w", force_zip64=True) as target:
        while piece := source.read(PIECE_BYTES):
            digest.update(piece)
            target.write(piece)
            done(len(piece))
    return digest.hexdigest()


class Backup:
    """`with Backup(path) as backup:`; `size` is what it unpacks to. Raises ConfigError."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(file)
            self.manifest = self._read_manifest()
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
            raise broken(path, "it is no zip, or a part of one") from error
        infos = self._zip.infolist()
        self._entries = [info for info in infos if info.filename != MANIFEST]
        names = {info.filename for info in infos}
        if len(names) < len(infos) or self.manifest.files != len(self._entries) - 1:
            raise broken(path, "it does not have the files that it should have")
        self.size = sum(info.file_size for info in self._entries)

    def unpack(self, open_file: Callable[[str], IO[bytes]] | None, done: Done) -> None:
        """Read all of it, and see that it is what was put in; into the files that `open_file`
        gives for their names, if it is to be kept. `done` gets the bytes that were read.
        """
        for info in self._entries:
            expected = self._expected(info.filename)
            if open_file is None:
                self._check(info, expected, lambda _: None, done)
            else:
                with open_file(info.filename) as target:
                    self._check(info, expected, target.write, done)

    def _expected(self, name: str) -> str:
        """The digest of an entry. Only the names that a backup has are taken."""
        match = _FILE.fullmatch(name)
        if name == DATABASE:
            return self.manifest.sha256
        if match is None:
            raise broken(self._path, "it has files that are not of llmchat")
        return match[1] + match[2]

    def _check(self, info: zipfile.ZipInfo, expected: str, sink: Sink, done: Done) -> None:
        digest = hashlib.sha256()
        try:
            with self._zip.open(info) as source:
                while piece := source.read(PIECE_BYTES):
                    digest.update(piece)
                    sink(piece)
                    done(len(piece))
        except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error) as error:
            raise broken(self._path, f"{info.filename} cannot be read") from error
        if digest.hexdigest() != expected:
            raise broken(self._path, f"{info.filename} is not what was put in")

    def _read_manifest(self) -> Manifest:
        try:
            with self._zip.open(MANIFEST) as source:
                text = source.read(_MANIFEST_BYTES)
            manifest = msgspec.json.decode(text, type=Manifest)
        except (KeyError, msgspec.DecodeError) as error:
            raise broken(self._path, "it is no backup of llmchat") from error
        if manifest.harness != HARNESS:
            raise broken(self._path, "it is no backup of llmchat")
        if manifest.format > FORMAT or manifest.schema > len(MIGRATIONS):
            raise broken(self._path, "a newer llmchat wrote it")
        return manifest


def broken(path: Path, why: str) -> ConfigError:
    """A backup that cannot be used."""
    return ConfigError(f"{path} cannot be restored: {why}.", exit_code=EX_DATAERR)
