"""What the server and a worker may rely on, whatever carries their messages."""

from __future__ import annotations

from typing import Protocol, TypeVar

Put = TypeVar("Put", contravariant=True)
Got = TypeVar("Got")


class QueueClosedError(Exception):
    """The other side is gone: it closed its end, or its process ended in whatever way."""


class Outbox(Protocol[Put]):
    """The put side of a queue: one process, one writer."""

    async def open(self) -> None:
        """Join the running event loop."""
        ...

    def put(self, item: Put) -> None:
        """Send an item; never blocks, keeps the order. Items for a dead reader are dropped."""
        ...

    @property
    def congested(self) -> bool:
        """Whether much is waiting to be read: then await `drained` after a put."""
        ...

    async def drained(self) -> None:
        """Return when little is waiting to be read, so that memory is bounded."""
        ...

    def put_now(self, item: Put) -> None:
        """Send an item before returning, without an event loop. Raises QueueClosedError."""
        ...

    def close(self) -> None:
        """Tell the reader that nothing more comes, once all that was put is on its way."""
        ...


class Inbox(Protocol[Got]):
    """The get side of a queue: one process, one reader."""

    async def open(self) -> None:
        """Join the running event loop."""
        ...

    async def get(self) -> list[Got]:
        """Wait for items and return all that came, in order. Raises QueueClosedError at the end."""
        ...

    def wait_closed(self) -> None:
        """Block, without an event loop, until the writer is gone; items are thrown away."""
        ...

    def close(self) -> None:
        """Stop reading."""
        ...
