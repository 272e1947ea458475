"""Where a browser goes after a log-in: the page of this llmchat, whatever an address asks for.

Browsers take `//e`, `/\\e` and `https:e` for other sites, and drop tabs and line ends first; lists
of what is not allowed have failed others again and again (SECURITY.md, 1: Jupyter). So what is
allowed is written down instead: the one page there is, with what it reads of its address.
"""

from __future__ import annotations

import re

# A chat is a fragment (`#id`), wishes for a new one are a query.
_REST = re.compile(r"(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*)?(?:#[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*)?")
_LONGEST = 4000


def safe_next(wanted: str, base: str = "") -> str:
    """`wanted` if it is an address of the page below `base` (empty, or like `/chat`); the page as
    such for anything else.
    """
    page = f"{base}/"
    rest = wanted[len(page) :]
    fits = wanted.startswith(page) and len(rest) <= _LONGEST and _REST.fullmatch(rest)
    return wanted if fits else page
