"""T-OIDC: a log-in at a provider, and everything that somebody could change on its way."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace

import aiohttp
import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from multidict import MultiDict, MultiMapping
from yarl import URL

from llmchat.access.errors import OidcError
from llmchat.access.oidc import pending
from llmchat.access.oidc.client import Login, OidcClient, Start
from llmchat.access.oidc.person import OidcSettings, Person
from llmchat.access.oidc.provider import AGAIN_SECONDS, KEEP_SECONDS, RETRY_SECONDS
from llmchat.domain.issuer import parse_issuer
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcProvider, jwk, rsa_key, unsigned

CALLBACK = "http://chat.example/api/oidc/callback"
Change = Callable[[OidcProvider], None]


@dataclass
class Browser:
    """Goes to the provider and back, and keeps the cookie."""

    client: OidcClient
    session: aiohttp.ClientSession

    async def begin(self, next_place: str = "/#chat") -> Start:
        return await self.client.start(CALLBACK, next_place, "192.0.2.1")

    async def visit(self, start: Start) -> MultiMapping[str]:
        async with self.session.get(URL(start.address), allow_redirects=False) as response:
            assert response.status == 302
            place = URL(response.headers["Location"])
        assert str(place.with_query(None)) == CALLBACK
        return place.query

    async def log_in(self) -> Login:
        start = await self.begin()
        return await self.client.finish(await self.visit(start), start.binding)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def provider() -> AsyncIterator[OidcProvider]:
    async with OidcProvider() as provider:
        yield provider


@pytest.fixture
def settings(provider: OidcProvider) -> OidcSettings:
    return OidcSettings(provider.issuer, CLIENT_ID, CLIENT_SECRET)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def browser(settings: OidcSettings, clock: Clock) -> AsyncIterator[Browser]:
    client = OidcClient(settings, clock)
    async with aiohttp.ClientSession() as session:
        yield Browser(client, session)
    await client.close()


async def test_somebody_logs_in_and_comes_back_to_where_they_were(
    browser: Browser, provider: OidcProvider
) -> None:
    login = await browser.log_in()
    assert login.next_place == "/#chat"
    assert login.person == Person(
        provider.issuer, "248289761001", "Anna Bell", "anna@example.com", verified=True
    )
    await browser.log_in()
    # What does not change is fetched once; UserInfo is not needed.
    assert sorted(provider.seen) == [
        "GET /.well-known/openid-configuration",
        *["GET /authorize"] * 2,
        "GET /keys",
        *["POST /token"] * 2,
    ]


@pytest.mark.parametrize(
    "methods", [["client_secret_post"], ["client_secret_basic", "private_key_jwt"]]
)
async def test_the_secret_is_given_as_the_provider_takes_it(
    browser: Browser, provider: OidcProvider, methods: list[str]
) -> None:
    provider.metadata["token_endpoint_auth_methods_supported"] = methods
    assert (await browser.log_in()).person.subject == "248289761001"


async def test_what_only_userinfo_tells_is_asked_for_there(
    browser: Browser, provider: OidcProvider
) -> None:
    provider.in_token = False
    assert (await browser.log_in()).person.email == "anna@example.com"
    provider.claims = {"sub": "somebody else"}
    with pytest.raises(OidcError) as refused:
        await browser.log_in()
    assert refused.value.reason == "unavailable"


async def test_a_new_key_is_found_but_not_asked_for_again_and_again(
    browser: Browser, provider: OidcProvider, clock: Clock
) -> None:
    await browser.log_in()
    provider.keys = [jwk(rsa_key(1), "second")]
    provider.signer = (rsa_key(1), "PS256", {"kid": "second"})
    with pytest.raises(OidcError, match="a key that is not its own"):
        await browser.log_in()
    assert provider.seen.count("GET /keys") == 1
    clock.now += AGAIN_SECONDS
    await browser.log_in()
    assert provider.seen.count("GET /keys") == 2
    clock.now += KEEP_SECONDS
    await browser.log_in()
    assert provider.seen.count("GET /.well-known/openid-configuration") == 2


def _signed_by(key: object, algorithm: str, **header: str) -> Change:
    def change(provider: OidcProvider) -> None:
        provider.signer = (key, algorithm, {"kid": "first", **header})

    return change


def _claiming(**claims: object) -> Change:
    return lambda provider: provider.claims.update(claims)


def _not_signed(provider: OidcProvider) -> None:
    provider.sign = unsigned


def _signed_with_public_key(provider: OidcProvider) -> None:
    """The old trick: the public key as the secret of an HMAC."""
    pem = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    provider.keys.append({"kty": "oct", "k": "AAAA", "kid": "first"})

    def sign(claims: Mapping[str, object]) -> str:
        hmac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
        head, body, _ = unsigned(claims).split(".")
        head = jwt.utils.base64url_encode(b'{"alg":"HS256","kid":"first"}').decode()
        mark = jwt.utils.base64url_encode(hmac.sign(f"{head}.{body}".encode(), pem)).decode()
        return f"{head}.{body}.{mark}"

    provider.sign = sign


def _tampered(provider: OidcProvider) -> None:
    sign = provider.sign

    def change(claims: Mapping[str, object]) -> str:
        head, _, mark = sign(claims).split(".")
        _, body, _ = sign({**claims, "sub": "admin"}).split(".")
        return f"{head}.{body}.{mark}"

    provider.sign = change


def _short_key(provider: OidcProvider) -> None:
    provider.keys = [jwk(rsa_key(2, 1024), "first")]
    _signed_by(rsa_key(2, 1024), "RS256")(provider)


INVALID: dict[str, Change] = {
    "a signature of another key": _signed_by(rsa_key(1), "RS256"),
    "a key that brings itself along": _signed_by(rsa_key(1), "RS256", jku="https://evil.example"),
    "an unknown key": _signed_by(rsa_key(1), "RS256", kid="other"),
    "another kind of key": _signed_by(ec.generate_private_key(ec.SECP256R1()), "ES256"),
    "an algorithm that the provider does not use": _signed_by(rsa_key(), "RS512"),
    "a short key": _short_key,
    "alg none": _not_signed,
    "the public key as a secret": _signed_with_public_key,
    "another body": _tampered,
    "wrong aud": _claiming(aud="somebody else"),
    "no aud": _claiming(aud=None),
    "several aud without azp": _claiming(aud=[CLIENT_ID, "somebody else"]),
    "wrong azp": _claiming(aud=[CLIENT_ID, "other"], azp="other"),
    "wrong iss": _claiming(iss="https://evil.example"),
    "no iss": _claiming(iss=None),
    "wrong nonce": _claiming(nonce="another log-in's"),
    "odd nonce": _claiming(nonce="\u00fc"),
    "no nonce": _claiming(nonce=None),
    "expired": _claiming(exp=1_000_000_000),
    "no exp": _claiming(exp=None),
    "of tomorrow": _claiming(iat=32_000_000_000),
    "no sub": _claiming(sub=None),
    "an empty sub": _claiming(sub=""),
    "a long sub": _claiming(sub="x" * 256),
    "a very long token": _claiming(more="x" * 70_000),
    "two keys of the name": lambda provider: provider.keys.append(jwk(rsa_key(1), "first")),
    "a key for encryption": lambda provider: provider.keys[0].update(use="enc"),
    "a key that is none": lambda provider: provider.keys[0].update(n="!"),
    "no keys": lambda provider: provider.keys.clear(),
    "the answer of another provider": lambda provider: provider.callback.update(iss="https://evil"),
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("name", INVALID)
async def test_what_does_not_hold_logs_nobody_in(
    browser: Browser, provider: OidcProvider, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.DEBUG)
    INVALID[name](provider)
    start = await browser.begin()
    query = await browser.visit(start)
    with pytest.raises(OidcError) as refused:
        await browser.client.finish(query, start.binding)
    assert refused.value.reason == "invalid"
    assert (refused.value.status, refused.value.code) == (401, "login-failed")
    told = caplog.text + refused.value.message + repr(refused.value)
    for secret in (query["code"], query["state"], start.binding, CLIENT_SECRET, "eyJ", "anna@"):
        assert secret not in told


async def test_a_token_without_the_name_of_its_key_is_of_the_only_one(
    browser: Browser, provider: OidcProvider
) -> None:
    provider.signer = (rsa_key(), "RS256", {})
    await browser.log_in()


async def test_a_provider_may_sign_with_elliptic_curves(
    browser: Browser, provider: OidcProvider
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    provider.metadata["id_token_signing_alg_values_supported"] = ["ES256"]
    provider.keys.append({**public, "kid": "curve"})
    provider.signer = (key, "ES256", {"kid": "curve"})
    await browser.log_in()


async def test_a_log_in_ends_once_in_the_browser_that_began_it(
    browser: Browser, provider: OidcProvider, clock: Clock
) -> None:
    async def refused(query: MultiMapping[str], binding: str) -> str:
        with pytest.raises(OidcError) as error:
            await browser.client.finish(query, binding)
        return error.value.reason

    start = await browser.begin()
    query = await browser.visit(start)
    await browser.client.finish(query, start.binding)
    assert await refused(query, start.binding) == "expired"  # a replayed state
    tokens = provider.seen.count("POST /token")

    start, other = await browser.begin(), await browser.begin()
    query = await browser.visit(start)
    assert await refused(query, other.binding) == "expired"  # begun by a stranger
    assert await refused(query, start.binding) == "expired"  # who has spoiled it

    start = await browser.begin()
    query = await browser.visit(start)
    clock.now += pending.SECONDS
    assert await refused(query, start.binding) == "expired"
    assert await refused(MultiDict(), "") == "expired"
    assert await refused(MultiDict(state="\udcff", code="x"), "\udcff") == "expired"
    assert provider.seen.count("POST /token") == tokens

    start = await browser.begin()
    query = MultiDict(await browser.visit(start))
    query.add("code", "another")
    assert await refused(query, start.binding) == "invalid"


async def test_a_code_of_another_log_in_is_of_no_use(browser: Browser) -> None:
    """PKCE: who has stolen a code does not have the verifier."""
    stolen = await browser.visit(await browser.begin())
    start = await browser.begin()
    query = MultiDict(await browser.visit(start))
    query["code"] = stolen["code"]
    with pytest.raises(OidcError):
        await browser.client.finish(query, start.binding)


async def test_a_provider_that_refuses_is_told_without_its_words(
    browser: Browser, provider: OidcProvider
) -> None:
    provider.callback = {"code": "", "error": "access_denied", "error_description": "<script>"}
    with pytest.raises(OidcError) as refused:
        await browser.log_in()
    assert refused.value.reason == "refused"
    assert "script" not in refused.value.message


REPLIES: dict[str, tuple[str, Callable[[], web.Response]]] = {
    "a redirect of the metadata": (
        "/.well-known/openid-configuration",
        lambda: web.Response(status=302, headers={"Location": "/realms/one/keys"}),
    ),
    "a redirect of the keys": (
        "/keys",
        lambda: web.Response(status=302, headers={"Location": "/realms/one/elsewhere"}),
    ),
    "a redirect of the code": (
        "/token",
        lambda: web.Response(status=307, headers={"Location": "/realms/one/elsewhere"}),
    ),
    "an error": ("/token", lambda: web.json_response({"error": "s3cret"}, status=500)),
    "no JSON": ("/token", lambda: web.Response(text="<html>s3cret")),
    "no UTF-8": ("/keys", lambda: web.Response(body=b'{"keys": ["\xff"]}')),
    "another shape": ("/keys", lambda: web.json_response({"keys": "s3cret"})),
    "too much": ("/keys", lambda: web.Response(body=b" " * 1_100_000)),
    "no token": ("/token", lambda: web.json_response({"access_token": "s3cret"})),
}


@pytest.mark.parametrize("name", REPLIES)
async def test_a_provider_that_answers_badly_is_not_followed(
    browser: Browser, provider: OidcProvider, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    path, reply = REPLIES[name]
    provider.replies[path] = reply()
    with pytest.raises(OidcError) as refused:
        await browser.log_in()
    assert refused.value.reason == "unavailable"
    assert "GET /elsewhere" not in provider.seen
    assert "POST /elsewhere" not in provider.seen
    assert "s3cret" not in caplog.text + refused.value.message
    assert caplog.text


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"userinfo_endpoint": "https://user:word@evil.example/"},
        {"token_endpoint": "https://[::1"},
    ],
)
async def test_metadata_that_could_lead_elsewhere_is_not_used(
    browser: Browser, provider: OidcProvider, clock: Clock, metadata: dict[str, object]
) -> None:
    provider.metadata = metadata
    for _ in range(20):
        with pytest.raises(OidcError):
            await browser.begin()
    assert len(provider.seen) == 1  # it is not asked again at once
    provider.metadata = {}
    clock.now += RETRY_SECONDS
    await browser.begin()


async def test_a_provider_that_is_not_there_is_told(settings: OidcSettings) -> None:
    client = OidcClient(replace(settings, issuer="http://127.0.0.1:9"))
    with pytest.raises(OidcError, match="does not answer"):
        await client.start(CALLBACK, "/", "192.0.2.1")
    await client.close()


async def test_log_ins_that_are_never_finished_push_out_their_own(browser: Browser) -> None:
    anna = last = await browser.begin()
    for _ in range(pending.MOST_OF_ONE + 50):
        last = await browser.client.start(CALLBACK, "/", "198.51.100.66")
    assert len(browser.client._pending._kept) == pending.MOST_OF_ONE + 1
    await browser.client.finish(await browser.visit(anna), anna.binding)
    await browser.client.finish(await browser.visit(last), last.binding)
    for number in range(pending.MOST + 50):
        await browser.client.start(CALLBACK, "/", f"10.0.{number // 250}.{number % 250}")
    assert len(browser.client._pending._kept) == pending.MOST


def test_only_who_is_named_and_verified_may_join() -> None:
    anna = Person("https://id.example", "1", "Anna", "Anna@Example.com", verified=True)
    none = OidcSettings("https://id.example", CLIENT_ID, CLIENT_SECRET)
    by_domain = replace(none, domains=frozenset({"@example.COM"}))
    by_email = replace(none, emails=frozenset({"anna@example.com"}))
    assert [one.may_join(anna) for one in (none, by_domain, by_email)] == [False, True, True]
    for stranger in (
        replace(anna, verified=False),
        replace(anna, email="anna@example.com.evil.example"),
        replace(anna, email="anna@evilexample.com"),
        replace(anna, email="anna@example.com@evil.example"),
        replace(anna, email=""),
    ):
        assert not by_domain.may_join(stranger)
        assert not by_email.may_join(stranger)
        assert replace(none, domains=frozenset({"*"})).may_join(stranger)
    assert CLIENT_SECRET not in repr(by_email)


async def test_what_a_provider_writes_into_a_profile_is_made_plain(
    browser: Browser, provider: OidcProvider
) -> None:
    provider.person = {"sub": "1", "name": "\u202eAnna\0\n" + "x" * 500, "email_verified": "true"}
    provider.person["email"] = ["no text"]
    person = (await browser.log_in()).person
    assert person.name == "Anna" + "x" * 96
    assert (person.email, person.verified) == ("", False)


@pytest.mark.parametrize(
    "value",
    [
        "https://id.example",
        "https://id.example/realms/a/",
        "http://[::1]:8080",
        "http://localhost/x",
    ],
)
def test_an_issuer_is_kept_as_it_is_written(value: str) -> None:
    assert parse_issuer(f" {value} ") == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "id.example",
        "http://id.example",
        "http://10.0.0.1",
        "https://a:b@c",
        "https://a?b",
        "ftp://a",
    ],
)
def test_an_issuer_that_others_could_stand_in_for_is_no_setting(value: str) -> None:
    with pytest.raises(ValueError, match=r"it must be|must be https"):
        parse_issuer(value)
