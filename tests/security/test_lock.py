"""T-LOCK: what set-up installs is named by exact version and hash, and nothing else comes in."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts import browser_libraries

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted([*ROOT.glob("requirements*.txt"), *(ROOT / "scripts/downloads").glob("*.txt")])
RENEW = "run: make lock"
INTEGRITY = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_package_has_one_version_and_the_hashes_of_its_files(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    entries = _entries(path)
    assert entries
    for requirement, hashes in entries.values():
        assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), requirement
        assert requirement.url is None
        assert hashes
    assert set(re.findall(r"--hash=(\w+):", text)) == {"sha256"}
    # The registry is the user's choice, by the settings of pip.
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host", text)


@pytest.mark.parametrize(
    ("wanted", "lock"),
    [
        ("pyproject.toml", "requirements.txt"),
        ("requirements-dev.in", "requirements-dev.txt"),
        ("requirements-build.in", "requirements-build.txt"),
        *((f"scripts/downloads/{n}.in", f"scripts/downloads/{n}.txt") for n in ("model", "node")),
        ("scripts/downloads/openmp.in", "scripts/downloads/openmp.txt"),
    ],
)
def test_the_lock_has_what_was_asked_for(wanted: str, lock: str) -> None:
    locked = _entries(ROOT / lock)
    asked = _asked(ROOT / wanted)
    assert asked
    for requirement in asked:
        entry = locked.get(canonicalize_name(requirement.name))
        assert entry is not None, f"{requirement.name} is not in {lock}; {RENEW}"
        assert requirement.specifier.contains(_version(entry[0])), f"{entry[0]}; {RENEW}"


def test_the_locks_agree_with_each_other_and_with_the_build_system() -> None:
    versions: dict[str, set[str]] = {}
    for path in LOCKS:
        for name, (requirement, _) in _entries(path).items():
            versions.setdefault(name, set()).add(_version(requirement))
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "hatchling==" + versions["hatchling"].pop() in document["build-system"]["requires"]


@pytest.mark.parametrize(
    ("wanted", "lock"),
    [("pyproject.toml", "requirements.txt"), ("requirements-dev.in", "requirements-dev.txt")],
)
def test_what_is_needed_in_turn_is_locked_and_is_what_is_installed(wanted: str, lock: str) -> None:
    locked = _entries(ROOT / lock)
    waiting = [requirement for requirement in _asked(ROOT / wanted) if _applies(requirement)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, frozenset(requirement.extras)) in seen or name == "pip":
            continue
        seen.add((name, frozenset(requirement.extras)))
        assert name in locked, f"{name} is not in {lock}; {RENEW}"
        installed = distribution(requirement.name)
        assert installed.version == _version(locked[name][0]), f"{name}; run: make setup-tests"
        needed = map(Requirement, installed.requires or [])
        waiting += [one for one in needed if _applies(one, requirement.extras)]
    assert len(seen) > 30


@pytest.mark.timeout(120)
def test_set_up_stops_at_a_file_that_is_not_the_locked_one(tmp_path: Path) -> None:
    wheel = _wheel(tmp_path / "wheels", "delivered", "1.0")
    root = tmp_path / "checkout"
    (root / "scripts").mkdir(parents=True)
    (root / "scripts/venv.py").write_bytes((ROOT / "scripts/venv.py").read_bytes())
    (root / "requirements-build.txt").write_text("")
    right, wrong = hashlib.sha256(wheel.read_bytes()).hexdigest(), "0" * 64

    assert "hash" in _set_up(root, "delivered==1.0").lower()
    assert "DO NOT MATCH THE HASHES" in _set_up(root, f"delivered==1.0 --hash=sha256:{wrong}")
    assert not list(root.rglob("delivered.py"))
    # With the right one it goes on, to the project itself, which is not here.
    assert "pyproject.toml" in _set_up(root, f"delivered==1.0 --hash=sha256:{right}")
    assert list(root.rglob("delivered.py"))


def test_no_step_installs_without_hashes() -> None:
    steps = [ROOT / "Makefile", ROOT / ".ci/run", *(ROOT / "scripts").glob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in steps).replace("\\\n", " ")
    calls = re.findall(r'.*(?:pip|PIP)\b.*\binstall\b.*|.*_pip\("install".*', text)
    calls = [call for call in calls if not call.lstrip().startswith(("#", "`"))]
    assert len(calls) >= 4
    for call in calls:
        editable = "--no-build-isolation" in call and '"-e"' in call
        in_lines = "pip = [sys.executable" in call  # the flags follow in the next line
        assert "--require-hashes" in call or editable or in_lines, call
    for name in ("browser_libraries", "model"):
        assert '"--require-hashes", "-r"' in (ROOT / f"scripts/{name}.py").read_text("utf-8")


def test_every_npm_package_is_locked_by_its_hash_and_by_no_address() -> None:
    lock = json.loads((ROOT / "scripts/package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((ROOT / "scripts/package.json").read_text(encoding="utf-8"))
    packages = lock["packages"]
    for kind in ("dependencies", "devDependencies"):
        assert packages[""][kind] == wanted[kind]
        for name, version in wanted[kind].items():
            assert packages[f"node_modules/{name}"]["version"] == version
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert not name or INTEGRITY.fullmatch(package["integrity"]), name


@pytest.mark.timeout(120)
def test_npm_stops_at_a_package_that_is_not_the_locked_one(tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    (packed / "package").mkdir(parents=True)
    (packed / "package/package.json").write_text('{"name": "delivered", "version": "1.0.0"}')
    archive = tmp_path / "delivered.tgz"
    subprocess.run(["tar", "czf", archive, "-C", packed, "package"], check=True)
    right = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()

    _manifest(tmp_path, f"file:{archive}", integrity=f"sha512-{'A' * 86}==")
    with pytest.raises(subprocess.CalledProcessError):
        browser_libraries._run_npm_ci(tmp_path, tmp_path / "out", tests=False)
    assert not list(tmp_path.glob("out/node_modules/delivered/*"))
    _manifest(tmp_path, f"file:{archive}", integrity=f"sha512-{right}")
    browser_libraries._run_npm_ci(tmp_path, tmp_path / "out", tests=False)
    assert list(tmp_path.glob("out/node_modules/delivered/*"))


def _manifest(folder: Path, address: str, *, integrity: str) -> None:
    top = {"name": "of-a-test", "dependencies": {"delivered": address}}
    entry = {"version": "1.0.0", "resolved": address, "integrity": integrity}
    packages = {"": top, "node_modules/delivered": entry}
    lock = {"name": "of-a-test", "lockfileVersion": 3, "requires": True, "packages": packages}
    (folder / "package.json").write_text(json.dumps(top))
    (folder / "package-lock.json").write_text(json.dumps(lock))
    (folder / ".npmrc").write_bytes((ROOT / "scripts/.npmrc").read_bytes())


def _entries(path: Path) -> dict[str, tuple[Requirement, list[str]]]:
    """The packages of a lock by their names, each with its hashes."""
    lines = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    found: dict[str, tuple[Requirement, list[str]]] = {}
    for line in lines:
        if line and not line.startswith("#"):
            requirement = Requirement(line.partition("--hash=")[0].strip())
            hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", line)
            found[canonicalize_name(requirement.name)] = (requirement, hashes)
    return found


def _asked(path: Path) -> list[Requirement]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        return [Requirement(one) for one in tomllib.loads(text)["project"]["dependencies"]]
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line]


def _applies(requirement: Requirement, extras: set[str] | None = None) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({"extra": one}) for one in extras or {""})


def _version(requirement: Requirement) -> str:
    return str(requirement.specifier).removeprefix("==")


def _wheel(folder: Path, name: str, version: str) -> Path:
    """A wheel with one module."""
    folder.mkdir()
    info = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def _set_up(root: Path, requirement: str) -> str:
    """Run set-up with that list, with no registry but the folder of wheels. Returns its errors."""
    (root / "requirements.txt").write_text(f"{requirement}\n")
    result = subprocess.run(
        [sys.executable, root / "scripts/venv.py"],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(root),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(root.parent / "wheels"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert "Set-up stopped" in result.stderr
    return result.stderr
