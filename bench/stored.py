"""Stores for the bench: as many conversations and messages as asked, the same ones each time."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.tools import BUILD
from llmchat.storage.migrations import MIGRATIONS, open_migrated

FREQUENT, FREQUENT_CJK = "lorano", "\u4e2d\u6587\u5b57"
LONG_ID = "f" * 32
LONG_MESSAGES, LONG_BYTES = 2000, 5_000_000
_SENTENCES = 40_000
_WORDS = 20_000
_START_MS = 1_700_000_000_000
_APART_MS = 60_000
_AT_ONCE = 50_000
_CONVERSATION = """
insert into conversation(number, id, title, created, updated, pinned, archived, active, revision)
values (?, ?, ?, ?, ?, ?, ?, ?, 1)
"""
_MESSAGE = """
insert into message(number, id, conversation, parent, role, content, state, finish_reason, model,
    endpoint, created, revision)
values (?, ?, ?, ?, ?, ?, 'done', ?, ?, ?, ?, 1)
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is in a store, without the one long conversation that each has."""

    conversations: int = 10_000
    messages: int = 1_000_000

    @property
    def name(self) -> str:
        """What tells one store from another, the schema and this file included."""
        source = f"{MIGRATIONS}{Path(__file__).read_text(encoding='utf-8')}"
        digest = hashlib.sha256(source.encode()).hexdigest()[:8]
        return f"store-{self.conversations}-{self.messages}-{digest}"


def rare_word(number: int) -> str:
    """A word that is only in the message with this number."""
    return f"zq{number:x}xj"


def stored(size: Size, build: Path = BUILD) -> Path:
    """The database of a size; made if it is not there, which takes minutes for a large one."""
    path = build / f"{size.name}.db"
    if not path.exists():
        build.mkdir(parents=True, exist_ok=True)
        for old in build.glob(f"store-{size.conversations}-{size.messages}-*.db*"):
            old.unlink()
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        print(f"Making a store of {size.messages:,} messages ...", flush=True)
        with contextlib.closing(open_migrated(part, 5.0)) as connection:
            fill(connection, size)
        part.rename(path)
    return path


def fill(connection: sqlite3.Connection, size: Size) -> None:
    """Put conversations into an empty store. The index is made at the end, which is faster."""
    connection.execute("pragma journal_mode = off")  # a store that is half made is made anew
    connection.execute("pragma synchronous = off")
    triggers = connection.execute("select name, sql from sqlite_master where type = 'trigger'")
    dropped = triggers.fetchall()
    for name, _ in dropped:
        connection.execute(f"drop trigger {name}")
    messages = _messages(size)
    connection.execute("begin")
    connection.executemany(_CONVERSATION, _conversations(size))
    while some := list(itertools.islice(messages, _AT_ONCE)):
        connection.executemany(_MESSAGE, some)
    connection.execute("commit")
    for table in ("conversation_text", "message_text"):
        connection.execute(f"insert into {table}({table}) values ('rebuild')")
    for _, sql in dropped:
        connection.execute(sql)
    connection.execute("pragma journal_mode = wal")


def day_of(number: int) -> str:
    """The day on which the message with this number was written, as a search takes it."""
    moment = datetime.fromtimestamp((_START_MS + number * _APART_MS) / 1e3, UTC)
    return moment.date().isoformat()


class Writer:
    """Text of made-up languages: a few words are in most sentences, most words in few. The words
    are in the order of how often they come.
    """

    def __init__(self, seed: int = 1, sentences: int = _SENTENCES) -> None:
        self._random = random.Random(seed)
        self.latin = [self._word() for _ in range(_WORDS)]
        self.chinese = [self._sign() + self._sign() for _ in range(_WORDS // 4)]
        self._latin = [self._sentence(self.latin, " ", ". ", FREQUENT) for _ in range(sentences)]
        self._chinese = [
            self._sentence(self.chinese, "", "\u3002", FREQUENT_CJK)
            for _ in range(max(1, sentences // 10))
        ]

    def text(self, sentences: int) -> str:
        """Some sentences; one text of ten is Chinese."""
        pool = self._chinese if self._random.random() < 0.1 else self._latin
        return "".join(self._random.choices(pool, k=sentences))

    def answer(self) -> str:
        """A long text, with its length as different as those of answers are."""
        return self.text(1 + int(self._random.expovariate(1 / 9)))

    def question(self) -> str:
        """A short text."""
        return self.text(1 + int(self._random.expovariate(1 / 1.5)))

    def _sentence(self, words: list[str], gap: str, end: str, frequent: str) -> str:
        # The place of a word in the list is its rank: Zipf's law.
        count = self._random.randint(5, 15)
        places = [int(len(words) ** self._random.random()) - 1 for _ in range(count)]
        chosen = [words[place] for place in places]
        if self._random.random() < 0.2:
            chosen.insert(1, frequent)
        return (gap.join(chosen)).capitalize() + end

    def _word(self) -> str:
        syllables = self._random.choices(_SYLLABLES, k=self._random.choice((1, 2, 2, 3, 3, 4)))
        return "".join(syllables)

    def _sign(self) -> str:
        return chr(0x4E00 + int(3000 ** self._random.random()))


_SYLLABLES = [a + b + c for a in "bdfglmnprstvk" for b in "aeiou" for c in ("", "", "n", "r", "s")]


def _messages(size: Size) -> Iterator[tuple[object, ...]]:
    writer = Writer(sentences=min(_SENTENCES, size.messages))
    each = size.messages // size.conversations
    number = 0
    for conversation in range(1, size.conversations + 1):
        for place in range(each):
            number += 1
            text = writer.answer() if place % 2 else writer.question()
            yield _message(number, conversation, place, f"{text}{rare_word(number)}")
    content = LONG_BYTES // LONG_MESSAGES
    for place in range(LONG_MESSAGES):
        number += 1
        text = writer.text(2 + content // 60)[:content]
        yield _message(number, size.conversations + 1, place, text)


def _message(number: int, conversation: int, place: int, text: str) -> tuple[object, ...]:
    parent = _id(number - 1) if place else None
    created = _START_MS + number * _APART_MS
    if place % 2 == 0:
        return (number, _id(number), conversation, parent, "user", text, *(None,) * 3, created)
    answer = ("assistant", text, "stop", f"model-{conversation % 7}", "upstream", created)
    return (number, _id(number), conversation, parent, *answer)


def _conversations(size: Size) -> Iterator[tuple[object, ...]]:
    writer = Writer(seed=2, sentences=min(_SENTENCES, size.messages))
    each = size.messages // size.conversations
    for number in range(1, size.conversations + 2):
        long = number > size.conversations
        first = (number - 1) * each + 1
        last = first + (LONG_MESSAGES if long else each) - 1
        created, updated = (_START_MS + at * _APART_MS for at in (first, last))
        title = writer.text(1)[:60]
        identity = LONG_ID if long else _id(number)
        pinned, archived = number % 500 == 0, number % 10 == 1
        yield (number, identity, title, created, updated, pinned, archived, _id(last))


def _id(number: int) -> str:
    return hashlib.blake2b(number.to_bytes(8, "big"), digest_size=16).hexdigest()
