"""What a conversation is called, and what a model is told of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llmchat.conversations.history import history
from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.conversation import (
    Attachment,
    Message,
    MessageId,
    MessageState,
    Role,
)
from llmchat.domain.project import Project
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


def _told(*path: Message, system: object = None) -> list[JSONObject]:
    return history({} if system is None else {"system": str(system)}, path)


def test_neighbours_of_one_role_are_joined_and_what_is_empty_is_left_out() -> None:
    told = _told(
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


def test_the_settings_come_before_a_system_message_of_the_conversation() -> None:
    told = _told(_message("system", "second"), _message("user", "x"), system="first")
    assert told[0] == {"role": "system", "content": "first\n\nsecond"}


def test_files_of_questions_are_only_named_and_come_before_the_text() -> None:
    image, text = Attachment("a", "a.png", "image/png", 3), Attachment("b", "b.pdf", "x/y", 3)
    told = _told(
        _message("user", "look", image, text),
        _message("user", "", image),
        _message("user", "and"),
        _message("assistant", "hm", image),
    )
    first = {"type": "file_ref", "file": "a", "name": "a.png", "media_type": "image/png"}
    second = {"type": "file_ref", "file": "b", "name": "b.pdf", "media_type": "x/y"}
    look, more = {"type": "text", "text": "look"}, {"type": "text", "text": "and"}
    assert told == [
        {"role": "user", "content": [first, second, look, first, more]},
        {"role": "assistant", "content": "hm"},
    ]


def _summary(content: str, state: MessageState = "done", edited: int | None = None) -> Message:
    answer = _message("assistant", content)
    return replace(answer, parameters={"compact": True}, state=state, edited=edited)


def _talk(*texts: str) -> list[Message]:
    return [_message("assistant" if n % 2 else "user", text) for n, text in enumerate(texts)]


def _said(told: list[JSONObject]) -> list[JSON]:
    return [one["content"] for one in told]


def test_the_last_whole_summary_stands_for_what_is_above_it() -> None:
    path = [*_talk("a", "b"), _summary("S1"), *_talk("c", "d"), _summary("S2"), *_talk("e")]
    summary = "Summary of the conversation so far:\n\n"
    assert _told(*path) == [
        {"role": "system", "content": f"{summary}S2"},
        {"role": "user", "content": "e"},
    ]
    assert _said(_told(*path[:5], system="Hi.")) == [f"Hi.\n\n{summary}S1", "c", "d"]
    for broken in (_summary("half", "cancelled"), _summary("half", "error"), _summary("")):
        assert _said(_told(*_talk("a", "b"), broken, *_talk("c"))) == ["a", "b", "c"]
    mended = _summary("mine", "cancelled", edited=1)
    assert _said(_told(*_talk("a", "b"), mended, *_talk("c"))) == [f"{summary}mine", "c"]


def test_only_so_many_questions_are_told_where_that_is_set() -> None:
    path = _talk("a", "b", "c", "d", "e")
    for questions, told in ((1, "e"), (2, "cde"), (3, "abcde"), (9, "abcde"), (None, "abcde")):
        assert _said(history({"history": questions}, path)) == list(told)
    path = [*_talk("a", "b"), _summary("S"), *_talk("c", "d", "e")]
    assert _said(history({"history": 1}, path))[1:] == ["e"]
    assert len(history({"history": True}, path)) == 2


def test_what_a_project_has_comes_first_and_once() -> None:
    file = Attachment("a", "a.txt", "text/plain", 3)
    project = Project("p", "P", 0, system="Of the project.", files=[file])
    part = {"type": "file_ref", "file": "a", "name": "a.txt", "media_type": "text/plain"}
    asked = {**part, "asked": False}
    told = history({"system": "Of the chat."}, _talk("one", "two", "three"), project=project)
    assert told == [
        {"role": "system", "content": "Of the project.\n\nOf the chat."},
        {"role": "user", "content": [asked, {"type": "text", "text": "one"}]},
        {"role": "assistant", "content": "two"},
        {"role": "user", "content": "three"},
    ]
    # Where no question is told first, they stand alone.
    summed = history({}, [_summary("S"), _message("assistant", "hi")], project=project)
    assert [one["role"] for one in summed] == ["system", "user", "assistant"]
    assert summed[1]["content"] == [asked]
    last = history({"history": 1}, _talk("one", "two", "three"), project=project)
    assert [one["role"] for one in last] == ["system", "user"]
    assert history({}, _talk("one"), project=Project("p", "P", 0)) == [
        {"role": "user", "content": "one"}
    ]
