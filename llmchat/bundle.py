"""What is special about the one-file executable: a bootloader has unpacked it, and waits for it.

PyInstaller's bootloader extracts the program to a temporary folder, runs it as its child, and
removes the folder when the child has ended. Whoever kills the bootloader must not leave the child
and the folder behind (https://pyinstaller.org/en/stable/advanced-topics.html#the-bootstrap-process).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from llmchat.queues.child import end_with


@contextlib.contextmanager
def unpacked() -> Iterator[None]:
    """Run the program inside: it ends with its bootloader, and then cleans up in its place.

    Does nothing in an installed program and in the one-folder build.
    """
    folder = _temporary_folder()
    if folder is None or sys.platform != "linux":
        yield
        return
    bootloader = os.getppid()
    end_with(bootloader, signal.SIGTERM)
    try:
        yield
    finally:
        if os.getppid() != bootloader:
            shutil.rmtree(folder, ignore_errors=True)


def _temporary_folder() -> Path | None:
    """Where the bootloader has put the program; None if it runs from where it was installed."""
    folder = getattr(sys, "_MEIPASS", None)
    if folder is None or Path(folder).is_relative_to(Path(sys.executable).resolve().parent):
        return None
    return Path(folder)
