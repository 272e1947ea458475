"""What a file is by its first bytes, and names that deceive nobody."""

from __future__ import annotations

import struct

import pytest

from llmchat.domain.media import Image, image_of, type_of
from llmchat.domain.names import clean_name

WEBP = b"RIFF\0\0\0\0WEBP"
SEGMENT = b"\xff\xe1\x00\x06abcd"
FRAME = b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", 30, 40)


@pytest.mark.parametrize(
    ("head", "image"),
    [
        (b"GIF89a" + struct.pack("<HH", 3, 4), Image("image/gif", 3, 4)),
        (b"\xff\xd8" + SEGMENT + FRAME, Image("image/jpeg", 40, 30)),
        (b"\xff\xd8" + SEGMENT, Image("image/jpeg", 0, 0)),
        (
            WEBP + b"VP8X" + bytes(8) + b"\x63\0\0\xc7\0\0",
            Image("image/webp", 100, 200),
        ),
        (
            WEBP + b"VP8L\0\0\0\0\x2f" + (99 | 199 << 14).to_bytes(4, "little") + bytes(9),
            Image("image/webp", 100, 200),
        ),
        (
            WEBP + b"VP8 " + bytes(10) + struct.pack("<HH", 100, 200),
            Image("image/webp", 100, 200),
        ),
    ],
)
def test_the_size_of_an_image_is_in_its_head(head: bytes, image: Image) -> None:
    assert image_of(head) == image


@pytest.mark.parametrize(
    "head",
    [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", WEBP, b"<svg", b"BM", b"\x89PNG\r\n\x1a\n" + b"<" * 40],
)
def test_what_only_begins_like_an_image_is_none(head: bytes) -> None:
    assert image_of(head) is None
    assert type_of(head, "image/png") == "application/octet-stream"


def test_no_head_of_a_jpeg_makes_reading_it_fail() -> None:
    whole = b"\xff\xd8" + SEGMENT * 3 + FRAME
    for end in range(3, len(whole)):
        image = image_of(whole[:end])
        assert image is not None
        assert image.type == "image/jpeg"


@pytest.mark.parametrize("name", ["\ud800", "\u200b", " . ", "///", "\0"])
def test_a_name_of_nothing_that_can_be_seen_is_replaced(name: str) -> None:
    assert clean_name(name) in ("file", "_")


def test_a_clean_name_stays_as_it_is() -> None:
    for name in ("a b.tar.gz", "Übung (2).pdf", ".bashrc", "日本語.txt"):
        assert clean_name(name) == name.lstrip(".")
        assert clean_name(clean_name(name)) == clean_name(name)
