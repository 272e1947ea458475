"""The command line as a person meets it: a real process, its output and its exit code."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from llmchat import __version__
from llmchat.cli import forget_secrets, read_settings
from llmchat.config import setting_fields
from llmchat.envfile import find_env_file, read_env_file
from llmchat.storage.lock import DataDirLock


def _run(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "llmchat", *arguments],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def _assert_one_line(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert result.returncode == code, result.stderr
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("llmchat: ")
    for word in words:
        assert word in result.stderr


def test_version() -> None:
    result = _run("--version")
    assert (result.returncode, result.stdout) == (0, f"llmchat {__version__}\n")


def test_a_command_comes_first_and_has_flags_of_its_own() -> None:
    assert _run("serve", "--version").stdout == f"llmchat {__version__}\n"
    assert "--json" in _run("doctor", "--help").stdout
    _assert_one_line(_run("--json"), 64, "--json")
    _assert_one_line(_run("--port", "1", "doctor"), 64, "doctor")


def test_help_names_every_flag() -> None:
    result = _run("--help")
    assert result.returncode == 0
    for one in setting_fields():
        if one.metadata["flag"]:
            assert one.metadata["flag"] in result.stdout


def test_an_unknown_flag_is_one_line() -> None:
    _assert_one_line(_run("--prot", "1"), 64, "--prot", "--help")


def test_a_bad_value_is_one_line(tmp_path: Path) -> None:
    _assert_one_line(_run("--port", "99999"), 78, "--port", "99999")


def test_a_missing_env_file_is_one_line(tmp_path: Path) -> None:
    missing = str(tmp_path / "no.env")
    _assert_one_line(_run("--env-file", missing), 66, missing, "No such file")


def test_an_env_file_that_is_not_text_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.env"
    path.write_bytes(b"\xff\xfe\x00")
    _assert_one_line(_run("--env-file", str(path)), 66, "not UTF-8")


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = _run("--port", str(port), "--no-browser", "--data-dir", str(tmp_path))
    _assert_one_line(result, 75, str(port), "--port")


def test_a_data_dir_in_use_names_the_process_and_where_it_is(tmp_path: Path) -> None:
    with DataDirLock(tmp_path, "http://127.0.0.1:1234"):
        result = _run("--port", "0", "--no-browser", "--data-dir", str(tmp_path))
    _assert_one_line(result, 75, f"process {os.getpid()}, http://127.0.0.1:1234", "--data-dir")


def test_the_data_dir_is_for_this_user_only(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        _run("--port", str(taken.getsockname()[1]), "--data-dir", str(tmp_path / "new"))
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_an_env_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "x.env"
    path.write_text("\ufeff# a note\nDEFAULT_MODEL='a b'\nOPENAI_API_KEY=$HOME\nEMPTY\n")
    assert read_env_file(path) == {"DEFAULT_MODEL": "a b", "OPENAI_API_KEY": "$HOME"}


def test_the_env_file_can_be_named_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.env").write_text("LLMCHAT_PORT=1234\n")
    monkeypatch.setenv("LLMCHAT_ENV_FILE", str(tmp_path / "x.env"))
    assert read_settings([]).port == 1234


def test_the_working_directory_is_never_searched_for_an_env_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("OPENAI_BASE_URL=http://evil.example/v1\n")
    below = tmp_path / "below"
    below.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    for folder in (tmp_path, below):
        monkeypatch.chdir(folder)
        assert find_env_file() == {}


def test_the_users_own_env_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    (tmp_path / "llmchat").mkdir()
    (tmp_path / "llmchat" / ".env").write_text("LLMCHAT_PORT=4321\n")
    assert find_env_file() == {"LLMCHAT_PORT": "4321"}


def test_children_do_not_inherit_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("OTHER_TOKEN", "t")
    monkeypatch.setenv("PYTHONPATH", "/x")
    monkeypatch.setenv("LANG", "C")
    forget_secrets()
    assert not {"OPENAI_API_KEY", "OTHER_TOKEN", "PYTHONPATH"} & os.environ.keys()
    assert os.environ["LANG"] == "C"
