"""What the HTTP layer asks of conversations; every change is told to those who watch."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from llmchat.conversations.changes import Changes
from llmchat.conversations.turns import Ask, Sources, known, prepare
from llmchat.domain.chat import ChatRequest
from llmchat.domain.conversation import Attachment, Conversation, Message
from llmchat.domain.errors import NoSuchConversationError, RequestError, StorageError
from llmchat.domain.ids import now
from llmchat.storage.conversations import Action, Changed
from llmchat.storage.turns import Turn

BIN_DAYS = 30
EMPTY_SECONDS = 3600.0  # between two looks into the bin
MANY = 100  # changes at once, after which readers better load everything anew

log = logging.getLogger(__name__)


class ConversationService:
    """The conversations of all accounts. `stop` ends a job of an account by its id.

    Everything raises StorageError and what ConversationStore does.
    """

    def __init__(
        self,
        sources: Sources,
        changes: Changes,
        stop: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self.store = sources.conversations
        self.changes = changes
        self._sources = sources
        self._stop = stop

    def tell(self, changes: Sequence[Changed]) -> None:
        """Let those who watch know what was changed in the store."""
        if len(changes) > MANY:
            for account in {one.account for one in changes}:
                self.changes.reset(account)
            return
        for one in changes:
            conversation = one.conversation
            self.changes.publish(one.account, conversation.id, conversation, one.messages)

    async def prepare(self, account: str, ask: Ask) -> tuple[ChatRequest, Turn]:
        """The request and the turn of a question. See `turns.prepare`."""
        return await prepare(self._sources, account, ask)

    async def patch(
        self, account: str, conversation_id: str, changes: Mapping[str, Any]
    ) -> Conversation:
        """See ConversationStore, as for all that follow."""
        return self._told(await self.store.patch(account, conversation_id, changes))

    async def bin(self, account: str, conversation_id: str) -> None:
        """Its running answers are stopped."""
        if (changed := await self.store.bin(account, conversation_id)) is not None:
            self.tell([changed])
            await self._stop_all([changed])

    async def purge(self, account: str, conversation_id: str) -> None:
        """Its running answers are stopped."""
        changed = await self.store.purge(account, conversation_id)
        self.changes.publish(account, conversation_id, None)
        await self._stop_all([changed])

    async def restore(self, account: str, conversation_id: str) -> Conversation:
        """Also one that is not in the bin."""
        if (changed := await self.store.restore(account, conversation_id)) is not None:
            return self._told(changed)
        return await self.store.get(account, conversation_id)

    async def batch(
        self, account: str, ids: Sequence[str], action: Action, project: str | None = None
    ) -> int:
        """Gives how many were changed."""
        changed = await self.store.batch(account, ids, action, project)
        if action == "delete-forever" and len(changed) <= MANY:
            for one in changed:
                self.changes.publish(account, one.conversation.id, None)
        else:
            self.tell(changed)
        await self._stop_all(changed)
        return len(changed)

    async def moved(self, account: str, ids: Sequence[str], jobs: Sequence[str]) -> None:
        """These were changed with their project: tell it, and stop these jobs."""
        if len(ids) > MANY:
            self.changes.reset(account)
        else:
            for one in ids:
                with contextlib.suppress(NoSuchConversationError):  # deleted for good meanwhile
                    self.changes.publish(account, one, await self.store.get(account, one))
        await self._stop_jobs(account, jobs)

    async def purge_all(self, account: str) -> int:
        """Gives how many there were; all are gone when it returns. Their answers are stopped."""
        count, jobs = await self.store.doom_all(account)
        self.changes.reset(account)
        await self._stop_jobs(account, jobs)
        await self.store.empty_doomed()
        return count

    async def fork(self, account: str, conversation_id: str, message_id: str) -> Conversation:
        """Gives the new one."""
        return self._told(await self.store.fork(account, conversation_id, message_id))

    async def take(
        self, account: str, conversation: Conversation, messages: Sequence[Message]
    ) -> Conversation:
        """Store a conversation that comes from elsewhere. Gives it as it is stored."""
        stored = await self.store.create(account, conversation, messages)
        self.changes.publish(account, stored.id, stored, [one.id for one in messages])
        return stored

    async def add(self, account: str, conversation_id: str, message: Message) -> Message:
        """Gives the message as it is stored. RequestError for a file that is not there."""
        message = replace(message, attachments=await self._known(account, message))
        changed = await self.store.add(account, conversation_id, message)
        self.tell([changed])
        return await self.store.message(account, conversation_id, message.id)

    async def known(self, account: str, attachment: Attachment) -> Attachment:
        """The attachment with the size and type of its file. RequestError if the account does not
        hold that.
        """
        return (await known(self.store, account, [attachment], self._sources.limits))[0]

    async def _known(self, account: str, message: Message) -> list[Attachment]:
        return await known(self.store, account, message.attachments, self._sources.limits)

    async def edit(
        self, account: str, conversation_id: str, message_id: str, changes: Mapping[str, str]
    ) -> Message:
        """Gives the message as it is stored."""
        self.tell([await self.store.edit(account, conversation_id, message_id, changes)])
        return await self.store.message(account, conversation_id, message_id)

    async def delete(
        self, account: str, conversation_id: str, message_id: str
    ) -> tuple[int, Conversation]:
        """Answers that were being written there are stopped."""
        count, changed = await self.store.delete(account, conversation_id, message_id)
        self.tell([changed])
        await self._stop_all([changed])
        return count, changed.conversation

    async def empty_bin(self) -> None:
        """Until cancelled, delete for good what has been in the bin for 30 days."""
        while True:
            try:
                for account, gone in await self.store.empty_bin(now() - BIN_DAYS * 86_400_000):
                    self.changes.publish(account, gone, None)
            except StorageError as error:
                log.warning("the bin cannot be emptied: %s", error.message)
            await asyncio.sleep(EMPTY_SECONDS)

    def _told(self, changed: Changed) -> Conversation:
        self.tell([changed])
        return changed.conversation

    async def _stop_all(self, changes: Sequence[Changed]) -> None:
        for changed in changes:
            await self._stop_jobs(changed.account, changed.jobs)

    async def _stop_jobs(self, account: str, job_ids: Sequence[str]) -> None:
        for job_id in job_ids:
            with contextlib.suppress(RequestError):  # it is over meanwhile
                await self._stop(account, job_id)
