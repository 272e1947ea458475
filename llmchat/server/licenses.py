"""`GET /licenses`: what others made of llmchat, with the terms of each. A page without scripts."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from html import escape

from aiohttp import web

from llmchat import __version__
from llmchat.licenses import Part, parts
from llmchat.server.assets import Asset, asset
from llmchat.server.keys import ASSETS
from llmchat.server.page import send_page

_PAGE = """\
<!doctype html>
<html lang="en" class="reading">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Licences - llmchat</title>
<link rel="icon" href="s/{hash}/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="s/{hash}/css/page.css">
<link rel="stylesheet" href="s/{hash}/css/licenses.css">
</head>
<body>
<main class="licenses">
<h1>Licences</h1>
<p>llmchat {version} is built from the work of many others. These are the {count} parts that are in
it, with the terms of each. Thank you.</p>
{parts}
</main>
</body>
</html>
"""
_PART = """\
<details>
<summary><span class="license-name">{name}</span> <span class="license-version">{version}</span>
<span class="license-terms">{license}</span></summary>
{home}{texts}
</details>
"""


async def licenses(request: web.Request) -> web.Response:
    """The page, made when it is first asked for: it is large, and few look at it."""
    made = await asyncio.to_thread(_page, request.app[ASSETS].hash)
    return send_page(request, made, {"Cache-Control": "no-cache"})


@lru_cache(maxsize=1)
def _page(digest: str) -> Asset:
    found = parts()
    text = _PAGE.format(
        hash=digest,
        version=escape(__version__),
        count=len(found),
        parts="".join(map(_shown, found)),
    )
    return asset("licenses.html", text.encode())


def _shown(part: Part) -> str:
    link = part.home.startswith("https://")
    home = f'<p><a href="{escape(part.home)}" rel="noreferrer">{escape(part.home)}</a></p>'
    return _PART.format(
        name=escape(part.name),
        version=escape(part.version),
        license=escape(part.license),
        home=home if link else "",
        texts="".join(
            f'<h2>{escape(name)}</h2>\n<pre tabindex="0">{escape(text)}</pre>\n'
            for name, text in part.texts
        ),
    )
