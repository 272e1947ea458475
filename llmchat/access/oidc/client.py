"""The log-in at a provider from the first redirect to a person: authorization code with PKCE.

OpenID Connect Core 3.1, RFC 7636, and RFC 9700 for what has gone wrong elsewhere. What is secret
stays here, in memory; the log says why a log-in has failed, with nothing of what was sent.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from multidict import MultiMapping
from yarl import URL

from llmchat.access.errors import OidcError
from llmchat.access.oidc import id_token
from llmchat.access.oidc.fetch import Fetcher, UnavailableError
from llmchat.access.oidc.pending import Pending, PendingLogins
from llmchat.access.oidc.person import OidcSettings, Person, person_of
from llmchat.access.oidc.provider import Metadata, Provider

log = logging.getLogger(__name__)

_LONGEST = 4096  # of what a provider sends through the browser


@dataclass(frozen=True, slots=True)
class Start:
    """Send the browser to `address`, and give it `binding` as a cookie: HttpOnly, SameSite=Lax,
    for `pending.SECONDS`.
    """

    address: str
    binding: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """Who it is, and what `start` was told about where to go then."""

    person: Person
    next_place: str


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str
    access_token: str = ""


class OidcClient:
    """Log-ins at one provider. Made in the event loop that uses it; close it at the end."""

    def __init__(self, settings: OidcSettings, now: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._fetcher = Fetcher()
        self._provider = Provider(settings.issuer, self._fetcher, now)
        self._pending = PendingLogins(now)

    async def start(self, redirect_uri: str, next_place: str, address: str) -> Start:
        """Begin for a browser at `address`; `redirect_uri` is where it comes back to, as the
        provider knows it. Raises OidcError.
        """
        metadata = await self._provider.metadata()
        state, pending = self._pending.begin(redirect_uri, next_place, address)
        place = URL(metadata.authorization_endpoint).update_query(
            response_type="code",
            client_id=self._settings.client_id,
            redirect_uri=redirect_uri,
            scope=self._settings.scope,
            state=state,
            nonce=pending.nonce,
            code_challenge=pending.challenge,
            code_challenge_method="S256",
        )
        return Start(str(place), pending.binding)

    async def finish(self, query: MultiMapping[str], binding: str) -> Login:
        """What the browser came back with, and its cookie. Each log-in ends once, with somebody
        who is known and may be here or not: see `OidcSettings.may_join`. Raises OidcError.
        """
        pending = self._pending.take(_single(query, "state"), binding)
        try:
            return Login(await self._person(query, pending), pending.next_place)
        except OidcError as error:
            log.warning("a log-in has failed: %s", error.why)
            raise

    async def close(self) -> None:
        await self._fetcher.close()

    async def _person(self, query: MultiMapping[str], pending: Pending) -> Person:
        metadata = await self._provider.metadata()
        issuer = _single(query, "iss")
        if (issuer or metadata.authorization_response_iss_parameter_supported) and (
            issuer != metadata.issuer
        ):
            message = "This answer is from another log-in service."  # RFC 9207
            raise OidcError("invalid", message, "another issuer")
        code = _single(query, "code")
        if not code or "error" in query:
            raise OidcError("refused", "The log-in service has refused.")
        tokens = await self._redeem(metadata, code, pending)
        claims = await self._claims(metadata, tokens.id_token, pending.nonce)
        person = person_of(claims, metadata.issuer, str(claims["sub"]))
        if person.email or not metadata.userinfo_endpoint or not tokens.access_token:
            return person
        return await self._described(metadata, tokens.access_token, person)

    async def _redeem(self, metadata: Metadata, code: str, pending: Pending) -> _Tokens:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": pending.redirect_uri,
            "code_verifier": pending.verifier,
        }
        name, secret = self._settings.client_id, self._settings.client_secret
        if secret and "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            return await self._fetcher.post(metadata.token_endpoint, _Tokens, form, (name, secret))
        form["client_id"] = name
        if secret:
            form["client_secret"] = secret
        return await self._fetcher.post(metadata.token_endpoint, _Tokens, form, None)

    async def _claims(self, metadata: Metadata, token: str, nonce: str) -> dict[str, object]:
        expected = id_token.Expected(
            metadata.issuer,
            self._settings.client_id,
            nonce,
            metadata.id_token_signing_alg_values_supported,
        )
        try:
            keys = await self._provider.keys()
            return await asyncio.to_thread(id_token.verify, token, expected, keys)
        except id_token.UnknownKeyError:
            keys = await self._provider.keys(anew=True)
            return await asyncio.to_thread(id_token.verify, token, expected, keys)

    async def _described(self, metadata: Metadata, access_token: str, person: Person) -> Person:
        """With what only the UserInfo endpoint tells, which must speak of the same person."""
        claims = await self._fetcher.get(
            metadata.userinfo_endpoint, dict[str, object], access_token
        )
        if claims.get("sub") != person.subject:
            raise UnavailableError("UserInfo is of somebody else")
        return person_of(claims, person.issuer, person.subject)


def _single(query: MultiMapping[str], name: str) -> str:
    values = query.getall(name, [])
    if len(values) > 1 or any(len(value) > _LONGEST for value in values):
        raise OidcError("invalid", "The answer of the log-in service cannot be read.")
    return values[0] if values else ""
