"""The page and its parts, read once into memory: what is not in this dict cannot be served."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from llmchat.domain.access import Role
from llmchat.domain.errors import ConfigError
from llmchat.server.frames import policy_of

_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain",
}
_COMPRESSED = {".png", ".woff2"}
_PACKED = ".gz"  # at set-up: a large file would be packed at each start
_PAGE = "index.html"
_ENTRANCE = "entrance.html"
_SHARED = "share.html"
_HASH_MARK = b"@HASH@"
_SHEET = re.compile(rb' *<link rel="stylesheet" href="(?:\.\./)?s/@HASH@/(css/[\w-]+\.css)">\n')
_ONE_SHEETS = {
    _PAGE: "css/page.css",
    _ENTRANCE: "css/entrance-page.css",
    _SHARED: "css/shared-page.css",
}
_ROOT = b'<html lang="en"'


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent; `compressed` is its gzip form where that is smaller.

    `policy` is its Content-Security-Policy where that is not the page's.
    """

    body: bytes | None
    content_type: str
    compressed: bytes | None
    policy: str | None = None

    def plain(self) -> bytes:
        """What the file is, for who takes no gzip."""
        return gzip.decompress(self.compressed or b"") if self.body is None else self.body


@dataclass(frozen=True, slots=True)
class Assets:
    """`hash` is that of all contents: files under it never change, so they are kept for ever.

    The modules of the page import each other by relative addresses, which inherit the hash.
    `entrance` is the page of who is not signed in, `of_role` that of who is; `shared` is the page
    of a link to a copy of a conversation.
    """

    hash: str
    page: Asset
    entrance: Asset
    shared: Asset
    of_role: Mapping[Role, Asset]
    files: Mapping[str, Asset]


def load_assets(folder: Path) -> Assets:
    """Read the folder. Raises ConfigError when it has not been set up."""
    contents = _read(folder)
    vendored = any(name.startswith("vendor/") for name in contents)
    if not vendored or not _ONE_SHEETS.keys() <= contents.keys():
        raise ConfigError("The page is not complete: run `make setup` once.")
    for name, sheet in _ONE_SHEETS.items():
        contents |= _with_one_sheet(contents, name, sheet)
    digest = _digest(contents)
    pages = {one: contents.pop(one).replace(_HASH_MARK, digest.encode()) for one in _ONE_SHEETS}
    page, entrance, shared = (asset(name, body) for name, body in pages.items())
    of_role = {role: asset(_PAGE, _marked(pages[_PAGE], role)) for role in Role}
    files = {name.removesuffix(_PACKED): asset(name, body) for name, body in contents.items()}
    return Assets(
        digest, page, entrance, shared, MappingProxyType(of_role), MappingProxyType(files)
    )


def _marked(page: bytes, role: Role) -> bytes:
    return page.replace(_ROOT, b'%b data-role="%b"' % (_ROOT, role.encode()), 1)


def _read(folder: Path) -> dict[str, bytes]:
    """Files of known types by their path; nothing hidden, and no links out of the folder."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        outside = not path.resolve().is_relative_to(folder.resolve())
        known = Path(path.name.removesuffix(_PACKED)).suffix in _TYPES
        if path.is_file() and known and not hidden and not outside:
            found[name.as_posix()] = path.read_bytes()
    return found


def _with_one_sheet(contents: Mapping[str, bytes], page: str, sheet: str) -> dict[str, bytes]:
    """The page with one style sheet, and that: nothing is painted before all of them are there,
    and a browser asks for no more than six things at once.
    """
    text = contents[page]
    links = list(_SHEET.finditer(text))
    if not links:
        return {}
    link = links[0][0].replace(links[0][1], sheet.encode())
    place, rest = links[0].start(), _SHEET.sub(b"", text)
    joined = b"\n".join(contents[one[1].decode()] for one in links)
    return {page: rest[:place] + link + rest[place:], sheet: joined}


def _digest(contents: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, body in contents.items():
        whole.update(b"%d %b %d " % (len(name.encode()), name.encode(), len(body)))
        whole.update(body)
    return whole.hexdigest()[:16]


def asset(name: str, body: bytes) -> Asset:
    """A file of that name with that content, ready to be sent."""
    suffix = Path(name.removesuffix(_PACKED)).suffix
    if name.endswith(_PACKED):
        return Asset(None, _TYPES[suffix], body)
    compressed = None if suffix in _COMPRESSED else gzip.compress(body, compresslevel=6, mtime=0)
    if compressed is not None and len(compressed) >= len(body):
        compressed = None
    return Asset(body, _TYPES[suffix], compressed, policy_of(name, body))
