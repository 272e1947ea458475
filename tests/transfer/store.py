"""A store that is imported into, and all that it then holds."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from llmchat.domain.imported import ImportReport
from llmchat.storage.blobs import FOLDER_NAME
from llmchat.storage.database import Database
from llmchat.storage.files import FileStore
from llmchat.storage.imports import ImportStore
from llmchat.transfer.importing import Importer

TABLES = ("conversation", "message", "file", "message_file")


@dataclass
class Store:
    folder: Path
    database: Database
    files: FileStore
    imports: ImportStore

    def importer(self, *, dry_run: bool = False) -> Importer:
        return Importer(self.imports, self.files, dry_run=dry_run)

    async def take(
        self, content: bytes, name: str = "export", *, dry_run: bool = False
    ) -> ImportReport:
        path = self.folder / "given"
        path.write_bytes(content)
        importer = self.importer(dry_run=dry_run)
        await importer.run(path, name)
        return importer.report

    async def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """All rows of all tables that an import may change."""

        def read(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
            return {
                table: connection.execute(f"select * from {table} order by 1, 2").fetchall()
                for table in TABLES
            }

        return await self.database.read(read)

    async def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = await self.database.read(
            lambda connection: connection.execute(sql, values).fetchall()
        )
        return found

    async def change(self, sql: str, *values: object) -> None:
        await self.database.write(lambda connection: connection.execute(sql, values).rowcount)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Store]:
    folder.mkdir(exist_ok=True)  # noqa: ASYNC240 - nothing else runs yet
    database = Database.open(folder / "llmchat.db")
    try:
        files = FileStore(database, folder / FOLDER_NAME)
        yield Store(folder, database, files, ImportStore(database))
    finally:
        await database.close()
