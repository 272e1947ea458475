"""Where the data is: the data folder, or a temporary one where that cannot be written."""

from __future__ import annotations

import logging
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from llmchat.storage import restoring
from llmchat.storage.lock import DataDirLock

FILE_NAME = restoring.FILE_NAME
# WAL keeps an index in memory that processes on two machines cannot share.
_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "glusterfs"}

log = logging.getLogger(__name__)


class Location:
    """`with Location(data_dir) as location:` holds the folder for this process alone.

    `path` is the database; `notices` are what its users should know of it, by code. Raises
    ConfigError if another llmchat has the folder; `url` is what it will then be told of this one.
    """

    def __init__(self, data_dir: Path, url: str = "") -> None:
        self._data_dir = data_dir
        self._url = url
        self._stack = ExitStack()
        self.path = data_dir / FILE_NAME
        self.notices: dict[str, str] = {}

    def __enter__(self) -> Location:
        if _can_write(self._data_dir):
            self._stack.enter_context(DataDirLock(self._data_dir, self._url))
            if (finished := restoring.finish(self._data_dir)) is not None:
                log.warning("%s", finished)
            if (kind := network_file_system(self._data_dir)) is not None:
                self.notices["storage-network"] = (
                    f"The data folder {self._data_dir} is on a network file system ({kind}), where"
                    " a crash can damage it. Choose a local one with --data-dir."
                )
            return self
        log.warning("nothing is kept: the data folder %s cannot be written", self._data_dir)
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="llmchat-"))
        self.path = Path(folder) / FILE_NAME
        self.notices["storage-temporary"] = (
            f"Nothing is kept: the data folder {self._data_dir} cannot be written. Choose another"
            " one with --data-dir."
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()


def _can_write(folder: Path) -> bool:
    probe = folder / f".llmchat-{os.getpid()}"
    try:
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError:
        return False
    return True


def network_file_system(folder: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str | None:
    """The kind of file system that a folder is on, if other machines can reach it too."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        return None
    best, found = -1, ""
    real = folder.resolve()
    for line in lines:
        before, _, after = line.partition(" - ")
        point = Path(before.split(" ")[4].replace("\\040", " "))
        if real.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), after.split(" ")[0]
    return found if found in _NETWORK else None
