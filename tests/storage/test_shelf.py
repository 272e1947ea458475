"""Prompts and presets, in the store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from llmchat.domain.errors import NoSuchPresetError, NoSuchPromptError, TooManyKeptError
from llmchat.domain.shelf import Preset, PromptImport
from llmchat.storage import presets, prompts
from llmchat.storage.database import Database
from llmchat.storage.presets import PresetStore
from llmchat.storage.prompts import PromptStore
from llmchat.storage.settings import SettingsStore
from tests.storage.test_database import PAST, _past


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database.open(tmp_path / "llmchat.db")
    yield opened
    await opened.close()


async def test_prompts_that_were_among_the_settings_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    _past(path, next(one for one in PAST if one.stem == "version_3"))
    database = Database.open(path)
    kept = await PromptStore(database).list("")
    assert [(one.name, one.text) for one in kept] == [
        ("Short", "In one sentence: "),
        ("Ünï", "a\nb"),
    ]
    assert len({one.id for one in kept}) == 2
    assert await SettingsStore(database).get("") == {"theme": "dark"}
    await database.close()


async def test_prompts_are_kept_in_order_and_found_by_their_ids(database: Database) -> None:
    store = PromptStore(database)
    first = await store.add("", "one", "text")
    second = await store.add("", "one", "another")
    changed = await store.patch("", first.id, {"text": "new"})
    assert (changed.name, changed.text) == ("one", "new")
    assert [one.id for one in await store.list("")] == [first.id, second.id]
    await store.delete("", second.id)
    assert await store.list("") == [changed]
    for work in (store.patch("", second.id, {}), store.delete("", second.id)):
        with pytest.raises(NoSuchPromptError):
            await work


async def test_an_import_loses_no_text_and_a_second_one_adds_nothing(database: Database) -> None:
    store = PromptStore(database)
    await store.add("", "a", "mine")
    long = "x" * prompts.LONGEST_NAME
    found = [("a", "mine"), ("a", "theirs"), ("a", "third"), (long, "1"), (long, "2")]
    assert await store.take("", found, 2) == PromptImport(added=4, unchanged=1, skipped=2)
    names = [one.name for one in await store.list("")]
    assert names == ["a", "a (2)", "a (3)", long, long[:-4] + " (2)"]
    assert await store.take("", found, 0) == PromptImport(added=0, unchanged=5, skipped=0)
    with pytest.raises(TooManyKeptError):
        await store.take("", [(str(n), str(n)) for n in range(prompts.MOST)], 0)
    assert len(await store.list("")) == 5


async def test_presets_are_kept_with_all_that_they_have(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PresetStore(database)
    settings = {"temperature": 0.5, "extra": {"a": [1, None]}}
    one = Preset("p", "Poet", 1, "🪶", "violet", ["Write about "], settings)  # type: ignore[arg-type]
    await store.add("", one)
    assert await store.list("") == [one]
    changed = await store.patch("", "p", {"name": "Bard", "settings": {}})
    assert (changed.name, changed.settings, changed.icon) == ("Bard", {}, "🪶")
    assert await store.list("") == [changed]
    await store.delete("", "p")
    for work in (store.patch("", "p", {}), store.delete("", "p")):
        with pytest.raises(NoSuchPresetError):
            await work
    monkeypatch.setattr(presets, "MOST", 0)
    with pytest.raises(TooManyKeptError):
        await store.add("", one)


async def test_a_value_that_is_taken_away_leaves_nothing_where_there_was_none(
    database: Database,
) -> None:
    store = SettingsStore(database)
    assert await store.patch("", {"models": {"a": None}}) == {"models": {}}
    assert await store.patch("", {"models": {"a": {"hidden": True}, "b": None}}) == {
        "models": {"a": {"hidden": True}}
    }
