"""`llmchat restore FILE`: a backup takes the place of the store."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from llmchat.commands.output import unwritable
from llmchat.commands.progress import Progress
from llmchat.config import Settings
from llmchat.domain.errors import EX_CANTCREAT, EX_NOINPUT, EX_TEMPFAIL, ConfigError
from llmchat.storage import snapshot
from llmchat.storage.blobs import FOLDER_NAME, sync_folder
from llmchat.storage.location import FILE_NAME
from llmchat.storage.lock import DataDirLock, owner_of
from llmchat.transfer.backup import Backup

_OURS = (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm", FOLDER_NAME)


def run(settings: Settings, flags: dict[str, str]) -> int:
    """Restore everything. Returns the exit code. Raises ConfigError; then nothing has changed."""
    source, folder = Path(flags["file"]), settings.data_dir
    try:
        with source.open("rb") as file:
            return _restore(source, file, folder)
    except FileNotFoundError as error:
        raise ConfigError(f"There is no file {source}.", exit_code=EX_NOINPUT) from error
    except OSError as error:
        raise unwritable(folder, error) from error


def _restore(source: Path, file: IO[bytes], folder: Path) -> int:
    backup = Backup(source, file)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_free(folder, backup.size)
    if (owner := owner_of(folder)) is not None:
        raise ConfigError(
            f"llmchat runs on {folder} ({owner}). Stop it, then restore.", exit_code=EX_TEMPFAIL
        )
    with DataDirLock(folder), tempfile.TemporaryDirectory(prefix="restore-", dir=folder) as name:
        new = Path(name)
        with Progress("Unpacking", backup.size, "bytes") as progress:
            backup.unpack(_opener(new), progress.step)
        snapshot.check(new / FILE_NAME, f"{source} cannot be restored: its store is damaged")
        aside = swap(folder, new)
    when = datetime.fromtimestamp(backup.manifest.created / 1000, tz=UTC).astimezone()
    print(f"The backup of {when:%Y-%m-%d %H:%M} is in {folder}.")  # noqa: T201 - to a person
    if aside is not None:
        print(f"What was there is in {aside}: delete it when you do not need it.")  # noqa: T201
    return 0


def swap(folder: Path, new: Path) -> Path | None:
    """Move the store aside and a new one in its place. Gives where the old one is, if there was
    one. Raises OSError; then all is as before.
    """
    old = [folder / name for name in _OURS if (folder / name).exists()]
    aside = None
    moved: list[tuple[Path, Path]] = []
    try:
        if old:
            stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
            aside = Path(tempfile.mkdtemp(prefix=f"before-restore-{stamp}-", dir=folder))
        for path in old:
            _move(path, (aside or folder) / path.name, moved)
        for name in _OURS:
            if (new / name).exists():
                _move(new / name, folder / name, moved)
    except OSError:
        for path, place in reversed(moved):
            place.rename(path)
        if aside is not None:
            aside.rmdir()
        raise
    sync_folder(folder)
    return aside


def _move(path: Path, place: Path, moved: list[tuple[Path, Path]]) -> None:
    path.rename(place)
    moved.append((path, place))


def _opener(folder: Path) -> Callable[[str], IO[bytes]]:
    def open_file(name: str) -> IO[bytes]:
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    return open_file


def _check_free(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size:
        raise ConfigError(
            f"The disk of {folder} has no room: {size:,} bytes are needed, {free:,} are free.",
            exit_code=EX_CANTCREAT,
        )
