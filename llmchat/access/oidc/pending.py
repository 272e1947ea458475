"""Log-ins that have been begun and not yet finished: what only this server may know of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from llmchat.access.brakes import network_of
from llmchat.access.errors import OidcError

SECONDS = 10 * 60.0
MOST = 1000
MOST_OF_ONE = 20  # of one address: nobody else's are pushed out by one


def _random() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Pending:
    """`binding` goes to the browser as a cookie: a log-in that somebody else has begun must not
    end in it. `nonce` comes back in the ID token, `verifier` proves that the code is ours.
    """

    redirect_uri: str
    next_place: str
    network: str
    expires_at: float
    nonce: str = field(default_factory=_random, repr=False)
    verifier: str = field(default_factory=_random, repr=False)
    binding: str = field(default_factory=_random, repr=False)

    @property
    def challenge(self) -> str:
        """S256 of RFC 7636."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class PendingLogins:
    """By `state`, the oldest first; each can be taken once."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: OrderedDict[str, Pending] = OrderedDict()

    def begin(self, redirect_uri: str, next_place: str, address: str) -> tuple[str, Pending]:
        """A new one and its `state`."""
        now, network = self._now(), network_of(address)
        self._forget(now, network)
        state = _random()
        self._kept[state] = Pending(redirect_uri, next_place, network, now + SECONDS)
        return state, self._kept[state]

    def take(self, state: str, binding: str) -> Pending:
        """The one of a `state`, for the browser that has begun it. Raises OidcError."""
        pending = self._kept.pop(state, None)
        if (
            pending is None
            or pending.expires_at <= self._now()
            or not hmac.compare_digest(
                pending.binding.encode(), binding.encode("utf-8", "surrogateescape")
            )
        ):
            raise OidcError("expired", "This log-in has taken too long. Begin it again.")
        return pending

    def _forget(self, now: float, network: str) -> None:
        while self._kept and next(iter(self._kept.values())).expires_at <= now:
            self._kept.popitem(last=False)
        own = [state for state, one in self._kept.items() if one.network == network]
        if len(own) >= MOST_OF_ONE:
            del self._kept[own[0]]
        elif len(self._kept) >= MOST:
            self._kept.popitem(last=False)
