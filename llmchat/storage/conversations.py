"""Conversations in the store: works on a connection, for whoever has a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import msgspec

from llmchat.domain.conversation import Conversation, Message, MessageId
from llmchat.domain.errors import NoSuchConversationError, NoSuchProjectError
from llmchat.domain.ids import now
from llmchat.storage import messages

Action: TypeAlias = Literal[
    "delete", "restore", "delete-forever", "archive", "unarchive", "pin", "unpin", "read", "move"
]

BATCH_MESSAGES = 200  # that are deleted in one transaction, so that nobody waits long
DOOMED = 0  # `deleted` of what is being deleted for good: nobody finds it any more

COLUMNS = (
    "id, title, created, updated, pinned, archived, unread, exists(select 1 from message where"
    " conversation = conversation.number and state = 'running'), deleted, active, settings,"
    " revision, project"
)
_INSERT = """
insert into conversation(account, source, source_id, named, id, title, created, updated, pinned,
    archived, unread, deleted, active, settings, revision, project)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning number
"""
_TOUCH = """
update conversation set revision = revision + 1, updated = max(updated, ?) where number = ?
returning revision
"""
FIND = "select number from conversation where account = ? and id = ? and deleted is not 0"
_ONE = f"select {COLUMNS} from conversation where number = ?"  # noqa: S608 - our own names
_ACTIONS: Mapping[Action, str] = {
    "delete": "deleted = ?2 where deleted is null",
    "restore": "deleted = null where deleted > 0",
    "delete-forever": f"deleted = {DOOMED} where deleted is not {DOOMED}",
    "archive": "archived = 1 where archived = 0",
    "unarchive": "archived = 0 where archived = 1",
    "pin": "pinned = 1 where pinned = 0",
    "unpin": "pinned = 0 where pinned = 1",
    "read": "unread = 0 where unread = 1",
    "move": "project = ?2 where project is not ?2",
}


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change has made of a conversation of an account: the ids of the messages that are not
    as before, and the jobs that wrote answers where nothing is to be written any more.
    """

    account: str
    conversation: Conversation
    messages: list[MessageId]
    jobs: list[str]


def insert_conversation(
    connection: sqlite3.Connection,
    account: str,
    conversation: Conversation,
    source: str | None = None,
    source_id: str | None = None,
    *,
    named: bool = False,
) -> int:
    """Store a conversation without messages. Gives its number, for `insert_message`.

    `source` and `source_id`: where it was imported from. `named`: a person chose its title.
    """
    one = conversation
    values = (
        *(account, source, source_id, named, one.id, one.title, one.created, one.updated),
        *(one.pinned, one.archived, one.unread, one.deleted, one.active),
        *(messages.to_json(one.settings) or "{}", one.revision, one.project),
    )
    number: int = connection.execute(_INSERT, values).fetchone()[0]
    return number


def touch(connection: sqlite3.Connection, conversation_number: int, said: int = 0) -> int:
    """Count a change of a conversation or its messages. Gives the new revision, which is also
    that of the changed messages. `said`: when something was said, if that is the change.
    """
    row = connection.execute(_TOUCH, (said, conversation_number)).fetchone()
    revision: int = row[0]
    return revision


def number_of(connection: sqlite3.Connection, account: str, conversation_id: str) -> int:
    """The number of a conversation, in the bin or not. Raises NoSuchConversationError."""
    row = connection.execute(FIND, (account, conversation_id)).fetchone()
    if row is None:
        raise NoSuchConversationError
    number: int = row[0]
    return number


def conversation_at(connection: sqlite3.Connection, number: int) -> Conversation:
    """The conversation with this number, which there is."""
    return read_conversation(connection.execute(_ONE, (number,)).fetchone())


def account_at(connection: sqlite3.Connection, number: int) -> str:
    """Whose the conversation with this number is, which there is."""
    sql = "select account from conversation where number = ?"
    account: str = connection.execute(sql, (number,)).fetchone()[0]
    return account


def read_conversation(row: tuple[Any, ...]) -> Conversation:
    """The conversation of a row of COLUMNS."""
    pinned, archived, unread, running = (bool(flag) for flag in row[4:8])
    settings = {} if row[10] == "{}" else msgspec.json.decode(row[10])
    return Conversation(
        *(row[0], row[1], row[2], row[3]),
        pinned=pinned,
        archived=archived,
        unread=unread,
        running=running,
        deleted=row[8],
        active=row[9],
        settings=settings,
        revision=row[11],
        project=row[12],
    )


