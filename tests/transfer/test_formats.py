"""Each format with its odd cases becomes the conversations that its program showed."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmchat.domain.conversation import MessageId
from tests.transfer import samples
from tests.transfer.reads import read
from tests.transfer.samples import EVERY, PNG, T, to_bytes


@pytest.mark.parametrize("name", EVERY)
def test_every_export_is_known_by_its_content(name: str, tmp_path: Path) -> None:
    kind, content = EVERY[name]
    found = read(tmp_path, content, "anything.bin")
    assert found.format == kind
    assert found.conversations
    assert found.meter.done_bytes == found.meter.total_bytes
    for one in found.conversations:
        ids = [message.id for message in one.messages]
        assert len(set(ids)) == len(ids)
        assert one.conversation.active in ids
        assert one.conversation.title
        for place, message in enumerate(one.messages):
            assert message.parent_id is None or message.parent_id in ids[:place]


def test_a_chatgpt_export_keeps_what_was_shown(tmp_path: Path) -> None:
    found = read(tmp_path, samples.chatgpt_zip())
    first, messages = found.conversations[0].conversation, found.messages()
    assert (first.title, first.pinned, first.archived) == ("Chat c1", True, False)
    assert (first.created, first.updated) == (T * 1000 + 500, T * 1000 + 100_250)
    assert first.active == "tool"  # the nearest one above the current node, which is empty
    assert sorted(messages) == ["a1", "a2", "call", "end", "pic", "q", "tool"]
    assert messages["q"].parent_id is None
    assert messages["q"].content == "Which tea?\ufffd"
    assert messages["q"].created == T * 1000 + 1250
    assert messages["a1"].parent_id == messages["a2"].parent_id == "q"
    assert messages["a1"].content == "Green. \n\n- [On tea](https://tea.example/a)"
    assert messages["a1"].reasoning == "**Weighing**\n\nGreen or black?"
    assert (messages["a1"].model, messages["a2"].model) == ("gpt-5-thinking", "gpt-5")
    assert messages["call"].tool_calls[0]["function"] == {
        "name": "web.search",
        "arguments": '{"q": 1}',
    }
    assert (messages["tool"].role, messages["tool"].content) == ("tool", "found")
    assert messages["end"].parent_id == "tool"
    assert found.files == {"holiday.png": PNG}


def test_a_chatgpt_export_with_broken_chats_tells_them_and_keeps_the_rest(tmp_path: Path) -> None:
    found = read(tmp_path, to_bytes(samples.chatgpt()))
    assert [one.conversation.id for one in found.conversations] == ["c1", "c2"]
    assert [one.why for one in found.skipped] == [
        "it has no messages (`mapping`)",
        "it is no conversation",
        "it has no messages",
    ]
    odd, messages = found.conversations[1].conversation, found.messages(1)
    assert odd.archived
    assert {key: one.parent_id for key, one in messages.items()} == {
        "x": None,
        "y": "x",
        "z": None,
        "lonely": "z",
    }
    assert messages["lonely"].reasoning.startswith("**Weighing**")
    assert list(found.files.values()) == [None]  # without the zip there is no picture


def test_a_chatgpt_export_in_parts_is_that_in_one(tmp_path: Path) -> None:
    one = read(tmp_path, samples.chatgpt_zip())
    parts = read(tmp_path, samples.chatgpt_zip(sharded=True))
    assert [c.messages for c in parts.conversations[:1]] == [
        c.messages for c in one.conversations[:1]
    ]
    assert [c.conversation.id for c in parts.conversations] == ["c1", "c2"]


def test_a_claude_export_is_a_line_of_messages(tmp_path: Path) -> None:
    found = read(tmp_path, to_bytes(samples.claude()))
    (one,), messages = found.conversations, found.messages()
    assert one.conversation.title == "Which tea?"
    assert one.conversation.created == 1_767_261_600_500
    assert messages["m2"].parent_id == "m1"
    assert (messages["m2"].content, messages["m2"].reasoning) == ("Green.", "Hm.")
    assert messages["m2"].created == messages["m1"].created  # its own could not be read
    assert messages["m2"].tool_calls[0]["result"] == "hit"
    assert found.files == {"a.txt": b"leaves", "gone.png": None}
    assert len(found.skipped) == 2


def test_an_open_webui_export_has_answers_side_by_side(tmp_path: Path) -> None:
    found = read(tmp_path, to_bytes(samples.open_webui()))
    one, messages = found.conversations[0].conversation, found.messages()
    assert (one.title, one.pinned, one.archived, one.active) == ("Tea", True, True, "b")
    assert (one.created, one.updated) == (T * 1000, (T + 9) * 1000)
    assert messages["b"].parent_id == messages["c"].parent_id == "a"
    assert messages["b"].content == "Green.<details>by hand</details>"
    assert messages["b"].reasoning == "> not a quote\nHm & ha."
    assert messages["b"].tool_calls[0]["function"] == {"name": "f", "arguments": '{"a":1}'}
    assert messages["b"].tool_calls[0]["result"] == '"7"'
    assert (messages["c"].content, messages["c"].reasoning) == ("Black.", "Hm.")
    assert messages["c"].tool_calls[0]["result"] == "42"
    assert (messages["b"].model, messages["c"].model) == ("m1", "m2")
    assert messages["e"].error is not None
    assert (messages["e"].state, messages["e"].error["message"]) == ("error", "boom")
    assert messages["f"].state == "cancelled"
    picture, gone = found.conversations[0].files[MessageId("a")]
    assert picture.read is not None
    assert b"".join(picture.read()) == PNG
    assert gone.read is None
    assert [c.conversation.id for c in found.conversations] == ["w1", "w3"]
    assert found.messages(1)["#0"].content == "plain"


def test_a_legacy_open_webui_export_has_the_same_messages(tmp_path: Path) -> None:
    new = read(tmp_path, to_bytes(samples.open_webui()))
    old = read(tmp_path, to_bytes(samples.open_webui_legacy()))
    assert {k: m.content for k, m in new.messages().items()} == {
        k: m.content for k, m in old.messages().items()
    }


@pytest.mark.parametrize("flat", [False, True])
def test_a_librechat_export_is_a_tree_or_a_list(flat: bool, tmp_path: Path) -> None:
    found = read(tmp_path, to_bytes(samples.librechat(flat=flat)))
    one, messages = found.conversations[0].conversation, found.messages()
    assert (one.title, one.active, one.created) == ("Tea l1", "m5", 1_767_261_600_000)
    assert one.settings == {"system": "Be brief."}
    assert {messages[key].parent_id for key in ("m2", "m3", "m4", "m5")} == {"m1"}
    assert messages["m1"].role == "user"
    assert (messages["m2"].content, messages["m2"].reasoning) == ("Green.", "Hm.")
    assert (messages["m2"].model, messages["m2"].endpoint) == ("gpt-5", "openAI")
    assert messages["m2"].tool_calls[0]["result"] == "1"
    assert (messages["m3"].content, messages["m3"].reasoning) == ("Black.", "Hm.")
    assert messages["m4"].error is not None
    assert (messages["m4"].state, messages["m4"].error["message"]) == ("error", "No key")
    assert messages["m5"].state == "cancelled"
    assert found.files == {"gone.pdf": None}


@pytest.mark.parametrize("name", ["llama.jsonl", "llama-legacy.json", "llama-legacy-single.json"])
def test_a_llama_cpp_export_keeps_branches_files_and_times(name: str, tmp_path: Path) -> None:
    found = read(tmp_path, EVERY[name][1])
    one, messages = found.conversations[0].conversation, found.messages()
    assert one.active == "m3"  # the current one, or the newest where none is named
    assert [*messages] == ["s", "m1", "m2", "t1", "m3"]
    assert messages["s"].role == "system"
    assert messages["s"].parent_id is None
    assert messages["m2"].parent_id == messages["m3"].parent_id == "m1"
    assert messages["m2"].created == T * 1000 + 2000
    assert (messages["m2"].reasoning, messages["m2"].model) == ("Hm.", "qwen")
    assert messages["m2"].tool_calls[0]["id"] == "c1"
    assert messages["m2"].timings is not None
    assert messages["m2"].timings["total_seconds"] == 0.55
    assert messages["m3"].tool_calls == []
    assert messages["t1"].parameters == {"tool_call_id": "c1"}
    assert found.files == {
        "a.png": PNG,
        "a.txt": b"leaves",
        "a.pdf": b"%PDF-",
        "a.mp3": b"\0\0\0",
        "bad.mp3": None,
    }


def test_a_llama_cpp_path_without_a_root_and_with_broken_lines_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, samples.llama_odd())
    messages = found.messages()
    assert {key: one.parent_id for key, one in messages.items()} == {
        "m1": None,
        "m2": "m1",
        "m2#2": "m1",
    }
    assert found.conversations[0].conversation.active == "m2#2"
    assert [(one.what.split(", ")[-1], one.why) for one in found.skipped] == [
        ("line 1", "it is a message before any session"),
        ("line 7", "it is not valid JSON"),
        ("export.json “Tea empty”", "it has no messages"),
    ]


def test_code_quotes_and_older_pictures_of_chatgpt_are_kept(tmp_path: Path) -> None:
    code = {"content_type": "code", "language": "python", "text": "1 + 1"}
    quote = {"content_type": "tether_quote", "url": "https://tea.example", "text": "Tea is wet."}
    pointer = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-1#x"}
    nodes = [
        samples.gpt_node(
            "q", None, "user", {"content_type": "multimodal_text", "parts": [pointer]}
        ),
        samples.gpt_node("code", "q", "assistant", code),
        samples.gpt_node("quote", "code", "tool", quote),
        samples.gpt_node("new", "quote", "assistant", {"content_type": "new", "parts": ["shown"]}),
    ]
    chats = to_bytes([samples.gpt_chat("c", nodes, "new")])
    content = samples.packed({"conversations.json": chats, "file-1-cup.png": PNG})
    found = read(tmp_path, content, "x.zip")
    assert [one.content for one in found.conversations[0].messages] == [
        "",
        "```python\n1 + 1\n```",
        "Tea is wet.",
        "shown",
    ]
    assert found.files == {"cup.png": PNG}


def test_every_kind_of_attachment_of_llama_cpp_is_read(tmp_path: Path) -> None:
    extra: list[samples.Json] = [
        {"type": kind, "name": f"{kind}.txt", "content": kind}
        for kind in ("context", "MCP_PROMPT", "MCP_RESOURCE", "CUSTOM_INSTRUCTION")
    ]
    extra.append({"type": "VIDEO", "name": "a.mp4", "base64Data": "AAAA", "mimeType": "video/mp4"})
    extra.append({"type": "NEW", "name": "new.bin", "stuff": 1})
    message = {**samples.llama_messages("c")[2], "parent": None, "extra": extra}
    found = read(
        tmp_path,
        samples.lines(samples.llama_session("c"), {"type": "message", "message": message}),
    )
    assert found.files == {
        "context.txt": b"context",
        "MCP_PROMPT.txt": b"MCP_PROMPT",
        "MCP_RESOURCE.txt": b"MCP_RESOURCE",
        "CUSTOM_INSTRUCTION.txt": b"CUSTOM_INSTRUCTION",
        "a.mp4": b"\0\0\0",
        "new.bin": None,
    }


def test_a_chatbot_ui_export_is_a_history(tmp_path: Path) -> None:
    found = read(tmp_path, to_bytes(samples.chatbot_ui()))
    one, messages = found.conversations[0].conversation, found.messages()
    assert (one.title, one.settings) == ("Tea aet", {"system": "Be brief."})
    assert [(m.role, m.content, m.model) for m in messages.values()] == [
        ("user", "hi", None),
        ("assistant", "Hello.", "gpt-4"),
    ]
    assert [one.why for one in found.skipped] == ["it is no conversation"]


def test_what_is_no_export_is_said_so(tmp_path: Path) -> None:
    for content, why in (
        (b"plain text", "it is not JSON"),
        (b'[{"a": 1}]', "it is no export of a program that llmchat knows"),
        (b"", "it is not JSON"),
        (b"\x1f\x8b\x08", "it is an archive that is not read: unpack it first"),
        (samples.packed({"a.txt": b"x"}), "there are no conversations in it"),
        (samples.packed({"backup.json": b"{}"}), "it is a backup: use `llmchat restore`"),
    ):
        found = read(tmp_path, content)
        assert not found.conversations
        assert [one.why for one in found.skipped] == [why]
