"""The settings of an account: one flat JSON object."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import msgspec

from llmchat.domain.chat import JSON, JSONObject
from llmchat.storage.database import Database

_READ = "select settings from account where id = ?"
_WRITE = "update account set settings = ? where id = ?"


class SettingsStore:
    """The settings of all accounts. Everything raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, account: str) -> JSONObject:
        """All that is set."""
        return await self._database.read(lambda connection: _read(connection, account))

    async def patch(self, account: str, changes: Mapping[str, JSON]) -> JSONObject:
        """Set some; None takes one away. Gives all that is set."""

        def work(connection: sqlite3.Connection) -> JSONObject:
            settings = {**_read(connection, account), **changes}
            settings = {name: value for name, value in settings.items() if value is not None}
            connection.execute(_WRITE, (msgspec.json.encode(settings).decode(), account))
            return settings

        return await self._database.write(work)


def _read(connection: sqlite3.Connection, account: str) -> JSONObject:
    (text,) = connection.execute(_READ, (account,)).fetchone()
    settings: JSONObject = msgspec.json.decode(text)
    return settings
