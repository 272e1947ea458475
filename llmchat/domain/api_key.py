"""A personal key of our own API, as its owner sees it."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat.domain.access import Scope


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`ending` is the last characters of the key, `used` about when it was last used; times are in
    ms since the epoch. `scopes` are what it opens, after `expires` nothing. The key itself is
    nowhere: who has lost it makes another one.
    """

    id: str
    name: str
    ending: str
    created: int
    used: int | None
    scopes: list[Scope]
    expires: int | None
