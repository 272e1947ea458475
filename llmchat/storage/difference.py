"""Compares an imported conversation with what is here."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from llmchat.domain.conversation import Message, MessageId
from llmchat.domain.imported import ImportedConversation
from llmchat.storage import conversations, messages

Outcome: TypeAlias = Literal["new", "updated", "unchanged", "binned"]
"""`binned`: it is in the bin here, and stays there as it is."""

_BY_ID = "select number from conversation where account = ? and id = ? and deleted is not 0"
_BY_SOURCE = """
select number from conversation
where account = ? and source = ? and source_id = ? and deleted is not 0
"""
_KNOWN = f"""
select source_id, {messages.COLUMNS} from message where conversation = ? order by number
"""  # noqa: S608 - our own names


@dataclass(slots=True)
class Difference:
    """What an import would change. `number` is None for a conversation that is new here.

    `ids` are those here of the messages in the import; new ones are not among them.
    """

    number: int | None = None
    fresh: list[Message] = field(default_factory=list)
    changed: list[tuple[MessageId, Message]] = field(default_factory=list)
    ids: dict[MessageId, MessageId] = field(default_factory=dict)
    title: str | None = None
    moves_on: bool = False
    binned: bool = False

    @property
    def outcome(self) -> Outcome:
        """In one word."""
        if self.number is None:
            return "new"
        if self.binned:
            return "binned"
        return "updated" if self.fresh or self.changed or self.title is not None else "unchanged"


def difference(
    connection: sqlite3.Connection, account: str, one: ImportedConversation
) -> Difference:
    """What is not here yet, or not the same."""
    number = _find(connection, account, one)
    if number is None:
        return Difference()
    here = conversations.conversation_at(connection, number)
    result = Difference(number, binned=here.deleted is not None)
    known, imported = _known(connection, number, one)
    for message in one.messages:
        there = known.get(message.id)
        if there is None:
            result.fresh.append(message)
            continue
        result.ids[message.id] = there.id
        if _renews(there, message, own=one.own is not None):
            result.changed.append((there.id, message))
    newer = one.conversation.updated > here.updated or one.own is None
    result.moves_on = bool(result.fresh) and newer and (not here.active or here.active in imported)
    named = connection.execute("select named from conversation where number = ?", (number,))
    if one.own is None and not named.fetchone()[0] and here.title != one.conversation.title:
        result.title = one.conversation.title
    return result


def _find(connection: sqlite3.Connection, account: str, one: ImportedConversation) -> int | None:
    tries: list[tuple[str, tuple[str, ...]]] = [
        (_BY_SOURCE, (account, one.source, one.conversation.id))
    ]
    if one.own is not None:
        tries.insert(0, (_BY_ID, (account, one.conversation.id)))
        if one.own.source and one.own.source_id:
            tries.append((_BY_SOURCE, (account, one.own.source, one.own.source_id)))
    for sql, values in tries:
        row = connection.execute(sql, values).fetchone()
        if row is not None:
            return int(row[0])
    return None


def _known(
    connection: sqlite3.Connection, number: int, one: ImportedConversation
) -> tuple[dict[str, Message], set[str]]:
    """The messages here by their ids in the import, and the ids here of those imported."""
    by_id: dict[str, Message] = {}
    by_source: dict[str, Message] = {}
    for source_id, *row in connection.execute(_KNOWN, (number,)):
        message = messages.read_message(tuple(row))
        by_id[message.id] = message
        if source_id is not None:
            by_source[source_id] = message
    if one.own is None:
        return by_source, {message.id for message in by_source.values()}
    known: dict[str, Message] = {
        key: by_source[there] for key, there in one.own.source_ids.items() if there in by_source
    }
    known |= by_source
    known |= by_id
    return known, {known[each.id].id for each in one.messages if each.id in known}


def _renews(here: Message, there: Message, *, own: bool) -> bool:
    """Whether the import knows better. Of our own exports only a later edit does; of others, all
    that was not touched here.
    """
    if own:
        return here.state != "running" and (there.edited or 0) > (here.edited or 0)
    if here.edited is not None or here.job_id is not None:
        return False
    return _said(here) != _said(there)


def _said(one: Message) -> tuple[object, ...]:
    return (
        *(one.content, one.reasoning, one.state, one.error, one.finish_reason, one.model),
        *(one.tool_calls, one.attachments),
    )
