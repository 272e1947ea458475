"""Conversations with all that one can hold, in a store."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from llmchat.domain.conversation import (
    Attachment,
    Conversation,
    ConversationId,
    Message,
    MessageId,
)
from llmchat.storage.conversations import insert_conversation, touch
from llmchat.storage.database import Database
from llmchat.storage.files import FileStore
from llmchat.storage.messages import insert_message

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\2\0\0\0\2\x08\x06\0\0\0" + bytes(range(256))
TEXT = b"# no title\n"
ODD = 'a "quoted" \\ line\r\nzero \0 width \u200d and 😀 </details> </script> end'

QUESTION = Message(MessageId("q"), None, "user", ODD, 1_700_000_000_001)
ANSWER = Message(
    MessageId("a1"),
    MessageId("q"),
    "assistant",
    "First.",
    1_700_000_001_000,
    reasoning="Hm </details>.",
    finish_reason="stop",
    model="qwen",
    endpoint="http://127.0.0.1:1/v1",
    job_id="job1",
    parameters={"temperature": 0.5, "stop": ["x"]},
    usage={"prompt_tokens": 3},
    timings={"predicted_ms": 1.5},
    tool_calls=[{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    edited=1_700_000_009_000,
)
TREE = (
    Message(MessageId("s"), None, "system", "Be brief.", 1_700_000_000_000),
    QUESTION,
    ANSWER,
    replace(ANSWER, id=MessageId("a2"), content="Second.", model="llama", state="cancelled"),
    replace(
        ANSWER,
        id=MessageId("a3"),
        content="",
        reasoning="",
        state="error",
        error={"code": "upstream-cut", "message": "It broke.", "retryable": True},
        edited=None,
    ),
    Message(MessageId("t"), MessageId("a1"), "tool", "42", 1_700_000_002_000),
    Message(MessageId("n"), MessageId("t"), "assistant", "It is **42**.", 1_700_000_003_000),
)
FULL = Conversation(
    ConversationId("c-full"),
    'Tea & "coffee" <b>_x_ ü',
    1_700_000_000_000,
    1_700_000_003_000,
    pinned=True,
    unread=True,
    active=MessageId("n"),
    settings={"model": "qwen", "nested": {"a": [1, None]}},
)
EMPTY = Conversation(ConversationId("c-empty"), "", 0, 0, archived=True)
IN_BIN = replace(
    EMPTY, id=ConversationId("c-bin"), title="gone", archived=False, deleted=4_102_444_800_000
)


@asynccontextmanager
async def filled(folder: Path) -> AsyncIterator[FileStore]:
    """A store with FULL, EMPTY and IN_BIN; the question of FULL has two files."""
    database = Database.open(folder / "llmchat.db")
    store = FileStore(database, folder / "files")
    try:
        files = [await add(store, "a b.png", PNG, "image/png")]
        files.append(await add(store, "notes`.md", TEXT, "text/markdown"))
        tree = [replace(one, attachments=files) if one.id == QUESTION.id else one for one in TREE]
        await database.write(lambda one: insert(one, FULL, tree, named=True))
        await database.write(lambda one: insert(one, EMPTY, [], source=("claude", "u1")))
        await database.write(lambda one: insert(one, IN_BIN, []))
        yield store
    finally:
        await database.close()


async def add(store: FileStore, name: str, body: bytes, media_type: str) -> Attachment:
    with store.blobs.incoming() as incoming:
        incoming.write(body)
        incoming.finish()
        file = await store.add("", incoming, media_type)
    return Attachment(file.id, name, media_type, file.size)


def insert(
    connection: sqlite3.Connection,
    conversation: Conversation,
    tree: list[Message],
    *,
    named: bool = False,
    source: tuple[str, str] | tuple[None, None] = (None, None),
) -> None:
    number = insert_conversation(connection, "", conversation, *source, named=named)
    revision = touch(connection, number)
    for one in tree:
        insert_message(connection, "", number, replace(one, revision=revision), f"s-{one.id}")