def check_project(connection: sqlite3.Connection, account: str, project_id: str | None) -> None:
    """Raise NoSuchProjectError if a conversation of the account cannot belong to this project."""
    sql = "select 1 from project where account = ? and id = ?"
    if project_id is None:
        return
    if connection.execute(sql, (account, project_id)).fetchone() is None:
        raise NoSuchProjectError


def activate(connection: sqlite3.Connection, number: int, message_id: str | None) -> None:
    """Let the branch in view end with this message."""
    connection.execute("update conversation set active = ? where number = ?", (message_id, number))


def create(
    connection: sqlite3.Connection,
    account: str,
    conversation: Conversation,
    branch: Sequence[Message],
) -> Conversation:
    """Store a conversation with messages, parents first. They get its revision."""
    number = insert_conversation(connection, account, conversation)
    revision = touch(connection, number)
    for one in branch:
        messages.insert_message(connection, account, number, replace(one, revision=revision))
    return conversation_at(connection, number)


def set_columns(connection: sqlite3.Connection, number: int, columns: Mapping[str, object]) -> None:
    """Set columns, named as in the table."""
    if columns:
        names = ", ".join(f"{name} = ?" for name in columns)
        sql = f"update conversation set {names} where number = ?"  # noqa: S608 - our own names
        connection.execute(sql, (*columns.values(), number))


def act(
    connection: sqlite3.Connection, number: int, action: Action, project: str | None = None
) -> Changed | None:
    """Do something with one conversation. None if it is so already. `project` is where it is moved
    to, which there is.
    """
    sql = f"update conversation set {_ACTIONS[action]} and number = ?1"  # noqa: S608 - our own texts
    further: Mapping[Action, object] = {"delete": now(), "move": project}
    values = (number, further[action]) if action in further else (number,)
    if not connection.execute(sql, values).rowcount:
        return None
    touch(connection, number)
    deletes = action in {"delete", "delete-forever"}
    jobs = messages.running_jobs(connection, number) if deletes else []
    return changed(connection, number, jobs=jobs)


def doom_all(connection: sqlite3.Connection, account: str) -> tuple[int, list[str]]:
    """Let nobody find any conversation of an account any more, also of its archive and its bin.
    Gives how many there were, and the jobs that write answers in them.
    """
    running = """
    select job from message join conversation on conversation.number = message.conversation
    where state = 'running' and account = ? and deleted is not ? and job is not null
    """
    jobs = [job for (job,) in connection.execute(running, (account, DOOMED))]
    sql = "update conversation set deleted = ?1 where account = ?2 and deleted is not ?1"
    return connection.execute(sql, (DOOMED, account)).rowcount, jobs


def changed(
    connection: sqlite3.Connection,
    number: int,
    ids: Sequence[MessageId] = (),
    jobs: Sequence[str] = (),
) -> Changed:
    """What has become of a conversation."""
    account = account_at(connection, number)
    return Changed(account, conversation_at(connection, number), list(ids), list(jobs))


def has_message(connection: sqlite3.Connection, number: int, message_id: str | None) -> bool:
    """Whether a message is there."""
    sql = "select 1 from message where conversation = ? and id = ?"
    return connection.execute(sql, (number, message_id)).fetchone() is not None


def oldest_in_bin(connection: sqlite3.Connection, before: int) -> tuple[int, str, str] | None:
    """The number, account and id of what went into a bin first, if that was before a time."""
    sql = "select number, account, id from conversation where deleted < ? order by deleted limit 1"
    row: tuple[int, str, str] | None = connection.execute(sql, (before,)).fetchone()
    return row


def erode(connection: sqlite3.Connection, number: int) -> bool:
    """Delete some messages of a conversation, at last itself. False when it is gone."""
    sql = """
    delete from message where number in
    (select number from message where conversation = ? order by number desc limit ?)
    """
    set_columns(connection, number, {"deleted": DOOMED})
    if connection.execute(sql, (number, BATCH_MESSAGES)).rowcount == BATCH_MESSAGES:
        return True
    connection.execute("delete from conversation where number = ?", (number,))
    return False
