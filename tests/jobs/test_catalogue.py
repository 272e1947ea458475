"""Which endpoint and model answer, and why."""

from __future__ import annotations

import pytest

from llmchat.config import load_settings
from llmchat.domain.endpoint import EMBEDDED, Endpoint, Listing, Model
from llmchat.domain.errors import RequestError
from llmchat.domain.messages import Discovered
from llmchat.jobs.catalogue import Catalogue

SMALL = Model("small", EMBEDDED)
OLLAMA = Endpoint("Ollama", "discovered", "http://127.0.0.1:11434/v1")


def _catalogue(embedded: Model | None = SMALL, **environment: str) -> Catalogue:
    return Catalogue(load_settings({}, environment, {}), embedded)


def _listing(endpoint: str, *ids: str) -> Listing:
    return Listing(endpoint, tuple(Model(one, endpoint) for one in ids))


def test_with_nothing_configured_and_nothing_found_the_embedded_model_answers() -> None:
    catalogue = _catalogue()
    assert not catalogue.ready
    assert catalogue.default is None
    catalogue.discovered(Discovered((), ()))
    assert catalogue.ready
    assert catalogue.default == SMALL
    assert "built-in" in (catalogue.reason or "")
    assert catalogue.resolve(None) == (EMBEDDED, "small")


def test_what_is_found_on_this_machine_goes_before_the_embedded_model() -> None:
    catalogue = _catalogue()
    assert catalogue.discovered(Discovered((OLLAMA,), (_listing("Ollama", "llama"),))) == [OLLAMA]
    assert catalogue.resolve(None) == ("Ollama", "llama")
    assert [model.id for model in catalogue.models()] == ["llama", "small"]
    assert "found on this machine" in (catalogue.reason or "")


def test_without_discovery_the_choice_is_made_at_once() -> None:
    assert _catalogue(LLMCHAT_DISCOVER="0").default == SMALL


def test_a_configured_endpoint_with_a_default_model_needs_no_list() -> None:
    catalogue = _catalogue(OPENAI_BASE_URL="http://127.0.0.1:11434/v1", DEFAULT_MODEL="llama")
    assert catalogue.ready
    assert catalogue.resolve(None) == ("Ollama", "llama")


def test_a_key_alone_means_openai() -> None:
    catalogue = _catalogue(OPENAI_API_KEY="sk-1", DEFAULT_MODEL="gpt")
    assert catalogue.endpoints() == [
        Endpoint("OpenAI", "configured", "https://api.openai.com/v1", "sk-1")
    ]


def test_without_a_default_model_the_first_one_that_chats_answers() -> None:
    catalogue = _catalogue(OPENAI_BASE_URL="http://h:1/v1")
    assert not catalogue.ready
    catalogue.learn(_listing("h:1", "text-embedding-3", "whisper-1", "gpt", "gpt-2"))
    assert catalogue.resolve(None) == ("h:1", "gpt")


def test_an_endpoint_that_does_not_list_its_models_may_choose_one_itself() -> None:
    catalogue = _catalogue(OPENAI_BASE_URL="http://h:1/v1")
    catalogue.learn(Listing("h:1", error="It is not answering."))
    assert catalogue.ready
    assert catalogue.default is None
    assert catalogue.resolve(None) == ("h:1", "")


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
    assert catalogue.resolve("new") == ("h:1", "new")
    assert catalogue.resolve("small") == (EMBEDDED, "small")


def test_the_embedded_model_does_not_answer_for_another_one() -> None:
    catalogue = _catalogue(LLMCHAT_DISCOVER="0")
    with pytest.raises(RequestError) as refusal:
        catalogue.resolve("gpt-4o")
    assert refusal.value.status == 422
    assert refusal.value.errors[0][0] == "/model"


def test_without_any_model_the_error_says_what_to_set() -> None:
    with pytest.raises(RequestError, match="OPENAI_BASE_URL"):
        _catalogue(None, LLMCHAT_DISCOVER="0").resolve(None)
