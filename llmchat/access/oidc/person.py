"""Whom a provider has logged in, and who of them may use this llmchat."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

EVERYBODY = "*"
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """`emails` and `domains` (of e-mail addresses) are who may join; the domain `*` is everybody
    whom the provider knows. A client without a secret is a public one.
    """

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    domains: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    scope: str = "openid email profile"

    def may_join(self, person: Person) -> bool:
        """Whether somebody gets an account at first sight. Only an address that the provider has
        verified counts: elsewhere anybody can write any address into their profile.
        """
        if EVERYBODY in self.domains:
            return True
        address = person.email.casefold()
        domain = address.rpartition("@")[2]
        return (
            person.verified
            and bool(domain)
            and (
                address in {email.casefold() for email in self.emails}
                or domain in {one.casefold().removeprefix("@") for one in self.domains}
            )
        )


@dataclass(frozen=True, slots=True)
class Person:
    """`issuer` and `subject` together are the person for ever; all else can change. `name` is for
    people to read; `verified`: the provider stands for `email`.
    """

    issuer: str
    subject: str
    name: str
    email: str
    verified: bool


def person_of(claims: Mapping[str, object], issuer: str, subject: str) -> Person:
    """From the claims of OpenID Connect Core, 5.1, of a token or of the UserInfo endpoint."""
    email = _text(claims.get("email"))
    names = (_text(claims.get(claim)) for claim in ("name", "preferred_username", "nickname"))
    name = next(filter(None, names), "") or email.partition("@")[0] or "user"
    # Some providers write the word.
    verified = claims.get("email_verified") in (True, "true")
    return Person(issuer, subject, name, email, verified and "@" in email)


def _text(value: object) -> str:
    """A text of a provider, without what cannot be seen, and not too long."""
    if not isinstance(value, str):
        return ""
    seen = "".join(char for char in value if unicodedata.category(char)[0] != "C")
    return seen.strip()[:_LONGEST_NAME]
