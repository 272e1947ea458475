"""`endpoints.toml`: what it may say, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmchat.domain.access import Role
from llmchat.endpoints.hand_written import FileError, read_written

WHOLE = """
[[endpoint]]
base_url = "https://api.openai.com/v1/"
key_credential = "openai"
model = "gpt"
slots = 8
roles = "user"
idle_seconds = 30

[[endpoint]]
name = "Mine"
base_url = "http://10.0.0.7:8080/v1"
key = "sk-mine"
headers = { X-Team = "blue" }
proxy = "none"
enabled = false
"""


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    path = tmp_path / "endpoints.toml"
    assert read_written(path, None) is None
    path.write_text(WHOLE)
    path.chmod(0o600)
    (tmp_path / "openai").write_text("sk-credential\n")
    written = read_written(path, tmp_path)
    assert written is not None
    assert written.problem == ""
    (first, first_secrets), (second, second_secrets) = written.endpoints
    assert (first.name, first.base_url) == ("OpenAI", "https://api.openai.com/v1")
    assert (first.model, first.slots, first.timeouts.idle) == ("gpt", 8, 30)
    assert first.roles is Role.USER
    assert first_secrets.key == "sk-credential"
    assert (second.name, second.proxy, second.enabled) == ("Mine", "none", False)
    assert (second_secrets.key, second_secrets.headers) == ("sk-mine", {"X-Team": "blue"})
    path.chmod(0o644)
    written = read_written(path, tmp_path, {"OpenAI"})
    assert written is not None
    assert "chmod 600" in written.problem
    assert written.endpoints[0][0].name == "api.openai.com"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[endpoint]\n", "line 1"),
        ('[[endpoint]]\nkey = "sk-secret', "at end of document"),
        ('[[endpoint]]\nkey = "sk-secret"\n', "base_url"),
        ('[[endpoint]]\nbase_url = "h"\nkey = "sk-secret"\n', "must be an address"),
        ('[[endpoint]]\nbase_url = "http://h"\nkey = "sk secret"\n', "visible ASCII"),
        ('[[endpoint]]\nbase_url = "http://h"\nslots = 0\nkey = "sk-secret"\n', "`slots`"),
        ('[[endpoint]]\nbase_url = "http://h"\nslots = "sk-secret"\n', "slots"),
        ('[[endpoint]]\nbase_url = "http://h"\nslot = 1\nkey = "sk-secret"\n', "slot"),
        ('[[endpoint]]\nbase_url = "http://h"\nkey_credential = "../x"\n', "key_credential"),
        ('[[endpoint]]\nbase_url = "http://h"\nkey_credential = "none"\n', "no credential none"),
        ('[[endpoint]]\nbase_url = "http://h"\nheaders = { Host = "sk-secret" }\n', "headers"),
        (
            '[[endpoint]]\nname = "a"\nbase_url = "http://h"\n'
            '[[endpoint]]\nname = "a"\nbase_url = "http://i"\n',
            "endpoint 2: `name`",
        ),
    ],
)
def test_what_is_wrong_is_named_and_no_secret_quoted(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "endpoints.toml"
    path.write_text(text)
    with pytest.raises(FileError) as caught:
        read_written(path, tmp_path)
    assert told in str(caught.value)
    assert "secret" not in str(caught.value)
