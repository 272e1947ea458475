"""The policies of the frames in which the page shows what an answer drew: diagrams and pages.

Such a frame has an origin of its own, so it has no storage, no cookies, and no way to the page but
messages. Its policy lets it fetch nothing; that it goes nowhere else is the page's `frame-src`.
"""

from __future__ import annotations

import base64
import hashlib
import re

_COMMON = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts; "
)
_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def policy_of(name: str, body: bytes) -> str | None:
    """The Content-Security-Policy of a file of static/; None for that of the page."""
    if name == "preview/diagram.html":
        return f"{_COMMON}img-src data:; script-src {_hashes(body)} 'strict-dynamic'"
    if name == "preview/page.html":
        media = "img-src data: blob:; media-src data: blob:"
        return f"{_COMMON}{media}; script-src 'unsafe-inline'"
    return None


def _hashes(body: bytes) -> str:
    """The frame's own scripts: no other one runs, unless one of them brings it."""
    digests = [hashlib.sha256(script).digest() for script in _SCRIPT.findall(body)]
    return " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in digests)
