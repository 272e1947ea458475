"""T-BOOT, in part: the code of the first admin is good for one, and cannot be guessed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest

from llmchat.access.errors import LoginFailedError, TooManyAttemptsError
from llmchat.access.setup_code import SetupCode, SetupDoneError

HERE = "192.0.2.1"


def test_a_code_can_be_read_aloud_and_is_never_the_same() -> None:
    codes = {SetupCode().text for _ in range(100)}
    assert len(codes) == 100
    assert all(
        re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", c) for c in codes
    )
    code = SetupCode()
    assert code.text not in repr(code)


@pytest.mark.parametrize(
    "change", [str, str.lower, lambda t: t.replace("-", " "), lambda t: f" {t.replace('-', '')}"]
)
def test_it_is_taken_however_it_is_typed(change: Callable[[str], str]) -> None:
    code = SetupCode()
    with code.claim(change(code.text), HERE):
        pass
    assert not code.is_open


def test_letters_that_look_alike_are_the_same() -> None:
    code = SetupCode()
    with code.claim(code.text.replace("0", "o").replace("1", "l"), HERE):
        pass


async def test_of_thirty_at_once_one_becomes_admin() -> None:
    code = SetupCode()
    admins = []

    async def become(number: int) -> None:
        with code.claim(code.text, HERE):
            await asyncio.sleep(0)
            admins.append(number)

    results = await asyncio.gather(*map(become, range(30)), return_exceptions=True)
    assert len(admins) == 1
    assert sum(isinstance(result, SetupDoneError) for result in results) == 29
    with pytest.raises(SetupDoneError), code.claim(code.text, HERE):
        pass


def test_a_claim_that_fails_leaves_the_code_as_it_was() -> None:
    code = SetupCode()
    with pytest.raises(ValueError, match="name"), code.claim(code.text, HERE):
        raise ValueError("name")
    assert code.is_open
    with code.claim(code.text, HERE):
        pass


@pytest.mark.parametrize("given", ["", "AAAA-AAAA-AAAA-AAAA", "\udcff", "-" * 10_000])
def test_a_wrong_code_is_refused(given: str) -> None:
    code = SetupCode()
    with pytest.raises(LoginFailedError), code.claim(given, HERE):
        pytest.fail("it was let in")
    assert code.is_open


def test_guessing_is_braked_and_the_operator_still_gets_in() -> None:
    code = SetupCode()
    for _ in range(5):
        with pytest.raises(LoginFailedError), code.claim("0000-0000-0000-0000", "203.0.113.9"):
            pass
    with pytest.raises(TooManyAttemptsError), code.claim(code.text, "203.0.113.9"):
        pass
    with code.claim(code.text, HERE):
        pass


def test_an_admin_made_in_another_way_closes_it() -> None:
    code = SetupCode()
    code.close()
    with pytest.raises(SetupDoneError), code.claim(code.text, HERE):
        pass
