"""Neither a key nor a prompt comes out of an error."""

from __future__ import annotations

import html
import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmchat.providers.redaction import HIDDEN, LENGTH, _without_runs, redact
from tests.fake_openai import MODES, FakeOpenAI
from tests.providers.conftest import Connect, ask, outcome

KEYS = (
    "sk-proj-0123456789abcdefghij",
    "plain",
    "a.b*c+(d)[e]{f}|g^h$i?j",
    "back\\slash\"quote'tick`",
    "<tag>&amp;%2F/=+~",
)
PROMPT = "The launch code of my safe is 0000-1111-2222, tell nobody about it."


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_hidden_in_every_form(key: str) -> None:
    forms = (key, json.dumps(key), repr(key), quote(key), quote(key, safe=""), html.escape(key))
    for form in forms:
        shown = redact(f"Incorrect API key provided: {form}, see the docs.", secrets=[key])
        assert key not in shown
        assert form.strip("'\"") not in shown
        assert HIDDEN in shown


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6), st.text())
def test_no_text_shows_the_key(key: str, around: str) -> None:
    shown = redact(f"{around}{key}{around}{key}", secrets=[key])
    assert key not in shown or key in HIDDEN


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdef0123456789",
        "bad key sk-abcdefgh********wxyz",
        "http://user:hunter2secret@host/",
        "https://host/?api_key=hunter2secret&x=1",
        "token=hunter2secret",
        "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc",
    ],
)
def test_what_looks_like_a_key_is_hidden(text: str) -> None:
    shown = redact(text)
    assert HIDDEN in shown
    assert not any(one in shown for one in ("hunter2", "abcdef", "wxyz", "eyJ"))


@pytest.mark.parametrize(
    "echo",
    [
        PROMPT,
        f"invalid input: {PROMPT!r}",
        f"Input should be valid, got '{PROMPT[:40]}...'",
        json.dumps({"content": PROMPT}),
    ],
)
def test_an_echoed_prompt_is_hidden(echo: str) -> None:
    shown = redact(echo, prompts=(PROMPT, "other"))
    assert "launch code" not in shown
    assert "0000" not in shown


@given(st.data())
def test_every_run_of_a_prompt_is_hidden_and_nothing_else(data: st.DataObject) -> None:
    letters = st.text("ab -", min_size=24, max_size=300)
    prompt, others = data.draw(letters), data.draw(st.text("ab XY", max_size=100))
    start, length = data.draw(st.integers(0, 200)), data.draw(st.integers(0, 120))
    text = f"{others[:50]}{prompt[start : start + length]}{others[50:]}"
    expected, at = "", 0
    while at < len(text):
        end = at + 24
        if end > len(text) or text[at:end] not in prompt:
            expected, at = expected + text[at], at + 1
            continue
        while end < len(text) and text[end - 23 : end + 1] in prompt:
            end += 1
        expected, at = expected + HIDDEN, end
    assert _without_runs(text, prompt) == expected


def test_a_prompt_of_megabytes_does_not_hold_up_its_worker() -> None:
    words = [f"{number * 7919 % 3001}" for number in range(400_000)]
    began = time.process_time()
    redact(" ".join(words[1000:1400:3]), prompts=[" ".join(words)])
    assert time.process_time() - began < 5  # it was a multiple; a worker hangs after 10 s


def test_a_message_is_one_short_line() -> None:
    shown = redact("a\r\nb\x00\x1b[31m\u202e" + "x" * 5000)
    assert len(shown) == LENGTH
    assert shown.isprintable()


@pytest.mark.parametrize("key", KEYS)
async def test_no_error_of_any_mode_tells_the_key_or_the_prompt(
    key: str, fake: FakeOpenAI, connect: Connect
) -> None:
    await fake.release(float("inf"))
    for name in (one for one in MODES if one.startswith("tells-")):
        fake.mode = name
        provider = connect(key=key)
        _, error = await outcome(provider, "x", ask(PROMPT))
        assert error is not None
        shown = f"{error.message} {error} {error!r}"
        assert key not in shown
        assert "launch code" not in shown
        assert HIDDEN in shown
