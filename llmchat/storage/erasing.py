"""Deletes an account with all that is its own, whatever table that stands in."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from llmchat.domain.access import OWNER

# Every table whose rows belong to an account says so by a column of this name.
_TABLES = """
select m.name from sqlite_master m join pragma_table_info(m.name) c
where m.type = 'table' and c.name = 'account' order by m.name
"""
_FILES = """
select f.file from message_file f
join message m on m.number = f.message join conversation c on c.number = m.conversation
where c.account = :account
union select file from file_holder where account = :account
"""
# Whatever table names files: messages, who holds them, copies that are shared.
_USES = """
select m.name, f."from" from sqlite_master m join pragma_foreign_key_list(m.name) f
where m.type = 'table' and f."table" = 'file' order by m.name
"""
_GONE = "delete from account where id = ?"
_RESET = """
update account set name = 'This computer', login = null, password = null, subject = null,
    settings = '{}', seen = null
where id = ?
"""
_FORGET = "update audit set address = '' where actor = ?"


def erase(connection: sqlite3.Connection, account: str) -> list[str]:
    """Within a transaction. Gives the files that nobody has any more. The owner's account stays,
    without a name, a password and anything in it: what needs no login is kept there.
    """
    connection.execute("pragma defer_foreign_keys = on")
    files = [file for (file,) in connection.execute(_FILES, {"account": account})]
    for (table,) in connection.execute(_TABLES).fetchall():
        connection.execute(
            f'delete from "{table}" where account = ?',  # noqa: S608 - a name of our schema
            (account,),
        )
    connection.execute(_RESET if account == OWNER else _GONE, (account,))
    connection.execute(_FORGET, (account,))
    uses = connection.execute(_USES).fetchall()
    unused = [file for file in files if not _is_used(connection, uses, file)]
    connection.executemany("delete from file where id = ?", [(file,) for file in unused])
    return unused


def _is_used(connection: sqlite3.Connection, uses: Sequence[tuple[str, str]], file: str) -> bool:
    return any(
        connection.execute(
            f'select 1 from "{table}" where "{column}" = ? limit 1',  # noqa: S608 - of our schema
            (file,),
        ).fetchone()
        for table, column in uses
    )
