"""`llmchat import FILE...`: conversations from other programs, and from our own export."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from llmchat.commands.progress import Progress
from llmchat.commands.remote import import_remotely
from llmchat.commands.server import check_readable, running
from llmchat.config import Settings
from llmchat.domain.errors import (
    EX_CANTCREAT,
    EX_DATAERR,
    EX_TEMPFAIL,
    ConfigError,
    StorageError,
)
from llmchat.domain.imported import ImportReport
from llmchat.storage.blobs import FOLDER_NAME
from llmchat.storage.database import Database
from llmchat.storage.files import FileStore
from llmchat.storage.imports import ImportStore
from llmchat.storage.location import FILE_NAME
from llmchat.storage.lock import DataDirLock, owner_of
from llmchat.transfer.importing import Importer, summary

_SHOWN = 20  # skipped entries that are named
_POLL_SECONDS = 0.1


def run(settings: Settings, flags: dict[str, str], files: Sequence[str]) -> int:
    """Import files, one after the other. Returns the exit code. Raises ConfigError."""
    paths = [Path(name) for name in files]
    dry_run = bool(flags["dry_run"])
    for path in paths:
        check_readable(path)
    owner = owner_of(settings.data_dir) if settings.data_dir.is_dir() else None
    if owner is None:
        report = asyncio.run(_import(settings.data_dir, paths, dry_run=dry_run))
    elif owner.url:
        report = import_remotely(running(owner, settings.data_dir), paths, dry_run=dry_run)
    else:
        raise ConfigError(
            f"llmchat runs on {settings.data_dir} ({owner}) and does not say where it can be"
            " reached. Import in its page, or stop it first.",
            exit_code=EX_TEMPFAIL,
        )
    _tell(report)
    return EX_DATAERR if not report.conversations and report.skipped else 0


async def _import(data_dir: Path, paths: Sequence[Path], *, dry_run: bool) -> ImportReport:
    try:
        await asyncio.to_thread(data_dir.mkdir, mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{data_dir} cannot be made: {error.strerror}.", exit_code=EX_CANTCREAT
        ) from error
    with DataDirLock(data_dir):
        database = Database.open(data_dir / FILE_NAME)
        try:
            files = FileStore(database, data_dir / FOLDER_NAME)
            importer = Importer(ImportStore(database), files, dry_run=dry_run)
            with Progress("Trying" if dry_run else "Importing", 0, "bytes") as progress:
                for path in paths:
                    await _follow(importer, path, progress)
        except StorageError as error:
            raise ConfigError(error.message, exit_code=EX_CANTCREAT) from error
        finally:
            await database.close()
    return importer.report


async def _follow(importer: Importer, path: Path, progress: Progress) -> None:
    task = asyncio.create_task(importer.run(path, path.name))
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=_POLL_SECONDS)
            progress.set(importer.meter.done_bytes, importer.meter.total_bytes)
        await task
    except BaseException:  # Ctrl+C: the thread that reads stops at its next piece
        importer.meter.cancel()
        task.cancel()
        raise


def _tell(report: ImportReport) -> None:
    what = f"{summary(report)}."
    prefix = f"{report.format}: " if report.format else ""
    sys.stdout.write(f"{prefix}{what}{' Nothing was changed.' if report.dry_run else ''}\n")
    for one in report.skipped[:_SHOWN]:
        sys.stdout.write(f"  skipped {one.what}: {one.why}\n")
    more = len(report.skipped) + report.skipped_more - _SHOWN
    if more > 0:
        sys.stdout.write(f"  and {more:,} more\n")
