"""The keys of our own API in the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from llmchat.domain.errors import RequestError
from llmchat.storage.api_keys import MOST_KEYS, PREFIX, ApiKeyStore, Holder
from llmchat.storage.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database.open(tmp_path / "llmchat.db")
    yield opened
    await opened.close()


async def _used(database: Database) -> int | None:
    """When the only key was used, as far as that is written down."""
    await database.write(lambda _: None)  # what was to be written before is there then
    return (await ApiKeyStore(database).list(""))[0].used


async def test_a_key_opens_until_it_is_revoked(database: Database) -> None:
    store = ApiKeyStore(database)
    key, text = await store.create("", "laptop")
    assert text.startswith(PREFIX)
    assert len(text) > 40
    assert key.ending == text[-4:]
    assert await store.list("") == [key]
    assert await store.holder(text) == Holder("", key.id)
    assert await store.holder(text[:-1]) is None
    assert await store.holder(text.upper()) is None
    assert await store.holder("") is None
    assert key.created <= (await _used(database) or 0)
    assert not await store.revoke("somebody", key.id)
    assert await store.revoke("", key.id)
    assert not await store.revoke("", key.id)
    assert await store.holder(text) is None
    assert await store.list("") == []


async def test_a_use_is_noted_once_in_a_while(database: Database) -> None:
    store = ApiKeyStore(database)
    _, text = await store.create("", "laptop")
    await store.holder(text)
    first = await _used(database)
    assert first is not None
    commits: list[int] = []
    database.on_commit = lambda _, works: commits.append(works)
    for _ in range(5):
        assert await store.holder(text)
    await database.write(lambda _: None)
    assert commits == [1]
    await database.write(lambda c: c.execute("update api_key set used = used - 61000"))
    await store.holder(text)
    assert (await _used(database) or 0) >= first


async def test_the_text_of_a_key_is_in_no_file(database: Database) -> None:
    store = ApiKeyStore(database)
    _, text = await store.create("", "laptop")
    await store.holder(text)
    for path in database.path.parent.iterdir():
        assert text[len(PREFIX) : -4].encode() not in path.read_bytes(), path


async def test_an_account_has_so_many_keys(database: Database) -> None:
    store = ApiKeyStore(database)
    await asyncio.gather(*(store.create("", str(number)) for number in range(MOST_KEYS)))
    with pytest.raises(RequestError, match="Revoke one") as refusal:
        await store.create("", "one more")
    assert (refusal.value.code, refusal.value.status) == ("too-many-keys", 422)
    assert len(await store.list("")) == MOST_KEYS
