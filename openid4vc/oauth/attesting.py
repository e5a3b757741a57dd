"""What a wallet shows of itself: its provider's attestation, and a proof that it is the one meant.

`client_attestation` reads both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from keys import strict_json
from keys.jose import sign_jws, x5c_header
from keys.ports import Signer

ATTESTATION_TYPE: Final = "oauth-client-attestation+jwt"
POP_TYPE: Final = "oauth-client-attestation-pop+jwt"
_POP_LIVES: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AttestationClaims:
    """What a wallet provider says of an instance of its wallet.

    Attributes:
        client_id: the same for all instances (HAIP 4.4.1).
        instance_jwk: the instance's public key.
        lifetime: from now on.
        issuer: the wallet provider, for `iss` in the form of -07; None for the newer form.
        client_status: EUDI: `status` and `exp` of the instance (TS3 2.2).
    """

    client_id: str
    instance_jwk: Mapping[str, str]
    lifetime: timedelta
    issuer: str | None = None
    wallet_name: str | None = None
    client_status: Mapping[str, object] | None = None


def make_client_attestation(claims: AttestationClaims, *, signer: Signer, at: datetime) -> str:
    """Return a wallet attestation, for an `OAuth-Client-Attestation` header (ABCA 4; VCI E).

    Args:
        claims: what it says.
        signer: of the wallet provider, whose chain goes into `x5c`.
        at: now.
    """
    members: dict[str, object] = {
        "sub": claims.client_id,
        "iat": int(at.timestamp()),
        "exp": int((at + claims.lifetime).timestamp()),
        "cnf": {"jwk": dict(claims.instance_jwk)},
    }
    extra: dict[str, object | None] = {
        "iss": claims.issuer,
        "wallet_name": claims.wallet_name,
        "client_status": claims.client_status,
    }
    members |= {name: value for name, value in extra.items() if value is not None}
    header = {"typ": ATTESTATION_TYPE, "x5c": x5c_header(signer.certificate_chain)}
    return sign_jws(header, strict_json.dumps(members), signer)


def make_attestation_pop(
    *,
    signer: Signer,
    audience: str,
    jti: str,
    at: datetime,
    challenge: str | None = None,
    client_id: str | None = None,
) -> str:
    """Return a proof for an `OAuth-Client-Attestation-PoP` header (ABCA 5.1).

    Args:
        signer: the instance's key.
        audience: the authorization server's issuer identifier, not its endpoint.
        jti: a fresh random name, never used before.
        at: now.
        challenge: the newest that this server gave.
        client_id: for `iss` in the form of -07; None for the newer form.

    Its `exp` is for servers that go by older texts, such as @openid4vc 0.4.6, which demand one.
    """
    claims: dict[str, object] = {
        "aud": audience,
        "jti": jti,
        "iat": int(at.timestamp()),
        "exp": int((at + _POP_LIVES).timestamp()),
    }
    if challenge is not None:
        claims["challenge"] = challenge
    if client_id is not None:
        claims["iss"] = client_id
    return sign_jws({"typ": POP_TYPE}, strict_json.dumps(claims), signer)
