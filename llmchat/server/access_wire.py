"""The bodies and replies of sessions, accounts and the audit log."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from llmchat.access.passwords import LONGEST
from llmchat.domain.access import Account, AuditEntry, Role, Session, shown_id
from llmchat.domain.account_limits import AccountLimits

# It is typed to sign in, and shown to others: nothing hidden in it, nothing blank at its ends.
_HIDDEN = r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_NAME = rf"\A[^\s{_HIDDEN}](?:[^{_HIDDEN}]*[^\s{_HIDDEN}])?\Z"
AccountName: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100, pattern=_NAME)]
Password: TypeAlias = Annotated[str, Meta(max_length=LONGEST)]
Secret: TypeAlias = Annotated[str, Meta(max_length=300)]
Way: TypeAlias = Literal["password", "token", "oidc"]


class PasswordLogin(Struct, forbid_unknown_fields=True):
    """Who signs in with a password."""

    name: Annotated[str, Meta(max_length=200)]
    password: Password


class TokenLogin(Struct, forbid_unknown_fields=True):
    """Who signs in with the token of the data folder."""

    token: Secret


class SetupBody(Struct, forbid_unknown_fields=True):
    """The first admin; the code was printed at the start."""

    code: Secret
    name: AccountName
    password: Password


class AccountPatch(Struct, forbid_unknown_fields=True):
    """What somebody changes of the own account; `current` is the present password."""

    name: AccountName | None = None
    password: Password | None = None
    current: Password | None = None


class Farewell(Struct, forbid_unknown_fields=True):
    """Who deletes the own account says the password once more, if it has one."""

    current: Password | None = None


class NewUser(Struct, forbid_unknown_fields=True):
    """A new account. Without a password it is for who signs in by another way."""

    name: AccountName
    role: Role = Role.USER
    password: Password | None = None


class UserPatch(Struct, forbid_unknown_fields=True):
    """What an admin changes of an account."""

    name: AccountName | None = None
    role: Role | None = None
    password: Password | None = None
    disabled: bool | None = None


class OwnAccount(Struct):
    """The account of who asks."""

    id: str
    name: str
    role: Role
    has_password: bool


class SessionState(Struct):
    """Who asks, and how one signs in. `signed_in`: there is a session, which can be ended; `setup`:
    the first admin is still to be made; `oidc` is what the button of an issuer is called.
    """

    auth: Literal["auto", "none", "token", "password", "proxy"]
    account: OwnAccount | None
    signed_in: bool
    ways: list[Way]
    oidc: str | None
    setup: bool


class SessionItem(Struct):
    """A session in the list; `current` is the one that asks."""

    id: str
    device: str
    address: str
    created: int
    seen: int
    current: bool


class SessionList(Struct):
    """The one that was used last comes first."""

    items: list[SessionItem]


class User(Struct):
    """An account as admins see it. `external`: it signs in by another system."""

    id: str
    name: str
    role: Role
    created: int
    seen: int | None
    disabled: bool
    has_password: bool
    external: bool


class Held(Struct):
    """How much an account has, which goes with it: never what."""

    conversations: int
    messages: int
    files: int
    keys: int


class LimitUse(Struct):
    """How much there may be of something, and is."""

    limit: int
    used: int


class OwnLimits(Struct):
    """What the own account may take: questions per minute, jobs that run and wait, tokens per day
    (it ends at `day_ends`, in ms), open streams. null: as many as one likes.
    """

    per_minute: LimitUse | None
    running: LimitUse | None
    queued: LimitUse | None
    tokens_per_day: LimitUse | None
    streams: LimitUse | None
    day_ends: int


class UserUse(Struct):
    """What an account has used today, by the clock of the server."""

    id: str
    questions: int
    tokens: int


class UserUseList(Struct):
    """Those who have asked something today."""

    items: list[UserUse]


class UserList(Struct):
    """All accounts, the owner's first."""

    items: list[User]


class AuditQuery(Struct):
    """A page of the log: the newest entries, or those before a number."""

    before: Annotated[int, Meta(ge=1, le=2**62)] | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class AuditItem(Struct):
    """What somebody did. `actor` is the id of the account, `name` what it was called then."""

    number: int
    time: int
    actor: str
    name: str
    action: str
    target: str
    address: str


class AuditPage(Struct):
    """The newest first; `next` is the `before` of what follows."""

    items: list[AuditItem]
    next: int | None


def own_account(account: Account, role: Role) -> OwnAccount:
    """`role` is what counts: who needs no login is an admin, whatever the account says."""
    return OwnAccount(shown_id(account.id), account.name, role, account.has_password)


def user(account: Account) -> User:
    return User(
        *(shown_id(account.id), account.name, account.role, account.created, account.seen),
        *(account.disabled, account.has_password, account.external),
    )


def own_limits(limits: AccountLimits, used: AccountLimits, day_ends: int) -> OwnLimits:
    def use(name: str) -> LimitUse | None:
        limit = getattr(limits, name)
        return LimitUse(limit, getattr(used, name)) if limit else None

    return OwnLimits(
        *(use("per_minute"), use("running"), use("queued"), use("tokens_per_day"), use("streams")),
        day_ends=day_ends,
    )


def session_item(one: Session, current: str) -> SessionItem:
    return SessionItem(
        *(one.id, one.device, one.address, one.created, one.seen), current=one.id == current
    )


def audit_item(one: AuditEntry) -> AuditItem:
    return AuditItem(
        *(one.number, one.time, shown_id(one.actor), one.name),
        *(one.action, one.target, one.address),
    )
