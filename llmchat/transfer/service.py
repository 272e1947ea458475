"""Imports of a server: one at a time, from a file that is removed again whatever happens."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, TypeAlias

from llmchat.domain.errors import RequestError, StorageError, StorageFullError
from llmchat.domain.ids import new_id
from llmchat.domain.imported import ImportReport
from llmchat.storage.files import FileStore, problem_of_disk
from llmchat.storage.imports import ImportStore
from llmchat.transfer.importing import Importer
from llmchat.transfer.reading import CancelledImportError

State: TypeAlias = Literal["running", "done", "error", "cancelled"]

KEPT = 20  # ended ones whose report can still be asked for
ENDING_SECONDS = 20.0  # of a new import with one that was cancelled
PATIENCE_SECONDS = 1.0  # of a new import with one that is ending
SPARE_BYTES = 64 * 1024 * 1024  # that an upload leaves free on the disk
_PREFIX = ".llmchat-import-"
_PIECE_BYTES = 1024 * 1024

log = logging.getLogger(__name__)


class ImportRunningError(RequestError):
    """One at a time: a second one is refused, rather than kept waiting."""

    code = "import-running"
    status = 409

    def __init__(self) -> None:
        super().__init__("Another import is running. Wait until it is done, or cancel it.")


class NoSuchImportError(RequestError):
    """The import is unknown, or was too long ago."""

    code = "no-such-import"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such import, or it was too long ago.")


@dataclass(slots=True, eq=False)
class Import:
    """One of them. `error` is there in the state `error`."""

    id: str
    importer: Importer
    state: State = "running"
    error: StorageError | None = None

    @property
    def report(self) -> ImportReport:
        """What was done so far."""
        return self.importer.report


class ImportService:
    """Use it within one event loop. `ended` is called when an import may have changed something."""

    def __init__(
        self, files: FileStore, folder: Path, ended: Callable[[], None] = lambda: None
    ) -> None:
        self._imports = ImportStore(files.database)
        self._files = files
        self._folder = folder
        self._ended = ended
        self._free = asyncio.Event()
        self._free.set()
        self._tidying = asyncio.Lock()
        self._known: dict[str, Import] = {}
        self._task: asyncio.Task[None] | None = None
        self._remove_leftovers()

    async def tidy(self) -> None:
        """Remove what an import has left that was killed: for the start of a server."""
        async with self._tidying:
            try:
                await self._imports.tidy()
            except StorageError as error:
                log.warning("the rest of an import cannot be removed: %s", error.message)

    async def check_free(self) -> None:
        """Raises ImportRunningError while one is running or on its way.

        One that was just cancelled is waited for, and any other one for a moment: who cancels a
        file and picks the next one is quicker than the news of an upload that was broken off.
        """
        running = next(reversed(self._known.values()), None)
        ends = running is not None and running.importer.meter.cancelled
        try:
            await asyncio.wait_for(self._free.wait(), ENDING_SECONDS if ends else PATIENCE_SECONDS)
        except TimeoutError:
            raise ImportRunningError from None

    async def take(self, name: str, pieces: AsyncIterator[bytes], *, dry_run: bool) -> Import:
        """Keep a file while it comes, then import it while nobody waits.

        Raises ImportRunningError, StorageError, and what `pieces` raises.
        """
        if not self._free.is_set():
            raise ImportRunningError
        self._free.clear()
        path = self._folder / f"{_PREFIX}{new_id()}"
        try:
            await self._keep(path, pieces)
        except BaseException:
            self._put_away(path)
            raise
        one = Import(new_id(), Importer(self._imports, self._files, dry_run=dry_run))
        self._known[one.id] = one
        while len(self._known) > KEPT:
            self._known.pop(next(iter(self._known)))
        self._task = asyncio.create_task(self._run(one, path, name))
        return one

    def get(self, import_id: str) -> Import:
        """An import of this run of the server. Raises NoSuchImportError."""
        if import_id not in self._known:
            raise NoSuchImportError
        return self._known[import_id]

    def cancel(self, import_id: str) -> None:
        """Stop it soon; what was imported stays. Raises NoSuchImportError."""
        self.get(import_id).importer.meter.cancel()

    async def close(self) -> None:
        """Stop the import that runs, and wait until it has."""
        for one in self._known.values():
            one.importer.meter.cancel()
        if self._task is not None:
            await self._task

    async def _run(self, one: Import, path: Path, name: str) -> None:
        try:
            async with self._tidying:
                await one.importer.run(path, name)
            one.state = "done"
        except CancelledImportError:
            one.state = "cancelled"
        except StorageError as error:
            one.state, one.error = "error", error
        except Exception:  # the boundary of an import: the page must not wait for ever
            log.exception("an import has failed")
            one.state, one.error = "error", StorageError("llmchat made a mistake; see its log.")
        finally:
            self._put_away(path)
            report = one.report
            if not report.dry_run and (report.new or report.updated or report.projects):
                self._ended()

    async def _keep(self, path: Path, pieces: AsyncIterator[bytes]) -> None:
        buffer = bytearray()
        try:
            with await asyncio.to_thread(_private, path) as file:
                async for piece in pieces:
                    buffer += piece
                    if len(buffer) >= _PIECE_BYTES:
                        await asyncio.to_thread(self._write, file.write, bytes(buffer))
                        buffer.clear()
                await asyncio.to_thread(self._write, file.write, bytes(buffer))
        except OSError as error:
            if isinstance(error, ConnectionError):
                raise
            raise problem_of_disk(error) from error

    def _write(self, write: Callable[[bytes], int], piece: bytes) -> None:
        if shutil.disk_usage(self._folder).free < SPARE_BYTES:
            raise StorageFullError("The disk is too full for this file. Free some space first.")
        write(piece)

    def _put_away(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._free.set()

    def _remove_leftovers(self) -> None:
        for path in self._folder.glob(f"{_PREFIX}*"):
            if path.is_file():
                path.unlink(missing_ok=True)


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
