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
_NEWEST = "select max(number) from message"
_WITHIN = """
select m.number from message m cross join conversation c on c.number = m.conversation
where m.number < :below and m.number >= :lowest and m.state <> 'running'
and c.account = :account and c.deleted is null {where}
order by m.number desc limit :limit
"""


class Looked(NamedTuple):
    """The good messages, the newest first, the last one that was looked at, and whether there are
    none below that.
    """

    good: list[int]
    lowest: int
    over: bool


def look_up(
    connection: sqlite3.Connection, where: str, values: dict[str, object], below: int, turn: int
) -> Looked:
    """Ask the index for as many matches as `turn`, below a number.

    Once: where frequent words are never together, this walk is the work.
    """
    walk = {"match": values["match"], "below": below, "turn": turn}
    near = [number for (number,) in connection.execute(_INDEXED, walk)]
    among = {**values, "numbers": json.dumps(near)}
    good = connection.execute(_AMONG.format(where=where), among)
    return Looked([number for (number,) in good], near[-1] if near else 0, len(near) < turn)


def scan(
    connection: sqlite3.Connection, where: str, values: dict[str, object], below: int, turn: int
) -> Looked:
    """The same by reading the texts. Numbers have few gaps: a range of them is so many messages."""
    (newest,) = connection.execute(_NEWEST).fetchone()
    below = min(below, (newest or 0) + 1)
    lowest = max(below - turn, 0)
    within = {**values, "below": below, "lowest": lowest}
    good = connection.execute(_WITHIN.format(where=where), within)
    return Looked([number for (number,) in good], lowest, below <= turn)
