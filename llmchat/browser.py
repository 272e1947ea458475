"""Opens the user's browser on the page, where there is a screen to show it on."""

from __future__ import annotations

import logging
import os
import sys
import threading
import webbrowser

log = logging.getLogger(__name__)


def has_screen() -> bool:
    """Whether a browser could show up: a service and a bare SSH session have no display."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def open_browser(url: str) -> None:
    """Start a browser on the address. Returns at once: some browsers stay in the foreground, and
    must not hold up the end of the program either.
    """
    threading.Thread(target=_open, args=(url,), name="browser", daemon=True).start()


def _open(url: str) -> None:
    # An executable of PyInstaller points the loader to its own libraries, which a browser must
    # not load: https://pyinstaller.org/en/stable/runtime-information.html#ld-library-path
    own = os.environ.pop("LD_LIBRARY_PATH", None) if getattr(sys, "frozen", False) else None
    if own is not None and (original := os.environ.get("LD_LIBRARY_PATH_ORIG")):
        os.environ["LD_LIBRARY_PATH"] = original
    try:
        if not webbrowser.open(url):
            log.warning("no browser could be started; open %s in one", url)
    except (webbrowser.Error, OSError) as error:
        log.warning("the browser could not be started: %s", error)
    finally:
        if own is not None:
            os.environ["LD_LIBRARY_PATH"] = own
