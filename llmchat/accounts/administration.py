"""What is changed of accounts, by themselves or by admins. What it takes from somebody ends at
once, and each deed is written down.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from llmchat.accounts.callers import Callers
from llmchat.accounts.proof import Proof, Visitor, wrong_value
from llmchat.domain.access import OWNER, Account, Caller, Role
from llmchat.domain.errors import NoSuchAccountError
from llmchat.storage.accounts import Change, check_other_admins
from llmchat.storage.audit import AuditStore, note
from llmchat.storage.database import Database
from llmchat.storage.erasing import erase
from llmchat.storage.sessions import end_others


@dataclass(frozen=True, slots=True)
class Wish:
    """What of an account is to be another; None stays as it is."""

    name: str | None = None
    role: Role | None = None
    password: str | None = None
    disabled: bool | None = None


class Administration:
    """`on_erase` is called with an account before its data are deleted, `remove` with each file
    that nobody has afterwards, in the thread of the writer.
    """

    def __init__(
        self,
        database: Database,
        callers: Callers,
        audit: AuditStore,
        proof: Proof,
        *,
        on_erase: Callable[[str], Awaitable[None]],
        remove: Callable[[str], None],
    ) -> None:
        self._database = database
        self._callers = callers
        self._accounts = callers.accounts
        self._audit = audit
        self._proof = proof
        self._on_erase = on_erase
        self._remove = remove

    async def list(self) -> Sequence[Account]:
        """All accounts, the owner's first."""
        return await self._accounts.list()

    async def find(self, account: str) -> Account:
        """One of them. Raises NoSuchAccountError."""
        found = await self._accounts.find(account)
        if found is None:
            raise NoSuchAccountError
        return found

    async def check_current(self, account: str, password: str | None, visitor: Visitor) -> None:
        """Raises LoginFailedError unless it is the account's password, if it has one: who finds a
        browser that is signed in must not take the account over.
        """
        stored = await self._accounts.password(account)
        if stored is not None:
            name = (await self.find(account)).name
            await self._proof.check(name, stored, password or "", visitor)

    async def create(self, caller: Caller, wish: Wish, visitor: Visitor) -> Account:
        """A new account; one without a password is for who signs in by another way."""
        name, role = wish.name or "", wish.role or Role.USER
        hashed = None if wish.password is None else await self._proof.hash(name, wish.password)
        account = await self._accounts.create(name, role, hashed)
        await self._callers.changed()
        await self._audit.add(caller.account, "account-made", account.name, visitor.address)
        return account

    async def change(self, caller: Caller, account: str, wish: Wish, visitor: Visitor) -> Account:
        """With a new password all sessions of the account end, but that of who asks. Raises
        NoSuchAccountError; RequestError (409) for a name that is taken, or for the last admin.
        """
        before = await self.find(account)
        change = Change(wish.name, wish.role, disabled=wish.disabled)
        if wish.password is not None:
            if account == OWNER and not before.has_password and wish.name is None:
                raise wrong_value("/name", "Choose the name to sign in with, too.")
            hashed = await self._proof.hash(wish.name or before.name, wish.password)
            change = replace(change, password=hashed)
        after = await self._accounts.change(account, change)
        if after is None:
            raise NoSuchAccountError
        if wish.password is not None or after.disabled:
            keep = caller.credential if account == caller.account else ""
            await self._callers.sessions.end_others(account, keep)
        await self._callers.changed()
        for action in _deeds(before, wish):
            await self._audit.add(caller.account, action, before.name, visitor.address)
        return after

    async def delete(self, caller: Caller, account: str, visitor: Visitor) -> None:
        """Delete an account and all its data. RequestError (409) for the last admin."""
        known = await self.find(account)
        is_admin = known.role is Role.ADMIN and known.has_password
        await self._database.write(lambda one: _lock_out(one, account, is_admin=is_admin))
        await self._callers.changed()
        await self._on_erase(account)

        # In the writer's thread: a file that is brought again just now is not lost.
        def work(connection: sqlite3.Connection) -> None:
            note(connection, caller.account, "account-deleted", known.name, visitor.address)
            for file in erase(connection, account):
                self._remove(file)

        await self._database.write(work, sync=True)
        await self._callers.changed()


def _lock_out(connection: sqlite3.Connection, account: str, *, is_admin: bool) -> None:
    """So that nothing is begun while the account is deleted."""
    if is_admin:
        check_other_admins(connection, account)
    if account != OWNER:
        connection.execute("update account set disabled = 1 where id = ?", (account,))
    end_others(connection, account)


def _deeds(before: Account, wish: Wish) -> Iterator[str]:
    if wish.name is not None and wish.name != before.name:
        yield "account-renamed"
    if wish.role is not None and wish.role is not before.role:
        yield f"account-made-{wish.role}"
    if wish.password is not None:
        yield "password-changed"
    if wish.disabled is not None and wish.disabled != before.disabled:
        yield "account-disabled" if wish.disabled else "account-enabled"
