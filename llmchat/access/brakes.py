"""Brakes against guessing: per account and per address, growing, and never a lock.

Five tries are free. After each further one that fails there is a wait: 1, 2, 4 ... 60 s. A try
counts from its beginning, so that many at once are no way around, and is forgiven if it succeeds.
What is refused does not count: who waits gets in.

A stranger must not be able to keep somebody out by guessing at their name (SECURITY.md, 2.2):

- An address has its five tries in spite of the account's brake, out of an allowance that all such
  addresses share and that fills up again. So one network alone cannot keep others out, and many
  networks together get few tries.
- A browser that the account has logged in from is braked by its own tries only, if the caller says
  so (`device`): also behind a shared address, and while the allowance is used up.
"""

from __future__ import annotations

import ipaddress
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from llmchat.access.errors import TooManyAttemptsError

FREE = 5
LONGEST_SECONDS = 60.0
FORGET_SECONDS = 15 * 60.0  # without a further try
ALLOWANCE = 20  # tries at a braked account of addresses with few of their own
ALLOWANCE_SECONDS = 15.0  # until one more of them
ENTRIES = 10_000  # of each kind; the one that has been quiet for longest goes first
_LONGEST_NAME = 256


@dataclass(slots=True)
class _Tries:
    count: int = 0
    free_at: float = 0.0
    last: float = 0.0
    allowance: float = float(ALLOWANCE)

    def begin(self, now: float) -> None:
        spared = (now - self.last) / ALLOWANCE_SECONDS
        self.allowance = min(float(ALLOWANCE), self.allowance + spared)
        self.count, self.last = self.count + 1, now
        if self.count >= FREE:
            self.free_at = now + min(LONGEST_SECONDS, 2.0 ** min(self.count - FREE, 10))

    def forgive(self) -> None:
        self.count = max(0, self.count - 1)
        self.free_at = 0.0


@dataclass(slots=True)
class _Table:
    """Tries by key, the longest quiet first; what is older than FORGET_SECONDS counts for none."""

    kept: OrderedDict[tuple[str, ...], _Tries] = field(default_factory=OrderedDict)

    def get(self, key: tuple[str, ...], now: float) -> _Tries | None:
        tries = self.kept.get(key)
        return None if tries is None or now - tries.last > FORGET_SECONDS else tries

    def begin(self, key: tuple[str, ...], now: float) -> _Tries:
        tries = self.get(key, now) or _Tries(last=now)
        tries.begin(now)
        self.kept[key] = tries
        self.kept.move_to_end(key)
        if len(self.kept) > ENTRIES:
            self.kept.popitem(last=False)
        return tries


class Try:
    """One try that was let through. It has failed, unless one of these is called, once."""

    def __init__(self, tries: list[_Tries], own: list[tuple[_Table, tuple[str, ...]]]) -> None:
        self._tries = tries
        self._own = own

    def succeeded(self) -> None:
        """It was right: the tries at the account are forgotten. Those of the address are not,
        or an account of their own would let a stranger guess at others for ever.
        """
        self.withdrawn()
        for table, key in self._own:
            table.kept.pop(key, None)

    def withdrawn(self) -> None:
        """Nothing was tried after all, as when the server was too busy."""
        for tries in self._tries:
            tries.forgive()
        self._tries = []


class Brakes:
    """Of one kind of secret. In memory only; `now` is a monotonic clock in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._accounts, self._addresses = _Table(), _Table()
        self._pairs, self._devices = _Table(), _Table()

    def admit(self, account: str, address: str, device: str | None = None) -> Try:
        """Let a try begin, or raise TooManyAttemptsError with the seconds to wait.

        `account` is the name as it was typed, whether there is such an account or not. `device`
        stands for a browser that is proven to have been logged in to this very account.
        """
        name, network = _folded(account), network_of(address)
        now = self._now()
        if device is not None:
            key = (name, device)
            _check(self._devices.get(key, now), now)
            return Try([self._devices.begin(key, now)], [(self._devices, key)])
        pair = (name, network)
        _check(self._addresses.get((network,), now), now)
        self._check_account(name, pair, now)
        return Try(
            [
                self._accounts.begin((name,), now),
                self._addresses.begin((network,), now),
                self._pairs.begin(pair, now),
            ],
            [(self._accounts, (name,)), (self._pairs, pair)],
        )

    def _check_account(self, name: str, pair: tuple[str, ...], now: float) -> None:
        tries = self._accounts.get((name,), now)
        if tries is None or tries.free_at <= now:
            return
        spared = tries.allowance + (now - tries.last) / ALLOWANCE_SECONDS
        own = self._pairs.get(pair, now)
        if spared < 1 or (own is not None and own.count >= FREE):
            raise TooManyAttemptsError(tries.free_at - now)
        tries.allowance -= 1


def network_of(address: str) -> str:
    """What one person has of addresses: one of IPv4, a /64 of IPv6. Any other text is its own."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:_LONGEST_NAME]
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((int(ip), 64), strict=False))


def _folded(account: str) -> str:
    return unicodedata.normalize("NFKC", account[:_LONGEST_NAME]).casefold().strip()


def _check(tries: _Tries | None, now: float) -> None:
    if tries is not None and tries.free_at > now:
        raise TooManyAttemptsError(tries.free_at - now)
