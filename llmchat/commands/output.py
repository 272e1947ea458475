"""A file that is there when it is complete, and not before."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from llmchat.domain.errors import EX_CANTCREAT, ConfigError
from llmchat.storage.blobs import sync_folder


def check_new(path: Path) -> None:
    """Raises ConfigError unless a file can be made there."""
    if path.exists():
        raise ConfigError(
            f"{path} exists already. Choose another name, or move it away.", exit_code=EX_CANTCREAT
        )
    if not path.absolute().parent.is_dir():
        raise ConfigError(
            f"There is no folder {path.absolute().parent}. Make it first.", exit_code=EX_CANTCREAT
        )


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Write a file that only this user can read; it gets its name when all went well.

    Raises ConfigError if it is there already, or cannot be written.
    """
    check_new(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.absolute().parent)
        with os.fdopen(handle, "w+b") as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        sync_folder(path.absolute().parent)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> ConfigError:
    """What it means that something could not be written there."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        reason = "the disk is full"
    else:
        reason = error.strerror or type(error).__name__
    return ConfigError(f"{path} cannot be written: {reason}.", exit_code=EX_CANTCREAT)
