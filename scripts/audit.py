"""Asks the registries for known flaws of all that is locked. `make audit` runs it.

A flaw fails it unless `audit.toml` accepts it. What nobody could be asked about is told in a line
that begins with NOT CHECKED, and fails it with `--strict`: where the registries can be reached.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.browser_libraries import npm_command

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements*.txt", "scripts/downloads/*.txt")
SECONDS = 300


@dataclass(frozen=True, slots=True)
class Flaw:
    """A known flaw of a package that is locked; `ids` are all the names that it has."""

    package: str
    version: str
    ids: frozenset[str]
    text: str

    def __str__(self) -> str:
        return f"{self.package} {self.version}: {', '.join(sorted(self.ids))}: {self.text}"


@dataclass(slots=True)
class Answer:
    """What the services said: of which packages, and why not of the others."""

    checked: set[str] = field(default_factory=set)
    unchecked: dict[str, str] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    """Print what is known. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="make audit ARGS=...", description=__doc__)
    parser.add_argument("--strict", action="store_true", help="fail if something is not checked")
    parser.add_argument("--osv-url", help="ask this OSV service only, e.g. a copy of your own")
    options = parser.parse_args(arguments)
    accepted = tomllib.loads((ROOT / "audit.toml").read_text(encoding="utf-8")).get("accepted", [])
    answers = {"PyPI": ask_for_python(options.osv_url), "npm": ask_for_npm(ROOT / "scripts")}
    return judge(answers, accepted, datetime.datetime.now(datetime.UTC).date(), options.strict)


def judge(
    answers: Mapping[str, Answer],
    accepted: list[dict[str, Any]],
    today: datetime.date,
    strict: bool,
) -> int:
    """Say what was found, and return 1 if that must not be."""
    failed = False
    for registry, answer in answers.items():
        print(
            f"{registry}: {len(answer.checked)} packages checked, {len(answer.flaws)} flaws known"
        )
        for flaw in answer.flaws:
            reason = _acceptance(flaw, accepted, today)
            print(f"  {'accepted' if reason else 'FLAW'}  {flaw}{f' ({reason})' if reason else ''}")
            failed |= reason is None
        reasons = sorted(set(answer.unchecked.values()))
        if answer.unchecked:
            print(f"NOT CHECKED: {len(answer.unchecked)} packages of {registry}: {reasons[0]}")
            failed |= strict
    return int(failed)


def _acceptance(flaw: Flaw, accepted: list[dict[str, Any]], today: datetime.date) -> str | None:
    for entry in accepted:
        fits = entry["package"] == flaw.package and entry["id"] in flaw.ids
        if fits and today <= entry["until"]:
            return f"until {entry['until']}: {entry['reason']}"
    return None


def ask_for_python(osv_url: str | None, root: Path = ROOT) -> Answer:
    """Ask PyPI, and the OSV service for what PyPI does not tell; only OSV if it is named."""
    found = Answer()
    locked = _locked(root)
    services = [["-s", "osv", "--osv-url", osv_url]] if osv_url else [["-s", "pypi"], ["-s", "osv"]]
    for service in services:
        _read_python(_run_pip_audit(service, locked), found)
        missing = sorted(set(locked) - found.checked)
        why = f"the service {service[1]} has no answer."
        found.unchecked = dict.fromkeys(missing, why)
        if not missing:
            break
    return found


def _locked(root: Path) -> dict[str, str]:
    """The versions of all that is locked, for this system and for others."""
    texts = [path.read_text("utf-8") for pattern in LOCKS for path in root.glob(pattern)]
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", "\n".join(texts), re.MULTILINE))


def _run_pip_audit(service: list[str], locked: Mapping[str, str]) -> str:
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", *service]
    command += ["--format", "json", "--progress-spinner", "off", "--desc", "off"]
    with tempfile.TemporaryDirectory() as folder:
        # Without the conditions of the locks, which leave out what other systems install.
        wanted = Path(folder, "requirements.txt")
        wanted.write_text("".join(f"{name}=={version}\n" for name, version in locked.items()))
        return _output([*command, "-r", str(wanted)], Path(folder))


def _read_python(text: str, found: Answer) -> None:
    for package in _document(text).get("dependencies", []):
        if "skip_reason" in package or package["name"] in found.checked:
            continue
        found.checked.add(package["name"])
        for one in package["vulns"]:
            ids = frozenset({one["id"], *one["aliases"]})
            fixed = ", ".join(one["fix_versions"])
            told = f"mended in {fixed}" if fixed else "not mended yet"
            found.flaws.append(Flaw(package["name"], package["version"], ids, told))


def ask_for_npm(manifest: Path) -> Answer:
    """Ask npm's registry, the one that npm is set to, about `package-lock.json`."""
    lock = json.loads((manifest / "package-lock.json").read_text(encoding="utf-8"))
    versions = {
        name.rpartition("node_modules/")[2]: package["version"]
        for name, package in lock["packages"].items()
        if name
    }
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(manifest / name, Path(folder, name))
        command = [*npm_command(Path(folder, "npm")), "audit", "--package-lock-only", "--json"]
        document = _document(_output(command, Path(folder)))
    if "vulnerabilities" not in document:
        why = "its service for known flaws does not answer."
        return Answer(unchecked=dict.fromkeys(versions, why))
    return Answer(set(versions), flaws=list(_npm_flaws(document["vulnerabilities"], versions)))


def _npm_flaws(found: Mapping[str, Any], versions: Mapping[str, str]) -> Iterator[Flaw]:
    for name, package in found.items():
        for one in package["via"]:
            if isinstance(one, dict):  # a word is the package that this one needs, told by itself
                ids = frozenset({one["url"].rpartition("/")[2], str(one["source"])})
                yield Flaw(name, versions[name], ids, one["title"])


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _output(command: list[str], folder: Path) -> str:
    try:
        result = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return ""
    return result.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
