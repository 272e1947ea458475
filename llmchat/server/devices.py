"""What a browser says that it is, in a few words: so that its owner knows it in a list."""

from __future__ import annotations

from typing import Final

# The first that fits counts: most browsers claim to be others, too.
_PROGRAMS: Final = (
    *(("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet")),
    *(("Firefox/", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome")),
    *(("Safari/", "Safari"), ("curl/", "curl"), ("python", "Python")),
)
_SYSTEMS: Final = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS")),
    *(("Windows", "Windows"), ("Mac OS X", "macOS"), ("Macintosh", "macOS"), ("Linux", "Linux")),
)


def device_of(agent: str) -> str:
    """`Firefox on Linux`; empty if nothing of it is known. Nothing of `agent` is taken over."""
    program = next((name for sign, name in _PROGRAMS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return f"{program} on {system}" if program and system else program or system
