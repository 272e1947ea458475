"""Which endpoint and model answer, and why."""

from __future__ import annotations

import pytest

from llmchat.config import load_settings
from llmchat.domain.endpoint import EMBEDDED, Configured, Endpoint, Listing, Model
from llmchat.domain.errors import RequestError
from llmchat.domain.messages import Discovered
from llmchat.jobs.catalogue import Catalogue

SMALL = Model("small", EMBEDDED)
OLLAMA = Endpoint("Ollama", "discovered", "http://127.0.0.1:11434/v1")


def _catalogue(embedded: Model | None = SMALL, **environment: str) -> Catalogue:
    return Catalogue(load_settings({}, environment, {}), embedded)


def _listing(endpoint: str, *ids: str) -> Listing:
    return Listing(endpoint, tuple(Model(one, endpoint) for one in ids))


def _first(catalogue: Catalogue, model: str | None) -> tuple[str, str]:
    target = catalogue.resolve(model)[0]
    return target.endpoint, target.model


def test_with_nothing_configured_and_nothing_found_the_embedded_model_answers() -> None:
    catalogue = _catalogue()
    assert not catalogue.ready
    assert catalogue.default is None
    catalogue.discovered(Discovered((), ()))
    assert catalogue.ready
    assert catalogue.default == SMALL
    assert catalogue.reason is not None
    assert catalogue.reason.code == "default-nothing-found"
    assert "built-in" in catalogue.reason.text
    assert _first(catalogue, None) == (EMBEDDED, "small")


def test_what_is_found_on_this_machine_goes_before_the_embedded_model() -> None:
    catalogue = _catalogue()
    assert catalogue.discovered(Discovered((OLLAMA,), (_listing("Ollama", "llama"),))) == [OLLAMA]
    assert _first(catalogue, None) == ("Ollama", "llama")
    assert [model.id for model in catalogue.models()] == ["llama", "small"]
    assert catalogue.reason is not None
    assert catalogue.reason.code == "default-found"
    assert "found on this machine" in catalogue.reason.text


def test_without_discovery_the_choice_is_made_at_once() -> None:
    assert _catalogue(LLMCHAT_DISCOVER="0").default == SMALL


def test_a_configured_endpoint_with_a_default_model_needs_no_list() -> None:
    catalogue = _catalogue(OPENAI_BASE_URL="http://127.0.0.1:11434/v1", DEFAULT_MODEL="llama")
    assert catalogue.ready
    assert _first(catalogue, None) == ("Ollama", "llama")


def test_a_key_alone_means_openai() -> None:
    catalogue = _catalogue(OPENAI_API_KEY="sk-1", DEFAULT_MODEL="gpt")
    assert catalogue.endpoints() == [
        Endpoint("OpenAI", "configured", "https://api.openai.com/v1", "sk-1")
    ]


def test_without_a_default_model_the_first_one_that_chats_answers() -> None:
    catalogue = _catalogue(OPENAI_BASE_URL="http://h:1/v1")
    assert not catalogue.ready
    catalogue.learn(_listing("h:1", "text-embedding-3", "whisper-1", "gpt", "gpt-2"))
    assert _first(catalogue, None) == ("h:1", "gpt")


def test_an_endpoint_that_does_not_list_its_models_may_choose_one_itself() -> None:
    catalogue = _catalogue(OPENAI_BASE_URL="http://h:1/v1")
    catalogue.learn(Listing("h:1", error="It is not answering."))
    assert catalogue.ready
    assert catalogue.default is None
    assert _first(catalogue, None) == ("h:1", "")


def test_the_last_good_list_stands_when_an_endpoint_fails() -> None:
    catalogue = _catalogue(None, OPENAI_BASE_URL="http://h:1/v1")
    catalogue.learn(_listing("h:1", "m"))
    catalogue.learn(Listing("h:1", error="It is not answering."))
    assert [model.id for model in catalogue.models()] == ["m"]
    [state] = catalogue.states()
    assert (state.state, state.error) == ("error", "It is not answering.")
    assert state.age_seconds is not None


def test_a_model_that_is_not_listed_goes_to_the_configured_endpoint_as_it_is() -> None:
    catalogue = _catalogue(OPENAI_BASE_URL="http://h:1/v1", DEFAULT_MODEL="m")
    assert _first(catalogue, "new") == ("h:1", "new")
    assert _first(catalogue, "small") == (EMBEDDED, "small")


def test_the_embedded_model_does_not_answer_for_another_one() -> None:
    catalogue = _catalogue(LLMCHAT_DISCOVER="0")
    with pytest.raises(RequestError) as refusal:
        catalogue.resolve("gpt-4o")
    assert refusal.value.status == 422
    assert refusal.value.errors[0][0] == "/model"


def test_without_any_model_the_error_says_what_to_set() -> None:
    with pytest.raises(RequestError, match="OPENAI_BASE_URL"):
        _catalogue(None, LLMCHAT_DISCOVER="0").resolve(None)


THREE = "https://a.example/v1,http://h:1/v1,embedded"


