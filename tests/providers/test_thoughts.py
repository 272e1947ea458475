"""Thoughts between tags: taken out of the answer, wherever it is cut, and left alone in code."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmchat.domain.job import Delta, Done, Event, Reasoning, Status, Usage
from llmchat.providers.thoughts import ThoughtTags
from tests.fake_openai import FakeOpenAI
from tests.providers.conftest import Connect, outcome

PAIRS = [
    *((f"<{name}>", f"</{name}>") for name in ("think", "thinking", "reason", "reasoning")),
    ("<thought>", "</thought>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
]
# What is written, what was thought, and what is said.
TEXTS = {
    "plain": ("Just text.\n\nMore <b> text.", "", "Just text.\n\nMore <b> text."),
    "at the start": ("<think>\nHm.\n</think>\n\nYes.", "Hm.", "Yes."),
    "after blanks": ("\n\n <think>Hm.</think>Yes.", "Hm.", "Yes."),
    "empty": ("<think>\n\n</think>\n\nYes.", "", "Yes."),
    "between": ("One.\n<think>Two.</think>\nThree.", "Two.", "One.\n\nThree."),
    "twice": ("<think>A</think><think>B</think>C", "AB", "C"),
    "without an end": ("<think>Hm. And on", "Hm. And on", ""),
    "of another name": ("<think>a </thinking> b</think>c", "a </thinking> b", "c"),
    "a tag that is thought of": ("<think>say `</think>` then</think>c", "say `</think>` then", "c"),
    "a tag that is spoken of": ("The tag <think> begins.", "", "The tag <think> begins."),
    "in code of a line": ("`<think>` begins.\nSo.", "", "`<think>` begins.\nSo."),
    "in a fence": ("```xml\n<think>x</think>\n```\n", "", "```xml\n<think>x</think>\n```\n"),
    "after a fence": ("```\na\n```\n<think>b</think>", "b", "```\na\n```\n"),
    "after a fence in CRLF": ("~~~\r\na\r\n~~~\r\n<think>b</think>", "b", "~~~\r\na\r\n~~~\r\n"),
    "in a fence with a shorter one": (
        "````\n```\n<think>x\n````\n<think>y</think>",
        "y",
        "````\n```\n<think>x\n````\n",
    ),
    "in a fence of a list": ("1. ```\n<think>x\n   ```\n", "", "1. ```\n<think>x\n   ```\n"),
    "after code of a line": ("```code``` is\n<think>x</think>y", "x", "```code``` is\ny"),
    "in indented code": ("a\n\n    <think>x", "", "a\n\n    <think>x"),
    "an open beginning": ("One\n<thi", "", "One\n<thi"),
    "blanks at the start": ("  \n  Yes.", "", "  \n  Yes."),
    "only blanks": (" \n ", "", " \n "),
}


def _taken(pieces: list[str]) -> list[Event]:
    tags = ThoughtTags()
    return [one for piece in pieces for one in tags.take([Delta(piece)])] + tags.end()


def _joined(events: list[Event], kind: type[Delta] | type[Reasoning]) -> str:
    return "".join(event.text for event in events if isinstance(event, kind))


def _pieces(text: str, cuts: list[int]) -> list[str]:
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    return [text[a:b] for a, b in pairwise(places) if a < b]


@pytest.mark.parametrize("name", TEXTS)
@given(cuts=st.lists(st.integers(0, 200), max_size=12))
@example(cuts=[])
@example(cuts=list(range(200)))
def test_thoughts_are_taken_out_wherever_the_text_is_cut(name: str, cuts: list[int]) -> None:
    text, thought, said = TEXTS[name]
    events = _taken(_pieces(text, cuts))
    assert (_joined(events, Reasoning), _joined(events, Delta)) == (thought, said)


@pytest.mark.parametrize(("opening", "closing"), PAIRS)
@given(cut=st.integers(1, 60))
def test_each_tag_is_known(opening: str, closing: str, cut: int) -> None:
    text = f"{opening}Hm.{closing}\nYes."
    events = _taken([text[at : at + cut] for at in range(0, len(text), cut)])
    assert (_joined(events, Reasoning), _joined(events, Delta)) == ("Hm.", "Yes.")


@given(
    words=st.lists(
        st.sampled_from(["<think>", "</think>", "<", "```", "`", "~~~", "\n", " ", "- ", "a", ">"])
    ),
    cuts=st.lists(st.integers(0, 99), max_size=12),
)
def test_no_cut_changes_what_is_thought_and_what_is_said(words: list[str], cuts: list[int]) -> None:
    text = "".join(words)
    whole, cut = _taken([text]), _taken(_pieces(text, cuts))
    for kind in (Delta, Reasoning):
        assert _joined(cut, kind) == _joined(whole, kind)


@given(text=st.text(alphabet="a`~<>|/ \n-1.thin"))
def test_a_text_without_thoughts_stays_as_it_is(text: str) -> None:
    assert _joined(_taken(list(text)), Delta) == text


def test_what_was_kept_back_comes_before_what_follows_it() -> None:
    tags = ThoughtTags()
    usage = Usage(prompt_tokens=1)
    assert tags.take([Delta("a\n<thi"), Status("reading", progress=1.0)])[0] == Delta("a\n")
    assert tags.take([usage, Done("stop")]) == [Delta("<thi"), usage, Done("stop")]


def test_much_that_stays_undecided_is_not_kept_back_for_ever() -> None:
    tags = ThoughtTags()
    said = sum(len(_joined(tags.take([Delta(" " * 16)]), Delta)) for _ in range(10_000))
    assert said > 159_000


async def test_a_reply_with_tags_has_thoughts_of_their_own(
    fake: FakeOpenAI, connect: Connect
) -> None:
    fake.script = "<think>\nLet me see.\n</think>\n\nIt is 4."
    events, error = await outcome(connect(), "markdown")
    assert error is None
    assert (_joined(events, Reasoning), _joined(events, Delta)) == ("Let me see.", "It is 4.")
