"""Makes `.venv` with the locked requirements and llmchat itself (editable): `make setup` runs it.

Any Python 3 can start it: what is too old or incomplete gets one line that says what to do.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
OLDEST = (3, 11)  # aiohttp-sse 3 asks for it
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")


def main() -> None:
    """Make or repair the environment. Raises SystemExit with one line when it cannot."""
    if sys.version_info < OLDEST:
        _go_on_with_a_newer_python()
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise SystemExit(
            f"{sys.executable} has no venv module. On Debian and Ubuntu: apt install python3-venv"
        )
    if not _works():
        _run(sys.executable, "-m", "venv", "--clear", str(VENV))
    # The lists are complete: with --no-deps nothing has to be resolved, and nothing else comes in.
    for name in ("requirements.txt", "requirements-build.txt"):
        _pip("install", "--no-deps", "--require-hashes", "-r", str(ROOT / name))
    # Built with what the second list has brought: else pip would fetch that, whatever it is.
    _pip("install", "--no-deps", "--no-build-isolation", "-e", str(ROOT))


def _go_on_with_a_newer_python() -> None:
    """Replace this process by a Python that will do. Returns never."""
    for name in NEWER:
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", ""], check=False).returncode == 0:
            os.execv(found, [found, *sys.argv])  # noqa: S606 - the same script again
    raise SystemExit(
        f"llmchat needs Python {OLDEST[0]}.{OLDEST[1]} or newer, and {sys.executable} is"
        f" {sys.version_info[0]}.{sys.version_info[1]}. Name one: make PYTHON=/path/to/python3"
    )


def _works() -> bool:
    """Whether `.venv` is whole and was made here: its programs hold the path of their folder."""
    python = VENV / "bin/python"
    pip = VENV / "bin/pip"
    if not pip.is_file() or str(VENV) not in pip.read_text(encoding="utf-8", errors="replace"):
        return False
    return subprocess.run([python, "-c", "import pip"], check=False).returncode == 0


def _pip(*arguments: str) -> None:
    python = str(VENV / "bin/python")
    _run(python, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments)


def _run(*command: str) -> None:
    """Run a step of the set-up; a failed one has said why, and ends it."""
    if subprocess.run(command, check=False).returncode != 0:
        raise SystemExit(f"Set-up stopped at: {' '.join(command)}")


if __name__ == "__main__":
    main()