def test_an_endpoint_that_fails_is_followed_by_those_listed_after_it() -> None:
    catalogue = _catalogue(OPENAI_BASE_URL=THREE, OPENAI_API_KEY="sk-1", DEFAULT_MODEL="big,other")
    assert [(one.name, one.api_key) for one in catalogue.endpoints()] == [
        ("a.example", "sk-1"),
        ("h:1", ""),
    ]
    targets = catalogue.resolve(None)
    assert [(one.endpoint, one.model) for one in targets] == [
        ("a.example", "big"),
        ("h:1", "other"),
        (EMBEDDED, "small"),
    ]
    catalogue.learn(_listing("h:1", "mine"))
    assert [one.endpoint for one in catalogue.resolve("mine")] == ["h:1", EMBEDDED]
    assert [one.endpoint for one in catalogue.resolve("small")] == [EMBEDDED]


def test_an_endpoint_that_has_the_model_which_was_asked_for_is_asked_for_it() -> None:
    catalogue = _catalogue(OPENAI_BASE_URL=THREE, DEFAULT_MODEL="big")
    catalogue.learn(_listing("h:1", "first", "big"))
    assert [one.model for one in catalogue.resolve(None)] == ["big", "big", "small"]
    catalogue.learn(_listing("h:1", "first", "second"))
    assert [one.model for one in catalogue.resolve(None)] == ["big", "first", "small"]


def test_two_endpoints_of_one_kind_have_names_of_their_own() -> None:
    catalogue = _catalogue(OPENAI_BASE_URL="http://a:11434/v1,http://b:11434/v1,http://b:11434/v2")
    assert [one.name for one in catalogue.endpoints()] == [
        "Ollama",
        "b:11434",
        "http://b:11434/v2",
    ]


@pytest.mark.parametrize(
    ("url", "owner", "prefill"),
    [
        ("http://h:1/v1", "llamacpp", "as-is"),
        ("http://h:1/v1", "library", "as-is"),
        ("http://h:1/v1", "vllm", "flag"),
        ("http://h:1/v1", "openai", "prompt"),
        ("http://h:11434/v1", "", "as-is"),
    ],
)
def test_how_an_endpoint_continues_an_answer(url: str, owner: str, prefill: str) -> None:
    catalogue = _catalogue(OPENAI_BASE_URL=url, DEFAULT_MODEL="m")
    (endpoint,) = catalogue.endpoints()
    catalogue.learn(Listing(endpoint.name, (Model("m", endpoint.name, owner),)))
    assert catalogue.resolve(None)[0].prefill == prefill


def test_the_embedded_model_continues_an_answer_as_it_is() -> None:
    assert _catalogue(LLMCHAT_DISCOVER="0").resolve(None)[0].prefill == "as-is"


def _configured(name: str, url: str, model: str = "", key: str = "") -> Configured:
    return Configured(Endpoint(name, "configured", url, key), model)


def test_what_is_set_up_at_run_time_comes_after_the_settings_and_goes_again() -> None:
    catalogue = _catalogue(OPENAI_BASE_URL="http://h:1/v1", DEFAULT_MODEL="m")
    one, two = _configured("A", "http://a/v1", "a"), _configured("B", "http://b/v1", "b")
    assert catalogue.configure([one, two]) == ([one.endpoint, two.endpoint], [])
    assert [state.name for state in catalogue.states()] == ["h:1", "A", "B", EMBEDDED]
    assert [(target.endpoint, target.model) for target in catalogue.resolve(None)] == [
        ("h:1", "m"),
        ("A", "a"),
        ("B", "b"),
    ]
    catalogue.learn(_listing("A", "mine"))
    moved = _configured("A", "http://other/v1", "a", "key")
    assert catalogue.configure([two, moved]) == ([moved.endpoint], [])
    assert "mine" not in [model.id for model in catalogue.models()]  # it was another server's
    assert [state.name for state in catalogue.states()] == ["h:1", "B", "A", EMBEDDED]
    assert catalogue.configure([two]) == ([], ["A"])
    catalogue.learn(_listing("A", "late"))
    assert [state.name for state in catalogue.states()] == ["h:1", "B", EMBEDDED]


def test_there_is_no_choice_before_those_that_are_set_up_at_run_time_are_known() -> None:
    catalogue = Catalogue(load_settings({}, {"LLMCHAT_DISCOVER": "0"}, {}), SMALL, expecting=True)
    assert not catalogue.ready
    catalogue.configure([_configured("A", "http://a/v1", "a")])
    assert catalogue.ready
    assert _first(catalogue, None) == ("A", "a")
    catalogue.configure([])
    assert catalogue.default == SMALL


def test_a_server_that_was_found_and_is_set_up_is_there_once() -> None:
    catalogue = _catalogue()
    found = Discovered((OLLAMA,), (_listing("Ollama", "llama"),))
    catalogue.discovered(found)
    mine = _configured("Mine", "http://localhost:11434/v1")
    assert catalogue.configure([mine]) == ([mine.endpoint], ["Ollama"])
    assert catalogue.discovered(found) == []
    assert [state.name for state in catalogue.states()] == ["Mine", EMBEDDED]
    catalogue.configure([])
    assert catalogue.discovered(found) == [OLLAMA]
