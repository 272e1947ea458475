"""The accounts: who there is, what for, and the hashes of their passwords."""

from __future__ import annotations

import secrets
import sqlite3
import unicodedata
from dataclasses import dataclass
from typing import Final

from llmchat.domain.access import OWNER, Account, Role
from llmchat.domain.errors import RequestError
from llmchat.domain.ids import now as _now
from llmchat.storage.database import Database

MOST_ACCOUNTS: Final = 10_000

_COLUMNS = "id, name, role, created, seen, disabled, password is not null, subject is not null"
_FIND = f"select {_COLUMNS} from account where id = ?"  # noqa: S608 - the names above
_ALL = f"select {_COLUMNS} from account order by id <> '', name"  # noqa: S608
_BY_SUBJECT = f"select {_COLUMNS} from account where subject = ?"  # noqa: S608
_BY_LOGIN = f"select {_COLUMNS}, password from account where login = ?"  # noqa: S608
_PASSWORD = "select password from account where id = ?"  # noqa: S105 - SQL
_ADD = """
insert into account(id, name, login, role, password, subject, created) values (?, ?, ?, ?, ?, ?, ?)
"""
_OTHER_ADMINS = """
select count(*) from account
where role = 'admin' and not disabled and password is not null and id <> ?
"""
_LOGIN = "update account set login = coalesce(login, ?) where id = ?"
_SET_UP = "update account set name = ?, login = ?, password = ?, disabled = 0 where id = ?"
_PASSWORDS = "select exists(select 1 from account where password is not null and not disabled)"


@dataclass(frozen=True, slots=True)
class Change:
    """What of an account is to be another; None stays as it is."""

    name: str | None = None
    role: Role | None = None
    password: str | None = None  # as argon2 encodes it
    disabled: bool | None = None


