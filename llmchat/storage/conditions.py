"""A query as conditions of SQL: whatever somebody types is a value in them, never a part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product

from llmchat.domain.search import Query

_INDEXED = 3  # characters that a word has at least to be in the trigram index


def conditions(
    query: Query, *, text: str, time: str, projects: str | None = None
) -> tuple[str, dict[str, object]]:
    """Conditions, each with its `and`, on the two columns and the conversation, with their values.
    `match` is None if no word is long enough for the index. `projects` is a JSON list of what the
    query's project stands for.
    """
    found: list[str] = []
    values: dict[str, object] = {"match": _match(query.words)}
    for name, condition, value in (
        ("pinned", "c.pinned = :pinned", query.pinned),
        ("archived", "c.archived = :archived", query.archived),
        (
            "projects",
            "c.project in (select value from json_each(:projects))",
            query.project and projects,
        ),
        ("before", f"{time} < :before", query.before),
        ("after", f"{time} >= :after", query.after),
    ):
        if value is not None:
            found.append(condition)
            values[name] = value
    for word in query.words:
        if len(word) < _INDEXED:
            likes = []
            for written in _cases(word):
                name = f"short{len(values)}"
                likes.append(f"{text} like :{name} escape '\\'")
                values[name] = containing(written)
            found.append(f"({' or '.join(likes)})")
    return "".join(f" and {condition}" for condition in found), values


def containing(text: str) -> str:
    """For LIKE with `\\` as its escape sign: anything with the text in it."""
    escaped = re.sub(r"([%_\\])", r"\\\1", text)
    return f"%{escaped}%"


def _match(words: Sequence[str]) -> str | None:
    """The words as an expression of FTS5, in which nothing is a sign of its language."""
    quoted = [f'"{word.replace(chr(34), chr(34) * 2)}"' for word in words if len(word) >= _INDEXED]
    return " ".join(quoted) or None


def _cases(word: str) -> list[str]:
    """How a short word can be written: LIKE takes large and small letters of ASCII only as one."""
    if word.isascii():
        return [word]
    each = [{char.lower(), char.upper()} for char in word]
    return sorted("".join(chosen) for chosen in product(*each))
