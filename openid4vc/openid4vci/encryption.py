"""Encrypted credential requests and responses (OpenID4VCI 1.0, 8.2, 10).

Messages are JSON in a JWE: ECDH-ES on P-256 with AES-GCM, never compressed. An error answer is
never encrypted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from keys import strict_json
from keys.checks import CheckFailed, MalformedJson
from keys.jwe import CONTENT_ENCRYPTIONS, KEY_AGREEMENT, EncryptionKey, decrypt_jwe, encrypt_jwe
from keys.jwk import key_from_jwk
from openid4vc.openid4vci.errors import (
    InvalidCredentialRequest,
    InvalidEncryptionParameters,
    RequestNotDecrypted,
    ResponseEncryptionInTheClear,
    ResponseEncryptionMissing,
)
from openid4vc.openid4vci.wallet_errors import (
    CredentialResponseInTheClear,
    EncryptionNotSupported,
    MalformedCredentialResponse,
    MalformedMetadata,
)
from openid4vc.shapes import Shape

MEDIA_TYPE: Final = "application/jwt"
MAX_KEYS: Final = 16
MAX_RESPONSE_CHARS: Final = 2_097_152

_REQUEST: Final = Shape(InvalidEncryptionParameters)
_METADATA: Final = Shape(MalformedMetadata)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message is encrypted to: a public JWK with its `alg`, and the content encryption."""

    jwk: Mapping[str, object]
    enc: str


@dataclass(frozen=True, slots=True)
class IssuerEncryption:
    """What an issuer offers.

    Attributes:
        request: whom requests are encrypted to; None when it takes none so.
        response_enc: how it would encrypt responses; None when it does not.
        request_required: it takes no request in the clear.
        response_required: it gives no response in the clear.
    """

    request: Recipient | None = None
    response_enc: str | None = None
    request_required: bool = False
    response_required: bool = False


# --- The issuer ---------------------------------------------------------------------------------


def encryption_metadata(
    request_key: Mapping[str, object], *, is_required: bool = False
) -> dict[str, object]:
    """Return the members of issuer metadata that say how to encrypt (12.2.4).

    Args:
        request_key: the public JWK of the issuer, with `kid` and `alg`.
        is_required: responses are always encrypted, and so requests have to be, too (8.2).
    """
    return {
        "credential_request_encryption": {
            "jwks": {"keys": [dict(request_key)]},
            "enc_values_supported": list(CONTENT_ENCRYPTIONS),
            "encryption_required": is_required,
        },
        "credential_response_encryption": {
            "alg_values_supported": [KEY_AGREEMENT],
            "enc_values_supported": list(CONTENT_ENCRYPTIONS),
            "encryption_required": is_required,
        },
    }


def open_request(text: str, key: EncryptionKey) -> object:
    """Decrypt a request to the credential or deferred credential endpoint (10).

    Returns:
        Its parsed JSON.

    Raises:
        RequestNotDecrypted: no JWE of a kind that the metadata name, or not to our key.
        InvalidCredentialRequest: what was encrypted is no JSON.
    """
    try:
        plain = decrypt_jwe(text, key)
    except CheckFailed as failure:
        raise RequestNotDecrypted(failure.code) from None
    try:
        return strict_json.loads(plain)
    except MalformedJson as failure:
        raise InvalidCredentialRequest(failure.detail) from None


def read_response_encryption(
    body: object, *, was_encrypted: bool, is_required: bool = False
) -> Recipient | None:
    """Return whom the response is to be encrypted to, None when it was not asked for (8.2).

    Wallets on @openid4vc 0.4.6 repeat the key's `alg` beside the `jwk`, as old drafts had it; that
    is taken when it says the same.

    Args:
        body: the parsed JSON of a request.
        was_encrypted: whether it came encrypted.
        is_required: our metadata say that responses are always encrypted.

    Raises:
        ResponseEncryptionMissing: it was not asked for, and is required.
        InvalidEncryptionParameters: another algorithm than ours, compression, or a broken key.
        ResponseEncryptionInTheClear: asked for in a request that anybody on the way could change.
    """
    if not isinstance(body, dict) or "credential_response_encryption" not in body:
        if is_required:
            raise ResponseEncryptionMissing("credential_response_encryption")
        return None
    asked = _REQUEST.members(
        body["credential_response_encryption"], "credential_response_encryption"
    )
    jwk = _REQUEST.members(asked.get("jwk"), "jwk")
    # Compared, not collected in a set: what came may be of any type.
    algorithms = [one for one in (jwk.get("alg"), asked.get("alg")) if one is not None]
    if not algorithms or any(one != KEY_AGREEMENT for one in algorithms):
        raise InvalidEncryptionParameters("alg")
    if asked.get("enc") not in CONTENT_ENCRYPTIONS:
        raise InvalidEncryptionParameters("enc")
    if "zip" in asked:
        raise InvalidEncryptionParameters("zip")
    recipient = Recipient({**jwk, "alg": KEY_AGREEMENT}, str(asked["enc"]))
    _check_key(recipient.jwk)
    if not was_encrypted:
        raise ResponseEncryptionInTheClear("the request is not encrypted")
    return recipient


