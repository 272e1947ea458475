"""What was read from a file that is no text itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileText:
    """`cut`: there is more that was not read. `problem` is why nothing was: its code, as in
    docs/errors.md, or empty.
    """

    text: str = ""
    pages: int = 0
    cut: bool = False
    problem: str = ""


# Why a file cannot be attached, by code, in words for a person.
FILE_PROBLEMS = {
    "file-unreadable": "This file is damaged or not what it seems to be. Save it anew and try"
    " again.",
    "file-encrypted": "This PDF is protected by a password. Save it without one and try again.",
    "file-without-text": "This PDF has no text, only pictures of pages. Attach its pages as"
    " images instead.",
    "file-too-complex": "Reading this PDF takes too much time or memory. Save a part of it as a"
    " file of its own.",
    "file-type": "Images (PNG, JPEG, GIF, WebP), PDF and text in UTF-8 or UTF-16 can be attached,"
    " but not this kind of file.",
    "file-too-many-pixels": "This image has too many pixels. Make it smaller and try again.",
}
