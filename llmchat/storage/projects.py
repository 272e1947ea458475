"""The projects of the accounts, their files, and what becomes of their conversations."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from llmchat.domain.conversation import Attachment
from llmchat.domain.errors import NoSuchProjectError, TooManyKeptError
from llmchat.domain.ids import new_id, now
from llmchat.domain.project import Project
from llmchat.storage.database import Database

MOST = 200

_COLUMNS = "id, name, updated, icon, colour, system, model, preset"
_IN_ORDER = f"""
select number, {_COLUMNS} from project where account = ? order by place, number
"""  # noqa: S608 - our own names
_ONE = f"select number, {_COLUMNS} from project where account = ? and id = ?"  # noqa: S608
_INSERT = f"""
insert into project(account, source_id, place, {_COLUMNS}) values (?1, ?2,
    (select coalesce(max(place), 0) + 1 from project where account = ?1), {"?," * 7} ?)
returning number
"""  # noqa: S608
_FILES = """
select file, name, type, size from project_file join file on file.id = file
where project = ? order by place
"""
_ADD_FILE = """
insert or ignore into project_file(project, file, name, place) values (?1, ?2, ?3,
    (select coalesce(max(place), 0) + 1 from project_file where project = ?1))
"""
_RUNNING = """
select job from message join conversation c on c.number = message.conversation
where c.project = ? and c.deleted is null and state = 'running' and job is not null
"""
_LET_GO = """
update conversation set project = null, revision = revision + 1,
    deleted = case when deleted is null and ?2 then ?3 else deleted end
where project = ?1
"""


@dataclass(frozen=True, slots=True)
class Gone:
    """What the end of a project has changed: the ids of its conversations, and the jobs that wrote
    answers in those that went into the bin with it.
    """

    conversations: Sequence[str]
    jobs: Sequence[str]


class ProjectStore:
    """The projects of all accounts. Everything raises StorageError, and NoSuchProjectError where
    there is none with the id.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, account: str) -> list[Project]:
        """All of them, in the order that the person has given them."""
        return await self._database.read(lambda reader: list_projects(reader, account))

    async def get(self, account: str, project_id: str) -> Project:
        """One of them."""
        return await self._database.read(lambda reader: find_project(reader, account, project_id))

    async def add(self, account: str, project: Project) -> Project:
        """Keep one more, the last in order; its files come later. Raises TooManyKeptError."""

        def work(connection: sqlite3.Connection) -> Project:
            sql = "select count(*) from project where account = ?"
            if connection.execute(sql, (account,)).fetchone()[0] >= MOST:
                raise TooManyKeptError(f"At most {MOST} projects are kept. Delete one before.")
            insert_project(connection, account, project)
            return project

        return await self._database.write(work, sync=True)

    async def patch(self, account: str, project_id: str, changes: Mapping[str, Any]) -> Project:
        """Change members of a project; `place` is where it is to stand among all, from 0."""

        def work(connection: sqlite3.Connection) -> Project:
            number = _number_of(connection, account, project_id)
            columns: dict[str, object] = {**changes, "updated": now()}
            place = columns.pop("place", None)
            names = ", ".join(f"{name} = ?" for name in columns)
            sql = f"update project set {names} where number = ?"  # noqa: S608 - our own names
            connection.execute(sql, (*columns.values(), number))
            if isinstance(place, int):
                _put(connection, account, number, place)
            return find_project(connection, account, project_id)

        return await self._database.write(work, sync=True)

    async def delete(self, account: str, project_id: str, *, bin_chats: bool) -> Gone:
        """End a project. Its conversations are of none then, or go into the bin with it."""

        def work(connection: sqlite3.Connection) -> Gone:
            number = _number_of(connection, account, project_id)
            sql = "select id from conversation where project = ? and deleted is null"
            ids = [one for (one,) in connection.execute(sql, (project_id,))]
            jobs = connection.execute(_RUNNING, (project_id,)) if bin_chats else ()
            gone = Gone(ids, [job for (job,) in jobs])
            connection.execute(_LET_GO, (project_id, bin_chats, now()))
            connection.execute("delete from project where number = ?", (number,))
            return gone

        return await self._database.write(work, sync=True)

    async def add_file(self, account: str, project_id: str, file: Attachment) -> Project:
        """Let a stored file go with every conversation of the project; once, whatever its name."""

        def work(connection: sqlite3.Connection) -> Project:
            number = _number_of(connection, account, project_id)
            connection.execute(_ADD_FILE, (number, file.file, file.name))
            return _touched(connection, account, project_id)

        return await self._database.write(work, sync=True)

    async def remove_file(self, account: str, project_id: str, file: str) -> Project:
        """Let it go with them no longer; also if it does not."""

        def work(connection: sqlite3.Connection) -> Project:
            number = _number_of(connection, account, project_id)
            sql = "delete from project_file where project = ? and file = ?"
            connection.execute(sql, (number, file))
            return _touched(connection, account, project_id)

        return await self._database.write(work, sync=True)


