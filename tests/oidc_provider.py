"""A small OpenID Connect provider: real HTTP, real RSA keys, and all that can be wrong with one.

It logs everybody in at once as `person`, as if they had typed a password. `claims` and `sign` are
there to be changed by a test.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote_plus

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa
from yarl import URL

CLIENT_ID, CLIENT_SECRET = "llmchat of /work", "s3cret: with & and ü"
PERSON = {
    "sub": "248289761001",
    "name": "Anna Bell",
    "email": "anna@example.com",
    "email_verified": True,
}


@functools.cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One of any number of keys, made once for all tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def jwk(key: rsa.RSAPrivateKey, kid: str | None, **more: object) -> dict[str, object]:
    public: dict[str, object] = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**public, "use": "sig", **({"kid": kid} if kid else {}), **more}


class OidcProvider:
    """Start it with `async with`. `seen` are the requests, as `METHOD /path`."""

    def __init__(self) -> None:
        self.person: dict[str, object] = dict(PERSON)
        self.in_token = True  # or only at the UserInfo endpoint, as Authelia has it
        self.claims: dict[str, object] = {}  # instead of the right ones
        self.metadata: dict[str, object] = {}  # the same
        self.keys = [jwk(rsa_key(), "first")]
        self.signer: tuple[Any, str, Mapping[str, Any]] = (rsa_key(), "RS256", {"kid": "first"})
        self.sign: Callable[[Mapping[str, object]], str] = self._sign
        self.replies: dict[str, web.Response] = {}  # instead of what a path would answer
        self.callback: dict[str, str] = {}  # instead of what is sent back through the browser
        self.seen: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.access_tokens: set[str] = set()
        self.server = TestServer(self._app())

    async def __aenter__(self) -> OidcProvider:
        await self.server.start_server(access_log=None)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.close()

    @property
    def issuer(self) -> str:
        return str(self.server.make_url("/realms/one"))

    def _sign(self, claims: Mapping[str, object]) -> str:
        key, algorithm, header = self.signer
        return jwt.encode(dict(claims), key, algorithm=algorithm, headers=dict(header))

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._note])
        app.add_routes(
            [
                web.get("/realms/one/.well-known/openid-configuration", self._discovery),
                web.get("/realms/one/keys", self._keys),
                web.get("/realms/one/authorize", self._authorize),
                web.post("/realms/one/token", self._token),
                web.get("/realms/one/userinfo", self._userinfo),
            ]
        )
        return app

    @web.middleware
    async def _note(self, request: web.Request, handler: Any) -> web.StreamResponse:
        path = request.path.removeprefix("/realms/one")
        self.seen.append(f"{request.method} {path}")
        reply = self.replies.get(path)
        return reply if reply is not None else await handler(request)

    async def _discovery(self, _: web.Request) -> web.Response:
        here = self.issuer
        return web.json_response(
            {
                "issuer": here,
                "authorization_endpoint": f"{here}/authorize?tenant=1",
                "token_endpoint": f"{here}/token",
                "jwks_uri": f"{here}/keys",
                "userinfo_endpoint": f"{here}/userinfo",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "PS256", "none", "HS256"],
                **self.metadata,
            }
        )

    async def _keys(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": self.keys})

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        assert asked["tenant"] == "1"
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.issuer, **self.callback}
        place = URL(asked["redirect_uri"]).update_query({k: v for k, v in answer.items() if v})
        raise web.HTTPFound(place)

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self.codes.pop(str(form["code"]), None)
        challenge = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        if (
            asked is None
            or form["grant_type"] != "authorization_code"
            or form["redirect_uri"] != asked["redirect_uri"]
            or base64.urlsafe_b64encode(challenge).decode().rstrip("=") != asked["code_challenge"]
            or _credentials(request, form) != (CLIENT_ID, CLIENT_SECRET)
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": self.person["sub"],
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **(self.person if self.in_token else {}),
            **self.claims,
        }
        access_token = secrets.token_urlsafe()
        self.access_tokens.add(access_token)
        token = self.sign({name: value for name, value in claims.items() if value is not None})
        return web.json_response(
            {"access_token": access_token, "token_type": "Bearer", "id_token": token}
        )

    async def _userinfo(self, request: web.Request) -> web.Response:
        if request.headers["Authorization"].removeprefix("Bearer ") not in self.access_tokens:
            raise web.HTTPUnauthorized
        return web.json_response(self.person)


def unsigned(claims: Mapping[str, object]) -> str:
    """A token that says of itself that nobody has signed it."""
    parts = ({"alg": "none", "kid": "first"}, claims)
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    return b".".join([*encoded, b""]).decode()


def _credentials(request: web.Request, form: Mapping[str, object]) -> tuple[object, object]:
    basic = request.headers.get("Authorization", "").removeprefix("Basic ")
    if not basic:
        return form.get("client_id"), form.get("client_secret")
    name, _, secret = base64.b64decode(basic).decode().partition(":")
    return unquote_plus(name), unquote_plus(secret)
