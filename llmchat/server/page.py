"""`GET /` and `GET /s/{hash}/{path}`: the page and its parts."""

from __future__ import annotations

import re

from aiohttp import web

from llmchat.domain.access import Caller, Way
from llmchat.server.assets import Asset
from llmchat.server.gate import GATE
from llmchat.server.identity import find_caller
from llmchat.server.keys import ASSETS, JOBS

_KEEP_FOR_EVER = "public, max-age=31536000, immutable"
_GZIP = re.compile(r"(?:^|,)\s*gzip\s*(?:;\s*q=(?:1(?:\.0*)?|0?\.0*[1-9]\d*)\s*)?(?:,|$)", re.I)


async def page(request: web.Request) -> web.Response:
    """The page, asked for again each time; 304 while it is the same. Who is not known gets the one
    to sign in with: nothing of the other shows up before.
    """
    assets = request.app[ASSETS]
    caller = await find_caller(request)
    found, kind = assets.entrance, "entrance"
    if caller is not None:
        request.app[JOBS].expect()
        found, kind = assets.page, ""
        if await _has_account(request, caller):
            found, kind = assets.of_role[caller.role], caller.role.value
    etag = f'"{assets.hash}{kind}"'
    headers = {"Cache-Control": "no-cache", "ETag": etag}
    if etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    return send_page(request, found, headers)


async def _has_account(request: web.Request, caller: Caller) -> bool:
    """Whether there is anything to be shown of accounts, to who asks."""
    if caller.way in {Way.SESSION, Way.PROXY}:
        return True
    gate = request.app[GATE]
    return gate.policy.has_passwords and await gate.callers.accounts.any_password()


async def asset(request: web.Request) -> web.Response:
    """A part of the page. The address has the hash of its contents: another hash is a 404."""
    assets = request.app[ASSETS]
    found = assets.files.get(request.match_info["path"])
    if found is None or request.match_info["hash"] != assets.hash:
        raise web.HTTPNotFound
    headers = {"Cache-Control": _KEEP_FOR_EVER}
    if found.policy is not None:
        headers["Content-Security-Policy"] = found.policy
    return send_page(request, found, headers)


def send_page(
    request: web.Request, found: Asset, headers: dict[str, str], status: int = 200
) -> web.Response:
    """A page or a part of one, as small as the client takes it."""
    charset = "utf-8" if found.content_type.startswith("text/") else None
    headers["Vary"] = "Accept-Encoding"
    if found.compressed is not None and _GZIP.search(request.headers.get("Accept-Encoding", "")):
        body = found.compressed
        headers["Content-Encoding"] = "gzip"
    else:
        body = found.plain()
    return web.Response(
        status=status,
        body=body,
        content_type=found.content_type,
        charset=charset,
        headers=headers,
    )
