"""What a model is told of files, where the whole server is not needed to see it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import pytest

from llmchat.attachments.limits import FileLimits
from llmchat.attachments.parts import NO_VISION, AttachedFiles, needs_files, reference
from llmchat.domain.chat import JSON, ChatRequest, JSONObject, without_images
from llmchat.domain.conversation import Attachment
from llmchat.domain.document import FileText
from llmchat.domain.errors import ProviderError
from llmchat.domain.job import Job, JobId, Target
from llmchat.storage.blobs import Blobs

INLINE: JSONObject = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}


def keep(folder: Path, body: bytes, name: str, media_type: str) -> JSONObject:
    """Store a file. Gives the part that names it."""
    with Blobs(folder).incoming() as incoming:
        incoming.write(body)
        file = incoming.finish()
        incoming.keep()
    return reference(Attachment(file, name, media_type, len(body)))


def job(*messages: JSONObject, vision: bool | None = None) -> Job:
    return Job(JobId("j"), ChatRequest(list(messages)), Target("e", "m", vision=vision))


def user(*parts: JSON) -> JSONObject:
    return {"role": "user", "content": list(parts)}


def complete(folder: Path, *messages: JSONObject, vision: bool | None = None) -> list[JSON]:
    files = AttachedFiles(folder, FileLimits())
    request = files.complete(job(*messages, vision=vision))
    return [one["content"] for one in request.messages]


def words(text: str) -> JSONObject:
    return {"type": "text", "text": text}


@pytest.mark.parametrize("vision", [True, None])
def test_an_image_goes_to_who_may_read_it(tmp_path: Path, vision: bool | None) -> None:
    image = keep(tmp_path, b"an image", "a.png", "image/png")
    url = f"data:image/png;base64,{base64.b64encode(b'an image').decode()}"
    part = {"type": "image_url", "image_url": {"url": url}}
    told = complete(tmp_path, user(image, words("x"), INLINE), vision=vision)
    assert told == [[part, words("x"), INLINE]]


@pytest.mark.parametrize("inline", [True, False])
def test_who_reads_no_images_is_not_asked_about_one(tmp_path: Path, inline: bool) -> None:
    image = INLINE if inline else keep(tmp_path, b"an image", "a.png", "image/png")
    with pytest.raises(ProviderError) as raised:
        complete(tmp_path, user(image, words("x")), vision=False)
    assert (raised.value.code, raised.value.message) == ("upstream-no-vision", NO_VISION)
    assert not raised.value.retryable


def test_who_reads_no_images_is_told_that_there_was_one_before(tmp_path: Path) -> None:
    image = keep(tmp_path, b"an image", "a.png", "image/png")
    answer: JSONObject = {"role": "assistant", "content": "A cat."}
    question: JSONObject = {"role": "user", "content": "Which?"}
    told = complete(tmp_path, user(image, INLINE, words("x")), answer, question, vision=False)
    assert told == [
        "[The image a.png, which this model cannot read.]\n\n"
        "[There is an image here, which this model cannot read.]\n\nx",
        "A cat.",
        "Which?",
    ]


@pytest.mark.parametrize(
    ("body", "name", "media_type", "told"),
    [
        (b"a\r\nb", "x.TXT", "text/plain", "File: x.TXT\n```\na\r\nb\n```"),
        (b"a\n", "Makefile", "text/plain", "File: Makefile\n```\na\n```"),
        (b"\xef\xbb\xbfa", "x.rs", "text/plain", "File: x.rs\n```rs\na\n```"),
        (b"a ```` b", "x", "text/plain", "File: x\n`````\na ```` b\n`````"),
        (b"<svg/>", "x.svg", "text/plain", "File: x.svg\n```svg\n<svg/>\n```"),
        (b"as text", "x.bin", "application/octet-stream", "File: x.bin\n```bin\nas text\n```"),
        (
            b"\xff\xfb\x90",
            "x.mp3",
            "audio/mpeg",
            "[The file x.mp3 is of a kind that cannot be read.]",
        ),
        (b"%PDF-1.4", "x.pdf", "application/pdf", "[The text of the file x.pdf cannot be read.]"),
    ],
)
def test_a_file_becomes_a_part_of_the_text(
    tmp_path: Path, body: bytes, name: str, media_type: str, told: str
) -> None:
    part = keep(tmp_path, body, name, media_type)
    assert complete(tmp_path, user(part, words("Well?"))) == [f"{told}\n\nWell?"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (FileText("one", 1), "File: a.pdf (PDF, 1 page)\n```\none\n```"),
        (
            FileText("one", 900, cut=True),
            "File: a.pdf (PDF, 900 pages)\n```\none\n```\n[The file has more text than this.]",
        ),
        (FileText(problem="file-encrypted"), "[The text of the file a.pdf cannot be read.]"),
    ],
)
def test_the_text_of_a_pdf_is_that_beside_it(tmp_path: Path, text: FileText, told: str) -> None:
    part = keep(tmp_path, b"%PDF-1.4", "a.pdf", "application/pdf")
    Blobs(tmp_path).write_text(str(part["file"]), text)
    assert complete(tmp_path, user(part)) == [told]


@pytest.mark.parametrize("file", ["", "../../etc/passwd", "0" * 64])
@pytest.mark.parametrize("media_type", ["image/png", "text/plain", "application/pdf", ""])
def test_what_is_not_there_is_only_mentioned(tmp_path: Path, file: str, media_type: str) -> None:
    part = reference(Attachment(file, "a", media_type, 1))
    assert complete(tmp_path, user(part)) == ["[The file a is no longer there.]"]


def test_what_names_no_file_stays_as_it_is(tmp_path: Path) -> None:
    messages: Sequence[JSONObject] = (user(words("a"), words("b")), user(INLINE))
    assert not needs_files(job(*messages))
    assert complete(tmp_path, *messages) == [one["content"] for one in messages]
    assert needs_files(job(user(INLINE), vision=False))


def test_the_texts_of_a_request_can_be_kept_without_its_images() -> None:
    plain = ChatRequest([{"role": "user", "content": "x"}])
    assert without_images(plain) is plain
    kept = without_images(ChatRequest([user(INLINE, words("a")), {"role": "user", "content": "b"}]))
    assert kept.messages == [user(words("a")), {"role": "user", "content": "b"}]


def test_who_reads_no_images_is_told_of_one_of_the_project(tmp_path: Path) -> None:
    image = {**keep(tmp_path, b"an image", "a.png", "image/png"), "asked": False}
    told = complete(tmp_path, user(image, words("x")), vision=False)
    assert told == ["[The image a.png, which this model cannot read.]\n\nx"]
