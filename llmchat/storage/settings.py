"""The settings of an account: one flat JSON object."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import msgspec

from llmchat.domain.chat import JSON, JSONObject
from llmchat.storage.database import Database

_ALL = "select id, settings from account"
_READ = "select settings from account where id = ?"
_WRITE = "update account set settings = ? where id = ?"


class SettingsStore:
    """The settings of all accounts. Everything raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, account: str) -> JSONObject:
        """All that is set."""
        return await self._database.read(lambda connection: _read(connection, account))

    async def all(self) -> Mapping[str, JSONObject]:
        """All that everybody has set, by account."""
        rows = await self._database.read(lambda connection: connection.execute(_ALL).fetchall())
        return {account: msgspec.json.decode(text) for account, text in rows}

    async def patch(self, account: str, changes: Mapping[str, JSON]) -> JSONObject:
        """Set some; None takes one away. Of a value that is an object, only the members that are
        given change. Gives all that is set.
        """

        def work(connection: sqlite3.Connection) -> JSONObject:
            settings = _merged(_read(connection, account), changes)
            connection.execute(_WRITE, (msgspec.json.encode(settings).decode(), account))
            return settings

        return await self._database.write(work)


def _merged(before: JSONObject, changes: Mapping[str, JSON]) -> JSONObject:
    """RFC 7396, as far as the second level."""
    merged = {**before}
    for name, value in changes.items():
        old = before.get(name)
        known = old if isinstance(old, dict) else {}
        merged[name] = _present({**known, **value}) if isinstance(value, dict) else value
    return _present(merged)


def _present(members: JSONObject) -> JSONObject:
    return {name: value for name, value in members.items() if value is not None}


def _read(connection: sqlite3.Connection, account: str) -> JSONObject:
    (text,) = connection.execute(_READ, (account,)).fetchone()
    settings: JSONObject = msgspec.json.decode(text)
    return settings
