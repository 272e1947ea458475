"""Where the page and the embedded model lie: wheel, checkout, or unpacked by PyInstaller."""

from __future__ import annotations

import sys
from pathlib import Path

from llmchat.domain.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parent


def static_dir() -> Path:
    """The folder of the page. Raises ConfigError if there is none, or only an empty one."""
    for root in _roots():
        if (root / "static" / "index.html").is_file():
            return root / "static"
    raise ConfigError("The page is missing: there is no static/index.html. Run `make setup`.")


def embedded_model() -> Path | None:
    """The GGUF file that came with the program, or None in a build without one."""
    for root in _roots():
        for found in sorted((root / "model").glob("*.gguf")):
            return found
    return None


def find(name: str) -> Path | None:
    """A file that a build has put beside the page, or None where there is none."""
    found = (root / name for root in _roots()[:1])
    return next((path for path in found if path.is_file()), None)


def _roots() -> list[Path]:
    """The places to look at, best first."""
    unpacked = getattr(sys, "_MEIPASS", None)
    if unpacked is not None:
        return [Path(unpacked)]
    # The folder beside the package comes last: for an installed one it is `site-packages`, where
    # a `static/` would be somebody else's.
    return [_PACKAGE, _PACKAGE.parent]
