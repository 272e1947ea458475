"""Search in titles and messages: the newest first, in short turns, so that nobody waits for it.

Words of three characters and more are found by a trigram index, shorter ones by reading the texts.
Both go from the newest message back, a number of messages in each turn at a reading connection, and
stop when there are enough hits or the time is over; the next page goes on from there. So nothing
that somebody types takes long, or hinders others (docs/decisions.md, "Search").
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from llmchat.domain.conversation import ConversationId, MessageId
from llmchat.domain.search import Hit, Query
from llmchat.storage.conditions import conditions, containing
from llmchat.storage.database import Database
from llmchat.storage.matches import look_up, scan
from llmchat.storage.snippets import marked, snippet

SECONDS = 0.03  # of one page; after that it has what was found so far
TURN_SECONDS = 0.5
_STEPS = 10_000  # of SQLite's machine between two looks at the clock
_FIRST_TITLES = 20  # that come before the messages; the others come after them
_TURNS = (200, 1_000, 4_000)  # matches that are looked at in a turn: frequent words need few
_SCANNED = 5_000  # messages that are read in a turn, where there is no index
_END = 10**18 - 1  # above all numbers

_TITLES = """
select c.id, c.title, c.updated, c.archived from conversation c
where c.account = :account and c.deleted is null {where}
order by c.updated desc, c.number desc limit :limit offset :offset
"""
_MESSAGE = """
select c.id, c.title, c.archived, m.id, m.role, m.created, m.content
from message m join conversation c on c.number = m.conversation where m.number = ?
"""
_MODELS = """
with recursive found(model) as (
    select min(model) from message where model > ''
    union all
    select (select min(model) from message where model > found.model) from found
    where found.model is not null
)
select json_group_array(model) from found where model like ? escape '\\'
"""
_HAS_MODEL = """
and exists (select 1 from message x where x.conversation = c.number
    and x.model in (select value from json_each(:models)))
