"""`llmchat doctor --security`: who reaches llmchat, and whom it reaches, over the network."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from llmchat.config import Settings
from llmchat.doctor.report import Check
from llmchat.domain.endpoint import EMBEDDED
from llmchat.domain.errors import ConfigError, StorageError
from llmchat.endpoints import hand_written
from llmchat.endpoints import own as own_endpoints
from llmchat.endpoints.files import is_open_to_others
from llmchat.tools.configuration import FILE_NAME as TOOLS_FILE
from llmchat.tools.configuration import read_servers

_TLS = "Put a proxy with TLS in front: Behind nginx in README.md."
# `--auth`, and what each means to whoever comes.
_MODES = {
    "auto": "the user of this machine gets in without signing in, others with a password",
    "token": "who has the token of the data folder gets in",
    "password": "people sign in with a password",
    "proxy": "the proxy in front says who somebody is",
}


def address(settings: Settings) -> Iterator[Check]:
    """Where it listens, who gets in there, and under which names."""
    open_to_others = bool(settings.host) and not _is_this_machine(settings.host)
    if open_to_others:
        told = f"other machines reach {settings.host}, and llmchat itself has no TLS."
        yield Check("address", "warn", told, _TLS)
    else:
        yield Check("address", "ok", "only programs of this machine reach it")
    yield _access(getattr(settings, "auth", ""), open_to_others=open_to_others)
    yield from _proxies(settings)
    names = ", ".join(("localhost", *settings.allowed_hosts))
    yield Check("hosts", "ok", f"it answers to addresses of its network, and to {names}")


def _access(mode: str, *, open_to_others: bool) -> Check:
    if mode in _MODES:
        return Check("sign-in", "ok", f"--auth {mode}: {_MODES[mode]}")
    if open_to_others:
        hint = "Set --auth to password or proxy."
        return Check("sign-in", "fail", "everybody who reaches it gets in.", hint)
    told = "there is none: every user of this machine gets in, and every program of theirs."
    return Check("sign-in", "warn", told, "Where others have an account here, set --auth token.")


def _proxies(settings: Settings) -> Iterator[Check]:
    trusted: tuple[Any, ...] = getattr(settings, "trusted_proxies", ())
    if getattr(settings, "auth", "") == "proxy" and not trusted:
        told = "--auth proxy without a proxy that is trusted: nobody gets in."
        yield Check("proxies", "fail", told, "Set LLMCHAT_TRUSTED_PROXIES to its address.")
    wide = [str(one) for one in trusted if _size(one) > 65536]
    if wide:
        told = f"{', '.join(wide)} may say who somebody is: that is more than a network of yours."
        yield Check("proxies", "fail", told, "Name the proxies themselves.")
    elif trusted:
        yield Check("proxies", "ok", f"{', '.join(map(str, trusted))} are believed")


def _size(network: Any) -> int:
    try:
        return ipaddress.ip_network(str(network), strict=False).num_addresses
    except ValueError:
        return 1


def endpoints(settings: Settings, folder: Path) -> Iterator[Check]:
    """Those to which keys and chats go in the clear."""
    found = [(url, url) for url in settings.base_urls if url and url != EMBEDDED]
    try:
        found += _set_up(folder, settings.credentials_dir)
    except (StorageError, OSError, hand_written.FileError) as error:
        yield Check("endpoints", "warn", f"not all of them can be read: {error}")
    plain = [(name, url) for name, url in found if _in_the_clear(url)]
    for name, url in plain:
        yield _plain("endpoints", name, url)
    if not plain:
        yield Check("endpoints", "ok", "no other machine is asked over plain http")


def _set_up(folder: Path, credentials: Path | None) -> Iterator[tuple[str, str]]:
    """Names and addresses of those in the files of the data folder."""
    written = hand_written.read_written(folder / hand_written.FILE_NAME, credentials)
    for entry, _ in written.endpoints if written is not None else ():
        yield entry.name, entry.base_url
    own = folder / own_endpoints.FILE_NAME
    if own.is_file() and is_open_to_others(own):
        raise StorageError(f"{own.name} is open to others, and closed to them when it is read.")
    for kept in own_endpoints.OwnFile(folder).read():
        yield kept.entry.name, kept.entry.base_url


def _plain(what: str, name: str, url: str) -> Check:
    host = urlsplit(url).hostname or ""
    near = _is_near(host)
    where = "another machine" if near else "a machine on the internet"
    told = f"{name} is {where}, asked over plain http: who is on the way reads keys and chats."
    return Check(what, "warn" if near else "fail", told, "Use https, or a tunnel.")


def _in_the_clear(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and not _is_this_machine(parts.hostname or "")


def tools(folder: Path) -> Iterator[Check]:
    """The programs that a chat can start, and the servers that it can ask."""
    try:
        servers = read_servers(folder / TOOLS_FILE)
    except ConfigError as error:
        yield Check("tools", "fail", error.message)
        return
    if not servers:
        yield Check("tools", "ok", "there are none")
        return
    started = [name for name, one in servers.items() if one.kind == "stdio"]
    asked = [name for name in servers if name not in started]
    for name in asked:
        if _in_the_clear(servers[name].url):
            yield _plain("tools", name, servers[name].url)
    if started:
        told = f"{', '.join(started)} run with the rights of this user"
        yield Check("tools", "ok", f"{told}; a person is asked before each call")
    if asked:
        yield Check("tools", "ok", f"{', '.join(asked)} are asked over the network")


def _is_this_machine(host: str) -> bool:
    if host.lower() in {"localhost", ""}:
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _is_near(host: str) -> bool:
    """Whether a host is of a network that is not the internet: by its address, or its name."""
    address = _address(host)
    if address is not None:
        return address.is_private or address.is_link_local
    return "." not in host or host.lower().endswith((".local", ".internal", ".lan", ".home.arpa"))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
