"""The numbers of the messages that fit, from the newest back, by the index or by reading."""

from __future__ import annotations

import json
import sqlite3
from typing import NamedTuple

_INDEXED = """
select rowid from message_text where message_text match :match and rowid < :below
order by rowid desc limit :turn
"""
_AMONG = """
select m.number from json_each(:numbers) cross join message m on m.number = value
cross join conversation c on c.number = m.conversation
where c.account = :account and c.deleted is null {where}
order by m.number desc limit :limit
"""
_RANGE = """
select min(number), count(*)
from (select number from message where number < :below order by number desc limit :turn)
"""
_WITHIN = """
select m.number from message m cross join conversation c on c.number = m.conversation
where m.number < :below and m.number >= :lowest and m.state <> 'running'
and c.account = :account and c.deleted is null {where}
order by m.number desc limit :limit
"""


class Looked(NamedTuple):
    """How many messages were looked at, the last one of them, and the good ones in order."""

    messages: int
    lowest: int
    good: list[int]


def look_up(connection: sqlite3.Connection, where: str, values: dict[str, object]) -> Looked:
    """Ask the index, once: for frequent words that are never together, this walk is the work."""
    near = [number for (number,) in connection.execute(_INDEXED, values)]
    values["numbers"] = json.dumps(near)
    good = connection.execute(_AMONG.format(where=where), values)
    return Looked(len(near), near[-1] if near else 0, [number for (number,) in good])


def scan(connection: sqlite3.Connection, where: str, values: dict[str, object]) -> Looked:
    """The same by reading the texts."""
    lowest, looked_at = connection.execute(_RANGE, values).fetchone()
    values["lowest"] = lowest
    good = connection.execute(_WITHIN.format(where=where), values)
    return Looked(looked_at, lowest or 0, [number for (number,) in good])
