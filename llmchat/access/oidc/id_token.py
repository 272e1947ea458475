"""The ID token of a provider: whether it is signed by it, for us, now, and for this log-in.

PyJWT does the cryptography; this says what is accepted (OpenID Connect Core, 3.1.3.7).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from llmchat.access.errors import OidcError

# With a public key only: `none` is no signature, and HS256 could be made to take a public key
# for its secret (RFC 8725, 2.1).
ALGORITHMS = frozenset(
    f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)
) | {"EdDSA"}
_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
LEEWAY_SECONDS = 60  # between the two clocks
_LONGEST = 64 * 1024
_LONGEST_SUBJECT = 255

Key = dict[str, object]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say. `algorithms` are those that the provider says it signs with."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    algorithms: frozenset[str]


class UnknownKeyError(OidcError):
    """The token names a key that is not among those of the provider, which may have a new one."""

    def __init__(self) -> None:
        message = "The log-in service has signed with a key that is not its own."
        super().__init__("invalid", message, "unknown key")


class InvalidTokenError(OidcError):
    """The token is not of the provider, not for us, not of now or not of this log-in."""

    def __init__(self, why: str) -> None:
        super().__init__("invalid", "What the log-in service says of you does not hold.", why)


def verify(token: str, expected: Expected, keys: Sequence[Key]) -> dict[str, object]:
    """The claims of a token that holds. Raises UnknownKeyError or InvalidTokenError. Blocks for
    half a second the first time, which loads `cryptography`.
    """
    import jwt
    from cryptography.exceptions import UnsupportedAlgorithm

    if len(token) > _LONGEST:
        raise InvalidTokenError("too long")
    try:
        header = jwt.get_unverified_header(token)
        algorithm, key = _key(header, expected.algorithms & ALGORITHMS, keys)
        claims: dict[str, object] = jwt.decode(
            token,
            key=jwt.PyJWK(key, algorithm),
            algorithms=[algorithm],  # one of ALGORITHMS
            audience=expected.client_id,
            issuer=expected.issuer,
            leeway=LEEWAY_SECONDS,
            options={
                "require": ["iss", "sub", "aud", "exp", "iat", "nonce"],
                "enforce_minimum_key_length": True,
            },
        )
    except (jwt.PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, KeyError) as error:
        raise InvalidTokenError(type(error).__name__) from None
    _check(claims, expected)
    return claims


def _key(
    header: Mapping[str, object], allowed: frozenset[str], keys: Sequence[Key]
) -> tuple[str, Key]:
    """The algorithm of a token, and the one key that it can be signed with."""
    algorithm, name = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in allowed:
        raise InvalidTokenError("algorithm")
    fitting = [
        key
        for key in keys
        if key.get("kty") == _KEY_TYPES[algorithm[:2]]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and name in (None, key.get("kid"))
    ]
    if not fitting:
        raise UnknownKeyError
    if len(fitting) > 1:
        raise InvalidTokenError("more than one key")
    return algorithm, fitting[0]


def _check(claims: dict[str, object], expected: Expected) -> None:
    subject, nonce, audience = claims["sub"], claims["nonce"], claims["aud"]
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise InvalidTokenError("subject")
    if not isinstance(nonce, str) or not hmac.compare_digest(
        nonce.encode("utf-8", "surrogatepass"), expected.nonce.encode()
    ):
        raise InvalidTokenError("nonce")
    party = claims.get("azp", expected.client_id)
    many = isinstance(audience, list) and len(audience) > 1
    if party != expected.client_id or (many and "azp" not in claims):
        raise InvalidTokenError("authorized party")
