"""How an issuing system shows who it is: by an API key, or by a key pair of its own."""

import base64
import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kykylompakko_client.failures import NotUnderstood
from kykylompakko_client.wire import Wire

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_SECONDS: Final = 60
_SPARE_SECONDS: Final = 30.0
_HALF: Final = 32


class Access(Protocol):
    """What makes the bearer value of a call."""

    def bearer(self, wire: Wire, organisation: str) -> str:
        """Return an API key or a live access token."""

    def forget(self) -> bool:
        """Drop a token that was refused; says whether another can be had."""


class ApiKey:
    """A key that the issuer's operator handed over."""

    def __init__(self, text: str) -> None:
        """Keep the key."""
        self._text = text

    def bearer(self, _wire: Wire, _organisation: str) -> str:
        """Return the key."""
        return self._text

    def forget(self) -> bool:
        """There is no other."""
        return False


class PrivateKeyJwt:
    """Access tokens of OAuth 2.0, asked for with assertions that a private key signs (RFC 7523).

    The private key never leaves this system; the issuer knows the public one. A token is used
    until shortly before its end.

    Args:
        client_id: the name under which the public key was registered.
        private_key: a P-256 key.
        scope: what the tokens are for, separated by spaces; all that is registered without it.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        client_id: str,
        private_key: ec.EllipticCurvePrivateKey,
        *,
        scope: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if private_key.curve.name != ec.SECP256R1.name:
            raise ValueError("a P-256 key is needed")
        self._client_id = client_id
        self._key = private_key
        self._scope = scope
        self._clock = clock
        self._token = ""
        self._good_until = 0.0

    @classmethod
    def from_pem(
        cls, client_id: str, path: Path, *, password: bytes | None = None
    ) -> "PrivateKeyJwt":
        """Read the private key from a PEM file.

        Raises:
            ValueError: no P-256 private key, or another password.
        """
        key = load_pem_private_key(path.read_bytes(), password)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("a P-256 key is needed")  # noqa: TRY004  the file is at fault
        return cls(client_id, key)

    def public_jwk(self) -> dict[str, str]:
        """Return the public key, for `kyky-issuer clients add --jwk`."""
        numbers = self._key.public_key().public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": _b64(numbers.x.to_bytes(_HALF)),
            "y": _b64(numbers.y.to_bytes(_HALF)),
        }

    def bearer(self, wire: Wire, organisation: str) -> str:
        """Return a live access token, asking for a new one when needed.

        Raises:
            Refused, Unreachable, NotUnderstood: there is none to be had.
        """
        if self._clock() >= self._good_until:
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": _ASSERTION_TYPE,
                "client_assertion": self._assertion(f"{wire.base_url}/{organisation}"),
            }
            if self._scope is not None:
                form["scope"] = self._scope
            given = wire.ask_form(f"/{organisation}/system-token", form)
            try:
                self._token = str(given["access_token"])
                self._good_until = self._clock() + float(given["expires_in"]) - _SPARE_SECONDS
            except (KeyError, TypeError, ValueError):
                raise NotUnderstood("no token") from None
        return self._token

    def forget(self) -> bool:
        """Drop the token; a new one is asked for at the next call."""
        self._good_until = 0.0
        return True

    def _assertion(self, issuer: str) -> str:
        now = int(self._clock())
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": issuer,
            "jti": secrets.token_urlsafe(18),
            "iat": now,
            "exp": now + _ASSERTION_SECONDS,
        }
        header = {"alg": "ES256", "typ": "client-authentication+jwt"}
        signed = ".".join(_b64(json.dumps(part).encode()) for part in (header, claims))
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{_b64(r.to_bytes(_HALF) + s.to_bytes(_HALF))}"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
