"""PDFs for tests, made of bytes: good ones, and those of somebody who means harm."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence

_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_ID = b"0123456789abcdef"


def pdf(*pages: str) -> bytes:
    """A PDF with a page for each text, which may have lines and only ASCII characters."""
    return _written(_objects([_stream(_content(page)) for page in pages]))


def pdf_of_content(content: bytes) -> bytes:
    """A PDF with one page that says this."""
    return _written(_objects([_stream(content)]))


def pdf_of_streams(*streams: bytes | str) -> bytes:
    """A PDF with a page for each: whole streams, and texts."""
    given = [one if isinstance(one, bytes) else _stream(_content(one)) for one in streams]
    return _written(_objects(given))


def pdf_without_text() -> bytes:
    """As a scanner makes them: a page with a drawing on it."""
    return pdf_of_content(b"0 0 100 100 re f")


def pdf_bomb(megabytes: int = 2048) -> bytes:
    """A small file whose one page has gigabytes of content."""
    packer = zlib.compressobj(9)
    piece = b" " * (1 << 20)
    packed = b"".join(packer.compress(piece) for _ in range(megabytes)) + packer.flush()
    again = zlib.compress(packed, 9)
    head = b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>" % len(again)
    return _written(_objects([head + b"\nstream\n" + again + b"\nendstream"]))


def pdf_that_never_ends(operators: int = 20_000_000) -> bytes:
    """A page with so much to do that nobody waits for it."""
    piece = b"BT /F 9 Tf (x) Tj ET\n"
    packed = zlib.compress(piece * (operators // len(piece)), 9)
    head = b"<</Length %d/Filter/FlateDecode>>" % len(packed)
    return _written(_objects([head + b"\nstream\n" + packed + b"\nendstream"]))


def pdf_in_a_circle() -> bytes:
    """Pages that are their own children."""
    catalog, tree = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"
    return _written([catalog, tree])


def pdf_nested(depth: int = 100_000) -> bytes:
    """Lists in lists, which a reader follows by calling itself."""
    objects = _objects([_stream(_content("below"))])
    objects[0] = b"<</Type/Catalog/Pages 2 0 R/Names %b%b>>" % (b"[" * depth, b"]" * depth)
    return _written(objects)


def pdf_with_password(text: str, user: bytes) -> bytes:
    """Encrypted by RC4 with 40 bits (PDF 1.4, 3.5); an empty password is none for a reader."""
    owner = _rc4(hashlib.md5(_padded(b"owner")).digest()[:5], _padded(user))
    permissions = (-4).to_bytes(4, "little", signed=True)
    key = hashlib.md5(_padded(user) + owner + permissions + _ID).digest()[:5]
    check = _rc4(key, _PADDING)
    entry = b"<</Filter/Standard/V 1/R 2/O<%b>/U<%b>/P -4>>" % (
        owner.hex().encode(),
        check.hex().encode(),
    )
    objects = _objects([b""])
    number = 4
    own = hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0").digest()[:10]
    objects[number - 1] = _stream(_rc4(own, _content(text)))
    name = _ID.hex().encode()
    more = b"/Encrypt %d 0 R/ID[<%b><%b>]" % (len(objects) + 1, name, name)
    return _written([*objects, entry], more)


def _content(page: str) -> bytes:
    escaped = page.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    shown = "".join(f"({line}) Tj T*\n" for line in escaped.split("\n"))
    return f"BT /F 12 Tf 14 TL 72 720 Td\n{shown}ET".encode("ascii")


def _stream(content: bytes) -> bytes:
    return b"<</Length %d>>\nstream\n%b\nendstream" % (len(content), content)


def _objects(streams: Sequence[bytes]) -> list[bytes]:
    """Catalogue, page tree and font, then a stream and a page for each."""
    first = 4
    kids = b" ".join(b"%d 0 R" % (first + 2 * at + 1) for at in range(len(streams)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, len(streams)),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for at, stream in enumerate(streams):
        page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R" % (first + 2 * at)
        objects += [stream, page + b"/Resources<</Font<</F 3 0 R>>>>>>"]
    return objects


def _written(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        out += b"%010d 00000 n \n" % place
    size = len(objects) + 1
    out += b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(out)


def _padded(password: bytes) -> bytes:
    return (password + _PADDING)[:32]


def _rc4(key: bytes, data: bytes) -> bytes:
    box = list(range(256))
    at = 0
    for one in range(256):
        at = (at + box[one] + key[one % len(key)]) % 256
        box[one], box[at] = box[at], box[one]
    out = bytearray()
    first = second = 0
    for byte in data:
        first = (first + 1) % 256
        second = (second + box[first]) % 256
        box[first], box[second] = box[second], box[first]
        out.append(byte ^ box[(box[first] + box[second]) % 256])
    return bytes(out)
