"""What a store of conversations promises; any other backend has to pass this too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from llmchat.domain.conversation import (
    Attachment,
    Conversation,
    ConversationId,
    Message,
    MessageId,
    MessageState,
    Role,
)
from llmchat.domain.errors import (
    NoSuchConversationError,
    NoSuchMessageError,
    RunningError,
    StorageError,
)
from llmchat.storage.conversation_store import ConversationStore
from llmchat.storage.database import Database

ME, OTHER = "", "somebody"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database.open(tmp_path / "llmchat.db")
    await opened.write(
        lambda c: c.execute("insert into account(id, name, created) values (?, 'S', 0)", (OTHER,))
    )
    yield opened
    await opened.close()


@pytest.fixture
def store(database: Database) -> ConversationStore:
    return ConversationStore(database)


def _message(
    name: str, parent: str | None = None, role: Role = "user", state: MessageState = "done"
) -> Message:
    above = None if parent is None else MessageId(parent)
    return Message(MessageId(name), above, role, f"text of {name}", 1000, state=state)


# a ── b ── c
#      └─ d ── e
TREE = (
    _message("a"),
    _message("b", "a", "assistant"),
    _message("c", "b"),
    _message("d", "b"),
    _message("e", "d", "assistant"),
)


async def _make(
    store: ConversationStore, name: str, updated: int = 1, branch: tuple[Message, ...] = ()
) -> Conversation:
    active = branch[-1].id if branch else None
    one = Conversation(ConversationId(name), f"Title of {name}", updated, updated, active=active)
    return await store.create(ME, one, branch)


async def test_everything_of_a_message_is_kept(store: ConversationStore) -> None:
    whole = Message(
        MessageId("m"),
        None,
        "assistant",
        "an answer \U0001f600",
        1_700_000_000_000,
        reasoning="thoughts",
        state="error",
        finish_reason="length",
        error={"code": "upstream-cut", "message": "It broke.", "retryable": True},
        model="m1",
        endpoint="e1",
        job_id="j1",
        parameters={"temperature": 0.5},
        usage={"prompt_tokens": 3},
        timings={"total_seconds": 1.5},
        tool_calls=[{"id": "t", "type": "function"}],
        attachments=[Attachment("0" * 64, "a.png", "image/png", 12)],
        edited=1_700_000_000_001,
    )
    await _make(store, "one", branch=(whole,))
    tree = await store.tree(ME, "one")
    assert tree.messages == [replace(whole, revision=1)]
    assert tree.count == 1


async def test_everything_of_a_conversation_is_kept(store: ConversationStore) -> None:
    one = Conversation(
        ConversationId("one"),
        "Title",
        5,
        6,
        pinned=True,
        archived=True,
        unread=True,
        deleted=7,
        active=MessageId("x"),
        settings={"system": "Be brief."},
    )
    assert await store.create(ME, one) == replace(one, revision=1)
    assert await store.get(ME, "one") == replace(one, revision=1)


async def test_a_list_is_read_page_by_page_and_misses_nothing(store: ConversationStore) -> None:
    for number in range(25):
        await _make(store, f"c{number}", updated=number // 3)  # some of the same time
        if number % 4 == 0:
            await store.patch(ME, f"c{number}", {"pinned": True})
    names: list[str] = []
    page = await store.list(ME, limit=4)
    while True:
        names += [one.id for one in page.items]
        assert len(page.items) <= 4
        if page.next is None:
            break
        page = await store.list(ME, limit=4, after=page.next)
    assert names == [f"c{number}" for number in reversed(range(25))]
    pinned = await store.list(ME, limit=100, pinned=True)
    assert [one.id for one in pinned.items] == ["c24", "c20", "c16", "c12", "c8", "c4", "c0"]
    others = await store.list(ME, limit=100, pinned=False)
    assert len(others.items) == 18


async def test_what_is_archived_or_in_the_bin_is_in_lists_of_its_own(
    store: ConversationStore,
) -> None:
    for name in ("kept", "old", "gone"):
        await _make(store, name)
    await store.patch(ME, "old", {"archived": True})
    assert await store.bin(ME, "gone") is not None

    async def names(*, archived: bool = False, deleted: bool = False) -> list[str]:
        page = await store.list(ME, limit=10, archived=archived, deleted=deleted)
        return [one.id for one in page.items]

    assert await names() == ["kept"]
    assert await names(archived=True) == ["old"]
    assert await names(deleted=True) == ["gone"]
    assert await store.bin(ME, "gone") is None
    restored = await store.restore(ME, "gone")
    assert restored is not None
    assert restored.conversation.deleted is None
    assert await store.restore(ME, "gone") is None
    assert await names(deleted=True) == []


async def test_nobody_sees_what_is_of_somebody_else(store: ConversationStore) -> None:
    await _make(store, "mine", branch=TREE)
    assert (await store.list(OTHER, limit=10)).items == []
    for attempt in (
        store.get(OTHER, "mine"),
        store.tree(OTHER, "mine"),
        store.patch(OTHER, "mine", {"title": "Stolen"}),
        store.bin(OTHER, "mine"),
        store.purge(OTHER, "mine"),
        store.fork(OTHER, "mine", "a"),
        store.add(OTHER, "mine", _message("x", "a")),
        store.edit(OTHER, "mine", "a", {"content": "x"}),
        store.delete(OTHER, "mine", "a"),
    ):
        with pytest.raises(NoSuchConversationError):
            await attempt
    assert await store.batch(OTHER, ["mine"], "delete") == []
    assert (await store.get(ME, "mine")).title == "Title of mine"


async def test_a_message_of_another_conversation_is_not_found(store: ConversationStore) -> None:
    await _make(store, "one", branch=TREE)
    await _make(store, "two")
    for attempt in (
        store.add(ME, "two", _message("x", "a")),
        store.edit(ME, "two", "a", {"content": "x"}),
        store.delete(ME, "two", "a"),
        store.fork(ME, "two", "a"),
        store.path(ME, "two", "a"),
        store.patch(ME, "two", {"active": "a"}),
    ):
        with pytest.raises(NoSuchMessageError):
            await attempt


async def test_every_change_has_a_new_revision_and_names_its_messages(
    store: ConversationStore,
) -> None:
    one = await _make(store, "one", branch=TREE)
    added = await store.add(ME, "one", _message("f", "e"))
    edited = await store.edit(ME, "one", "a", {"content": "new"})
    renamed = await store.patch(ME, "one", {"title": "New"})
    revisions = [c.conversation.revision for c in (added, edited, renamed)]
    assert [one.revision, *revisions] == [1, 2, 3, 4]
    changed = (await store.tree(ME, "one", since=1)).messages
    assert [(m.id, m.revision) for m in changed] == [("a", 3), ("f", 2)]
    assert (await store.tree(ME, "one", since=4)).messages == []
    assert (await store.tree(ME, "one", since=1)).count == 6


async def test_a_new_message_ends_the_branch_in_view(store: ConversationStore) -> None:
    await _make(store, "one", branch=TREE)
    changed = await store.add(ME, "one", replace(_message("f", "c"), created=9000))
    assert changed.conversation.active == "f"
    assert changed.conversation.updated == 9000
    _, path = await store.path(ME, "one", "f")
    assert [m.id for m in path] == ["a", "b", "c", "f"]
    assert (await store.path(ME, "one", None))[1] == []


async def test_turning_to_a_message_shows_the_newest_below_it(store: ConversationStore) -> None:
    await _make(store, "one", branch=TREE)
    assert (await store.patch(ME, "one", {"active": "c"})).conversation.active == "c"
    assert (await store.patch(ME, "one", {"active": "b"})).conversation.active == "e"


async def test_a_message_is_deleted_with_all_below_it(store: ConversationStore) -> None:
    await _make(store, "one", branch=TREE)
    count, changed = await store.delete(ME, "one", "d")
    assert (count, changed.conversation.active) == (2, "c")
    count, changed = await store.delete(ME, "one", "c")
    assert (count, changed.conversation.active) == (1, "b")
    count, changed = await store.delete(ME, "one", "a")
    assert (count, changed.conversation.active) == (2, None)
    assert (await store.tree(ME, "one")).messages == []


async def test_another_branch_stays_in_view_when_one_is_deleted(store: ConversationStore) -> None:
    await _make(store, "one", branch=TREE)
    _, changed = await store.delete(ME, "one", "c")
    assert changed.conversation.active == "e"


async def test_deleting_tells_which_jobs_have_to_stop(store: ConversationStore) -> None:
    running = replace(_message("f", "e", "assistant", "running"), job_id="j1")
    await _make(store, "one", branch=(*TREE, running))
    assert (await store.get(ME, "one")).running
    with pytest.raises(RunningError):
        await store.edit(ME, "one", "f", {"content": "x"})
    with pytest.raises(RunningError):
        await store.fork(ME, "one", "f")
    binned = await store.bin(ME, "one")
    assert binned is not None
    assert binned.jobs == ["j1"]
    _, changed = await store.delete(ME, "one", "d")
    assert changed.jobs == ["j1"]
    assert not changed.conversation.running


async def test_a_fork_has_a_copy_of_the_path_and_goes_its_own_way(
    store: ConversationStore,
) -> None:
    await _make(store, "one", branch=TREE)
    fork = (await store.fork(ME, "one", "d")).conversation
    copy = await store.tree(ME, fork.id)
    assert [m.content for m in copy.messages] == [f"text of {n}" for n in "abd"]
    assert [m.parent_id for m in copy.messages] == [None, *[m.id for m in copy.messages[:-1]]]
    assert {m.id for m in copy.messages}.isdisjoint(m.id for m in TREE)
    assert fork.active == copy.messages[-1].id
    await store.purge(ME, "one")
    assert await store.tree(ME, fork.id) == copy


async def test_many_are_changed_at_once_and_only_those_that_change_count(
    store: ConversationStore,
) -> None:
    for name in ("a", "b", "c"):
        await _make(store, name)
    assert len(await store.batch(ME, ["a", "b", "nobody", "a"], "pin")) == 2
    assert len(await store.batch(ME, ["a", "b", "c"], "pin")) == 1
    assert len(await store.batch(ME, ["a", "b", "c"], "unpin")) == 3
    assert len(await store.batch(ME, ["a", "c"], "delete")) == 2
    assert len(await store.batch(ME, ["a", "b"], "restore")) == 1
    assert len(await store.batch(ME, ["a"], "archive")) == 1
    assert len(await store.batch(ME, ["a"], "unarchive")) == 1
    await store.patch(ME, "a", {"unread": True})
    assert len(await store.batch(ME, ["a", "b"], "read")) == 1


async def test_all_of_an_account_can_be_deleted_for_good_and_nothing_of_others(
    store: ConversationStore, database: Database
) -> None:
    running = replace(_message("r"), state="running", job_id="job")
    await _make(store, "one", branch=TREE)
    await _make(store, "two", branch=(running,))
    await store.create(OTHER, replace(await store.get(ME, "one"), id=ConversationId("theirs")))
    assert await store.doom_all(ME) == (2, ["job"])
    assert (await store.list(ME, limit=10)).items == []
    assert await store.doom_all(ME) == (0, [])
    await store.empty_doomed()
    left = await database.read(
        lambda reader: (
            reader.execute("select id from conversation").fetchall(),
            reader.execute("select count(*) from message").fetchone(),
        )
    )
    assert left == ([("theirs",)], (0,))


async def test_what_is_deleted_for_good_leaves_nothing_behind(
    store: ConversationStore, database: Database
) -> None:
    many = [_message("m0")]
    many += [_message(f"m{n}", f"m{n - 1}") for n in range(1, 450)]
    await _make(store, "one", branch=tuple(many))
    await store.purge(ME, "one")
    with pytest.raises(NoSuchConversationError):
        await store.get(ME, "one")
    for table in ("conversation", "message", "message_text", "conversation_text"):
        sql = f"select count(*) from {table}"
        assert await database.read(lambda c, s=sql: c.execute(s).fetchone()) == (0,)  # type: ignore[misc]


async def test_the_bin_is_emptied_of_what_is_old_in_it(store: ConversationStore) -> None:
    for name in ("old", "new", "kept"):
        await _make(store, name)
    old, _ = await store.bin(ME, "old"), await store.bin(ME, "new")
    assert old is not None
    assert old.conversation.deleted is not None
    await store.patch(ME, "old", {"deleted": 1})
    assert await store.empty_bin(2) == [(ME, "old")]
    assert await store.empty_bin(2) == []
    assert (await store.get(ME, "new")).deleted is not None
    assert (await store.get(ME, "kept")).deleted is None


async def test_of_two_messages_with_one_id_the_second_is_refused_and_changes_nothing(
    store: ConversationStore,
) -> None:
    await _make(store, "one", branch=TREE)
    with pytest.raises(StorageError):
        await store.add(ME, "one", _message("a", "e"))
    # A lone work that raises an error of its own must not take the writer with it.
    with pytest.raises(NoSuchMessageError):
        await store.add(ME, "one", _message("x", "nobody"))
    assert (await store.get(ME, "one")).revision == 1


async def test_changes_at_once_are_all_made(store: ConversationStore) -> None:
    await _make(store, "one", branch=TREE)
    await asyncio.gather(*[store.add(ME, "one", _message(f"n{n}", "a")) for n in range(20)])
    tree = await store.tree(ME, "one")
    assert tree.count == 25
    assert tree.conversation.revision == 21
