"""What a conversation is called, and what a model is told of it."""

from __future__ import annotations

import pytest

from llmchat.conversations.history import history
from llmchat.domain.chat import JSONObject
from llmchat.domain.conversation import (
    Attachment,
    Conversation,
    ConversationId,
    Message,
    MessageId,
    Role,
)
from llmchat.domain.titles import title_of


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Hello", "Hello"),
        ("  first\nsecond", "first"),
        ("", "New chat"),
        ("a" * 61, "a" * 60 + "…"),
        ("word " * 13, "word " * 11 + "word…"),
        ("\u202eright to left", "right to left"),
        ("\U0001f600" * 61, "\U0001f600" * 60 + "…"),
        ("tab\there", "tab here"),
    ],
)
def test_a_title_is_the_first_line_cut_between_words(question: str, title: str) -> None:
    assert title_of(question) == title


def _message(role: Role, content: str, *attachments: Attachment) -> Message:
    return Message(MessageId("m"), None, role, content, 0, attachments=list(attachments))


async def _image(file: str) -> bytes | None:
    return b"bytes of an image" if file == "there" else None


async def _told(*path: Message, system: object = None) -> list[JSONObject]:
    settings: JSONObject = {} if system is None else {"system": str(system)}
    one = Conversation(ConversationId("c"), "", 0, 0, settings=settings)
    return await history(one, path, _image)


async def test_neighbours_of_one_role_are_joined_and_what_is_empty_is_left_out() -> None:
    told = await _told(
        _message("user", "one"),
        _message("assistant", ""),
        _message("user", "two"),
        _message("assistant", "three"),
        _message("tool", "result"),
        _message("assistant", "four"),
    )
    assert told == [
        {"role": "user", "content": "one\n\ntwo"},
        {"role": "assistant", "content": "three\n\nfour"},
    ]


async def test_the_settings_come_before_a_system_message_of_the_conversation() -> None:
    told = await _told(_message("system", "second"), _message("user", "x"), system="first")
    assert told[0] == {"role": "system", "content": "first\n\nsecond"}


async def test_images_that_are_there_go_along_and_other_files_do_not() -> None:
    image = Attachment("there", "a.png", "image/png", 3)
    told = await _told(
        _message("user", "look", image, Attachment("gone", "b.png", "image/png", 3)),
        _message("user", "", Attachment("there", "a.pdf", "application/pdf", 3)),
        _message("user", "and", image),
        _message("assistant", "hm", image),
    )
    url = "data:image/png;base64,Ynl0ZXMgb2YgYW4gaW1hZ2U="
    part = {"type": "image_url", "image_url": {"url": url}}
    look, more = {"type": "text", "text": "look"}, {"type": "text", "text": "and"}
    assert told == [
        {"role": "user", "content": [look, part, more, part]},
        {"role": "assistant", "content": "hm"},
    ]
