"""Messages in the store: works on a connection, for whoever has a transaction.

A message is stored after its parent, so that its number is greater: a path or a branch in the
order of the numbers is in the order of the tree, and no message can be its own ancestor.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from llmchat.domain.conversation import Attachment, Message, MessageId
from llmchat.domain.errors import NoSuchMessageError
from llmchat.domain.ids import new_id

COLUMNS = (
    "id, parent, role, content, created, reasoning, state, finish_reason, error, model, endpoint,"
    " job, parameters, usage, timings, tool_calls, attachments, edited, revision"
)
_INSERT = f"""
insert into message(conversation, source_id, {COLUMNS})
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning number
"""  # noqa: S608 - our own names
_ATTACH = """
insert or ignore into message_file(message, file)
select ?, file from file_holder where account = ? and file = ?
"""
_BELOW = """
with recursive branch(number, id) as (
    select number, id from message where conversation = ?1 and {start}
    union all
    select message.number, message.id from branch join message
    on message.conversation = ?1 and message.parent = branch.id
)
"""
_PATH = """
with recursive path(number, parent) as (
    select number, parent from message where conversation = ?1 and id = ?2
    union all
    select message.number, message.parent from path join message
    on message.id = path.parent and message.conversation = ?1
)
"""
_NUMBERS = "select number from branch"
_IN_ORDER = f"select {COLUMNS} from message where number in (select number from %s) order by number"  # noqa: S608

_encoder = msgspec.json.Encoder()
_attachments = msgspec.json.Decoder(list[Attachment])


def insert_message(
    connection: sqlite3.Connection,
    account: str,
    conversation_number: int,
    message: Message,
    source_id: str | None = None,
) -> int:
    """Store a message of an account below its parent, which is there already. Gives its number.

    It becomes neither the active one, nor does the conversation hear of it: see `touch`.
    """
    row = connection.execute(_INSERT, (conversation_number, source_id, *_values(message)))
    number: int = row.fetchone()[0]
    link_files(connection, account, number, message.attachments)
    return number


def link_files(
    connection: sqlite3.Connection, account: str, number: int, attachments: Iterable[Attachment]
) -> None:
    """Note which files a message needs; those that its account does not hold are left out."""
    connection.executemany(_ATTACH, [(number, account, one.file) for one in attachments])


def update_message(connection: sqlite3.Connection, message: Message, **columns: object) -> None:
    """Change columns of a message, named as in the table."""
    names = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(
        f"update message set {names} where id = ?",  # noqa: S608 - our own names
        (*columns.values(), message.id),
    )


def messages_of(
    connection: sqlite3.Connection, conversation_number: int, since: int = -1
) -> list[Message]:
    """The messages of a conversation in order of creation, of those changed after a revision."""
    sql = f"select {COLUMNS} from message where conversation = ? and revision > ? order by number"  # noqa: S608
    return [read_message(row) for row in connection.execute(sql, (conversation_number, since))]


def count_messages(connection: sqlite3.Connection, conversation_number: int) -> int:
    """How many messages a conversation has."""
    sql = "select count(*) from message where conversation = ?"
    count: int = connection.execute(sql, (conversation_number,)).fetchone()[0]
    return count


def find_message(
    connection: sqlite3.Connection, conversation_number: int, message_id: str
) -> Message:
    """A message of a conversation. Raises NoSuchMessageError."""
    sql = f"select {COLUMNS} from message where id = ? and conversation = ?"  # noqa: S608
    row = connection.execute(sql, (message_id, conversation_number)).fetchone()
    if row is None:
        raise NoSuchMessageError
    return read_message(row)


def path_to(
    connection: sqlite3.Connection, conversation_number: int, message_id: str
) -> list[Message]:
    """The messages from the root to this one. Raises NoSuchMessageError."""
    rows = connection.execute(_PATH + _IN_ORDER % "path", (conversation_number, message_id))
    path = [read_message(row) for row in rows]
    if not path:
        raise NoSuchMessageError
    return path


def below(
    connection: sqlite3.Connection, conversation_number: int, parent_id: str | None
) -> list[Message]:
    """All messages below one, or all of them for None, in order of creation."""
    sql = _BELOW.format(start="parent is ?2") + _IN_ORDER % "branch"
    return [read_message(row) for row in connection.execute(sql, (conversation_number, parent_id))]


def delete_branch(
    connection: sqlite3.Connection, conversation_number: int, message_id: str
) -> tuple[int, list[str]]:
    """Delete a message with all below it. Gives how many, and the jobs that were writing some."""
    branch = _BELOW.format(start="id = ?2")
    place = (conversation_number, message_id)
    numbers = connection.execute(branch + _NUMBERS, place).fetchall()
    if not numbers:
        raise NoSuchMessageError
    jobs = connection.execute(
        f"{branch} select job from message where state = 'running' and number in"  # noqa: S608
        " (select number from branch) and job is not null",
        place,
    ).fetchall()
    connection.executemany("delete from message where number = ?", numbers)
    return len(numbers), [job for (job,) in jobs]


def running_jobs(connection: sqlite3.Connection, conversation_number: int) -> list[str]:
    """The jobs that write answers of a conversation now."""
    sql = "select job from message where conversation = ? and state = 'running'"
    rows = connection.execute(sql, (conversation_number,)).fetchall()
    return [job for (job,) in rows if job is not None]


def newest_leaf(
    connection: sqlite3.Connection, conversation_number: int, message_id: str | None
) -> MessageId | None:
    """Where one gets from a message by always turning to the newest one below; from None, of the
    newest root. None for an empty conversation.
    """
    sql = """
    select id from message where conversation = ? and parent is ? order by number desc limit 1
    """
    leaf = message_id
    while row := connection.execute(sql, (conversation_number, leaf)).fetchone():
        leaf = row[0]
    return None if leaf is None else MessageId(leaf)


def copies(messages: Sequence[Message]) -> list[Message]:
    """The same messages under new ids, with the revision 0 and of no job."""
    ids = {one.id: MessageId(new_id(one.created)) for one in messages}
    return [
        replace(
            one,
            id=ids[one.id],
            parent_id=None if one.parent_id is None else ids.get(one.parent_id),
            job_id=None,
            revision=0,
        )
        for one in messages
    ]


def read_message(row: tuple[Any, ...]) -> Message:
    """The message of a row of COLUMNS."""
    values = list(row)
    for index in (8, 13, 14):  # error, usage, timings
        if values[index] is not None:
            values[index] = msgspec.json.decode(values[index])
    values[12] = {} if values[12] == "{}" else msgspec.json.decode(values[12])
    values[15] = [] if values[15] is None else msgspec.json.decode(values[15])
    values[16] = [] if values[16] is None else _attachments.decode(values[16])
    return Message(*values)


def to_json(value: object) -> str | None:
    """What a column of JSON holds: null for nothing and for what is empty."""
    return _encoder.encode(value).decode() if value else None


def _values(one: Message) -> tuple[object, ...]:
    return (
        *(one.id, one.parent_id, one.role, one.content, one.created, one.reasoning, one.state),
        *(one.finish_reason, to_json(one.error), one.model, one.endpoint, one.job_id),
        *(to_json(one.parameters) or "{}", to_json(one.usage), to_json(one.timings)),
        *(to_json(one.tool_calls), to_json(one.attachments), one.edited, one.revision),
    )
