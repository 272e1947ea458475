"""The settings for chats that people keep under a name."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from llmchat.domain.errors import NoSuchPresetError, TooManyKeptError
from llmchat.domain.ids import now
from llmchat.domain.shelf import Preset
from llmchat.storage.database import Database

MOST = 200

_COLUMNS = "id, name, updated, icon, colour, starters, settings"
_ALL = f"select {_COLUMNS} from preset where account = ? order by number"  # noqa: S608 - our own names
_ONE = f"select {_COLUMNS} from preset where account = ? and id = ?"  # noqa: S608
_INSERT = f"insert into preset(account, {_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_UPDATE = """
update preset set name = ?, updated = ?, icon = ?, colour = ?, starters = ?, settings = ?
where account = ? and id = ?
"""
_DELETE = "delete from preset where account = ? and id = ?"


class PresetStore:
    """The presets of all accounts. Everything raises StorageError, and NoSuchPresetError where
    there is none with the id.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, account: str) -> list[Preset]:
        """All of them, in the order in which they were made."""

        def work(connection: sqlite3.Connection) -> list[Preset]:
            return [_read(row) for row in connection.execute(_ALL, (account,))]

        return await self._database.read(work)

    async def add(self, account: str, preset: Preset) -> Preset:
        """Keep one more. Raises TooManyKeptError."""

        def work(connection: sqlite3.Connection) -> Preset:
            sql = "select count(*) from preset where account = ?"
            if connection.execute(sql, (account,)).fetchone()[0] >= MOST:
                raise TooManyKeptError(f"At most {MOST} presets are kept. Delete one before.")
            connection.execute(_INSERT, (account, preset.id, *_values(preset)))
            return preset

        return await self._database.write(work, sync=True)

    async def patch(self, account: str, preset_id: str, changes: Mapping[str, Any]) -> Preset:
        """Change members of a preset."""

        def work(connection: sqlite3.Connection) -> Preset:
            row = connection.execute(_ONE, (account, preset_id)).fetchone()
            if row is None:
                raise NoSuchPresetError
            new = replace(_read(row), **changes, updated=now())
            connection.execute(_UPDATE, (*_values(new), account, preset_id))
            return new

        return await self._database.write(work, sync=True)

    async def delete(self, account: str, preset_id: str) -> None:
        """Keep it no longer. Chats that were begun with it have settings of their own."""

        def work(connection: sqlite3.Connection) -> None:
            if not connection.execute(_DELETE, (account, preset_id)).rowcount:
                raise NoSuchPresetError

        await self._database.write(work, sync=True)


def _read(row: tuple[Any, ...]) -> Preset:
    return Preset(*row[:5], *map(msgspec.json.decode, row[5:7]))


def _values(one: Preset) -> tuple[object, ...]:
    starters, settings = (
        msgspec.json.encode(part).decode() for part in (one.starters, one.settings)
    )
    return (one.name, one.updated, one.icon, one.colour, starters, settings)
