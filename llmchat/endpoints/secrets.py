"""The secrets of one endpoint, and the server that they are for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

SHORTEST = 12  # of which the last four characters give away too much


@dataclass(frozen=True, slots=True)
class Secrets:
    """`headers` are those that go with each request, by name. All is for `origin` only."""

    origin: str
    key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Secrets(of {self.origin})"

    def __bool__(self) -> bool:
        return bool(self.key or self.headers)

    def all(self) -> Iterator[str]:
        """Every one of them."""
        if self.key:
            yield self.key
        yield from self.headers.values()

    def encode(self) -> str:
        """As one text, which is kept where keys are."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def decode(cls, text: str) -> Secrets | None:
        """What `encode` has made; None for anything else."""
        try:
            return msgspec.json.decode(text, type=Secrets)
        except msgspec.DecodeError:
            return None


def last4(secret: str) -> str:
    """The end of a secret, by which a person knows it again; nothing of a short one."""
    return secret[-4:] if len(secret) >= SHORTEST else ""
