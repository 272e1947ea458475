"""`/api/oidc/start` and `/api/oidc/callback`: signing in where an issuer knows the people."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from llmchat.access.errors import LoginFailedError, OidcError
from llmchat.access.oidc import pending
from llmchat.access.oidc.client import OidcClient
from llmchat.access.redirects import safe_next
from llmchat.server import cookies
from llmchat.server.gate import GATE
from llmchat.server.keys import BASE_PATH

OIDC = web.AppKey("oidc", OidcClient)
CALLBACK: Final = "/api/oidc/callback"
_BINDING: Final = "llmchat-oidc"


async def start(request: web.Request) -> web.Response:
    """303 to the issuer; it sends the browser back."""
    if OIDC not in request.app:
        raise web.HTTPNotFound
    base, visitor = request.app[BASE_PATH], request.app[GATE].visitor(request)
    scheme = "https" if cookies.is_secure(request) else "http"
    back = f"{scheme}://{request.headers['Host']}{base}{CALLBACK}"
    wanted = safe_next(request.query.get("next", ""), base)
    try:
        begun = await request.app[OIDC].start(back, wanted, visitor.address)
    except OidcError as error:
        return _failed(request, error.reason)
    response = web.Response(status=303, headers={"Location": begun.address})
    response.set_cookie(
        *(_BINDING, begun.binding),
        max_age=int(pending.SECONDS),
        path=f"{base}{CALLBACK}",
        secure=scheme == "https",
        httponly=True,
        samesite="Lax",
    )
    return response


async def callback(request: web.Request) -> web.Response:
    """303 to the page, signed in; or to the page with `#oidc=` and why not."""
    if OIDC not in request.app:
        raise web.HTTPNotFound
    gate = request.app[GATE]
    visitor = gate.visitor(request)
    try:
        login = await request.app[OIDC].finish(request.query, request.cookies.get(_BINDING, ""))
        begun = await gate.entrance.sign_in_by_issuer(login.person, visitor)
    except OidcError as error:
        return _failed(request, error.reason)
    except LoginFailedError:
        return _failed(request, "not-allowed")
    response = web.Response(status=303, headers={"Location": login.next_place})
    response.del_cookie(_BINDING, path=f"{request.app[BASE_PATH]}{CALLBACK}")
    cookies.begin(request, response, begun.text)
    return response


def _failed(request: web.Request, reason: str) -> web.Response:
    place = f"{request.app[BASE_PATH]}/#oidc={reason}"
    return web.Response(status=303, headers={"Location": place})
