"""Prints the path of nginx for the tests behind a proxy; as root it installs Debian's if need be.

Where none can be had, one line says so, and the exit code is 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def main() -> None:
    path = find() or _from_apt()
    if path is None:
        raise SystemExit("The tests behind a proxy need nginx: install the package nginx-light.")
    print(path)


def find() -> str | None:
    """Debian has it where only root's PATH leads."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def _from_apt() -> str | None:
    if shutil.which("apt-get") and os.geteuid() == 0:
        # RUNLEVEL=1: the package is not to start a service of its own.
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
        for command in (["update"], ["install", "-y", "-qq", "nginx-light"]):
            done = subprocess.run(
                ["apt-get", *command], env=environment, check=False, capture_output=True, text=True
            )
            if done.returncode:
                print(done.stdout, done.stderr, sep="", file=sys.stderr)
    return find()


if __name__ == "__main__":
    main()
