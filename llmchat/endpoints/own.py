"""`endpoints.json` in the data folder: the endpoints that were set up by the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from llmchat.domain.endpoint_rules import Entry, FieldError
from llmchat.domain.errors import StorageError
from llmchat.endpoints.files import read_private, write_private
from llmchat.endpoints.keys import Place

FILE_NAME = "endpoints.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """`secrets` is where its secrets are, if it has any."""

    entry: Entry
    secrets: Place | None = None


class _File(msgspec.Struct):
    format: int = 1
    endpoints: list[Kept] = []


class OwnFile:
    """The file in `folder`. All of it blocks, and raises StorageError."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self.name = FILE_NAME

    def read(self) -> list[Kept]:
        """All of them, in their order."""
        data = read_private(self._path)
        if data is None:
            return []
        try:
            file = msgspec.json.decode(data, type=_File)
            for kept in file.endpoints:
                kept.entry.check()
        except (msgspec.DecodeError, FieldError):
            raise StorageError(f"{self._path} is damaged. Move it away, or mend it.") from None
        if file.format != 1:
            raise StorageError(f"{self._path} was written by a newer llmchat.")
        return file.endpoints

    def write(self, kept: Sequence[Kept]) -> None:
        """Replace all of them."""
        data = msgspec.json.format(msgspec.json.encode(_File(endpoints=list(kept))), indent=2)
        write_private(self._path, data + b"\n")
