"""`mcp.json`: what is taken, what is refused, and what is told of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from llmchat.domain.chat import JSONObject
from llmchat.domain.errors import ConfigError
from llmchat.domain.tools import NAME_CHARACTERS, function_name, tool_servers_of
from llmchat.tools.configuration import permissions_problem, read_servers
from llmchat.tools.plain import plain, visible
from llmchat.tools.secrets import Secrets
from llmchat.tools.untrusted import with_rule, without_calls

SECRET = "sk-of-the-configuration"


def write(folder: Path, content: object, mode: int = 0o600) -> Path:
    file = folder / "mcp.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    file.chmod(mode)
    return file


def test_the_file_of_other_programs_is_read_as_it_is(tmp_path: Path) -> None:
    servers = read_servers(
        write(
            tmp_path,
            {
                "globalShortcut": "",
                "mcpServers": {
                    "files": {"command": "npx", "args": ["-y", "x"], "env": {"TOKEN": SECRET}},
                    "far": {"type": "http", "url": "https://a.example/mcp", "openWorld": False},
                    "off": {"command": "x", "disabled": True},
                },
            },
        )
    )
    assert [(name, one.kind) for name, one in servers.items()] == [
        ("files", "stdio"),
        ("far", "http"),
    ]
    assert servers["far"].open_world is False
    assert SECRET not in repr(servers)
    assert Secrets(servers["files"]).hide(f"a {SECRET} b") == "a [hidden] b"


def test_no_file_means_no_servers(tmp_path: Path) -> None:
    assert read_servers(tmp_path / "mcp.json") == read_servers(None) == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not of the shape"),
        ([], "not of the shape"),
        ("[" * 100_000, "not of the shape"),
        ({"mcpServers": {"a": {}}}, "needs a `command` or a `url`"),
        ({"mcpServers": {"a": {"command": "x", "url": "https://a"}}}, "needs a `command`"),
        ({"mcpServers": {"a": {"command": [SECRET]}}}, "command of the server a"),
        ({"mcpServers": {"a": {"command": "x", "env": {"K": 1}}}}, "of the server a"),
        ({"mcpServers": {"a": {"url": f"file:///{SECRET}"}}}, "with http or https"),
        ({"mcpServers": {"\u202ea": {"command": SECRET}}}, "letters, digits"),
        ({"mcpServers": {"a": {"command": "x", "timeout": 0}}}, "timeout of the server a"),
    ],
)
def test_what_is_wrong_is_said_without_a_value_of_the_file(
    tmp_path: Path, content: object, words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_servers(write(tmp_path, content))
    assert words in caught.value.message
    assert SECRET not in caught.value.message


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_who_may_read_and_write_the_file_matters(tmp_path: Path) -> None:
    content = {"mcpServers": {"a": {"command": "x"}}}
    assert permissions_problem(write(tmp_path, content)) is None
    readable = write(tmp_path, content, 0o644)
    assert "chmod 600" in (permissions_problem(readable) or "")
    assert list(read_servers(readable)) == ["a"]
    with pytest.raises(ConfigError, match="others can write it"):
        read_servers(write(tmp_path, content, 0o666))


def test_two_tools_never_have_one_name() -> None:
    pairs = [
        *(("a", "b__c"), ("a__b", "c"), ("a_", "_b"), ("a", "__b"), ("a b", "c"), ("a-b", "c")),
        *(("a.b", "c"), ("s", "x" * 100), ("s", "x" * 101), ("s" * 40, "x" * 40), ("a", "ü")),
    ]
    names = [function_name(*pair) for pair in pairs]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= NAME_CHARACTERS
    assert all(
        name.replace("-", "").replace("_", "").isalnum() and name.isascii() for name in names
    )
    assert function_name("time", "now") == "time__now"


def test_only_names_of_servers_are_taken_from_settings() -> None:
    assert tool_servers_of(["a", "a", 1, "\n", "b c"]) == ("a", "b c")
    assert tool_servers_of("a") == tool_servers_of(None) == ()


def test_what_hides_is_taken_out_of_texts_and_shown_in_arguments() -> None:
    assert plain("a\x1b[31mb\x1b]0;t\x07c\u202ed\U000e0041e\r\nf\ud800", 100) == "abcde\nf"
    assert plain("x" * 100, 10) == "x" * 9 + "…"
    hidden = json.dumps({"path": "a\u202eb\U000e0041"}, ensure_ascii=False)
    assert visible(hidden) == '{"path": "a\\u202eb\\udb40\\udc41"}'
    assert json.loads(visible(hidden)) == json.loads(hidden)


def test_the_rule_joins_what_the_system_says() -> None:
    user: JSONObject = {"role": "user", "content": "hi"}
    brief: JSONObject = {"role": "system", "content": "Be brief."}
    [system, same] = with_rule([brief, user])
    assert str(system["content"]).startswith("Be brief.\n\nYou can call tools.")
    assert same == user
    assert [one["role"] for one in with_rule([user])] == ["system", "user"]


def test_without_tools_only_what_was_said_is_told() -> None:
    messages: list[JSONObject] = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": None, "tool_calls": [{}]},
        {"role": "tool", "content": "r", "tool_call_id": "1"},
        {"role": "assistant", "content": "b", "tool_calls": [{}]},
        {"role": "tool", "content": "r", "tool_call_id": "2"},
        {"role": "assistant", "content": "c"},
    ]
    assert without_calls(messages) == [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "bc"},
    ]
