"""What is searched for in the bench: of each kind as many as asked, the same ones each time."""

from __future__ import annotations

import random
from collections.abc import Callable

from bench.stored import FREQUENT, FREQUENT_CJK, Size, Writer, day_of, rare_word


def queries(size: Size, count: int) -> dict[str, list[str]]:
    """The queries of each kind."""
    chance, writer = random.Random(3), Writer(sentences=10)
    words, chinese = writer.latin, writer.chinese[:500]
    frequent = [FREQUENT, *(word for word in words[:60] if len(word) >= 3)]
    seldom = [word for word in words[2000:] if len(word) >= 8]
    kinds: dict[str, Callable[[], str]] = {
        "a frequent word": lambda: chance.choice(frequent),
        "the beginning of a word": lambda: chance.choice(frequent)[:3],
        "a word that is seldom": lambda: chance.choice(seldom),
        "a word in one message": lambda: rare_word(chance.randint(1, size.messages)),
        "two words": lambda: f"{chance.choice(frequent)} {chance.choice(seldom)}",
        "two frequent words as a phrase": lambda: f'"{" ".join(chance.sample(frequent, 2))}"',
        "a word that is nowhere": lambda: f"{chance.randbytes(5).hex()}qx",
        "frequent pieces, together nowhere": lambda: _swapped(chance.choice(seldom)),
        "three Chinese signs": lambda: FREQUENT_CJK,
        "two Chinese signs": lambda: chance.choice(chinese),
        "two letters": lambda: chance.choice(frequent)[:2],
        "`pinned:` and a word": lambda: f"pinned: {chance.choice(frequent)}",
        "`archived:no model:` and a word": lambda: (
            f"archived:no model:model-{chance.randint(0, 6)} {chance.choice(frequent)}"
        ),
        "`before:` and a word": lambda: (
            f"before:{day_of(chance.randint(1, size.messages))} " + chance.choice(frequent)
        ),
        "only prefixes": lambda: f"archived:no before:{day_of(chance.randint(1, size.messages))}",
    }
    return {kind: [make() for _ in range(count)] for kind, make in kinds.items()}


def _swapped(word: str) -> str:
    return word[len(word) // 2 :] + word[: len(word) // 2]
