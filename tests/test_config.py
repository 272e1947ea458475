"""Settings: precedence, and one clear line for a value that cannot be used."""

from __future__ import annotations

import pytest

from llmchat.config import OPENAI_BASE_URL, Settings, load_settings
from llmchat.domain.errors import ConfigError


def test_a_flag_wins_over_the_environment_and_that_over_the_env_file() -> None:
    env, file = {"LLMCHAT_PORT": "2"}, {"LLMCHAT_PORT": "3", "DEFAULT_MODEL": "m"}
    assert load_settings({"port": "1"}, env, file).port == 1
    assert load_settings({}, env, file).port == 2
    assert load_settings({}, {}, file).port == 3
    assert load_settings({}, {}, {}).port == 8000
    assert load_settings({}, env, file).default_models == ("m",)


def test_an_empty_value_means_not_set() -> None:
    assert load_settings({}, {"LLMCHAT_PORT": ""}, {"LLMCHAT_PORT": "3"}).port == 3


def test_a_key_alone_means_openai_and_a_base_url_alone_needs_no_key() -> None:
    assert load_settings({}, {"OPENAI_API_KEY": "sk"}, {}).base_urls == (OPENAI_BASE_URL,)
    local = load_settings({}, {"OPENAI_BASE_URL": "http://localhost:11434/v1/"}, {})
    assert (local.base_urls, local.api_keys) == (("http://localhost:11434/v1",), ())


def test_several_endpoints_have_their_keys_and_models_in_the_same_order() -> None:
    settings = load_settings(
        {},
        {
            "OPENAI_BASE_URL": "https://a.example/v1/, http://localhost:8080/v1,embedded",
            "OPENAI_API_KEY": "sk-1,",
            "DEFAULT_MODEL": "big, ,small",
            "LLMCHAT_ENDPOINT_ROLES": "User, ,admin",
        },
        {},
    )
    assert settings.base_urls == ("https://a.example/v1", "http://localhost:8080/v1", "embedded")
    assert settings.api_keys == ("sk-1", "")
    assert settings.default_models == ("big", "", "small")
    assert settings.endpoint_roles == ("user", "guest", "admin")


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"OPENAI_BASE_URL": "http://a/v1,,http://b/v1"}, "OPENAI_BASE_URL"),
        ({"OPENAI_BASE_URL": "http://a/v1,http://a/v1/"}, "OPENAI_BASE_URL"),
        ({"OPENAI_BASE_URL": "http://a/v1", "OPENAI_API_KEY": "sk-1,sk-2"}, "OPENAI_API_KEY"),
        ({"OPENAI_BASE_URL": "http://a/v1", "DEFAULT_MODEL": "a,b"}, "DEFAULT_MODEL"),
        ({"LLMCHAT_ENDPOINT_ROLES": "user,admin"}, "LLMCHAT_ENDPOINT_ROLES"),
    ],
)
def test_lists_that_do_not_fit_are_refused_without_their_values(
    environment: dict[str, str], named: str
) -> None:
    with pytest.raises(ConfigError, match=named) as refusal:
        load_settings({}, environment, {})
    assert "sk-" not in refusal.value.message


def test_a_key_is_stripped_of_the_blanks_that_pasting_adds() -> None:
    assert load_settings({}, {"OPENAI_API_KEY": " sk-1\n"}, {}).api_keys == ("sk-1",)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LLMCHAT_PORT", "65536"),
        ("LLMCHAT_PORT", "-1"),
        ("LLMCHAT_PORT", "http"),
        ("LLMCHAT_WORKERS", "x"),
        ("LLMCHAT_WORKERS", "65"),
        ("LLMCHAT_LOG_LEVEL", "loud"),
        ("LLMCHAT_DATA_DIR", "~nobody-of-that-name/data"),
        ("LLMCHAT_NO_BROWSER", "perhaps"),
        ("LLMCHAT_AUTH", "yes"),
        ("LLMCHAT_TRUSTED_PROXIES", "0.0.0.0/0"),
        ("LLMCHAT_PROXY_USER_HEADER", "X User"),
        ("LLMCHAT_HOST", "chat.example"),
        ("LLMCHAT_IDLE_TIMEOUT", "-1"),
        ("LLMCHAT_IDLE_TIMEOUT", "nan"),
        ("LLMCHAT_MAX_QUEUED", "many"),
        ("LLMCHAT_MAX_CONNECTIONS", "0"),
        ("OPENAI_BASE_URL", "localhost:11434"),
        ("OPENAI_BASE_URL", "file:///etc/passwd"),
        ("OPENAI_BASE_URL", "http://user:password@host/v1"),
        ("OPENAI_BASE_URL", "http://host/v1?key=1"),
        ("OPENAI_BASE_URL", "http://host:99999/v1"),
        ("OPENAI_API_KEY", "sk-\u00e4"),
        ("OPENAI_API_KEY", "sk-1\nX-Header: 1"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_line_that_names_its_source(
    variable: str, value: str
) -> None:
    for environment, file in (({variable: value}, {}), ({}, {variable: value})):
        with pytest.raises(ConfigError) as refusal:
            load_settings({}, environment, file)
        assert refusal.value.message.startswith(variable)
        assert "\n" not in refusal.value.message
        assert refusal.value.exit_code == 78


def test_a_password_in_an_address_is_not_shown() -> None:
    with pytest.raises(ConfigError) as refusal:
        load_settings({}, {"OPENAI_BASE_URL": "http://bob:hunter2@host/v1"}, {})
    assert "hunter2" not in refusal.value.message


@pytest.mark.parametrize("key", ["sk-\u00e4secret", "sk-secret\nx"])
def test_a_bad_key_is_not_shown(key: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        load_settings({}, {"OPENAI_API_KEY": key}, {})
    assert "secret" not in refusal.value.message


def test_the_key_is_not_in_the_repr_of_the_settings() -> None:
    settings = load_settings({}, {"OPENAI_API_KEY": "sk-secret"}, {})
    assert "sk-secret" not in repr(settings)
    assert isinstance(settings, Settings)


def test_a_base_path_is_a_plain_path() -> None:
    for given, path in {"/": "", "/chat": "/chat", "/a/b-1/": "/a/b-1"}.items():
        assert load_settings({"base_path": given}, {}, {}).base_path == path
    for wrong in ("chat", "//chat", "/a//b", "/a/../b", "/..", "/a?b", "/a b", "/ä", "/{x}"):
        with pytest.raises(ConfigError, match="LLMCHAT_BASE_PATH"):
            load_settings({}, {"LLMCHAT_BASE_PATH": wrong}, {})
