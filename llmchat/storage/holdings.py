"""How much belongs to an account: numbers alone, which say what would be deleted with it."""

from __future__ import annotations

from typing import Final, NamedTuple

from llmchat.storage.database import Database

_COUNT: Final = """
select
    (select count(*) from conversation where account = :account),
    (select count(*) from message m join conversation c on c.number = m.conversation
        where c.account = :account),
    (select count(*) from file_holder where account = :account),
    (select count(*) from api_key where account = :account)
"""


class Holdings(NamedTuple):
    """Those of one account; conversations in the bin and the archive are counted, too."""

    conversations: int
    messages: int
    files: int
    keys: int


async def holdings_of(database: Database, account: str) -> Holdings:
    """Count them. All are 0 for an account that is not known. Raises StorageError."""
    row = await database.read(lambda one: one.execute(_COUNT, {"account": account}).fetchone())
    return Holdings(*row)
