"""The file of the token: what is in it, and who can read it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmchat.access.token import NAME, Token, load_token, new_token
from llmchat.domain.errors import StorageError

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has other rules")


def test_a_token_is_made_once_and_kept(tmp_path: Path) -> None:
    token = load_token(tmp_path)
    assert len(token.secret) == 43
    assert load_token(tmp_path).secret == token.secret
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert token.secret not in repr(token)
    assert token.secret not in f"{token} {vars(Token)}"


@posix
def test_only_the_owner_can_read_it_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        load_token(tmp_path)
    finally:
        os.umask(old)
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


def test_it_matches_itself_only() -> None:
    token = Token()
    assert token.matches(token.secret)
    wrong = [
        "",
        token.secret[:-1],
        token.secret + "A",
        token.secret.swapcase(),
        "ü\udcff",
        "A" * 43,
    ]
    assert not any(map(token.matches, wrong))


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_one_that_others_could_read_is_replaced(tmp_path: Path, mode: int) -> None:
    token = load_token(tmp_path)
    (tmp_path / NAME).chmod(mode)
    again = load_token(tmp_path)
    assert again.secret != token.secret
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 43, b"A" * 44, b"../" * 20])
def test_what_is_no_token_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    (tmp_path / NAME).chmod(0o600)
    assert load_token(tmp_path).matches((tmp_path / NAME).read_text().strip())


@posix
def test_one_that_leads_elsewhere_or_belongs_to_another_user_is_replaced(tmp_path: Path) -> None:
    planted = tmp_path / "planted"
    planted.write_text("A" * 43)
    planted.chmod(0o600)
    (tmp_path / NAME).symlink_to(planted)
    assert not load_token(tmp_path).matches("A" * 43)
    assert planted.read_text() == "A" * 43
    if os.geteuid() == 0:
        (tmp_path / NAME).write_text("A" * 43)
        os.chown(tmp_path / NAME, 65534, 65534)
        assert not load_token(tmp_path).matches("A" * 43)


def test_a_new_one_ends_the_old_one(tmp_path: Path) -> None:
    old = load_token(tmp_path)
    new = new_token(tmp_path)
    assert not load_token(tmp_path).matches(old.secret)
    assert load_token(tmp_path).matches(new.secret)


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="token cannot be"):
        load_token(tmp_path / "file")
    with pytest.raises(StorageError, match="token cannot be written"):
        load_token(tmp_path / "missing")
