"""A zip that is sent while it is made."""

from __future__ import annotations

import zipfile
from collections.abc import Generator, Iterable
from datetime import UTC, datetime
from pathlib import Path

PIECE_BYTES = 256 * 1024
_OLDEST = datetime(1980, 1, 1, tzinfo=UTC)  # that a zip can tell
Pieces = Generator[bytes, None, None]


class StreamedZip:
    """Its methods yield what can be sent so far; the rest comes with `end`."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED, compresslevel=5)

    def add(
        self, name: str, content: Iterable[bytes], changed: int, *, large: bool = False
    ) -> Pieces:
        """A file of it. `changed` is in ms; `large`: it may be of more than 2 GB."""
        with self._zip.open(_info(name, changed), "w", force_zip64=large) as file:
            for piece in content:
                file.write(piece)
                if self._sink.size >= PIECE_BYTES:
                    yield self._sink.take()

    def add_file(self, name: str, path: Path, media_type: str, changed: int) -> Pieces:
        """A file of it from the disk. Raises OSError before it has begun."""
        with path.open("rb") as source:
            info = _info(name, changed)
            if media_type.startswith(("image/", "audio/", "video/")):
                info.compress_type = zipfile.ZIP_STORED
            large = path.stat().st_size > zipfile.ZIP64_LIMIT // 2
            with self._zip.open(info, "w", force_zip64=large) as file:
                while piece := source.read(PIECE_BYTES):
                    file.write(piece)
                    if self._sink.size >= PIECE_BYTES:
                        yield self._sink.take()

    def end(self) -> Pieces:
        """The rest: the table of contents."""
        self._zip.close()
        yield self._sink.take()


class _Sink:
    """What zipfile writes to: it cannot seek, so that the sizes come after each file."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def write(self, piece: bytes, /) -> int:
        self._pieces.append(bytes(piece))
        self.size += len(piece)
        return len(piece)

    def flush(self) -> None:
        """Asked for by zipfile; `take` is what empties it."""

    def close(self) -> None:
        """The same."""

    def take(self) -> bytes:
        pieces = b"".join(self._pieces)
        self._pieces, self.size = [], 0
        return pieces


def _info(name: str, changed: int) -> zipfile.ZipInfo:
    time = max(_OLDEST, datetime.fromtimestamp(min(changed, 4e12) / 1000, tz=UTC))
    info = zipfile.ZipInfo(name, time.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