"""


class Place(NamedTuple):
    """Where a page begins: at the title with this offset, or below the message with this number."""

    titles: bool
    at: int

    @classmethod
    def read(cls, text: str) -> Place | None:
        """A place that was written by `str`; None for any other text."""
        found = re.fullmatch("([tm])(0|[1-9][0-9]{0,17})", text, re.ASCII)
        return None if found is None else cls(found[1] == "t", int(found[2]))

    def __str__(self) -> str:
        return f"{'t' if self.titles else 'm'}{self.at}"


@dataclass(frozen=True, slots=True)
class Page:
    """Some hits. There may be more from `next` on, also if there are none here."""

    hits: list[Hit]
    next: Place | None


@dataclass(slots=True)
class _Search:
    """One search under way: where it is, and what it has found."""

    account: str
    query: Query
    limit: int
    place: Place | None
    hits: list[Hit]
    moved: bool = False  # a page without any turn would lead to the same page again
    turns: int = 0
    shrunk: int = 1  # how much smaller the turns are than usual
    models: str | None = None  # a JSON list of what the query's model stands for
    projects: str | None = None  # the same for its project

    @property
    def missing(self) -> int:
        return self.limit - len(self.hits)


class SearchStore:
    """`seconds` is what one page may take; a turn of SQLite that takes more than `turn_seconds` is
    broken off and made smaller.
    """

    def __init__(
        self, database: Database, seconds: float = SECONDS, turn_seconds: float = TURN_SECONDS
    ) -> None:
        self._database = database
        self._seconds = seconds
        self._turn_seconds = turn_seconds
        self._turn = asyncio.Lock()  # so that one reading connection is left for the others

    async def find(
        self, account: str, query: Query, limit: int, start: Place | None = None
    ) -> Page:
        """A page of hits: some titles, the messages from the newest back, then the other titles.
        Without words, the conversations. Raises StorageError.
        """
        search = _Search(account, query, limit, start or Place(titles=True, at=0), [])
        deadline = time.monotonic() + self._seconds

        def work(connection: sqlite3.Connection) -> None:
            _take_turn(connection, search, self._turn_seconds)

        while (
            search.place
            and search.missing > 0
            and (not search.moved or time.monotonic() < deadline)
        ):
            async with self._turn:
                await self._database.read(work)
        return Page(search.hits, search.place)


def _take_turn(connection: sqlite3.Connection, search: _Search, seconds: float) -> None:
    place = search.place
    if place is None:
        return
    limited = not place.titles and search.shrunk < _TURNS[-1]
    try:
        with _turn(connection, seconds if limited else None):
            if not _know_names(connection, search):
                search.place = None
            elif place.titles:
                _titles(connection, search, place.at)
            else:
                _messages(connection, search, place.at)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        search.shrunk *= 20  # the texts are huge, or the machine is busy
    else:
        search.moved = True


def _know_names(connection: sqlite3.Connection, search: _Search) -> bool:
    """Look up which models and projects are meant. False if there are none, so that nothing can be
    found.
    """
    if search.query.project is not None and search.projects is None:
        search.projects = _projects(connection, search.account, search.query.project)
    if search.query.model is not None and search.models is None:
        wanted = (containing(search.query.model),)
        (search.models,) = connection.execute(_MODELS, wanted).fetchone()
    return "[]" not in (search.models, search.projects)


def _projects(connection: sqlite3.Connection, account: str, wanted: str) -> str:
    sql = "select id, name from project where account = ?"
    rows = connection.execute(sql, (account,))
    return json.dumps([key for key, name in rows if wanted.casefold() in name.casefold()])


def _titles(connection: sqlite3.Connection, search: _Search, offset: int) -> None:
    words = search.query.words
    head = bool(words) and offset < _FIRST_TITLES
    limit = min(search.missing, _FIRST_TITLES - offset) if head else search.missing
    where, values = conditions(
        search.query, text="c.title", time="c.updated", projects=search.projects
    )
    if values["match"]:
        where += " and c.number in (select rowid from conversation_text(:match))"
    if search.models is not None:
        where += _HAS_MODEL
    values |= {"account": search.account, "models": search.models}
    values |= {"limit": limit, "offset": offset}
    rows = connection.execute(_TITLES.format(where=where), values).fetchall()
    for identity, title, updated, archived in rows:
        parts = marked(title, words)
        one = ConversationId(identity)
        search.hits.append(Hit(one, title, parts, None, None, updated, bool(archived), []))
    search.place = Place(titles=True, at=offset + len(rows))
    if head and (len(rows) < limit or search.place.at == _FIRST_TITLES):
        search.place = Place(titles=False, at=_END)
    elif len(rows) < limit:
        search.place = None


def _messages(connection: sqlite3.Connection, search: _Search, below: int) -> None:
    where, values = conditions(
        search.query, text="m.content", time="m.created", projects=search.projects
    )
    if search.models is not None:
        where += " and m.model in (select value from json_each(:models))"
    turn = _TURNS[min(search.turns, len(_TURNS) - 1)] if values["match"] else _SCANNED
    turn = max(1, turn // search.shrunk)
    values |= {"account": search.account, "models": search.models, "limit": search.missing}
    look = look_up if values["match"] else scan
    looked = look(connection, where, values, below, turn)
    # One text in memory at a time: a message may be large.
    search.hits += [_hit(connection, number, search.query.words) for number in looked.good]
    search.turns += 1
    if not search.missing:
        search.place = Place(titles=False, at=looked.good[-1])
    elif looked.over:
        search.place = Place(titles=True, at=_FIRST_TITLES)
    else:
        search.place = Place(titles=False, at=looked.lowest)


def _hit(connection: sqlite3.Connection, number: int, words: Sequence[str]) -> Hit:
    row = connection.execute(_MESSAGE, (number,)).fetchone()
    conversation, title, archived, message, role, created, content = row
    return Hit(
        ConversationId(conversation),
        title,
        marked(title, words),
        MessageId(message),
        role,
        created,
        bool(archived),
        snippet(content, words),
    )


@contextmanager
def _turn(connection: sqlite3.Connection, seconds: float | None) -> Iterator[None]:
    """All statements see the same state of the file, and are interrupted when the time is over."""
    connection.execute("begin")
    if seconds is not None:
        deadline = time.monotonic() + seconds
        connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
        connection.execute("rollback")
