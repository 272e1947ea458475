"""Search: what is there is found, and nothing that somebody types can make it fail."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmchat.domain.conversation import Conversation, ConversationId, Message, MessageId
from llmchat.domain.search import Hit, parse_query
from llmchat.storage.conversations import create
from llmchat.storage.database import Database
from llmchat.storage.search import Page, Place, SearchStore
from tests.search_strings import SEARCHES

ME, OTHER = "", "somebody"
DAY = 86_400_000
NUMBERS = itertools.count(1)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database.open(tmp_path / "llmchat.db")
    await opened.write(
        lambda c: c.execute("insert into account(id, name, created) values (?, 'S', 0)", (OTHER,))
    )
    yield opened
    await opened.close()


@pytest.fixture
def store(database: Database) -> SearchStore:
    return SearchStore(database)


async def add(
    database: Database,
    title: str,
    *texts: str,
    account: str = ME,
    model: str | None = None,
    created: int = 1000,
    pinned: bool = False,
    archived: bool = False,
    deleted: int | None = None,
) -> Conversation:
    """A conversation with messages; their ids are their numbers."""
    one = Conversation(
        ConversationId(title), title, created, created, pinned, archived, deleted=deleted
    )
    messages = [
        Message(MessageId(str(next(NUMBERS))), None, "user", text, created, model=model)
        for text in texts
    ]
    await database.write(lambda connection: create(connection, account, one, messages))
    return one


async def find(store: SearchStore, text: str, limit: int = 100) -> list[str]:
    """The titles of what was found, with a sign where it was a message."""
    hits = await all_of(store, text, limit)
    return [f"{hit.title}{'' if hit.message_id is None else '*'}" for hit in hits]


async def all_of(store: SearchStore, text: str, limit: int = 100) -> list[Hit]:
    hits, place = list[Hit](), None
    while True:
        page = await store.find(ME, parse_query(text), limit, place)
        hits += page.hits
        place = page.next
        if place is None:
            return hits


def shown(hit: Hit) -> str:
    return "".join(f"[{part.text}]" if part.hit else part.text for part in hit.snippet)


async def test_a_word_is_found_in_any_case_and_inside_of_others(
    database: Database, store: SearchStore
) -> None:
    await add(database, "Languages", "Straßenbahnen and HAUSTÜREN, 日本語の本, Ελλάδα")
    for text in ("straßen", "bahn", "haustür", "TÜR", "本語の", "日本", "本", "ΛΛΆ", "Ü", "ür"):
        assert await find(store, text) == ["Languages*"]
    for text in ("tram", "strassen", "語本"):
        assert await find(store, text) == []


async def test_all_words_must_be_there_and_a_phrase_in_its_order(
    database: Database, store: SearchStore
) -> None:
    await add(database, "One", "the red house by the sea")
    await add(database, "Two", "the house is red, I see")
    assert await find(store, "red house") == ["Two*", "One*"]
    assert await find(store, '"red house"') == ["One*"]
    assert await find(store, "red house se by") == ["One*"]
    assert await find(store, "e s") == ["Two*", "One*"]  # short words, anywhere


async def test_signs_of_like_and_of_fts5_are_only_signs(
    database: Database, store: SearchStore
) -> None:
    await add(database, "Signs", 'c++ is 50% "quoted" a_b NEAR(x) \\o/')
    for text in ("c++", "+", "0%", "%", "_", "a_b", "NEAR(x", "\\", 'd" a', '"', '"quoted'):
        assert await find(store, text) == ["Signs*"]
    for text in ("c__", "c%", "*", "a%b", "NEAR(c, a)", "c++ OR x"):
        assert await find(store, text) == []


async def test_titles_come_first_and_messages_from_the_newest_back(
    database: Database, store: SearchStore
) -> None:
    await add(database, "Old apple", "an apple a day")
    await add(database, "New", "no fruit", "apple pie", "apple juice")
    hits = await all_of(store, "apple")
    assert [(hit.title, hit.message_id is None) for hit in hits] == [
        ("Old apple", True),
        ("New", False),
        ("New", False),
        ("Old apple", False),
    ]
    assert [shown(hit) for hit in hits] == ["", "[apple] juice", "[apple] pie", "an [apple] a day"]
    assert [(part.text, part.hit) for part in hits[0].title_parts] == [
        ("Old ", False),
        ("apple", True),
    ]


@pytest.mark.parametrize("text", ["apple", "ap", "pi", "apple pi"])
async def test_pages_of_any_size_have_everything_once(
    database: Database, store: SearchStore, text: str
) -> None:
    for number in range(45):
        await add(database, f"apple pie {number}", "apple pie", "pie of apples", "nothing")
    whole = await find(store, text)
    assert len(whole) == len(set(whole)) + 45 == 45 * 3
    for limit in (1, 7, 20, 90):
        assert await find(store, text, limit) == whole


async def test_what_is_deleted_or_of_somebody_else_is_not_found(
    database: Database, store: SearchStore
) -> None:
    await add(database, "apple mine", "apple")
    await add(database, "apple theirs", "apple", account=OTHER)
    await add(database, "apple in the bin", "apple", deleted=5)
    for text in ("apple", "ap", "pinned:no apple", "model:x", "pinned:no"):
        expected = {"apple": 2, "ap": 2, "pinned:no apple": 2, "pinned:no": 1}.get(text, 0)
        hits = await all_of(store, text)
        assert [hit.title for hit in hits] == ["apple mine"] * expected


async def test_an_answer_is_found_when_it_is_complete(
    database: Database, store: SearchStore
) -> None:
    await add(database, "Chat", "apple")
    await database.write(lambda c: c.execute("update message set state = 'running'"))
    assert await find(store, "apple") == await find(store, "ap") == []
    await database.write(lambda c: c.execute("update message set state = 'done'"))
    assert await find(store, "apple") == await find(store, "ap") == ["Chat*"]


async def test_prefixes_narrow_what_is_found(database: Database, store: SearchStore) -> None:
    early, late = 1_700_000_000_000, 1_700_000_000_000 + 100 * DAY
    await add(database, "pin", "apple", pinned=True, created=early, model="gpt-5")
    await add(database, "shelf", "apple", archived=True, created=late, model="Qwen_3")
    for text, found in (
        ("pinned:", ["pin"]),
        ("pinned:no", ["shelf"]),
        ("archived:yes", ["shelf"]),
        ("archived:no", ["pin"]),
        ("model:GPT", ["pin"]),
        ("model:n_3", ["shelf"]),
        ("model:n%3", []),
        ("before:2024-01-01", ["pin"]),
        ("after:2024-01-01", ["shelf"]),
        ("after:2023-01-01 before:2025-01-01", ["shelf", "pin"]),
        ("after:2024-01-01 pinned:", []),
    ):
        assert await find(store, text) == found
        assert await find(store, f"{text} apple") == [f"{one}*" for one in found]
        assert await find(store, f"{text} le") == [f"{one}*" for one in found]
    assert [hit.archived for hit in await all_of(store, "apple")] == [True, False]


async def test_no_words_list_the_conversations_by_date(
    database: Database, store: SearchStore
) -> None:
    for number in (3, 1, 2):
        await add(database, f"of day {number}", "text", created=number * DAY)
    assert await find(store, "") == ["of day 3", "of day 2", "of day 1"]
    assert await find(store, " ", limit=1) == ["of day 3", "of day 2", "of day 1"]
    assert [hit.created for hit in await all_of(store, "")] == [3 * DAY, 2 * DAY, DAY]


@pytest.mark.parametrize("text", SEARCHES, ids=lambda text: ascii(text)[:20])
async def test_no_string_makes_it_fail(database: Database, store: SearchStore, text: str) -> None:
    stored = "".join(char for char in text if char != "\0" and not "\ud800" <= char <= "\udfff")
    await add(database, stored[:50], f"in front {stored} behind")
    words = parse_query(text).words
    hits = await all_of(store, text)
    assert not words or [hit for hit in hits if hit.message_id] or ":" in text


@pytest.fixture(scope="module")
def search_for(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Page]]:
    """A search in a store with a text of everything, for tests that are no coroutines."""
    with asyncio.Runner() as runner:
        database = Database.open(tmp_path_factory.mktemp("store") / "llmchat.db")
        store = SearchStore(database, seconds=60, turn_seconds=60)  # however busy the machine is
        runner.run(add(database, "T abc ß", 'abc def "(:*+ %_\\ ß İ é e\u0301 本語 \U0001f600'))
        yield lambda text: runner.run(store.find(ME, parse_query(text), 5))
        runner.run(database.close())


@given(
    st.text(st.characters(codec=None), max_size=200)
    | st.text('"(:*+ \0\ud800aé本%_\\', max_size=40)
)
def test_no_text_at_all_makes_it_fail(search_for: Callable[[str], Page], text: str) -> None:
    assert len(search_for(text).hits) <= 2


@given(st.text('abc def"(:*+%_\\ßéİ本語\U0001f600', min_size=1, max_size=4))
def test_a_message_is_found_by_every_piece_of_it(
    search_for: Callable[[str], Page], piece: str
) -> None:
    stored = 'abc def "(:*+ %_\\ ß İ é e\u0301 本語 \U0001f600'
    there = parse_query(piece).words and all(word in stored for word in parse_query(piece).words)
    found = [hit for hit in search_for(piece).hits if hit.message_id]
    assert not there or [part for part in found[0].snippet if part.hit]


async def test_a_search_that_takes_long_stops_and_goes_on_with_the_next_page(
    database: Database,
) -> None:
    await add(database, "first", "apple at the very beginning")
    await add(database, "then", *["nothing in particular"] * 12_000)
    hasty = SearchStore(database, seconds=0)
    pages = [await hasty.find(ME, parse_query("ap"), 20)]
    while pages[-1].next is not None:
        pages.append(await hasty.find(ME, parse_query("ap"), 20, pages[-1].next))
    assert len(pages) > 3
    assert [hit.title for page in pages for hit in page.hits] == ["first"]


async def test_a_turn_that_takes_too_long_is_made_smaller(database: Database) -> None:
    await add(database, "chat", *["apple pie"] * 11_000)
    store = SearchStore(database, turn_seconds=-1)
    for text in ("apple", "ap", "pie model:x", "apple after:2024-01-01"):
        expected = [] if ":" in text else ["chat*"] * 11_000
        assert await find(store, text) == expected


async def test_other_reads_come_between_the_turns_of_many_searches(database: Database) -> None:
    await add(database, "many", *["nothing in particular " * 20] * 12_000)
    store = SearchStore(database, seconds=60)
    done = list[str]()

    async def search_all() -> None:
        await find(store, "本")
        done.append("search")

    async def read() -> None:
        await database.read(lambda connection: connection.execute("select 1").fetchone())
        done.append("read")

    async with asyncio.TaskGroup() as group:
        for _ in range(6):
            group.create_task(search_all())
        group.create_task(read())
    assert done[0] == "read"


def test_a_place_is_read_as_it_was_written() -> None:
    for place in (Place(titles=True, at=0), Place(titles=False, at=10**18 - 1)):
        assert Place.read(str(place)) == place
    for text in ("", "m", "t-1", "x1", "m1 ", "m01", "t" + "9" * 19, "m١"):
        assert Place.read(text) is None
