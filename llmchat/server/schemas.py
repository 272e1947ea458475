"""What the API answers, where it is more than a thing of the domain."""

from __future__ import annotations

from msgspec import Struct

from llmchat.domain.chat import JSONObject
from llmchat.domain.conversation import Conversation, Message
from llmchat.storage.conversation_store import Tree


class ConversationPage(Struct):
    """A part of a list; `next` is the cursor of what follows."""

    items: list[Conversation]
    next: str | None


class WholeConversation(Struct):
    """A conversation with messages; `count` is of all that it has."""

    id: str
    title: str
    created: int
    updated: int
    pinned: bool
    archived: bool
    unread: bool
    running: bool
    deleted: int | None
    active: str | None
    settings: JSONObject
    revision: int
    messages: list[Message]
    count: int

    @classmethod
    def of(cls, tree: Tree) -> WholeConversation:
        """The same as in the store."""
        one = tree.conversation
        return cls(
            id=one.id,
            title=one.title,
            created=one.created,
            updated=one.updated,
            pinned=one.pinned,
            archived=one.archived,
            unread=one.unread,
            running=one.running,
            deleted=one.deleted,
            active=one.active,
            settings=one.settings,
            revision=one.revision,
            messages=tree.messages,
            count=tree.count,
        )
