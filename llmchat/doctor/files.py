"""The data folder, the store in it, and the page."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from llmchat import resources
from llmchat.doctor.report import Check
from llmchat.domain.errors import ConfigError
from llmchat.server.assets import load_assets
from llmchat.storage.inspection import Findings, inspect
from llmchat.storage.location import FILE_NAME, network_file_system
from llmchat.storage.lock import Owner, owner_of

LITTLE_BYTES = 100 * 1024 * 1024
LEAST_BYTES = 16 * 1024 * 1024
_ANOTHER = "Choose another one with --data-dir."


def page() -> Iterator[Check]:
    """Whether there is a page to serve."""
    try:
        load_assets(resources.static_dir())
    except (ConfigError, OSError) as error:
        yield Check("page", "fail", str(error))
    else:
        yield Check("page", "ok", "it is complete")


def data_folder(folder: Path) -> Iterator[Check]:
    """Whether llmchat can keep its files there. A folder that is missing is not made."""
    name = "data folder"
    if not folder.exists():
        parent = next(one for one in folder.absolute().parents if one.exists())
        if parent.is_dir() and os.access(parent, os.W_OK | os.X_OK):
            yield Check(name, "ok", f"{folder} will be made at the first start")
            yield from _space(parent)
        else:
            yield Check(name, "fail", f"{folder} cannot be made: {parent} is closed.", _ANOTHER)
        return
    if not folder.is_dir():
        yield Check(name, "fail", f"{folder} is no folder.", _ANOTHER)
        return
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        hint = "Free some space, mend its permissions, or choose another one with --data-dir."
        yield Check(name, "fail", f"{folder} cannot be written: {error.strerror}.", hint)
        return
    yield Check(name, "ok", f"{folder} can be written")
    yield from _space(folder)
    if (kind := network_file_system(folder)) is not None:
        told = f"{folder} is on a network file system ({kind}), where a crash can damage the store."
        yield Check(name, "warn", told, _ANOTHER)


def owner(folder: Path) -> tuple[Owner | None, list[Check]]:
    """The llmchat that runs on the folder, if one does."""
    try:
        found = owner_of(folder)
    except OSError as error:
        told = f"the lock file cannot be opened: {error.strerror}."
        return None, [Check("data folder", "fail", told, "Check who owns the files in it.")]
    if found is None:
        return None, [Check("data folder", "ok", "no llmchat runs on it now")]
    return found, [Check("data folder", "ok", f"an llmchat runs on it ({found})")]


def store(folder: Path, *, in_use: bool) -> Iterator[Check]:
    """The database: opened for reading only."""
    path = folder / FILE_NAME
    if not path.exists():
        yield Check("store", "ok", f"{path} will be made at the first start")
        return
    try:
        findings = inspect(path, in_use=in_use)
    except ConfigError as error:
        yield Check("store", "fail", error.message)
        return
    if findings.damage is not None:
        yield Check(
            "store",
            "fail",
            f"{path} is damaged: {findings.damage}.",
            "Keep a copy, then put a backup in its place, or move it away to start anew.",
        )
        return
    yield Check("store", "ok", f"{path}: {_summary(findings)}")
    if findings.unfinished and not in_use:
        told = f"{findings.unfinished} jobs have no end yet."
        yield Check("store", "ok", told, "The next start goes on with them, or ends them.")


def _summary(findings: Findings) -> str:
    parts = [f"schema {findings.version} of {findings.known_version}"]
    if findings.version < findings.known_version:
        parts.append("brought up to date by the next start")
    parts.append(f"{findings.size_bytes / 1e6:.1f} MB")
    parts.append("no damage found" if findings.checked else "no damage in the part that was read")
    parts += [f"{count} jobs {state}" for state, count in sorted(findings.states.items())]
    if findings.unfinished:
        parts.append(f"{findings.unfinished} wait or run")
    return ", ".join(parts)


def _space(folder: Path) -> Iterator[Check]:
    free = shutil.disk_usage(folder).free
    told = f"{free / 1e6:.0f} MB are free"
    if free < LEAST_BYTES:
        yield Check("disk", "fail", f"{told}: new questions are refused.", "Free some space.")
    elif free < LITTLE_BYTES:
        yield Check("disk", "warn", f"{told}.", "Free some space.")
    else:
        yield Check("disk", "ok", told)
