"""The last step of a restore: a store that is complete takes the place of another one.

The moves are named in a file before the first of them, so that a restore that was killed between
two of them is brought to its end by whoever opens the folder next.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from llmchat.domain.errors import ConfigError
from llmchat.storage.blobs import FOLDER_NAME, sync_folder

FILE_NAME = "llmchat.db"
UNPACKED = "restore-"  # what the folder of the new store is named after
_OURS = (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm", FOLDER_NAME)
_PLAN = "restore.json"


@dataclass(frozen=True, slots=True)
class _Plan:
    """`old` is moved from the data folder into `aside`, then `fresh` from `new` into the folder."""

    new: str
    aside: str | None
    old: list[str]
    fresh: list[str]


def swap(folder: Path, new: Path) -> Path | None:
    """Move the store aside and a new one, in a folder of the same folder, in its place. Gives where
    the old one is, if there was one. Raises OSError; then all is as before.
    """
    old = [name for name in _OURS if (folder / name).exists()]
    fresh = [name for name in _OURS if (new / name).exists()]
    aside = None
    if old:
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        aside = Path(tempfile.mkdtemp(prefix=f"before-restore-{stamp}-", dir=folder))
    plan = _Plan(new.name, None if aside is None else aside.name, old, fresh)
    moved: list[tuple[Path, Path]] = []
    try:
        _write(folder, plan)
        _move_all(folder, plan, moved)
    except OSError:
        for path, place in reversed(moved):
            place.rename(path)
        if aside is not None:
            aside.rmdir()
        (folder / _PLAN).unlink(missing_ok=True)
        raise
    _end(folder)
    return aside


def finish(folder: Path) -> str | None:
    """Bring a restore to its end that was killed; who calls has the folder for itself. Gives what
    to tell a person, if there was one. Raises ConfigError if it cannot go on.
    """
    path = folder / _PLAN
    if not path.exists():
        return None
    try:
        plan = _Plan(**json.loads(path.read_bytes()))
        _move_all(folder, plan, [])
        _end(folder)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(
            f"A restore of {folder} was cut short and cannot go on ({error}). The parts of both"
            f" stores are there, in {UNPACKED}* and before-restore-*. Put those of one of them"
            f" into {folder} and delete {_PLAN} there."
        ) from error
    shutil.rmtree(folder / plan.new, ignore_errors=True)
    before = "" if plan.aside is None else f" What was there before is in {folder / plan.aside}."
    return f"A restore of {folder} was cut short; it is complete now.{before}"


def _write(folder: Path, plan: _Plan) -> None:
    with (folder / _PLAN).open("wb") as file:
        file.write(json.dumps(asdict(plan)).encode())
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)


def _move_all(folder: Path, plan: _Plan, moved: list[tuple[Path, Path]]) -> None:
    """What is moved already is left where it is: nothing new is in its place before all that is old
    has gone.
    """
    new = folder / plan.new
    if plan.aside is not None and all((new / name).exists() for name in plan.fresh):
        for name in plan.old:
            _move(folder / name, folder / plan.aside / name, moved)
    for name in plan.fresh:
        _move(new / name, folder / name, moved)


def _move(path: Path, place: Path, moved: list[tuple[Path, Path]]) -> None:
    if path.exists():
        path.rename(place)
        moved.append((path, place))


def _end(folder: Path) -> None:
    sync_folder(folder)
    (folder / _PLAN).unlink()
    sync_folder(folder)
