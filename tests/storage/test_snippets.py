"""Snippets are cut around the hit, in whole characters, and lose or invent nothing."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from llmchat.domain.search import Part
from llmchat.storage.snippets import CHARACTERS, ELLIPSIS, fold, marked, snippet

LONG = "word " * 100


def shown(parts: list[Part]) -> str:
    return "".join(f"[{part.text}]" if part.hit else part.text for part in parts)


def test_a_short_text_is_shown_whole_with_all_its_hits() -> None:
    assert shown(snippet("The Apple\n\n is an\tapple pie", ["apple", "PIE"])) == (
        "The [Apple] is an [apple] [pie]"
    )


def test_a_long_text_is_cut_around_the_first_hit() -> None:
    found = shown(snippet(f"{LONG}needle {LONG}needle", ["needle"]))
    assert re.fullmatch(r"… (word )+\[needle\]( word)+…", found)
    assert CHARACTERS <= len(found) <= CHARACTERS + 25


def test_without_a_hit_it_is_the_beginning() -> None:
    assert shown(snippet(f"begin {LONG}", ["needle"])).startswith("begin word word")
    assert snippet("", ["needle"]) == []


def test_hits_that_overlap_are_one_and_letters_keep_their_places() -> None:
    assert marked("abcabd", ["abc", "cab"]) == [Part("abcab", True), Part("d")]
    assert shown(marked("İİ Straße ΟΔΟΣ", ["straße", "οδος"])) == "İİ [Straße] [ΟΔΟΣ]"


def test_a_hit_far_behind_and_across_the_pieces_that_are_looked_at_is_found() -> None:
    for at in (65_530, 65_536, 200_000):
        assert "[needle]" in shown(snippet("x" * at + "needle" + "y" * 500, ["needle"]))


def test_a_long_phrase_is_marked_whole() -> None:
    phrase = "phrase " * 60
    assert Part(phrase.strip(), True) in snippet(f"{LONG}{phrase}{LONG}", [phrase.strip()])


def test_no_character_is_cut_into_pieces() -> None:
    family, accent = "\U0001f468\u200d\U0001f469\u200d\U0001f467", "e\u0301"
    for one in (family, accent):
        for shift in range(8):
            parts = snippet("x" * shift + one * 200 + "needle" + one * 200, ["needle"])
            cut = "".join(part.text for part in parts).strip(ELLIPSIS).replace("needle", "")
            assert cut.replace(one, "").strip("x") == ""


@given(st.text(), st.lists(st.text(min_size=1), max_size=4))
def test_marking_changes_nothing_but_blanks(text: str, words: list[str]) -> None:
    assert "".join(part.text for part in marked(text, words)) == re.sub(r"\s+", " ", text)
    assert len(fold(text)) == len(text)


@given(st.text("ab \u0301\n", max_size=600), st.lists(st.text("ab", min_size=1, max_size=3)))
def test_a_snippet_is_a_piece_of_the_text(text: str, words: list[str]) -> None:
    cut = "".join(part.text for part in snippet(text, words)).strip(ELLIPSIS)
    assert cut in re.sub(r"\s+", " ", text)
