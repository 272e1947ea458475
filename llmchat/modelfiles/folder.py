"""The folder of model files: what is in it, whoever has put it there."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from llmchat.domain.modelfile import ModelFile, RefusedFile
from llmchat.modelfiles.describe import SUFFIX, read_model_file
from llmchat.modelfiles.problems import ModelFileError

FOLDER_NAME = "models"
PART_PREFIX = ".incoming-"
MAX_FILES = 1000

_Key: TypeAlias = tuple[int, int, int]  # inode, size, time of the last change


@dataclass(frozen=True, slots=True)
class Found:
    """What is in the folder, by name of the file."""

    models: tuple[ModelFile, ...] = ()
    refused: tuple[RefusedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    key: _Key
    outcome: ModelFile | RefusedFile


class ModelFolder:
    """`taken` are ids that other models have. Methods may wait for the disk; any thread may call
    them.
    """

    def __init__(self, path: Path, taken: frozenset[str] = frozenset()) -> None:
        self.path = path
        self._taken = taken
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Make the folder, so that people find it, and remove what an upload has left in it."""
        with contextlib.suppress(OSError):  # then it is empty, and an upload says why
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            for left in self.path.glob(f"{PART_PREFIX}*"):
                left.unlink(missing_ok=True)

    def scan(self) -> Found:
        """Look into the folder. Only files that have changed since the last time are opened."""
        with self._lock:
            before, self._known = self._known, {}
            for name, path in self._files():
                try:
                    about = path.stat()
                except OSError:
                    continue  # it has gone, or points nowhere
                if not stat.S_ISREG(about.st_mode):
                    continue  # opening a pipe would wait for ever
                key = (about.st_ino, about.st_size, about.st_mtime_ns)
                known = before.get(name)
                if known is None or known.key != key:
                    known = _Known(key, self._read(name, path, about.st_size))
                self._known[name] = known
            outcomes = [known.outcome for known in self._known.values()]
        return Found(
            tuple(one for one in outcomes if isinstance(one, ModelFile)),
            tuple(one for one in outcomes if isinstance(one, RefusedFile)),
        )

    def find(self, name: str) -> Path | None:
        """The model file of this name, which may come from anywhere, if it is in the folder."""
        return next((path for found, path in self._files() if found == name), None)

    def _files(self) -> list[tuple[str, Path]]:
        try:
            with os.scandir(self.path) as entries:
                names = [entry.name for entry in entries if is_model_name(entry.name)]
        except OSError:
            return []
        return [(name, self.path / name) for name in sorted(names)[:MAX_FILES]]

    def _read(self, name: str, path: Path, size: int) -> ModelFile | RefusedFile:
        if not name.isprintable():
            shown = "".join(
                char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in name
            )
            detail = "Its name has characters that cannot be shown; rename it."
            error = ModelFileError("model-unreadable", detail)
            return RefusedFile(shown, size, error.code, error.message)
        stem = name[: -len(SUFFIX)]
        try:
            return read_model_file(path, name if stem in self._taken else stem)
        except ModelFileError as error:
            return RefusedFile(name, size, error.code, error.message)


def is_model_name(name: str) -> bool:
    """Whether a file of this name is meant to be a model."""
    return name.lower().endswith(SUFFIX) and not name.startswith(".")
