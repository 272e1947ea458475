"""Opens the user's browser on the page, where there is a screen to show it on."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import webbrowser

log = logging.getLogger(__name__)


def has_screen() -> bool:
    """Whether a browser could show up: a service and a bare SSH session have no display."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


async def open_browser(url: str) -> bool:
    """Open the address; False if no browser could be started."""
    try:
        return await asyncio.to_thread(_open, url)
    except (webbrowser.Error, OSError) as error:
        log.warning("the browser could not be opened: %s", error)
        return False


def _open(url: str) -> bool:
    # An executable of PyInstaller points the loader to its own libraries, which a browser must
    # not load: https://pyinstaller.org/en/stable/runtime-information.html#ld-library-path
    own = os.environ.pop("LD_LIBRARY_PATH", None) if getattr(sys, "frozen", False) else None
    if own is not None and (original := os.environ.get("LD_LIBRARY_PATH_ORIG")):
        os.environ["LD_LIBRARY_PATH"] = original
    try:
        return webbrowser.open(url)
    finally:
        if own is not None:
            os.environ["LD_LIBRARY_PATH"] = own
