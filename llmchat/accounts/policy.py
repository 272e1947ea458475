"""Who is let in at all: what --auth says, and what that means for the address listened on."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from llmchat.access.oidc.person import OidcSettings
from llmchat.config import Settings
from llmchat.domain.errors import ConfigError


class Mode(StrEnum):
    """What is in force. `AUTO` is of a server that only this machine reaches."""

    AUTO = "auto"
    OPEN = "none"
    TOKEN = "token"  # noqa: S105 - the name of a mode
    PASSWORD = "password"  # noqa: S105 - the same
    PROXY = "proxy"


_BEGUN_BY: Final = {
    Mode.AUTO: frozenset({"token", "password", "oidc"}),
    Mode.OPEN: frozenset[str](),
    Mode.TOKEN: frozenset({"token"}),
    Mode.PASSWORD: frozenset({"password", "oidc"}),
    Mode.PROXY: frozenset[str](),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """The mode, and the sessions that count in it by how they were begun."""

    mode: Mode
    begun_by: frozenset[str]

    @property
    def knows_local_user(self) -> bool:
        """Whether the user of this machine needs no login."""
        return self.mode is Mode.AUTO

    @property
    def has_passwords(self) -> bool:
        """Whether one can sign in with a password, if somebody has one."""
        return "password" in self.begun_by

    @property
    def has_token(self) -> bool:
        """Whether the token of the data folder opens the page from anywhere."""
        return "token" in self.begun_by


def policy_of(settings: Settings) -> Policy:
    """What the settings want."""
    mode = Mode(settings.auth)
    if mode is Mode.AUTO and not is_loopback(settings.host):
        mode = Mode.PASSWORD
    return Policy(mode, _BEGUN_BY[mode])


def oidc_settings(settings: Settings) -> OidcSettings | None:
    """The issuer of OpenID Connect, if one is set."""
    if not settings.oidc_issuer or not settings.oidc_client_id:
        return None
    allowed = frozenset(settings.oidc_allowed)
    emails = frozenset(one for one in allowed if "@" in one.removeprefix("@"))
    return OidcSettings(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        domains=allowed - emails,
        emails=emails,
    )


def check_reach(settings: Settings, *, any_password: bool) -> None:
    """Raises ConfigError (78) for a server that other machines could reach, but nobody protects."""
    has_login = any_password or oidc_settings(settings) is not None
    if settings.auth == Mode.AUTO and not is_loopback(settings.host) and not has_login:
        raise ConfigError(
            f"Others could reach {settings.host}, and nobody has a password yet: make one with"
            " `llmchat user add NAME --role admin`, or say --auth password, token or proxy."
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
