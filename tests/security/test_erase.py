"""T-ERASE: of an account that is deleted nothing is left, and nothing of others is gone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from llmchat.domain.access import Scope
from llmchat.storage.blobs import FOLDER_NAME, Blobs
from llmchat.storage.erasing import erase
from llmchat.storage.migrations import open_migrated
from tests.security.gates import GUEST, PASSWORD, ROOT, USER, Site, site

_TABLES = """
select m.name from sqlite_master m join pragma_table_info(m.name) c
where m.type = 'table' and c.name = 'account'
"""
OWNED, SHARED = "a" * 64, "b" * 64


def _fill(connection: sqlite3.Connection, account: str) -> None:
    """A row of the account in every table that has rows of accounts, two files among them."""
    _fill_chat(connection, account)
    for (table,) in connection.execute(_TABLES).fetchall():
        if table != "conversation":
            _fill_table(connection, table, account)


def _fill_chat(connection: sqlite3.Connection, account: str) -> None:
    chat = f"chat of {account}"
    connection.execute(
        "insert into conversation(id, account, title, created, updated) values (?, ?, ?, 0, 0)",
        (chat, account, chat),
    )
    connection.execute(
        "insert into message(id, conversation, role, content, state, created, revision)"
        " select id, number, 'user', ?, 'done', 0, 0 from conversation where id = ?",
        (f"words of {account}", chat),
    )
    for file in (OWNED, SHARED) if account else (SHARED,):
        connection.execute("insert or ignore into file values (?, 1, 'text/plain', 0)", (file,))
        connection.execute(
            "insert into message_file(message, file) select number, ? from message where id = ?",
            (file, chat),
        )


def _fill_table(connection: sqlite3.Connection, table: str, account: str) -> None:
    """A row with something in each column that needs it, whatever table that is."""
    values: dict[str, object] = {"account": account}
    if table == "file_holder":
        values["file"] = OWNED if account else SHARED
    if table == "share":
        statement = "select number from conversation where account = ?"
        values["conversation"] = connection.execute(statement, (account,)).fetchone()[0]
    references = {row[3] for row in connection.execute(f'pragma foreign_key_list("{table}")')}
    for _, name, kind, needed, default, key in connection.execute(
        f'pragma table_info("{table}")'
    ).fetchall():
        whole = name == "number" and key
        if name not in values and (needed or key) and default is None and not whole:
            assert name not in references, f"{table}.{name}: say above what it is"
            values[name] = 1 if kind == "integer" else f"{table} of {account}"
    names = ", ".join(values)
    places = ", ".join("?" * len(values))
    connection.execute(f"insert into {table}({names}) values ({places})", tuple(values.values()))


def _rows(connection: sqlite3.Connection, account: str) -> dict[str, int]:
    return {
        table: connection.execute(
            f"select count(*) from {table} where account = ?", (account,)
        ).fetchone()[0]
        for (table,) in connection.execute(_TABLES).fetchall()
    }


def _found(connection: sqlite3.Connection, words: str) -> int:
    statement = "select count(*) from message_text where message_text match ?"
    found: int = connection.execute(statement, (f'"{words}"',)).fetchone()[0]
    return found


def test_every_table_with_rows_of_accounts_is_emptied_of_one(tmp_path: Path) -> None:
    connection = open_migrated(tmp_path / "llmchat.db", 1.0)
    connection.execute("insert into account(id, name, created) values ('bob', 'Bob', 0)")
    for account in ("", "bob"):
        _fill(connection, account)
    before = _rows(connection, "")
    assert set(before.values()) == set(_rows(connection, "bob").values()) == {1}
    assert len(before) > 7
    connection.execute("begin")
    assert erase(connection, "bob") == [OWNED]
    connection.execute("commit")
    assert set(_rows(connection, "bob").values()) == {0}
    assert _rows(connection, "") == before
    assert [_found(connection, f"words of {one}") for one in ("bob", "")] == [0, 1]
    assert connection.execute("select id from file").fetchall() == [(SHARED,)]
    assert connection.execute("select id from account").fetchall() == [("",)]
    connection.execute("begin")
    assert erase(connection, "") == [SHARED]
    connection.execute("commit")
    assert set(_rows(connection, "").values()) == {0}
    assert connection.execute("select name, password from account").fetchall() == [
        ("This computer", None)
    ]
    assert connection.execute("pragma foreign_key_check").fetchall() == []
    connection.close()


async def test_who_deletes_the_own_account_takes_everything_along(tmp_path: Path) -> None:
    async with site(tmp_path) as running:
        account, own = running.accounts[USER], {"Cookie": await running.sign_in(USER)}
        key = await running.key(USER, Scope.READ)
        blob = Blobs(running.database.path.parent / FOLDER_NAME).path(OWNED)
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(b"x")
        await running.database.write(lambda one: _fill_chat(one, account))
        refused = await running.call("DELETE", "/api/account", {"current": "wrong"}, own)
        assert refused.status == 401
        gone = await running.call("DELETE", "/api/account", {"current": PASSWORD}, own)
        assert gone.status == 204
        assert "Max-Age=0" in gone.cookies[0]
        assert not blob.exists()
        for headers in (own, {"X-Api-Key": key}):
            assert (await running.call("GET", "/models", headers=headers)).status == 401
        assert (await running.log_in(USER)).status == 401
        root = {"Cookie": await running.sign_in(ROOT)}
        await _listed_and_audited(running, root)


async def _listed_and_audited(running: Site, root: dict[str, str]) -> None:
    users = await running.call("GET", "/api/users", headers=root)
    assert [one["name"] for one in users.body["items"]] == [ROOT, GUEST]
    log = await running.call("GET", "/api/audit?limit=1", headers=root)
    [entry] = log.body["items"]
    assert (entry["action"], entry["target"], entry["address"]) == ("account-deleted", USER, "")
    assert log.body["next"] == entry["number"]
