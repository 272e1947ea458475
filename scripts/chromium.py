"""Prints the path of a Chromium for the browser tests, and installs one where there is none.

The first that starts: LLMCHAT_TEST_CHROMIUM, one on PATH, Debian's package (as root), Playwright's
own download. Where none can be had, one line says so, and the exit code is 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

PACKAGE = "chromium-headless-shell"  # Debian's; it shows a page in half the time
NAMES = (
    PACKAGE,
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)


def main() -> None:
    sources: tuple[Callable[[], Iterator[str]], ...] = (_present, _from_apt, _from_playwright)
    for source in sources:
        for path in source():
            if _starts(path):
                print(path)
                return
    raise SystemExit(
        "The browser tests need Chromium: none is on PATH and none could be installed. Install the"
        " package chromium, or set LLMCHAT_TEST_CHROMIUM to the path of one."
    )


def _present() -> Iterator[str]:
    chosen = os.environ.get("LLMCHAT_TEST_CHROMIUM")
    if chosen:
        yield chosen
    yield from filter(None, map(shutil.which, NAMES))


def _from_apt() -> Iterator[str]:
    if shutil.which("apt-get") and os.name == "posix" and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in ("update", "install"):
            package = [PACKAGE] if command == "install" else []
            _run(["apt-get", command, "-y", "-qq", *package], environment)
        yield from _present()


def _from_playwright() -> Iterator[str]:
    if _run([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ)):
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            yield playwright.chromium.executable_path


def _run(command: list[str], environment: dict[str, str]) -> bool:
    # Only what failed says why, on stderr: stdout is for the path alone.
    done = subprocess.run(
        command,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
    return done.returncode == 0


def _starts(path: str) -> bool:
    """Whether the program runs here: a download may lack libraries of the system."""
    if not Path(path).is_file():
        return False
    command = [path, "--headless", "--no-sandbox", "--version"]
    return subprocess.run(command, check=False, capture_output=True, timeout=60).returncode == 0


if __name__ == "__main__":
    main()
