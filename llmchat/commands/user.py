"""`llmchat user`: the accounts of a data folder, also while a server runs on it.

It writes rows; a server sees them within seconds, and ends what is open of who may not any more.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from llmchat.access.passwords import why_not
from llmchat.accounts.administration import Administration, Wish
from llmchat.accounts.callers import Callers
from llmchat.accounts.proof import Proof, Visitor
from llmchat.config import Settings
from llmchat.domain.access import OWNER_CALLER, Account, Role, Way, shown_id
from llmchat.domain.errors import EX_DATAERR, EX_UNAVAILABLE, EX_USAGE, ConfigError, LLMChatError
from llmchat.storage.audit import AuditStore
from llmchat.storage.blobs import FOLDER_NAME, Blobs
from llmchat.storage.database import Database
from llmchat.storage.location import FILE_NAME

_CALLER: Final = OWNER_CALLER[Way.LOCAL]
_VISITOR: Final = Visitor(device="llmchat user")


def run(settings: Settings, flags: dict[str, str]) -> int:
    """Do one thing. Returns the exit code. Raises ConfigError."""
    action, name = flags["action"], flags["name"] or ""
    if (action == "list") == bool(name):
        what = "takes no name" if name else "needs the name of an account"
        raise ConfigError(f"`llmchat user {action}` {what}.", exit_code=EX_USAGE)
    work = _ACTIONS[action](name, flags)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = os.umask(0o077)  # what is made is for this user only
    try:
        print(asyncio.run(_with_accounts(settings.data_dir, work)))  # noqa: T201 - to a person
    except ConfigError:
        raise
    except LLMChatError as error:
        told = [detail for _, detail in getattr(error, "errors", ())] or [error.message]
        raise ConfigError(" ".join(told), exit_code=EX_DATAERR) from error
    finally:
        os.umask(before)
    return 0


class _Accounts:
    """The accounts of an open store."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.callers = Callers(database)
        self.proof = Proof()
        self.audit = AuditStore(database)
        self.administration = Administration(
            *(database, self.callers, self.audit, self.proof),
            on_erase=_nothing_runs_here,
            remove=Blobs(folder / FOLDER_NAME).remove,
        )

    async def named(self, name: str) -> Account:
        account, _ = await self.callers.accounts.sign_in(name)
        if account is None:
            raise ConfigError(
                f"There is no account {name!r}. `llmchat user list` shows those there are.",
                exit_code=EX_UNAVAILABLE,
            )
        return account

    async def change(self, name: str, wish: Wish) -> Account:
        account = await self.named(name)
        return await self.administration.change(_CALLER, account.id, wish, _VISITOR)


_Work = Callable[[_Accounts], Awaitable[str]]


async def _with_accounts(folder: Path, work: _Work) -> str:
    database = Database.open(folder / FILE_NAME)
    accounts = _Accounts(database, folder)
    try:
        return await work(accounts)
    finally:
        accounts.proof.close()
        await database.close()


def _list(_name: str, _flags: dict[str, str]) -> _Work:
    async def work(accounts: _Accounts) -> str:
        return "\n".join(_row(one) for one in await accounts.administration.list())

    return work


def _add(name: str, flags: dict[str, str]) -> _Work:
    role = Role(flags["role"] or Role.USER)
    password = _new_password(name)

    async def work(accounts: _Accounts) -> str:
        store = accounts.callers.accounts
        if role is Role.ADMIN and not await store.any_password():
            hashed = await accounts.proof.hash(name, password)
            if await store.set_up(name, hashed) is not None:
                await accounts.audit.add(_CALLER.account, "set-up", name)
                return f"{name} is the first admin, and has what was made without signing in."
        wish = Wish(name, role, password)
        await accounts.administration.create(_CALLER, wish, _VISITOR)
        return f"{name} can sign in as {role}."

    return work


def _passwd(name: str, _flags: dict[str, str]) -> _Work:
    password = _new_password(name)

    async def work(accounts: _Accounts) -> str:
        await accounts.change(name, Wish(password=password))
        return f"{name} has a new password, and is signed out everywhere."

    return work


def _disable(name: str, _flags: dict[str, str]) -> _Work:
    async def work(accounts: _Accounts) -> str:
        await accounts.change(name, Wish(disabled=True))
        return f"{name} is signed out everywhere, and cannot sign in any more."

    return work


def _enable(name: str, _flags: dict[str, str]) -> _Work:
    async def work(accounts: _Accounts) -> str:
        await accounts.change(name, Wish(disabled=False))
        return f"{name} can sign in again."

    return work


def _delete(name: str, flags: dict[str, str]) -> _Work:
    if not flags["yes"]:
        _confirm(name)

    async def work(accounts: _Accounts) -> str:
        account = await accounts.named(name)
        await accounts.administration.delete(_CALLER, account.id, _VISITOR)
        return f"{name} is deleted, with all chats, files and keys."

    return work


_ACTIONS: Final = {
    "add": _add,
    "list": _list,
    "passwd": _passwd,
    "disable": _disable,
    "enable": _enable,
    "delete": _delete,
}


def _new_password(name: str) -> str:
    """Asked for on the terminal, or read from a pipe; never an argument, which others can see."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            raise ConfigError("These were two different passwords.", exit_code=EX_DATAERR)
    if (reason := why_not(password, name)) is not None:
        raise ConfigError(reason, exit_code=EX_DATAERR)
    return password


def _confirm(name: str) -> None:
    if not sys.stdin.isatty():
        raise ConfigError("Say --yes: nothing brings it back.", exit_code=EX_USAGE)
    sys.stderr.write(f"This deletes {name} with all chats, files and keys. Type the name: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != name:
        raise ConfigError("Nothing was deleted.", exit_code=EX_DATAERR)


def _row(one: Account) -> str:
    marks = [
        *(["disabled"] if one.disabled else []),
        *([] if one.has_password or one.external else ["no password"]),
    ]
    seen = "never used"
    if one.seen is not None:
        seen = f"last used {datetime.fromtimestamp(one.seen / 1000, UTC):%Y-%m-%d %H:%M} UTC"
    return "\t".join([one.name, one.role, shown_id(one.id), seen, *marks])


async def _nothing_runs_here(_account: str) -> None:
    """What a server still answers for the account, it stops when it sees that it is gone."""
