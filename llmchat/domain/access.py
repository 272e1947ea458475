"""Who may do what: roles of accounts, rules of routes, scopes of keys, callers of requests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

OWNER: Final = ""
"""The account of who runs llmchat: everybody's where there is no login, and the first admin's."""
_SHOWN_OWNER: Final = "owner"


class Role(StrEnum):
    """What an account is for, the least first: each may do all that the ones before may."""

    GUEST = "guest"
    USER = "user"
    ADMIN = "admin"


class Rule(StrEnum):
    """Who may use a route. `PROGRAM`: who has an API key, and nobody else."""

    PUBLIC = "public"
    GUEST = "guest"
    USER = "user"
    ADMIN = "admin"
    PROGRAM = "program"


class Scope(StrEnum):
    """What an API key opens: the API for programs, what its account has, and, of an admin, what
    admins do. A key never opens keys, sessions and passwords.
    """

    PROGRAMS = "v1"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"
    METRICS = "metrics"


class Way(StrEnum):
    """How a caller was recognised."""

    OPEN = "open"  # nobody is asked: --auth none
    LOCAL = "local"  # by the user of the operating system
    TOKEN = "token"  # noqa: S105 - the name of a way
    SESSION = "session"
    KEY = "key"
    PROXY = "proxy"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request is from. `credential` is the id of the session or key, never what is secret of
    it; `scopes` are those of a key. It ends at `until`, in ms since the epoch.
    """

    account: str
    role: Role
    way: Way
    credential: str = ""
    scopes: frozenset[Scope] = frozenset()
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """An account as admins see it; times are in ms since the epoch. `name` is what it signs in
    with, `seen` about when it was last used, `external`: another system says who that is.
    """

    id: str
    name: str
    role: Role
    created: int
    seen: int | None
    disabled: bool
    has_password: bool
    external: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in. `device` is told by the browser itself."""

    id: str
    device: str
    address: str
    created: int
    seen: int


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What somebody did to accounts, keys and sessions, and to whom."""

    number: int
    time: int
    actor: str
    name: str
    action: str
    target: str
    address: str


OWNER_CALLER: Final = {way: Caller(OWNER, Role.ADMIN, way) for way in Way}
"""The owner, recognised without an account of its own."""

_RANKS: Final = {role: rank for rank, role in enumerate(Role)}
_LEAST: Final = {Rule.GUEST: Role.GUEST, Rule.USER: Role.USER, Rule.ADMIN: Role.ADMIN}


def is_at_least(role: Role, least: Role) -> bool:
    """Whether a role may do all that the least one may."""
    return _RANKS[role] >= _RANKS[least]


def is_allowed(caller: Caller, rule: Rule, scope: Scope) -> bool:
    """Whether a caller may use a route with that rule, which a key opens with that scope."""
    if caller.way is Way.KEY and not _opens(caller.scopes, scope):
        return False
    least = _LEAST.get(rule)
    if least is None:
        return rule is Rule.PUBLIC or caller.way is Way.KEY
    return is_at_least(caller.role, least)


def _opens(scopes: frozenset[Scope], scope: Scope) -> bool:
    return scope in scopes or (scope is Scope.READ and Scope.WRITE in scopes)


def shown_id(account: str) -> str:
    """An account's id as addresses and replies have it."""
    return account or _SHOWN_OWNER


def account_id(shown: str) -> str:
    """The opposite."""
    return OWNER if shown == _SHOWN_OWNER else shown