def list_projects(connection: sqlite3.Connection, account: str) -> list[Project]:
    """The projects of an account in their order."""
    rows = connection.execute(_IN_ORDER, (account,)).fetchall()
    return [_read(connection, row) for row in rows]


def find_project(connection: sqlite3.Connection, account: str, project_id: str) -> Project:
    """One of them. Raises NoSuchProjectError."""
    row = connection.execute(_ONE, (account, project_id)).fetchone()
    if row is None:
        raise NoSuchProjectError
    return _read(connection, row)


def insert_project(
    connection: sqlite3.Connection, account: str, project: Project, source_id: str | None = None
) -> None:
    """Store a project with its files, the last in order. `source_id`: its id where it was imported
    from, if it is another one here.
    """
    one = project
    values = (one.id, one.name, one.updated, one.icon, one.colour, one.system, one.model)
    row = connection.execute(_INSERT, (account, source_id, *values, one.preset)).fetchone()
    for file in one.files:
        connection.execute(_ADD_FILE, (row[0], file.file, file.name))


def bring_project(connection: sqlite3.Connection, account: str, project: Project) -> str:
    """Store an imported project unless it is here; what is here stays as it is. Gives its id."""
    here = brought_project(connection, account, project.id)
    if here is not None:
        return here
    taken = connection.execute("select 1 from project where id = ?", (project.id,)).fetchone()
    kept = project if taken is None else replace(project, id=new_id())
    insert_project(connection, account, kept, None if taken is None else project.id)
    return kept.id


def brought_project(connection: sqlite3.Connection, account: str, source_id: str) -> str | None:
    """The id of a project by the one that it has here, or had where it was imported from."""
    sql = "select id from project where account = ?1 and (id = ?2 or source_id = ?2)"
    row = connection.execute(sql, (account, source_id)).fetchone()
    return None if row is None else str(row[0])


def _number_of(connection: sqlite3.Connection, account: str, project_id: str) -> int:
    row = connection.execute(_ONE, (account, project_id)).fetchone()
    if row is None:
        raise NoSuchProjectError
    number: int = row[0]
    return number


def _touched(connection: sqlite3.Connection, account: str, project_id: str) -> Project:
    connection.execute("update project set updated = ? where id = ?", (now(), project_id))
    return find_project(connection, account, project_id)


def _put(connection: sqlite3.Connection, account: str, number: int, place: int) -> None:
    sql = "select number from project where account = ? and number <> ? order by place, number"
    order = [one for (one,) in connection.execute(sql, (account, number))]
    order.insert(place, number)
    places = [(at, one) for at, one in enumerate(order)]
    connection.executemany("update project set place = ? where number = ?", places)


def _read(connection: sqlite3.Connection, row: tuple[Any, ...]) -> Project:
    files = [Attachment(*one) for one in connection.execute(_FILES, (row[0],))]
    return replace(Project(*row[1:]), files=files)
