"""The page and its parts, read once into memory: what is not in this dict cannot be served."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

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
_HASH_MARK = b"@HASH@"
_SHEET = re.compile(rb' *<link rel="stylesheet" href="s/@HASH@/(css/[\w-]+\.css)">\n')
_ONE_SHEET = "css/page.css"


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
    """

    hash: str
    page: Asset
    files: Mapping[str, Asset]


def load_assets(folder: Path) -> Assets:
    """Read the folder. Raises ConfigError when it has not been set up."""
    contents = _read(folder)
    if _PAGE not in contents or not any(name.startswith("vendor/") for name in contents):
        raise ConfigError("The page is not complete: run `make setup` once.")
    contents = _with_one_sheet(contents)
    digest = _digest(contents)
    page = contents.pop(_PAGE).replace(_HASH_MARK, digest.encode())
    files = {name.removesuffix(_PACKED): asset(name, body) for name, body in contents.items()}
    return Assets(digest, asset(_PAGE, page), MappingProxyType(files))


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


def _with_one_sheet(contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same with one style sheet for the page: nothing is painted before all of them are there,
    and a browser asks for no more than six things at once.
    """
    page = contents[_PAGE]
    links = list(_SHEET.finditer(page))
    if not links:
        return {**contents}
    sheet = b"\n".join(contents[link[1].decode()] for link in links)
    place, rest = links[0].start(), _SHEET.sub(b"", page)
    link = f'  <link rel="stylesheet" href="s/@HASH@/{_ONE_SHEET}">\n'.encode()
    return {**contents, _PAGE: rest[:place] + link + rest[place:], _ONE_SHEET: sheet}


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
