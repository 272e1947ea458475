"""What the application has to know who asks: the policy, the accounts, the proxies it trusts."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from llmchat.access import peers
from llmchat.access.proxies import Proxies
from llmchat.access_settings import AccessSettings
from llmchat.accounts.administration import Administration
from llmchat.accounts.callers import Callers
from llmchat.accounts.entrance import Entrance
from llmchat.accounts.policy import Policy
from llmchat.accounts.proof import Proof, Visitor
from llmchat.domain.access import Caller
from llmchat.server.caller import account_of
from llmchat.server.devices import device_of
from llmchat.server.protocol import Connection
from llmchat.server.rules import Lock
from llmchat.storage.audit import AuditStore


@dataclass(frozen=True, slots=True)
class Gate:
    """All parts."""

    policy: Policy
    callers: Callers
    entrance: Entrance
    administration: Administration
    proof: Proof
    audit: AuditStore
    proxies: Proxies
    settings: AccessSettings

    @property
    def oidc(self) -> str:
        """What the button to sign in at an issuer says; empty if there is none."""
        there = self.settings.oidc_issuer and self.settings.oidc_client_id
        return self.settings.oidc_name if there else ""

    async def is_this_user(self, request: web.Request) -> bool:
        """Whether the program at the other end runs on this machine as who runs llmchat, or as
        root. False where that cannot be known.
        """
        connection = request.protocol
        if not isinstance(connection, Connection):
            return False
        if connection.is_own is None:  # asked once: it holds for the whole connection
            user = await peers.user_of(_place(request, "peername"), _place(request, "sockname"))
            connection.is_own = peers.is_own(user)
        return connection.is_own

    def is_of_this_machine(self, request: web.Request) -> bool:
        """Whether the connection comes from this machine: by loopback, or by an own address."""
        peer, own = peer_of(request), _place(request, "sockname")
        return _is_loopback(peer) or (isinstance(own, tuple) and peer == own[0])

    def visitor(self, request: web.Request) -> Visitor:
        """Who asks, as the log of deeds and the brakes know them."""
        client = self.proxies.client(peer_of(request), request.scheme, request.headers)
        return Visitor(client.address, device_of(request.headers.get("User-Agent", "")))

    async def of_proxy(self, request: web.Request) -> Caller | None:
        """Whom a trusted proxy has signed in; the account is made at first sight."""
        names = (self.settings.proxy_user_header, self.settings.proxy_groups_header)
        found = self.proxies.user(peer_of(request), request.headers, *names)
        if found is None:
            return None
        is_admin = bool(found.groups & set(self.settings.proxy_admin_groups))
        return await self.callers.of_name(found.name, is_admin=is_admin)

    async def note(self, request: web.Request, action: str, target: str = "") -> None:
        """Write down what who asks has done."""
        visitor = self.visitor(request)
        await self.audit.add(account_of(request), action, target, visitor.address)


def peer_of(request: web.Request) -> str:
    """The address at the other end of the connection; empty on a socket without addresses."""
    peer = _place(request, "peername")
    return str(peer[0]) if isinstance(peer, tuple) and peer else ""


def _place(request: web.Request, name: str) -> object:
    return None if request.transport is None else request.transport.get_extra_info(name)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


GATE = web.AppKey("gate", Gate)
LOCKS = web.AppKey("locks", Mapping[web.AbstractRoute, Lock])
