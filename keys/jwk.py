"""P-256 public keys as JSON Web Keys, and their thumbprints."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from keys import strict_json
from keys.base64url import b64url_decode, b64url_encode
from keys.checks import MalformedJws, MalformedKey

COORDINATE_BYTES: Final = 32
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def public_jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """Return `kty`, `crv`, `x` and `y` of a P-256 key (RFC 7518 6.2.1).

    Raises:
        MalformedKey: another curve.
    """
    if not isinstance(key.curve, ec.SECP256R1):
        raise MalformedKey("not P-256")
    numbers = key.public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": b64url_encode(numbers.x.to_bytes(COORDINATE_BYTES, "big")),
        "y": b64url_encode(numbers.y.to_bytes(COORDINATE_BYTES, "big")),
    }


def key_from_jwk(jwk: Mapping[str, object]) -> ec.EllipticCurvePublicKey:
    """Import a public P-256 JWK; members other than the key itself are left to the caller.

    Raises:
        MalformedKey: not EC and P-256, coordinates not 32 bytes each, a point off the curve, or
            private members (RFC 7517 4, RFC 7518 6.2).
    """
    if not _PRIVATE_MEMBERS.isdisjoint(jwk):
        raise MalformedKey("private members")
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise MalformedKey("not P-256")
    x, y = jwk.get("x"), jwk.get("y")
    if not isinstance(x, str) or not isinstance(y, str):
        raise MalformedKey("coordinate missing")
    return _key_from_coordinates(x, y)


def thumbprint(jwk: Mapping[str, object]) -> str:
    """Return the RFC 7638 SHA-256 thumbprint, base64url.

    Raises:
        MalformedKey: as `key_from_jwk`.
    """
    required = public_jwk(key_from_jwk(jwk))
    ordered = {name: required[name] for name in sorted(required)}
    return b64url_encode(sha256(strict_json.dumps(ordered)).digest())


@lru_cache(maxsize=4096)
def _key_from_coordinates(x: str, y: str) -> ec.EllipticCurvePublicKey:
    try:
        point = [b64url_decode(x), b64url_decode(y)]
    except MalformedJws:
        raise MalformedKey("coordinate not base64url") from None
    if any(len(coordinate) != COORDINATE_BYTES for coordinate in point):
        raise MalformedKey("coordinate length")
    numbers = ec.EllipticCurvePublicNumbers(
        int.from_bytes(point[0], "big"), int.from_bytes(point[1], "big"), ec.SECP256R1()
    )
    try:
        return numbers.public_key()
    except ValueError:
        raise MalformedKey("point not on the curve") from None
