"""File names that any system can store and no reader can be deceived by."""

from __future__ import annotations

import re
import unicodedata

MAX_BYTES = 200  # of the 255 that file systems take, so that a folder's tools can add to it
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,16}$", re.ASCII)
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*]')


def clean_name(name: str, otherwise: str = "file") -> str:
    """The last part of a path, without what Windows forbids, without characters that cannot be
    seen or turn the direction of writing, and not too long; `otherwise` where nothing is left.
    """
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(char for char in name if unicodedata.category(char)[0] != "C")
    name = _FORBIDDEN.sub("_", name).strip().strip(".").strip()
    if _RESERVED.match(name):
        name = f"_{name}"
    return _cut(name) or otherwise


def _cut(name: str) -> str:
    if len(name.encode()) <= MAX_BYTES:
        return name
    match = _ENDING.search(name)
    ending = match[0] if match else ""
    start = name[: len(name) - len(ending)].encode()[: MAX_BYTES - len(ending)]
    return start.decode("utf-8", "ignore").rstrip(" .") + ending
