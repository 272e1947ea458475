"""Imports of a server: one of an account at a time, from a file that is removed again whatever
happens.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections import defaultdict
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

KEPT = 20  # ended ones of an account whose report can still be asked for
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


class _Imports:
    """Those of one account, the newest last. `free`: none of them is running or on its way."""

    def __init__(self) -> None:
        self.known: dict[str, Import] = {}
        self.free = asyncio.Event()
        self.free.set()
        self.task: asyncio.Task[None] | None = None


class ImportService:
    """Use it within one event loop. `ended` is called with an account whose import may have changed
    something.
    """

    def __init__(
        self, files: FileStore, folder: Path, ended: Callable[[str], None] = lambda _: None
    ) -> None:
        self._files = files
        self._folder = folder
        self._ended = ended
        self._storing = asyncio.Lock()  # of one import at a time, whoever's it is
        self._accounts: defaultdict[str, _Imports] = defaultdict(_Imports)
        self._remove_leftovers()

    async def tidy(self) -> None:
        """Remove what an import has left that was killed: for the start of a server."""
        async with self._storing:
            try:
                await ImportStore(self._files.database).tidy()
            except StorageError as error:
                log.warning("the rest of an import cannot be removed: %s", error.message)

    async def check_free(self, account: str) -> None:
        """Raises ImportRunningError while one of the account is running or on its way.

        One that was just cancelled is waited for, and any other one for a moment: who cancels a
        file and picks the next one is quicker than the news of an upload that was broken off.
        """
        of = self._accounts[account]
        running = next(reversed(of.known.values()), None)
        ends = running is not None and running.importer.meter.cancelled
        try:
            await asyncio.wait_for(of.free.wait(), ENDING_SECONDS if ends else PATIENCE_SECONDS)
        except TimeoutError:
            raise ImportRunningError from None

    async def take(
        self, account: str, name: str, pieces: AsyncIterator[bytes], *, dry_run: bool
    ) -> Import:
        """Keep a file while it comes, then import it while nobody waits; after those of others that
        came before.

        Raises ImportRunningError, StorageError, and what `pieces` raises.
        """
        of = self._accounts[account]
        if not of.free.is_set():
            raise ImportRunningError
        of.free.clear()
        path = self._folder / f"{_PREFIX}{new_id()}"
        try:
            await self._keep(path, pieces)
        except BaseException:
            _put_away(path, of)
            raise
        imports = ImportStore(self._files.database, account)
        one = Import(new_id(), Importer(imports, self._files, dry_run=dry_run))
        of.known[one.id] = one
        while len(of.known) > KEPT:
            of.known.pop(next(iter(of.known)))
        of.task = asyncio.create_task(self._run(account, one, path, name))
        return one

    def get(self, account: str, import_id: str) -> Import:
        """An import of an account in this run of the server. Raises NoSuchImportError."""
        found = self._accounts[account].known.get(import_id)
        if found is None:
            raise NoSuchImportError
        return found

    def cancel(self, account: str, import_id: str) -> None:
        """Stop it soon; what was imported stays. Raises NoSuchImportError."""
        self.get(account, import_id).importer.meter.cancel()

    async def close(self) -> None:
        """Stop what runs, and wait until it has."""
        for of in self._accounts.values():
            for one in of.known.values():
                one.importer.meter.cancel()
        for of in self._accounts.values():
            if of.task is not None:
                await of.task

    async def _run(self, account: str, one: Import, path: Path, name: str) -> None:
        try:
            async with self._storing:
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
            _put_away(path, self._accounts[account])
            report = one.report
            if not report.dry_run and (report.new or report.updated or report.projects):
                self._ended(account)

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

    def _remove_leftovers(self) -> None:
        for path in self._folder.glob(f"{_PREFIX}*"):
            if path.is_file():
                path.unlink(missing_ok=True)


def _put_away(path: Path, of: _Imports) -> None:
    path.unlink(missing_ok=True)
    of.free.set()


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
