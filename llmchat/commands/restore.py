"""`llmchat restore FILE`: a backup takes the place of the store."""

from __future__ import annotations

import contextlib
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
from llmchat.storage import restoring, snapshot
from llmchat.storage.location import FILE_NAME
from llmchat.storage.lock import DataDirLock, owner_of
from llmchat.transfer.backup import Backup


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
    with DataDirLock(folder), contextlib.ExitStack() as stack:
        if (finished := restoring.finish(folder)) is not None:
            print(finished)  # noqa: T201 - to a person
        prefix = restoring.UNPACKED
        new = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix, dir=folder)))
        with Progress("Unpacking", backup.size, "bytes") as progress:
            backup.unpack(_opener(new), progress.step)
        snapshot.check(new / FILE_NAME, f"{source} cannot be restored: its store is damaged")
        aside = restoring.swap(folder, new)
    when = datetime.fromtimestamp(backup.manifest.created / 1000, tz=UTC).astimezone()
    print(f"The backup of {when:%Y-%m-%d %H:%M} is in {folder}.")  # noqa: T201 - to a person
    if aside is not None:
        print(f"What was there is in {aside}: delete it when you do not need it.")  # noqa: T201
    return 0


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
