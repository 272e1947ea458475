"""What a provider says of itself: its addresses and its keys, fetched when needed and kept."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import msgspec

from llmchat.access.oidc.fetch import Fetcher, UnavailableError
from llmchat.domain.issuer import is_protected

log = logging.getLogger(__name__)

KEEP_SECONDS = 60 * 60.0
AGAIN_SECONDS = 30.0  # until keys are fetched for another token whose key is not known
RETRY_SECONDS = 5.0  # after a failure: meanwhile nobody waits for the same again


class Metadata(msgspec.Struct, frozen=True):
    """The members of OpenID Connect Discovery, 3, that are used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    id_token_signing_alg_values_supported: frozenset[str] = frozenset({"RS256"})
    token_endpoint_auth_methods_supported: frozenset[str] = frozenset({"client_secret_basic"})
    authorization_response_iss_parameter_supported: bool = False


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[dict[str, object]]


class Provider:
    """One issuer. Any number may ask at once; one of them fetches."""

    def __init__(
        self, issuer: str, fetcher: Fetcher, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer = issuer
        self._fetcher = fetcher
        self._now = now
        self._lock = asyncio.Lock()
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, list[dict[str, object]]] | None = None
        self._failed: tuple[float, UnavailableError] | None = None

    async def metadata(self) -> Metadata:
        """Raises UnavailableError."""
        async with self._lock:
            if self._metadata is not None and self._is_young(self._metadata[0], KEEP_SECONDS):
                return self._metadata[1]
            if self._failed is not None and self._is_young(self._failed[0], RETRY_SECONDS):
                raise UnavailableError(self._failed[1].why)
            try:
                found = await self._discover()
            except UnavailableError as error:
                log.warning("the log-in service cannot be used: %s", error.why)
                self._failed = (self._now(), error)
                raise
            self._metadata = (self._now(), found)
            return found

    async def keys(self, *, anew: bool = False) -> list[dict[str, object]]:
        """Its public keys; `anew` for a token whose key is not among them. Raises
        UnavailableError.
        """
        metadata = await self.metadata()
        async with self._lock:
            keep = AGAIN_SECONDS if anew else KEEP_SECONDS
            if self._keys is not None and self._is_young(self._keys[0], keep):
                return self._keys[1]
            found = await self._fetcher.get(metadata.jwks_uri, _KeySet)
            self._keys = (self._now(), found.keys)
            return found.keys

    async def _discover(self) -> Metadata:
        place = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        found = await self._fetcher.get(place, Metadata)
        if found.issuer != self._issuer:
            raise UnavailableError("it says that it is another issuer than the one that is set")
        addresses = (
            found.authorization_endpoint,
            found.token_endpoint,
            found.jwks_uri,
            *filter(None, [found.userinfo_endpoint]),
        )
        if not all(map(_is_usable, addresses)):
            raise UnavailableError("it has an address that is not https")
        return found

    def _is_young(self, since: float, seconds: float) -> bool:
        return self._now() - since < seconds


def _is_usable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return is_protected(url) and parts.username is None and not parts.fragment
    except ValueError:
        return False
