"""The models of the folder of models, as they come and go."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from llmchat.domain.errors import RequestError
from llmchat.domain.modelfile import ModelFile
from llmchat.jobs.supervisor import Child
from llmchat.modelfiles.folder import Found, ModelFolder

LOOK_SECONDS = 2.0  # that somebody waits for a look into the folder, which may be on a slow disk
FileOf = Callable[[], ModelFile | None]


class LocalModels:
    """Looks into the folder when somebody asks, and never by itself: a look is a list of names and
    a `stat` for each, and only what has changed is read.

    `make_child` makes what to spawn for a model: its argument gives the file, each time anew, or
    None if it has gone. `needed_bytes` is about what a file takes in memory.
    """

    def __init__(
        self,
        folder: ModelFolder,
        make_child: Callable[[FileOf], Child[Any]],
        needed_bytes: Callable[[ModelFile], int],
    ) -> None:
        self.folder = folder
        self.child = make_child
        self.needed_bytes = needed_bytes
        self.found = Found()
        self.on_found: Callable[[Found], None] = lambda _: None
        self._looking: asyncio.Task[None] | None = None
        self._first = asyncio.Event()
        self._taken: set[str] = set()

    def start(self) -> None:
        """Look for the first time."""
        self._looking = asyncio.create_task(self._look())

    async def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking

    async def first_look(self) -> None:
        """Return when the folder was looked into, or after some seconds anyway."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await self._first.wait()

    async def look(self) -> None:
        """See what has changed. Returns when `on_found` was told, or after some seconds anyway."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await asyncio.shield(self._looking)

    @contextlib.contextmanager
    def reserved(self, name: str) -> Iterator[None]:
        """Keep a name for a file that is on its way. RequestError if there is one of that name."""
        if name in self._taken:
            raise _exists()
        self._taken.add(name)
        try:
            yield
        finally:
            self._taken.discard(name)

    async def check_free(self, name: str) -> None:
        """RequestError if there is a file of that name."""
        if await asyncio.to_thread((self.folder.path / name).exists):
            raise _exists()

    async def path_of(self, name: str) -> Path:
        """Where a file of the folder is. RequestError if it is not there."""
        path = await asyncio.to_thread(self.folder.find, name)
        if path is None:
            raise RequestError(
                "There is no such model file.", code="no-such-model-file", status=404
            )
        return path

    async def _look(self) -> None:
        found = await asyncio.to_thread(self.folder.scan)
        changed = found != self.found
        self.found = found
        if changed:
            self.on_found(found)
        self._first.set()


def _exists() -> RequestError:
    return RequestError(
        "There is a model file of this name already. Remove it first, or rename the new one.",
        code="model-exists",
        status=409,
    )
