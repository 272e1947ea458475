"""Forms, however they are cut into pieces, and what is no form."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from llmchat.domain.errors import RequestError
from llmchat.server.multipart import Multipart, Part, boundary_of

FORM = (
    b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--b\r\nContent-Disposition: form-data; name="f"; filename="\xc3\xa4%22.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nx\r\n--c\r\n-\r\n"
    b'--b\r\nContent-Disposition: form-data; name="e"; filename=""\r\n\r\n\r\n--b--\r\n'
)
WHOLE = [
    (Part(None, ""), b"1"),
    (Part('ä".txt', "text/plain"), b"x\r\n--c\r\n-"),
    (Part("", ""), b""),
]


async def read(body: bytes, size: int) -> list[tuple[Part, bytes]]:
    async def source() -> AsyncIterator[bytes]:
        for at in range(0, len(body), size):
            yield body[at : at + size]

    form = Multipart(source(), b"b")
    parts = []
    while part := await form.next():
        parts.append((part, b"".join([piece async for piece in form.pieces()])))
    return parts


@pytest.mark.parametrize("size", [*range(1, 40), len(FORM)])
async def test_a_form_is_the_same_in_pieces_of_any_size(size: int) -> None:
    assert await read(FORM, size) == WHOLE


@pytest.mark.parametrize("end", range(len(FORM) - 2))
async def test_a_form_that_ends_early_is_refused(end: int) -> None:
    with pytest.raises(RequestError) as caught:
        await read(FORM[:end], 7)
    assert (caught.value.status, caught.value.code) == (400, "multipart")


@pytest.mark.parametrize(
    "body",
    [
        b"--b\r\n\r\na\r\n--b--",
        b"--b\r\nContent-Type: text/plain\r\n\r\na\r\n--b--",
        b"--b\r\nX: " + b"x" * 9000 + b"\r\n\r\na\r\n--b--",
        b"--other\r\nContent-Disposition: form-data\r\n\r\na\r\n--other--",
    ],
)
async def test_a_part_without_a_proper_head_is_refused(body: bytes) -> None:
    with pytest.raises(RequestError, match=r"part|boundary"):
        await read(body, 100)


@pytest.mark.parametrize(
    ("header", "boundary"),
    [
        ("multipart/form-data; boundary=b", b"b"),
        ('Multipart/Form-Data; charset=utf-8; boundary="a b"; x=y', b"a b"),
        ("multipart/form-data;boundary=----WebKitFormBoundaryAbC", b"----WebKitFormBoundaryAbC"),
    ],
)
def test_the_boundary_is_that_of_the_header(header: str, boundary: bytes) -> None:
    assert boundary_of(header) == boundary


@pytest.mark.parametrize("rest", ["", "; boundary=", '; boundary=""', f"; boundary={'b' * 5000}"])
def test_a_header_without_a_usable_boundary_is_refused(rest: str) -> None:
    with pytest.raises(RequestError) as caught:
        boundary_of(f"multipart/form-data{rest}")
    assert caught.value.code == "multipart"
