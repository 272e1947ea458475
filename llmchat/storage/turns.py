"""A turn: what a question changes in a conversation, in the transaction that stores its job."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

from llmchat.domain.chat import TurnIds
from llmchat.domain.conversation import Conversation, Message, MessageId
from llmchat.domain.errors import RunningError, StaleError
from llmchat.storage import conversations as rows
from llmchat.storage import messages


@dataclass(frozen=True, slots=True)
class Turn:
    """`new` is the conversation, if it is made with the question. `answer` is the message to be
    written, which is there already if it is continued. A `branch` may begin beside other messages.
    `digest` tells two turns with one Idempotency-Key apart.
    """

    account: str
    digest: str
    ids: TurnIds
    answer: Message
    question: Message | None = None
    new: Conversation | None = None
    branch: bool = False
    continues: bool = False

    def store(
        self, connection: sqlite3.Connection, job_id: str, model: str, endpoint: str
    ) -> rows.Changed:
        """Make the changes. Raises NoSuchConversationError, NoSuchMessageError, StaleError if the
        conversation has gone on from there, RunningError if what is above is being written.
        """
        if self.new is not None:
            rows.check_project(connection, self.account, self.new.project)
            number = rows.insert_conversation(connection, self.account, self.new)
        else:
            number = rows.number_of(connection, self.account, self.ids.conversation)
            self._check(connection, number)
        said = (self.question or self.answer).created
        revision = rows.touch(connection, number, said)
        changed = []
        if self.question is not None:
            question = replace(self.question, revision=revision)
            messages.insert_message(connection, self.account, number, question)
            changed.append(self.question.id)
        answer = replace(
            self.answer,
            state="running",
            job_id=job_id,
            model=model or None,
            endpoint=endpoint,
            revision=revision,
        )
        _begin(connection, self.account, number, answer, continues=self.continues)
        columns = {"active": answer.id, "deleted": None, "unread": False}
        rows.set_columns(connection, number, columns)
        return rows.changed(connection, number, [*changed, answer.id])

    def _check(self, connection: sqlite3.Connection, number: int) -> None:
        after = self.answer.id if self.continues else self._parent
        if after is not None:
            above = messages.find_message(connection, number, after)
            if above.state == "running":
                raise RunningError
        if not self.branch and (tail := messages.below(connection, number, after)):
            raise StaleError(tail, rows.conversation_at(connection, number).active)

    @property
    def _parent(self) -> MessageId | None:
        return (self.question or self.answer).parent_id


def _begin(
    connection: sqlite3.Connection, account: str, number: int, answer: Message, *, continues: bool
) -> None:
    if not continues:
        messages.insert_message(connection, account, number, answer)
        return
    messages.update_message(
        connection,
        answer,
        state=answer.state,
        job=answer.job_id,
        model=answer.model,
        endpoint=answer.endpoint,
        finish_reason=None,
        error=None,
        parameters=messages.to_json(answer.parameters) or "{}",
        revision=answer.revision,
    )
