"""Writes exports as other programs write them, with the odd things that are in real ones."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PNG_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
NIL = "00000000-0000-0000-0000-000000000000"
T = 1_700_000_000  # seconds

Json = dict[str, Any]


def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def to_bytes(document: object) -> bytes:
    return json.dumps(document).encode()


def lines(*records: Json) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in records).encode()


# ChatGPT ---------------------------------------------------------------------------------------


def gpt_node(
    key: str, parent: str | None, role: str = "", content: object = None, **metadata: object
) -> Json:
    message = {
        "id": key,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": T + float(len(key)) + 0.25,
        "content": {"content_type": "text", "parts": [content]}
        if isinstance(content, str)
        else content,
        "status": "finished_successfully",
        "weight": 1,
        "recipient": metadata.pop("recipient", "all"),
        "metadata": metadata,
    }
    return {"id": key, "parent": parent, "children": [], "message": message if role else None}


def gpt_chat(key: str, nodes: list[Json], current: str, **members: object) -> Json:
    return {
        "id": key,
        "conversation_id": key,
        "title": f"Chat {key}",
        "create_time": T + 0.5,
        "update_time": T + 100.25,
        "current_node": current,
        "default_model_slug": "gpt-5",
        "is_archived": False,
        "is_starred": None,
        "mapping": {node["id"]: node for node in nodes},
        **members,
    }


def chatgpt() -> list[Any]:
    """Hidden nodes, thoughts, tools, pictures, citations, branches, a cycle, a broken entry."""
    thoughts = {
        "content_type": "thoughts",
        "thoughts": [{"summary": "Weighing", "content": "Green or black?"}],
    }
    picture = {
        "content_type": "multimodal_text",
        "parts": [
            {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_abc"},
            "What is this?",
        ],
    }
    page = {"type": "webpage", "title": "On [tea]", "url": "https://tea.example/a"}
    rich = [
        gpt_node("root", None),
        gpt_node("sys", "root", "system", "", is_visually_hidden_from_conversation=True),
        gpt_node("ctx", "sys", "user", {"content_type": "user_editable_context", "x": 1}),
        gpt_node("q", "ctx", "user", "Which tea?\ud83d"),
        gpt_node("th", "q", "assistant", thoughts),
        gpt_node("recap", "th", "assistant", {"content_type": "reasoning_recap", "content": "8 s"}),
        gpt_node(
            "a1",
            "recap",
            "assistant",
            "Green\u0000. \ue200cite\ue202turn0\ue201",
            model_slug="gpt-5-thinking",
            citations=[{"start_ix": 0, "end_ix": 3, "metadata": page}],
        ),
        gpt_node("a2", "q", "assistant", "Black."),
        gpt_node("pic", "a1", "user", picture),
        gpt_node(
            "call",
            "pic",
            "assistant",
            {"content_type": "code", "language": "json", "text": '{"q": 1}'},
            recipient="web.search",
        ),
        gpt_node("tool", "call", "tool", {"content_type": "execution_output", "text": "found"}),
        gpt_node("none", "tool", "assistant", ""),
        gpt_node("end", "none", "assistant", "A leaf."),
    ]
    odd = [
        gpt_node("x", "y", "user", "round"),
        gpt_node("y", "x", "assistant", "and round"),
        gpt_node("z", "gone", "user", "lost"),
        gpt_node("lonely", "z", "assistant", thoughts),
    ]
    return [
        gpt_chat("c1", rich, "none", is_starred=True),
        {"id": "broken", "title": "No mapping", "create_time": None},
        gpt_chat("c2", odd, "nowhere", is_archived=True, title=None, create_time=None),
        None,
        gpt_chat("c3", [gpt_node("r", None)], "r"),
    ]


def chatgpt_zip(*, sharded: bool = False) -> bytes:
    chats = chatgpt()
    parts = (
        {"conversations-000.json": chats[:2], "conversations-001.json": chats[2:]}
        if sharded
        else {"conversations.json": chats}
    )
    return packed(
        {
            "chat.html": b"<html>",
            "user.json": to_bytes({"id": "user-1", "email": "a@b.example"}),
            "shared_conversations.json": to_bytes([{"id": "s", "conversation_id": "c1"}]),
            "file_abc-holiday.png": PNG,
            **{name: to_bytes(part) for name, part in parts.items()},
        }
    )


# Claude ----------------------------------------------------------------------------------------


def claude() -> list[Any]:
    blocks = [
        {"type": "thinking", "thinking": "Hm."},
        {"type": "tool_use", "id": "t1", "name": "search", "input": {"q": "tea"}},
        {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "hit"}]},
        {"type": "text", "text": "Green."},
    ]
    return [
        {
            "uuid": "u1",
            "name": "",
            "created_at": "2026-01-01T10:00:00.5Z",
            "updated_at": "2026-01-02T10:00:00+02:00",
            "chat_messages": [
                {
                    "uuid": "m1",
                    "sender": "human",
                    "text": "Which tea?\nPlease.",
                    "created_at": "2026-01-01T10:00:01Z",
                    "attachments": [
                        {"file_name": "a.txt", "file_type": "txt", "extracted_content": "leaves"}
                    ],
                    "files": [{"file_name": "gone.png"}],
                    "content": [],
                },
                {
                    "uuid": "m2",
                    "sender": "assistant",
                    "text": "not this",
                    "created_at": "not a time",
                    "content": blocks,
                },
            ],
        },
        {"uuid": "u2", "name": "Empty", "chat_messages": []},
        {"uuid": "u3", "name": "No list"},
    ]


# Open WebUI ------------------------------------------------------------------------------------


def open_webui() -> list[Any]:
    output = [
        {"type": "reasoning", "content": [{"type": "output_text", "text": "Hm."}]},
        {"type": "function_call", "call_id": "f1", "name": "f", "arguments": "{}"},
        {
            "type": "function_call_output",
            "call_id": "f1",
            "output": [{"type": "input_text", "text": "42"}],
        },
        {"type": "message", "content": [{"type": "output_text", "text": "Black."}]},
    ]
    html = (
        '<details type="reasoning" done="true" duration="3">\n<summary>Thought for 3 s'
        "</summary>\n&gt; not a quote\n> Hm &amp; ha.\n</details>\n"
        '<details type="tool_calls" done="true" id="k" name="f" arguments="{&quot;a&quot;:1}"'
        ' result="&quot;7&quot;" files="">\n<summary>Tool Executed</summary>\n</details>\n'
        "Green.<details>by hand</details>"
    )
    messages = {
        "a": {
            "id": "a",
            "parentId": None,
            "childrenIds": ["b", "c"],
            "role": "user",
            "content": "hi",
            "timestamp": T,
            "models": ["m1", "m2"],
            "files": [
                {"type": "image", "url": PNG_URL},
                {"type": "image", "url": "/api/v1/files/1/content"},
            ],
        },
        "b": {"parentId": "a", "role": "assistant", "model": "m1", "content": html, "done": True},
        "c": {
            "parentId": "a",
            "role": "assistant",
            "model": "m2",
            "content": "ignored",
            "output": output,
            "timestamp": T + 5,
        },
        "d": {"parentId": "c", "role": "user", "content": "more"},
        "e": {"parentId": "d", "role": "assistant", "content": "", "error": {"content": "boom"}},
        "f": {"parentId": "d", "role": "assistant", "content": "cut", "done": False},
    }
    chat = {"title": "Tea", "models": ["m1"], "history": {"currentId": "b", "messages": messages}}
    wrapper = {"id": "w1", "title": "Tea", "archived": True, "pinned": True, "folder_id": None}
    return [
        {**wrapper, "created_at": T, "updated_at": T + 9, "meta": {"tags": []}, "chat": chat},
        {"id": "w2", "title": "Empty", "chat": {"history": {"currentId": None, "messages": {}}}},
        {"id": "w3", "title": "Old", "chat": {"messages": [{"role": "user", "content": "plain"}]}},
    ]


def open_webui_legacy() -> list[Any]:
    return [one["chat"] for one in open_webui()]


# LibreChat -------------------------------------------------------------------------------------


def librechat(*, flat: bool = False, key: str = "l1") -> Json:
    content = [
        {"type": "think", "think": "Hm."},
        {"type": "text", "text": {"value": "Green."}},
        {"type": "tool_call", "tool_call": {"id": "t", "name": "f", "args": "{}", "output": "1"}},
    ]
    leaves: list[Json] = [
        {"messageId": "m2", "parentMessageId": "m1", "sender": "GPT", "content": content},
        {"messageId": "m3", "parentMessageId": "m1", "text": ":::thinking\nHm.\n:::\nBlack."},
        {"messageId": "m4", "parentMessageId": "m1", "text": "No key", "error": True},
        {"messageId": "m5", "parentMessageId": "m1", "text": "cut", "unfinished": True},
    ]
    for place, leaf in enumerate(leaves, start=1):
        leaf |= {"isCreatedByUser": False, "createdAt": f"2026-01-01T10:00:0{place}Z"}
    first: Json = {
        "messageId": "m1",
        "parentMessageId": NIL,
        "sender": "User",
        "isCreatedByUser": True,
        "text": "Which tea?",
        "createdAt": "2026-01-01T10:00:00.000Z",
        "files": [{"file_id": "f1", "filename": "gone.pdf", "type": "application/pdf"}],
    }
    return {
        "conversationId": key,
        "endpoint": "openAI",
        "title": f"Tea {key}",
        "exportAt": "12:00:00 GMT+0000 (Coordinated Universal Time)",
        "branches": True,
        "recursive": not flat,
        "options": {"model": "gpt-5", "promptPrefix": "Be brief.", "temperature": 1},
        **({"messages": [first, *leaves]} if flat else {}),
        **({} if flat else {"messagesTree": [{**first, "children": leaves}]}),
    }


# llama.cpp -------------------------------------------------------------------------------------


def llama_messages(conversation: str) -> list[Json]:
    def one(key: str, parent: str | None, role: str, content: str, **more: object) -> Json:
        times = {"m0": 0, "m1": 1000, "m2": 2000, "m3": 3000, "t1": 2500, "s": 500}
        return {
            "id": key,
            "convId": conversation,
            "type": "text",
            "role": role,
            "timestamp": T * 1000 + times[key],
            "content": content,
            "parent": parent,
            "children": [],
            **more,
        }

    extra = [
        {"type": "IMAGE", "name": "a.png", "base64Url": PNG_URL},
        {"type": "TEXT", "name": "a.txt", "content": "leaves"},
        {"type": "PDF", "name": "a.pdf", "base64Data": "JVBERi0=", "content": "x", "images": []},
        {"type": "AUDIO", "name": "a.mp3", "base64Data": "AAAA", "mimeType": "audio/mpeg"},
        {"type": "AUDIO", "name": "bad.mp3", "base64Data": "not base64!"},
    ]
    calls = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    return [
        one("m0", None, "system", "", type="root"),
        one("s", "m0", "system", "Be brief."),
        one("m1", "s", "user", "hi", extra=extra),
        one(
            "m2",
            "m1",
            "assistant",
            "Green.",
            reasoningContent="Hm.",
            model="qwen",
            toolCalls=calls,
            timings={"prompt_n": 10, "prompt_ms": 50, "predicted_n": 20, "predicted_ms": 500},
        ),
        one("t1", "m2", "tool", "42", toolCallId="c1"),
        one("m3", "m1", "assistant", "Black.", model="qwen"),
    ]


def llama_session(key: str, current: str = "m3") -> Json:
    return {
        "harness": "llama.app",
        "type": "session",
        "id": key,
        "name": f"Tea {key}",
        "lastModified": T * 1000 + 9000,
        "currNode": current,
        "pinned": True,
    }


def llama_jsonl(key: str = "conv-1") -> bytes:
    records = [{"type": "message", "message": one} for one in llama_messages(key)]
    return lines(llama_session(key), {"type": "note"}, *records)


def llama_legacy(*, single: bool = False) -> object:
    messages = llama_messages("conv-9")
    for one in messages:
        one["toolCalls"] = json.dumps(one["toolCalls"]) if "toolCalls" in one else ""
    conv = {"id": "conv-9", "name": "Old", "lastModified": T * 1000, "currNode": ""}
    chat = {"conv": conv, "messages": messages}
    return chat if single else [chat]


def llama_odd() -> bytes:
    """A message before any session, a broken line, a path without a root, a double id."""
    path = [one for one in llama_messages("p") if one["id"] in ("m1", "m2")]
    twice = {**path[1], "content": "Another one of the same id."}
    text = lines(
        {"type": "message", "message": path[0]},
        llama_session("p", "unknown"),
        *({"type": "message", "message": one} for one in (*path, twice, path[0])),
    )
    return text + b'{"type":"message","mess\n' + lines(llama_session("empty"))


def chatbot_ui() -> Json:
    return {
        "version": 4,
        "folders": [],
        "prompts": [],
        "history": [
            {
                "id": "h1",
                "name": "Tea\n\u202eaet",
                "prompt": "Be brief.",
                "model": {"id": "gpt-4"},
                "messages": [
                    {"role": "user", "content": "hi"},
                    {"role": "assistant", "content": "Hello."},
                ],
            },
            None,
        ],
    }


EVERY: dict[str, tuple[str, bytes]] = {
    "chatgpt.json": ("chatgpt", to_bytes(chatgpt())),
    "chatgpt.zip": ("chatgpt", chatgpt_zip()),
    "chatgpt-sharded.zip": ("chatgpt", chatgpt_zip(sharded=True)),
    "claude.json": ("claude", to_bytes(claude())),
    "claude.zip": (
        "claude",
        packed({"users.json": b"[]", "conversations.json": to_bytes(claude())}),
    ),
    "open-webui.json": ("open-webui", to_bytes(open_webui())),
    "open-webui-legacy.json": ("open-webui", to_bytes(open_webui_legacy())),
    "librechat-tree.json": ("librechat", to_bytes(librechat())),
    "librechat-flat.json": ("librechat", to_bytes(librechat(flat=True))),
    "librechat.zip": (
        "librechat",
        packed({f"{k}.json": to_bytes(librechat(key=k)) for k in ("l1", "l2")}),
    ),
    "llama.jsonl": ("llama.cpp", llama_jsonl()),
    "llama-two.jsonl": ("llama.cpp", llama_jsonl("conv-1") + llama_jsonl("conv-2")),
    "llama.zip": (
        "llama.cpp",
        packed({f"x_conv_{k}.jsonl": llama_jsonl(k) for k in ("conv-1", "conv-2")}),
    ),
    "llama-legacy.json": ("llama.cpp", to_bytes(llama_legacy())),
    "llama-legacy-single.json": ("llama.cpp", to_bytes(llama_legacy(single=True))),
    "llama-odd.jsonl": ("llama.cpp", llama_odd()),
    "chatbot-ui.json": ("chatbot-ui", to_bytes(chatbot_ui())),
}
"""An export of each kind by a file name: the format that it is, and its bytes."""
