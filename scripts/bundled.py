"""Says what a build holds that others made, from the files that PyInstaller takes: build.spec asks.

A file of which nobody knows whose it is stops the build: neither its licence could be shown, nor a
flaw in it be heard of.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from llmchat import licenses, resources
from llmchat.licenses import Part

Hash = tuple[str, str]  # algorithm, as CycloneDX names it, and hexadecimal digits
LIBRARIES = {
    "libcrypto": "Apache-2.0",
    "libssl": "Apache-2.0",
    "libz": "Zlib",
    "liblzma": "0BSD",
    "libbz2": "bzip2-1.0.6",
    "libffi": "MIT",
    "libsqlite3": "blessing",
    "libuuid": "BSD-3-Clause",
    "libexpat": "MIT",
    "libgcc_s": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libstdc++": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgomp": "GPL-3.0-or-later WITH GCC-exception-3.1",
}
"""The licences of the usual libraries of a system; of others, what their text says."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """A part of a build, with what a list of materials says besides."""

    part: Part
    purl: str
    hashes: tuple[Hash, ...] = ()
    inside: tuple[dict[str, str], ...] = ()
    """What the makers of a package say that is compiled into it: name, version and purl."""


def of_build(files: Iterable[tuple[str, str]], root: Path) -> list[Bundled]:
    """All parts, sorted; each file is its name in the build, and where it is from.

    Raises SystemExit for a file of which that cannot be told.
    """
    owners = _owners()
    stdlib = {os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")}
    packages: dict[str, Distribution] = {}
    libraries: set[Path] = set()
    for name, source in files:
        real = os.path.realpath(source)
        if (owner := owners.get(real)) is not None:
            packages[owner.name] = owner
        elif Path(name).name.startswith(("libpython", "python3")) or _is_in(real, stdlib):
            continue  # CPython itself
        elif _is_in(real, {os.path.realpath(root)}):
            continue  # ours, the libraries of the page, and the model
        elif ".so" in Path(name).name or name.endswith((".dll", ".dylib")):
            libraries.add(Path(source))
        else:
            raise SystemExit(f"Nobody knows whose {source} is, which would be in the build.")
    packages.pop("llmchat", None)
    packages["pyinstaller"] = distribution("pyinstaller")  # its bootloader starts the program
    return _bundled(packages.values(), libraries)


def _is_in(path: str, folders: Iterable[str]) -> bool:
    return any(path.startswith(f"{folder}{os.sep}") for folder in folders)


def _owners() -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    for one in distributions():
        base = os.path.realpath(str(one.locate_file("")))
        found |= {os.path.normpath(f"{base}/{file}"): one for file in one.files or []}
    return found


def _bundled(packages: Iterable[Distribution], libraries: Iterable[Path]) -> list[Bundled]:
    python = {one.name: one for one in packages}
    system = list(_system(sorted(libraries)))
    facts = {(one.part.kind, one.part.name): one for one in system}
    parts = licenses.gather(python.values(), [one.part for one in system])
    npm = {one["name"]: one for one in _listed()}
    found = []
    for part in parts:
        if part.kind == "python":
            found.append(_package(part, python[part.name]))
        elif part.kind == "browser":
            found.append(_browser(part, npm[part.name]))
        else:
            found.append(facts.get((part.kind, part.name)) or _other(part))
    return found


def _package(part: Part, one: Distribution) -> Bundled:
    digest = hashlib.sha256("\n".join(sorted(_contents(one))).encode()).hexdigest()
    purl = f"pkg:pypi/{part.name.lower().replace('_', '-')}@{part.version}"
    return Bundled(part, purl, (("SHA-256", digest),), tuple(_inside(one)))


def _contents(one: Distribution) -> Iterator[str]:
    """`<hash> <path>` of each file that the wheel brought: not of what installing it has added."""
    for file in one.files or []:
        added = {"INSTALLER", "REQUESTED", "direct_url.json", "RECORD"}
        if file.hash is not None and file.name not in added and ".." not in file.parts:
            yield f"{file.hash.value} {file.as_posix()}"


def _inside(one: Distribution) -> Iterator[dict[str, str]]:
    """The lists that a wheel brings of what was compiled into it (PEP 770)."""
    files = [file for file in one.files or [] if "sboms" in file.parts and file.suffix == ".json"]
    seen = set()
    for file in files:
        document = json.loads(Path(str(file.locate())).read_text(encoding="utf-8"))
        for entry in document.get("components", []):
            purl = entry.get("purl", "").partition("?")[0]
            if purl and purl not in seen:
                seen.add(purl)
                yield {"name": entry["name"], "version": entry.get("version", ""), "purl": purl}


def _listed() -> list[dict[str, str]]:
    path = resources.static_dir() / "vendor/libraries.json"
    found: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _browser(part: Part, listed: dict[str, str]) -> Bundled:
    algorithm, _, value = listed["integrity"].partition("-")
    digest = (algorithm.upper().replace("SHA", "SHA-"), base64.b64decode(value).hex())
    name = part.name.replace("@", "%40")
    return Bundled(part, f"pkg:npm/{name}@{part.version}", (digest,))


def _other(part: Part) -> Bundled:
    model = resources.embedded_model()
    files = {part.name: None, "libgomp": model and model.with_name("libgomp.so.1")}
    files["SmolLM2-135M-Instruct"] = model
    files["CPython"] = Path(sysconfig.get_config_var("LIBDIR") or "", _libpython())
    file = files[part.name]
    hashes = (_sha256(file),) if file and file.is_file() else ()
    return Bundled(
        part, f"pkg:generic/{part.name.lower()}@{part.version.replace(' ', '-')}", hashes
    )


def _libpython() -> str:
    return sysconfig.get_config_var("INSTSONAME") or Path(sys.executable).name


def _sha256(path: Path) -> Hash:
    return "SHA-256", hashlib.sha256(path.read_bytes()).hexdigest()


def _system(libraries: Iterable[Path]) -> Iterator[Bundled]:
    """Of each package of Debian one, with the hashes of its libraries; else one of each library."""
    grouped: dict[str, list[Path]] = {}
    for path in libraries:
        grouped.setdefault(_debian_package(path), []).append(path)
    for package, paths in sorted(grouped.items()):
        if package:
            yield _of_debian(package, paths)
        else:
            yield from map(_of_elsewhere, paths)


def _of_debian(package: str, paths: list[Path]) -> Bundled:
    version, home = _dpkg("-W", "-f", "${Version}\t${Homepage}", package).split("\t")
    name, _, architecture = package.partition(":")
    terms = tuple(licenses.of_debian(name))
    part = Part(name, version, _license_of(paths[0]), "library", home, terms)
    purl = f"pkg:deb/{_system_id()}/{name}@{version}?arch={architecture}"
    return Bundled(part, purl, tuple(map(_sha256, paths)))


def _of_elsewhere(path: Path) -> Bundled:
    digest = _sha256(path)
    notice = (
        f"{path.name} is a library of the system that llmchat was built on, {platform.platform()}."
        f" Its licence: {_license_of(path)}.\n"
    )
    version = digest[1][:12]  # nobody tells it
    part = Part(path.name, version, _license_of(path), "library", "", (("NOTICE", notice),))
    return Bundled(part, f"pkg:generic/{path.name}@{version}", (digest,))


def _license_of(library: Path) -> str:
    return LIBRARIES.get(library.name.partition(".")[0], "see its terms")


def _debian_package(path: Path) -> str:
    """`libssl3:amd64`; empty where there is no dpkg, or it does not know the file."""
    found = _dpkg("-S", f"*/{path.resolve().name}")
    return found.partition(": ")[0].partition(",")[0]


def _dpkg(*arguments: str) -> str:
    if shutil.which("dpkg-query") is None:
        return ""
    command = ["dpkg-query", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _system_id() -> str:
    return platform.freedesktop_os_release().get("ID", "debian")
