"""What the tests of wallets at an authorization server share: addresses, and JWTs bent at will."""

from collections.abc import Mapping

from keys import strict_json
from keys.jose import public_jwk, sign_jws, x5c_header
from keys.software_signer import SoftwareSigner
from tests.openid4vc import wallet_provider as provider

ISSUER = "https://issuer.example.fi/mallimaa"
TOKEN_ENDPOINT = f"{ISSUER}/token"
CLIENT = "https://wallet.example/lompakko"
NONCE = "server-nonce-1"
TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
JTI = "-BwC3ESc6acc2lTc"
REDIRECT = "http://127.0.0.1:49152/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def _signed(header: Mapping[str, object], claims: object, signer: SoftwareSigner) -> str:
    def kept(members: Mapping[str, object]) -> dict[str, object]:
        return {name: value for name, value in members.items() if value is not None}

    body = kept(claims) if isinstance(claims, Mapping) else claims
    return sign_jws(kept(header), strict_json.dumps(body), signer)


def dpop(
    *,
    header: Mapping[str, object] | None = None,
    claims: Mapping[str, object] | None = None,
    signer: SoftwareSigner = provider.DEVICE,
) -> str:
    """Sign a DPoP proof for the token endpoint with members changed, or left out where None."""
    return _signed(
        {"typ": "dpop+jwt", "jwk": public_jwk(provider.DEVICE.public_key), **(header or {})},
        {
            "jti": JTI,
            "htm": "POST",
            "htu": TOKEN_ENDPOINT,
            "iat": provider.NOW,
            **(claims or {}),
        },
        signer,
    )


def attestation(
    *,
    header: Mapping[str, object] | None = None,
    claims: Mapping[str, object] | None = None,
    signer: SoftwareSigner = provider.ATTESTER,
) -> str:
    """Sign a wallet attestation with members changed, or left out where None."""
    return _signed(
        {
            "typ": "oauth-client-attestation+jwt",
            "x5c": x5c_header(signer.certificate_chain),
            **(header or {}),
        },
        {
            "sub": CLIENT,
            "iat": provider.NOW - 60,
            "exp": provider.NOW + 3_600,
            "cnf": {"jwk": public_jwk(provider.INSTANCE.public_key)},
            **(claims or {}),
        },
        signer,
    )


def pop(
    *,
    header: Mapping[str, object] | None = None,
    claims: Mapping[str, object] | None = None,
    signer: SoftwareSigner = provider.INSTANCE,
) -> str:
    """Sign a PoP with members changed, or left out where None."""
    return _signed(
        {"typ": "oauth-client-attestation-pop+jwt", **(header or {})},
        {"aud": ISSUER, "jti": JTI, "iat": provider.NOW, **(claims or {})},
        signer,
    )
