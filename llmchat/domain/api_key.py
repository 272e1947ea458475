"""A personal key of our own API, as its owner sees it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`ending` is the last characters of the key, `used` about when it was last used; times are in
    ms since the epoch. The key itself is nowhere: who has lost it makes another one.
    """

    id: str
    name: str
    ending: str
    created: int
    used: int | None
