"""What a file is: an image by its first bytes, anything else by what its sender says."""

from __future__ import annotations

import struct
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["image", "text", "pdf", "other"]
"""What a model can be told of a file: itself, its text, the text of its pages, or its name."""

HEAD_BYTES = 256 * 1024  # a photograph's size stands behind its metadata
INLINE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
PDF_HEAD = b"%PDF-"
UNKNOWN = "application/octet-stream"
_JSON = "application/json"
# What a browser may be told. HTML, SVG and XML are text here: nothing shows them as a page.
_DECLARED = {
    _JSON,
    "application/pdf",
    "text/csv",
    "text/markdown",
    "text/plain",
    "audio/flac",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/wav",
    "audio/webm",
    "video/mp4",
    "video/webm",
}
_TEXT = {"application/javascript", "application/xml", "application/yaml", "image/svg+xml"}
_NO_SIZE = {0xC4, 0xC8, 0xCC}  # markers of a JPEG among those of its frames


def kind_of(media_type: str) -> Kind:
    """The kind of a file that was stored with this type."""
    if media_type in INLINE_TYPES:
        return "image"
    if media_type == "application/pdf":
        return "pdf"
    return "text" if media_type.startswith("text/") or media_type == _JSON else "other"


def text_type_of(declared: str) -> str:
    """The type to store for what is text, whatever its sender says."""
    declared = type_of(b"", declared)
    return declared if kind_of(declared) == "text" else "text/plain"


class Image(NamedTuple):
    """Pixels are 0 where the head does not tell them."""

    type: str
    width: int
    height: int


def type_of(head: bytes, declared: str) -> str:
    """The type to store: that of the content for images, else the declared one if harmless."""
    image = image_of(head)
    if image is not None:
        return image.type
    if head.startswith(PDF_HEAD):
        return "application/pdf"
    declared = declared.split(";")[0].strip().lower()
    if declared in _DECLARED and declared != "application/pdf":
        return declared
    if declared in _TEXT or declared.startswith("text/"):
        return "text/plain"
    return UNKNOWN


def image_of(head: bytes) -> Image | None:
    """The image that begins with these bytes, if it is one of those that are shown inline."""
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR" and len(head) >= 24:
        return Image("image/png", *struct.unpack(">II", head[16:24]))
    if head[:6] in (b"GIF87a", b"GIF89a") and len(head) >= 10:
        return Image("image/gif", *struct.unpack("<HH", head[6:10]))
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP" and len(head) >= 30:
        return Image("image/webp", *_webp_size(head))
    if head.startswith(b"\xff\xd8\xff"):
        return Image("image/jpeg", *_jpeg_size(head))
    return None


def _webp_size(head: bytes) -> tuple[int, int]:
    kind = head[12:16]
    if kind == b"VP8X":
        return (
            int.from_bytes(head[24:27], "little") + 1,
            int.from_bytes(head[27:30], "little") + 1,
        )
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    width, height = struct.unpack("<HH", head[26:30])
    return (width & 0x3FFF, height & 0x3FFF)


def _jpeg_size(head: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in _NO_SIZE:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return (width, height)
        at += 2 + int(struct.unpack(">H", head[at + 2 : at + 4])[0])
    return (0, 0)
