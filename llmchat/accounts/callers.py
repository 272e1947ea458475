"""Who a cookie or a key is of, from memory: most requests ask the store nothing.

What is remembered counts until an account, key or session is changed. What this process changes is
forgotten at once; what `llmchat user` changes beside it, within `WATCH_SECONDS`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from llmchat.domain.access import Caller, Role, Way
from llmchat.domain.errors import StorageError
from llmchat.domain.ids import now as _now
from llmchat.storage.accounts import AccountStore
from llmchat.storage.api_keys import ApiKeyStore
from llmchat.storage.database import Database
from llmchat.storage.sessions import IDLE_MS, WHOLE_MS, SessionStore, digest_of

WATCH_SECONDS: Final = 2.0
NOTE_MS: Final = 60_000  # a use is written down once in so long: most requests write nothing
MOST_REMEMBERED: Final = 10_000
_NAMED: Final = "named by a proxy: "  # so that no secret can be one of these

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Remembered:
    """`begun_by` and `used` are of sessions: how it was begun, and when it was last used."""

    caller: Caller
    begun_by: str = ""
    used: int = 0
    noted: int = 0


class Callers:
    """`on_change` is told when callers that were found before may not be any more, `on_time` now
    and then the time: `Caller.until` may be over.
    """

    def __init__(self, database: Database) -> None:
        self.accounts = AccountStore(database)
        self.sessions = SessionStore(database)
        self.keys = ApiKeyStore(database)
        self.on_change: Callable[[], Awaitable[None]] | None = None
        self.on_time: Callable[[int], None] | None = None
        self._known: dict[bytes, _Remembered] = {}
        self._generation = 0
        self._number: int | None = None
        self._noting: set[asyncio.Task[None]] = set()

    async def of_session(self, text: str, begun_by: frozenset[str]) -> Caller | None:
        """Who has the cookie of a session that was begun in one of these ways and is not over."""
        digest = digest_of(text)
        known = self._known.get(digest) or await self._find_session(digest, text)
        if known is None or known.begun_by not in begun_by:
            return None
        now = _now()
        if _is_over(known.caller, now) or now - known.used > IDLE_MS:
            return None
        known.used = now
        if now - known.noted >= NOTE_MS:
            known.noted = now
            self._note(self.sessions.note_use(known.caller.credential), known.caller)
        return known.caller

    async def of_key(self, text: str) -> Caller | None:
        """Who has an API key that was neither revoked nor is too old."""
        digest = digest_of(text)
        known = self._known.get(digest) or await self._find_key(digest, text)
        now = _now()
        if known is None or _is_over(known.caller, now):
            return None
        if now - known.noted >= NOTE_MS:
            known.noted = now
            self._note(self.keys.note_use(known.caller.credential), known.caller)
        return known.caller

    async def of_name(self, name: str, *, is_admin: bool) -> Caller | None:
        """Whom a trusted proxy names, unless the account is disabled; it is made at first sight.
        Who is an admin by the groups that the proxy tells is one as long as it tells them.
        """
        digest = digest_of(f"{_NAMED}{is_admin}\n{name}")
        known = self._known.get(digest)
        if known is None:
            generation = self._generation
            account = await self.accounts.by_login(name, Role.USER)
            if account.disabled:
                return None
            role = Role.ADMIN if is_admin else account.role
            caller = Caller(account.id, role, Way.PROXY)
            known = self._remember(generation, digest, _Remembered(caller))
        if (now := _now()) - known.noted >= NOTE_MS:
            known.noted = now
            self._note(None, known.caller)
        return known.caller

    async def still(self, caller: Caller) -> bool:
        """Whether somebody who was found is still to be served."""
        if _is_over(caller, _now()):
            return False
        match caller.way:
            case Way.SESSION:
                return await self.sessions.still(caller.credential)
            case Way.KEY:
                return await self.keys.still(caller.credential)
            case Way.PROXY:
                account = await self.accounts.find(caller.account)
                return account is not None and not account.disabled
            case Way.OPEN | Way.LOCAL | Way.TOKEN:
                return True

    async def changed(self) -> None:
        """Accounts, keys or sessions are others now. Returns when those who were served and are no
        more have been told.
        """
        self._generation += 1
        self._known.clear()
        if self.on_change is not None:
            await self.on_change()

    async def watch(self) -> None:
        """Until cancelled, see what other processes change, and what has become too old."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                if self.on_time is not None:
                    self.on_time(_now())
                number = await self.accounts.changes()
                if number != self._number:
                    await self.changed()
                    self._number = number
            except StorageError as error:
                log.warning("changes of accounts cannot be seen: %s", error.message)

    async def _find_session(self, digest: bytes, text: str) -> _Remembered | None:
        generation = self._generation
        found = await self.sessions.find(text)
        if found is None:
            return None
        until = found.created + WHOLE_MS
        caller = Caller(found.account, found.role, Way.SESSION, found.id, until=until)
        return self._remember(
            generation, digest, _Remembered(caller, found.way, found.seen, found.seen)
        )

    async def _find_key(self, digest: bytes, text: str) -> _Remembered | None:
        generation = self._generation
        found = await self.keys.find(text)
        if found is None:
            return None
        caller = Caller(found.account, found.role, Way.KEY, found.id, found.scopes, found.expires)
        return self._remember(generation, digest, _Remembered(caller))

    def _remember(self, generation: int, digest: bytes, one: _Remembered) -> _Remembered:
        # What was read before a change says nothing of what is after it.
        if generation == self._generation:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[digest] = one
        return one

    def _note(self, writing: Awaitable[None] | None, caller: Caller) -> None:
        """Not waited for: that a use was not noted is no reason to refuse it."""

        async def write() -> None:
            try:
                if writing is not None:
                    await writing
                await self.accounts.note_use(caller.account)
            except StorageError as error:
                log.info("a use was not noted: %s", error.message)

        task = asyncio.create_task(write())
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)


def _is_over(caller: Caller, now: int) -> bool:
    return caller.until is not None and caller.until <= now