class AccountStore:
    """All accounts. Everything raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, account: str) -> Account | None:
        """An account by its id."""
        return await self._database.read(lambda one: find(one, account))

    async def list(self) -> list[Account]:
        """All, by name; the owner's is the first."""
        rows = await self._database.read(lambda one: one.execute(_ALL).fetchall())
        return [_account(row) for row in rows]

    async def sign_in(self, name: str) -> tuple[Account | None, str | None]:
        """The account that signs in with a name, and the hash of its password."""
        row = await self._database.read(
            lambda one: one.execute(_BY_LOGIN, (login_of(name),)).fetchone()
        )
        return (None, None) if row is None else (_account(row[:-1]), row[-1])

    async def password(self, account: str) -> str | None:
        """The hash of an account's password."""
        row = await self._database.read(lambda one: one.execute(_PASSWORD, (account,)).fetchone())
        return None if row is None else row[0]

    async def any_password(self) -> bool:
        """Whether somebody can sign in with one."""
        return await self._database.read(lambda one: bool(one.execute(_PASSWORDS).fetchone()[0]))

    async def create(
        self, name: str, role: Role, password: str | None = None, subject: str | None = None
    ) -> Account:
        """A new account. RequestError (409) for a name that another one has."""

        def work(connection: sqlite3.Connection) -> Account:
            if connection.execute("select count(*) from account").fetchone()[0] >= MOST_ACCOUNTS:
                raise RequestError(
                    f"There are {MOST_ACCOUNTS} accounts.", code="too-many-accounts", status=422
                )
            account = secrets.token_hex(8)
            # Whom an issuer knows signs in there: others may have the same name.
            login = None if subject else login_of(name)
            row = (account, name, login, role, password, subject, _now())
            _unique(connection, _ADD, row)
            return _there(connection, account)

        return await self._database.write(work, sync=True)

    async def by_login(self, name: str, role: Role) -> Account:
        """The account of a name that a proxy vouches for; made at its first sight."""
        known, _ = await self.sign_in(name)
        if known is not None:
            return known
        try:
            return await self.create(name, role)
        except RequestError:  # made meanwhile, by another request of the same page
            known, _ = await self.sign_in(name)
            if known is None:
                raise
            return known

    async def by_subject(self, subject: str) -> Account | None:
        """The account of somebody whom an issuer of OpenID Connect knows."""
        row = await self._database.read(lambda one: one.execute(_BY_SUBJECT, (subject,)).fetchone())
        return None if row is None else _account(row)

    async def set_up(self, name: str, password: str) -> Account | None:
        """Make the owner the first admin; None if there is somebody with a password already."""

        def work(connection: sqlite3.Connection) -> Account | None:
            if connection.execute(_PASSWORDS).fetchone()[0]:
                return None
            _unique(connection, _SET_UP, (name, login_of(name), password, OWNER))
            return _there(connection, OWNER)

        return await self._database.write(work, sync=True)

    async def change(self, account: str, change: Change) -> Account | None:
        """Gives the account as it is then, None if there is none. RequestError (409) for a name
        that another one has, or if no admin could sign in any more.
        """

        def work(connection: sqlite3.Connection) -> Account | None:
            before = find(connection, account)
            if before is None:
                return None
            lost = change.disabled is True or (change.role or Role.ADMIN) is not Role.ADMIN
            if lost and _is_admin(before):
                check_other_admins(connection, account)
            if change.password is not None:
                _unique(connection, _LOGIN, (login_of(change.name or before.name), account))
            for column, value in _columns(change, before).items():
                _unique(
                    connection,
                    f"update account set {column} = ? where id = ?",  # noqa: S608 - ours
                    (value, account),
                )
            return _there(connection, account)

        return await self._database.write(work, sync=True)

    async def note_use(self, account: str) -> None:
        """It was used just now."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("update account set seen = ? where id = ?", (_now(), account))

        await self._database.write(work)

    async def changes(self) -> int:
        """A number that is another one when accounts, keys or sessions are."""
        number: int = await self._database.read(
            lambda one: one.execute("select number from access_change").fetchone()[0]
        )
        return number


def find(connection: sqlite3.Connection, account: str) -> Account | None:
    """An account by its id."""
    row = connection.execute(_FIND, (account,)).fetchone()
    return None if row is None else _account(row)


def check_other_admins(connection: sqlite3.Connection, account: str) -> None:
    """RequestError (409) if nobody but this account can sign in as an admin."""
    if connection.execute(_OTHER_ADMINS, (account,)).fetchone()[0] == 0:
        raise RequestError(
            "This is the only admin who can sign in. Make another one first.",
            code="last-admin",
            status=409,
        )


def login_of(name: str) -> str:
    """What is compared when somebody signs in: names that look alike are the same."""
    return unicodedata.normalize("NFKC", name.strip()).casefold()


def _columns(change: Change, before: Account) -> dict[str, object]:
    columns: dict[str, object] = {}
    if change.name is not None:
        columns["name"] = change.name
        if before.has_password or change.password is not None or not before.external:
            columns["login"] = login_of(change.name)
    if change.role is not None:
        columns["role"] = change.role
    if change.password is not None:
        columns["password"] = change.password
    if change.disabled is not None:
        columns["disabled"] = change.disabled
    return columns


def _is_admin(account: Account) -> bool:
    return account.role is Role.ADMIN and account.has_password and not account.disabled


def _there(connection: sqlite3.Connection, account: str) -> Account:
    found = find(connection, account)
    if found is None:
        raise RuntimeError("an account is gone that was just written")
    return found


def _unique(connection: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> None:
    try:
        connection.execute(statement, values)
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_UNIQUE:
            raise
        raise RequestError(
            "Another account has this name. Choose another one.", code="name-taken", status=409
        ) from None


def _account(row: tuple[object, ...]) -> Account:
    account, name, role, created, seen, disabled, has_password, external = row
    return Account(
        *(str(account), str(name), Role(str(role)), _int(created)),
        None if seen is None else _int(seen),
        *(bool(disabled), bool(has_password), bool(external)),
    )


def _int(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a time is a number")
    return value
