"""Who a request is from, as the middleware of `identity.py` has found it."""

from __future__ import annotations

from aiohttp import web

from llmchat.domain.access import OWNER, Caller, Role, Way
from llmchat.domain.errors import RequestError

CALLER = web.RequestKey("caller", Caller)
"""Not there on public routes: their handlers know nobody."""


def account_of(request: web.Request) -> str:
    """Whose data a request is about."""
    return request[CALLER].account if CALLER in request else OWNER


def role_of(request: web.Request) -> Role:
    """What who asks may use; the least where nobody is known."""
    return request[CALLER].role if CALLER in request else Role.GUEST


def check_personal(request: web.Request) -> None:
    """403 for a key: one that was stolen must not make others, or change who may sign in."""
    if request[CALLER].way is Way.KEY:
        raise RequestError(
            "No key may do this: it needs the person itself.", code="forbidden", status=403
        )
