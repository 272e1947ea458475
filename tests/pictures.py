"""Pictures for tests, made of nothing but the standard library."""

from __future__ import annotations

import struct
import zlib

GIF = bytes.fromhex(
    "47494638396101000100800000ff0000ffffff21f90400000000002c00000000010001000002024401003b"
)
"""One red pixel."""
SECRET = b"GPS 52.5200 N 13.4050 E"


def png(width: int, height: int, *, alpha: int = 255, text: bytes = b"") -> bytes:
    """A picture whose colours run from one corner to the other."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            rows += bytes((40 + 180 * x // width, 110, 220 - 150 * y // height, alpha))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))]
    if text:
        chunks.append((b"tEXt", b"Comment\0" + text))
    chunks += [(b"IDAT", zlib.compress(bytes(rows), 1)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in chunks)


def with_exif(jpeg: bytes, *, orientation: int = 1) -> bytes:
    """A JPEG as a camera writes it: with a place, and with the way that it was held."""
    entries = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    entries += struct.pack(">HHII", 0x010E, 2, len(SECRET) + 1, 38)
    tiff = b"MM\0*" + struct.pack(">IH", 8, 2) + entries + struct.pack(">I", 0) + SECRET + b"\0"
    body = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
