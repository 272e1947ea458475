"""T-REDIRECT: no address leads from a log-in to another site."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from llmchat.access.redirects import safe_next

OURS = "https://chat.example"
ELSEWHERE = [
    *("//e", "/\\e", "/%5ce", "https:e", "http:///e", "/%2fe", "/%2Fe", "\\\\e", "\\/e", "///e"),
    *("/\t/e", "/\n/e", "\t//e", " //e", "/ /e", "\0//e", "/\r\nSet-Cookie: a=b", "https://e"),
    *("https:/e", "https:\\\\e", "javascript:alert(1)", "data:text/html,e", "//e@chat.example"),
    *("/..//e", "/.//e", "/;//e", "/@e", "e.example", "@e", ".e", "", "?", "#", "//", "/%09/e"),
    *("/\u2215\u2215e", "\uff0f\uff0fe", "/?\n", "/#\\e\r", "/\udcff", "/api/export", "/v1/models"),
]
PLACES = ["/", "/?model=a%2Fb&temporary=1", "/#0f3a-77", "/?q=Hi+there#id/message", "/?next=//e"]


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_what_is_no_place_of_the_page_leads_to_the_page(wanted: str) -> None:
    assert safe_next(wanted) == "/"
    assert safe_next(wanted, "/chat") == "/chat/"
    assert safe_next(quote(wanted, errors="replace")) == "/"


@pytest.mark.parametrize("place", PLACES)
def test_a_place_of_the_page_is_kept(place: str) -> None:
    assert safe_next(place) == place
    assert safe_next(f"/chat{place}", "/chat") == f"/chat{place}"


def test_below_a_base_only_what_is_below_it_counts() -> None:
    for wanted in ("/", "/chat", "/chats/", "/chat//e", "/other/", "/chat/../", "/chat\\/e"):
        assert safe_next(wanted, "/chat") == "/chat/"


def test_a_very_long_place_is_not_kept() -> None:
    assert safe_next("/?" + "a" * 10_000) == "/"


@given(st.text(alphabet="/\\:?#%@.eht ps\t\n\r5cC2fF", max_size=12))
def test_no_text_leads_to_another_site(wanted: str) -> None:
    joined = URL(OURS).join(URL(safe_next(wanted)))
    assert joined.origin() == URL(OURS)
    assert joined.path == "/"
