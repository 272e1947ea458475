"""The native tools: compiles them, starts the mock upstream, runs the load generator."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import venv
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NATIVE = ROOT / "bench" / "native"
BUILD = ROOT / "build" / "bench"


class MissingError(Exception):
    """A program is missing that cannot be installed here; the text says which one."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the load generator printed. `first` is from sending the question to its first token,
    `added` from the sending of each token to its arrival.
    """

    streams: int
    rounds: int
    errors: int
    connections: int
    tokens: int
    seconds: float
    tokens_per_second: float
    first_p50_ms: float
    first_p99_ms: float
    first_max_ms: float
    added_p50_ms: float
    added_p99_ms: float
    added_max_ms: float
    post_p50_ms: float
    post_p99_ms: float
    post_max_ms: float
    first_error: str


def install(program: str, *packages: str) -> str:
    """The path of a program, installed by apt first where that is possible."""
    path = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    if path is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", *packages],
            check=True,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdout=subprocess.DEVNULL,
        )
        path = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    if path is None:
        raise MissingError(f"There is no {program}: install {' and '.join(packages)}.")
    return path


def compiled(name: str, build: Path = BUILD) -> Path:
    """The program that is made from `bench/native/<name>.c`, compiled anew if it is older."""
    target = build / name
    newest = max(path.stat().st_mtime for path in NATIVE.iterdir())
    if not target.exists() or target.stat().st_mtime < newest:
        build.mkdir(parents=True, exist_ok=True)
        command = [install("cc", "gcc", "libc6-dev"), "-O2", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([*command, "-o", str(target), str(NATIVE / f"{name}.c"), "-lm"], check=True)
    return target


def python_of(name: str) -> str:
    """The Python of a .venv with bench/requirements-<name>.txt, made anew when that has changed."""
    folder, wanted = BUILD / f"venv-{name}", ROOT / "bench" / f"requirements-{name}.txt"
    python, stamp = folder / "bin" / "python", folder / "installed.txt"
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        print(f"Installing {name} into {folder.relative_to(ROOT)} ...", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        subprocess.run([*pip, "--no-deps", "-r", str(wanted)], check=True)
        stamp.write_text(wanted.read_text())
    return str(python)


@contextlib.contextmanager
def upstream() -> Iterator[int]:
    """Run the mock upstream. Yields its port."""
    with subprocess.Popen([compiled("upstream")], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def load(port: int, protocol: str, model: str, **options: Any) -> Load:
    """Run the load generator to its end. `options` are its flags."""
    with start_load(port, protocol, model, **options) as process:
        return finish_load(process)


def start_load(port: int, protocol: str, model: str, **options: Any) -> subprocess.Popen[str]:
    """Start the load generator; `finish_load` waits for it."""
    flags = [f"--{name}={value}" for name, value in options.items() if value is not None]
    command = [
        str(compiled("load")),
        f"--port={port}",
        f"--protocol={protocol}",
        f"--model={model}",
    ]
    return subprocess.Popen([*command, *flags], stdout=subprocess.PIPE, text=True)


def finish_load(process: subprocess.Popen[str]) -> Load:
    """Wait for the end. Errors are counted in what it returns."""
    text, _ = process.communicate()
    found = json.loads(text)
    return Load(**{one.name: found[one.name] for one in fields(Load)})
