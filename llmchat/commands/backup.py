"""`llmchat backup FILE`: the whole store as one file."""

from __future__ import annotations

import tempfile
from pathlib import Path

from llmchat.commands.output import check_new, new_file, unwritable
from llmchat.commands.progress import Progress
from llmchat.config import Settings
from llmchat.storage import snapshot
from llmchat.storage.blobs import FOLDER_NAME, Blobs
from llmchat.storage.location import FILE_NAME
from llmchat.transfer.backup import Backup, write


def run(settings: Settings, flags: dict[str, str]) -> int:
    """Back up everything. Returns the exit code. Raises ConfigError."""
    target = Path(flags["file"])
    check_new(target)
    blobs = Blobs(settings.data_dir / FOLDER_NAME)
    try:
        with tempfile.TemporaryDirectory(
            prefix=".llmchat-backup-", dir=target.absolute().parent
        ) as folder:
            with Progress("Copying the store ", 0, "pages") as progress:
                copy = Path(folder) / FILE_NAME
                taken = snapshot.take(settings.data_dir / FILE_NAME, copy, progress.set)
            missing = _write(target, taken, blobs)
    except OSError as error:
        raise unwritable(target, error) from error
    size = target.stat().st_size
    print(f"The backup {target} is complete and was checked: {size:,} bytes.")  # noqa: T201
    if missing:
        print(f"{missing:,} attached files were not there any more.")  # noqa: T201
    return 0


def _write(target: Path, taken: snapshot.Snapshot, blobs: Blobs) -> int:
    sizes = [taken.path.stat().st_size]
    for one in taken.files():
        path = blobs.path(one)
        sizes.append(path.stat().st_size if path.exists() else 0)
    with new_file(target) as file:
        with Progress("Writing the backup", sum(sizes), "bytes") as progress:
            _, missing = write(file, taken, blobs, progress.step)
        file.flush()
        with Progress("Checking          ", sum(sizes), "bytes") as progress:
            Backup(target, file).unpack(None, progress.step)
    return missing
