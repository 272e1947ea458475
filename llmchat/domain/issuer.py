"""The address of an OpenID Connect provider, as a setting."""

from __future__ import annotations

from urllib.parse import urlsplit

from llmchat.domain.endpoint_rules import parse_base_url
from llmchat.domain.reach import unwrapped


def parse_issuer(value: str) -> str:
    """An issuer exactly as its provider writes it, a slash at its end included. ValueError unless
    it is https: who is in between could be anybody otherwise. Only this machine may be without.
    """
    issuer = value.strip()
    parse_base_url(issuer)
    if not is_protected(issuer):
        raise ValueError("the address of a provider must be https")
    return issuer


def is_protected(url: str) -> bool:
    """Whether nobody can listen in: https, or this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (
        parts.scheme == "http" and _is_this_machine(parts.hostname or "")
    )


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or unwrapped(host).is_loopback
    except ValueError:
        return False
