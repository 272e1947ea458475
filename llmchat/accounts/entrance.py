"""How one signs in and out: each way in is a session, which is listed and can be ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llmchat.access.brakes import Brakes
from llmchat.access.errors import LoginFailedError
from llmchat.access.oidc.person import Person
from llmchat.access.setup_code import SetupCode, SetupDoneError
from llmchat.access.token import Token
from llmchat.accounts.callers import Callers
from llmchat.accounts.proof import Proof, Visitor
from llmchat.domain.access import OWNER, Account, Caller, Role, Session
from llmchat.storage.accounts import Change
from llmchat.storage.audit import AuditStore


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that was just begun; `text` is for its cookie."""

    account: Account
    text: str


class Entrance:
    """`token` opens the owner's account, `setup` makes the first admin. `joins` says whether
    somebody whom an issuer knows gets an account.
    """

    def __init__(
        self,
        callers: Callers,
        audit: AuditStore,
        proof: Proof,
        *,
        token: Token | None = None,
        setup: SetupCode | None = None,
        joins: Callable[[Person], bool] | None = None,
    ) -> None:
        self._callers = callers
        self._audit = audit
        self._proof = proof
        self._token = token
        self._token_brakes = Brakes()
        self.setup = setup
        self._joins = joins

    @property
    def wants_setup(self) -> bool:
        """Whether there is a first admin to be made."""
        return self.setup is not None and self.setup.is_open

    def end_setup(self) -> None:
        """There is an admin, made in another way."""
        if self.setup is not None:
            self.setup.close()

    def has_token(self, text: str) -> bool:
        """Whether a text is the token. It has too many bits to be guessed."""
        return self._token is not None and self._token.matches(text)

    async def sign_in(self, name: str, password: str, visitor: Visitor) -> Begun:
        """Raises LoginFailedError, the same for whatever is wrong, or TooManyAttemptsError."""
        account, stored = await self._callers.accounts.sign_in(name)
        if account is not None and account.disabled:
            account, stored = None, None
        stale = await self._proof.check(name, stored, password, visitor)
        if account is None:
            raise RuntimeError("a password without an account was found to be right")
        if stale and (renewed := await self._proof.renew(password)) is not None:
            await self._callers.accounts.change(account.id, Change(password=renewed))
        return await self._begin(account, "password", visitor)

    async def sign_in_by_token(self, text: str, visitor: Visitor) -> Begun:
        """For who has the token of the data folder: a session of the owner."""
        attempt = self._token_brakes.admit("", visitor.address)
        if not self.has_token(text):
            raise LoginFailedError("This is not the token of this llmchat.")
        attempt.succeeded()
        owner = await self._callers.accounts.find(OWNER)
        if owner is None:
            raise RuntimeError("the owner's account is gone")
        return await self._begin(owner, "token", visitor)

    async def sign_in_by_issuer(self, person: Person, visitor: Visitor) -> Begun:
        """For whom an issuer of OpenID Connect vouches; who may join gets an account at the first
        time. Raises LoginFailedError.
        """
        accounts = self._callers.accounts
        subject = f"{person.issuer} {person.subject}"
        account = await accounts.by_subject(subject)
        if account is None and self._joins is not None and self._joins(person):
            account = await accounts.create(person.name, Role.USER, subject=subject)
            await self._audit.add(account.id, "account-made", account.name, visitor.address)
        if account is None or account.disabled:
            raise LoginFailedError("You may not use this llmchat. Ask an admin.")
        return await self._begin(account, "oidc", visitor)

    async def set_up(self, code: str, name: str, password: str, visitor: Visitor) -> Begun:
        """Make the first admin. Of any number at once, one does. Raises SetupDoneError,
        LoginFailedError, TooManyAttemptsError, or RequestError for what cannot be used.
        """
        if self.setup is None:
            raise SetupDoneError
        with self.setup.claim(code, visitor.address):
            hashed = await self._proof.hash(name, password)
            account = await self._callers.accounts.set_up(name, hashed)
        if account is None:  # `llmchat user` was faster
            raise SetupDoneError
        await self._callers.changed()
        await self._audit.add(OWNER, "set-up", account.name, visitor.address)
        return await self._begin(account, "password", visitor)

    async def sign_out(self, caller: Caller, visitor: Visitor) -> None:
        """End the session of who asks."""
        await self.end_session(caller.account, caller.credential, visitor, "signed-out")

    async def sessions(self, account: str) -> Sequence[Session]:
        """Those of an account, the one that was used last first."""
        return await self._callers.sessions.list(account)

    async def end_session(
        self, account: str, session: str, visitor: Visitor, action: str = "session-ended"
    ) -> bool:
        """End one, and what is open by it. False if the account has none with this id."""
        if not await self._callers.sessions.end(account, session):
            return False
        await self._callers.changed()
        await self._audit.add(account, action, address=visitor.address)
        return True

    async def end_other_sessions(self, caller: Caller, visitor: Visitor) -> None:
        """End all of the account but the one that asks."""
        keep = caller.credential
        if await self._callers.sessions.end_others(caller.account, keep):
            await self._callers.changed()
            await self._audit.add(caller.account, "sessions-ended", address=visitor.address)

    async def _begin(self, account: Account, way: str, visitor: Visitor) -> Begun:
        _, text = await self._callers.sessions.create(
            account.id, way, visitor.device, visitor.address
        )
        await self._audit.add(account.id, "signed-in", way, visitor.address)
        return Begun(account, text)