def encrypt_message(body: Mapping[str, object], recipient: Recipient) -> str:
    """Return a message as a JWE whose `alg` and `kid` are those of the key (10)."""
    return encrypt_jwe(strict_json.dumps(body), recipient.jwk, enc=recipient.enc)


def _check_key(jwk: Mapping[str, object]) -> None:
    try:
        key_from_jwk(jwk)
    except CheckFailed as failure:
        raise InvalidEncryptionParameters(failure.detail) from None
    if jwk.get("use", "enc") != "enc" or not isinstance(jwk.get("kid", ""), str):
        raise InvalidEncryptionParameters("use or kid")


# --- The wallet ---------------------------------------------------------------------------------


def read_issuer_encryption(members: Mapping[str, object]) -> IssuerEncryption:
    """Read from issuer metadata how to encrypt (12.2.4).

    Raises:
        MalformedMetadata: a member is missing or of the wrong type, or a key has no `kid` or `alg`,
            or one `kid` names two.
        EncryptionNotSupported: encryption is required, and in no way that we know.
    """
    request, is_request_required = _request_recipient(members)
    response_enc, is_response_required = _response_enc(members)
    if is_response_required and request is None:
        raise EncryptionNotSupported("no encrypted requests")
    return IssuerEncryption(request, response_enc, is_request_required, is_response_required)


def response_encryption_json(key: EncryptionKey, enc: str) -> dict[str, object]:
    """Return what a request says when its response is to be encrypted to this key (8.2)."""
    return {"jwk": key.public_jwk, "enc": enc}


def check_encrypted(media_type: str) -> None:
    """Check that a response is encrypted that was to be so (10).

    Raises:
        CredentialResponseInTheClear: it came in the clear, for everybody on the way to read.
    """
    if media_type != MEDIA_TYPE:
        raise CredentialResponseInTheClear("in the clear")


def open_response(text: str, key: EncryptionKey) -> dict[str, object]:
    """Decrypt a credential response (10).

    Returns:
        Its parsed JSON object.

    Raises:
        CheckFailed: no such JWE, or not to our key; see `keys.jwe.decrypt_jwe`.
        MalformedCredentialResponse: what was encrypted is no JSON object.
    """
    plain = decrypt_jwe(text, key, max_chars=MAX_RESPONSE_CHARS)
    try:
        return strict_json.loads_object(plain, max_bytes=MAX_RESPONSE_CHARS)
    except MalformedJson as failure:
        raise MalformedCredentialResponse(failure.detail) from None


def _request_recipient(members: Mapping[str, object]) -> tuple[Recipient | None, bool]:
    name = "credential_request_encryption"
    if name not in members:
        return None, False
    offered = _METADATA.members(members[name], name)
    is_required = _METADATA.flag(offered.get("encryption_required"), "encryption_required")
    jwks = _METADATA.members(offered.get("jwks"), "jwks")
    entries = _METADATA.array(jwks.get("keys"), "keys", max_items=MAX_KEYS)
    keys = [_METADATA.members(one, "key") for one in entries]
    kids = [_METADATA.text(key.get("kid"), "kid") for key in keys]
    if len(set(kids)) != len(kids):
        raise MalformedMetadata("a kid is repeated")
    algorithms = [_METADATA.text(key.get("alg"), "alg") for key in keys]
    enc = _enc(offered)
    fit = [key for key, alg in zip(keys, algorithms, strict=True) if alg == KEY_AGREEMENT]
    fit = [key for key in fit if _is_p256(key)]
    if enc is not None and fit:
        return Recipient(fit[0], enc), is_required
    if is_required:
        raise EncryptionNotSupported("requests")
    return None, False


def _response_enc(members: Mapping[str, object]) -> tuple[str | None, bool]:
    name = "credential_response_encryption"
    if name not in members:
        return None, False
    offered = _METADATA.members(members[name], name)
    is_required = _METADATA.flag(offered.get("encryption_required"), "encryption_required")
    algorithms = _METADATA.texts(offered.get("alg_values_supported"), "alg_values_supported")
    enc = _enc(offered)
    if KEY_AGREEMENT in algorithms and enc is not None:
        return enc, is_required
    if is_required:
        raise EncryptionNotSupported("responses")
    return None, False


def _enc(offered: Mapping[str, object]) -> str | None:
    """Return the strongest content encryption that both know."""
    values = _METADATA.texts(offered.get("enc_values_supported"), "enc_values_supported")
    return next((one for one in reversed(CONTENT_ENCRYPTIONS) if one in values), None)


def _is_p256(jwk: Mapping[str, object]) -> bool:
    try:
        key_from_jwk(jwk)
    except CheckFailed:
        return False
    return jwk.get("use", "enc") == "enc"
