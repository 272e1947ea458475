"""The keys of our own API in the store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from llmchat.accounts.callers import Callers
from llmchat.domain.access import Caller, Role, Scope, Way
from llmchat.domain.errors import RequestError
from llmchat.storage.api_keys import MOST_KEYS, PREFIX, ApiKeyStore
from llmchat.storage.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database.open(tmp_path / "llmchat.db")
    yield opened
    await opened.close()


async def _used(database: Database) -> int | None:
    """When the only key was used, as far as that is written down."""
    await asyncio.sleep(0)  # the note is made beside the request
    await database.write(lambda _: None)  # what was to be written before is there then
    return (await ApiKeyStore(database).list(""))[0].used


async def test_a_key_opens_until_it_is_revoked(database: Database) -> None:
    store, callers = ApiKeyStore(database), Callers(database)
    key, text = await store.create("", "laptop")
    assert text.startswith(PREFIX)
    assert len(text) > 40
    assert key.ending == text[-4:]
    assert await store.list("") == [key]
    scopes = frozenset({Scope.PROGRAMS})
    assert await callers.of_key(text) == Caller("", Role.ADMIN, Way.KEY, key.id, scopes)
    assert await callers.of_key(text[:-1]) is None
    assert await callers.of_key(text.upper()) is None
    assert await callers.of_key("") is None
    assert key.created <= (await _used(database) or 0)
    assert not await store.revoke("somebody", key.id)
    assert await store.revoke("", key.id)
    await callers.changed()
    assert not await store.revoke("", key.id)
    assert await callers.of_key(text) is None
    assert await store.list("") == []


async def test_a_key_opens_until_its_time_is_over(database: Database) -> None:
    store, callers = ApiKeyStore(database), Callers(database)
    now = time.time_ns() // 1_000_000
    _, old = await store.create("", "old", expires=now - 1)
    _, new = await store.create("", "new", [Scope.READ], expires=now + 60_000)
    assert await callers.of_key(old) is None
    found = await callers.of_key(new)
    assert found is not None
    assert (found.scopes, found.until) == (frozenset({Scope.READ}), now + 60_000)


async def test_a_use_is_noted_once_in_a_while_and_most_ask_the_store_nothing(
    database: Database,
) -> None:
    store, callers = ApiKeyStore(database), Callers(database)
    _, text = await store.create("", "laptop")
    await callers.of_key(text)
    assert await _used(database) is not None
    commits: list[int] = []
    database.on_commit = lambda _, works: commits.append(works)
    for _ in range(5):
        assert await callers.of_key(text)
    await asyncio.sleep(0)
    await database.write(lambda _: None)
    assert commits == [1]


async def test_the_text_of_a_key_is_in_no_file(database: Database) -> None:
    store = ApiKeyStore(database)
    _, text = await store.create("", "laptop")
    assert await Callers(database).of_key(text) is not None
    for path in database.path.parent.iterdir():
        assert text[len(PREFIX) : -4].encode() not in path.read_bytes(), path


async def test_an_account_has_so_many_keys(database: Database) -> None:
    store = ApiKeyStore(database)
    await asyncio.gather(*(store.create("", str(number)) for number in range(MOST_KEYS)))
    with pytest.raises(RequestError, match="Revoke one") as refusal:
        await store.create("", "one more")
    assert (refusal.value.code, refusal.value.status) == ("too-many-keys", 422)
    assert len(await store.list("")) == MOST_KEYS
