"""The holder's proof of possession over one presentation (RFC 9901 4.3, 7.3)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

from msgspec import Struct

from keys import strict_json
from keys.checks import SignatureInvalid
from keys.jose import key_from_jwk, parse_jws, sign_jws, verify_jws
from keys.ports import Signer
from openid4vc import limits
from openid4vc.checks import (
    HolderKeyMissing,
    KbAudienceMismatch,
    KbMalformed,
    KbNonceMismatch,
    KbSdHashMismatch,
    KbSignatureInvalid,
    KbStale,
    KbTransactionDataMismatch,
    KbWrongType,
    KeyBindingMissing,
    KeyBindingUnexpected,
)
from openid4vc.sd_jwt.hashes import DEFAULT, digest_of, digests_of, hash_name_of
from openid4vc.sd_jwt.model import UnverifiedKeyBinding, UnverifiedSdJwt

TYPE: Final = "kb+jwt"


class ExpectedKeyBinding(Struct, frozen=True):
    """What a key binding JWT has to say, and when it may have been made.

    `audience` is the receiver's full identifier with its prefix; `at` is the receiver's clock;
    `transaction_data` is what the receiver asked to be confirmed, as it travelled.
    """

    audience: str
    nonce: str
    at: datetime
    max_age: timedelta = limits.KEY_BINDING_MAX_AGE
    max_ahead: timedelta = limits.KEY_BINDING_MAX_AHEAD
    transaction_data: tuple[str, ...] = ()


def bind(
    presented: str,
    *,
    signer: Signer,
    audience: str,
    nonce: str,
    at: datetime,
    transaction_data: Sequence[str] = (),
) -> str:
    """Return the SD-JWT with a key binding JWT behind it (RFC 9901 4.3).

    Args:
        presented: an SD-JWT ending in a tilde, as `present.select` returns it.
        signer: the key that the credential is bound to.
        audience: the receiver's identifier.
        nonce: the receiver's nonce.
        at: the time of making.
        transaction_data: what the holder confirms by it, as the request has it (OpenID4VP B.3.3).

    Raises:
        KeyBindingUnexpected: `presented` does not end in a tilde: it is bound already.
        MalformedJws, MalformedJson, HashAlgorithmNotAllowed: `presented` is no SD-JWT.
    """
    if not presented.endswith("~"):
        raise KeyBindingUnexpected
    # Only the name of the hash is needed; what is bound is the text, whatever its disclosures say.
    issuer_jwt = presented[: presented.index("~")]
    claims = strict_json.loads_object(parse_jws(issuer_jwt).payload)
    payload: dict[str, object] = {
        "iat": int(at.timestamp()),
        "aud": audience,
        "nonce": nonce,
        "sd_hash": digest_of(presented, hash_name_of(claims)),
    }
    if transaction_data:
        payload["transaction_data_hashes"] = _hashes(transaction_data)
        payload["transaction_data_hashes_alg"] = DEFAULT
    return presented + sign_jws({"typ": TYPE}, strict_json.dumps(payload), signer)


def refuse_key_binding(sd_jwt: UnverifiedSdJwt) -> None:
    """Check that what should be a plain SD-JWT is one (RFC 9901 4, 7.2).

    Raises:
        KeyBindingUnexpected: there is a key binding JWT.
    """
    if sd_jwt.key_binding is not None:
        raise KeyBindingUnexpected


def holder_jwk(claims: Mapping[str, object]) -> Mapping[str, object] | None:
    """Return `cnf.jwk` of the processed payload, or None when there is no `cnf`.

    References to keys elsewhere (`jku`, a URL as `kid`) are not followed (SD-JWT VC 8.3).

    Raises:
        HolderKeyMissing: `cnf` is there, but without a `jwk` object.
    """
    if "cnf" not in claims:
        return None
    confirmation = claims["cnf"]
    jwk = confirmation.get("jwk") if isinstance(confirmation, dict) else None
    if not isinstance(jwk, dict):
        raise HolderKeyMissing
    return jwk


def check_key_binding(
    sd_jwt: UnverifiedSdJwt, claims: Mapping[str, object], expected: ExpectedKeyBinding
) -> Mapping[str, object]:
    """Check that the holder made this presentation, for us, now (RFC 9901 7.3 step 5).

    Args:
        sd_jwt: the presentation.
        claims: its processed payload, from which the holder's key is taken.
        expected: audience, nonce and time window of this transaction.

    Returns:
        The holder's public JWK.

    Raises:
        KeyBindingMissing, HolderKeyMissing, KbWrongType, KbSignatureInvalid, KbMalformed, KbStale,
        KbNonceMismatch, KbAudienceMismatch, KbSdHashMismatch, KbTransactionDataMismatch: as their
            classes say.
        MalformedKey, AlgorithmNotAllowed, CriticalHeaderNotUnderstood: see `keys`.
    """
    # 2. It is required, so it is there.
    key_binding = sd_jwt.key_binding
    if key_binding is None:
        raise KeyBindingMissing
    # 5.1. The holder's key is the one in the credential.
    jwk = holder_jwk(claims)
    if jwk is None:
        raise HolderKeyMissing
    # 5.4. It is typed as a key binding JWT.
    if key_binding.jws.header.get("typ") != TYPE:
        raise KbWrongType
    # 5.2 and 5.3. ES256, signed with the holder's key.
    try:
        verify_jws(key_binding.jws, key_from_jwk(jwk), typ=TYPE)
    except SignatureInvalid:
        raise KbSignatureInvalid from None
    _check_claims(key_binding, expected)
    return jwk


def _check_claims(key_binding: UnverifiedKeyBinding, expected: ExpectedKeyBinding) -> None:
    claims = key_binding.claims
    # 5.5 and 5.8. It was made just now, and its own dates hold.
    _check_times(claims, expected)
    # 5.6. It answers this request and was made for us.
    if not _same(claims.get("nonce"), expected.nonce):
        raise KbNonceMismatch
    if not _same(claims.get("aud"), expected.audience):
        raise KbAudienceMismatch
    # 5.7. It was made over exactly these disclosures.
    if not _same(claims.get("sd_hash"), key_binding.sd_hash):
        raise KbSdHashMismatch
    # OpenID4VP B.3.3.1. It confirms exactly the transactions that we asked to be confirmed.
    if expected.transaction_data:
        _check_transactions(claims, expected.transaction_data)


def _check_times(claims: Mapping[str, object], expected: ExpectedKeyBinding) -> None:
    now = expected.at.timestamp()
    ahead = expected.max_ahead.total_seconds()
    if not now - expected.max_age.total_seconds() <= _seconds(claims, "iat") <= now + ahead:
        raise KbStale
    if "exp" in claims and _seconds(claims, "exp") <= now:
        raise KbStale("exp")
    if "nbf" in claims and _seconds(claims, "nbf") > now + ahead:
        raise KbStale("nbf")


def _check_transactions(claims: Mapping[str, object], asked: Sequence[str]) -> None:
    if claims.get("transaction_data_hashes_alg", DEFAULT) != DEFAULT:
        raise KbTransactionDataMismatch("hash")
    if claims.get("transaction_data_hashes") != _hashes(asked):
        raise KbTransactionDataMismatch("another transaction, or none")


def _hashes(transaction_data: Sequence[str]) -> list[str]:
    return digests_of([text.encode("ascii") for text in transaction_data])


def _seconds(claims: Mapping[str, object], name: str) -> float:
    seconds = limits.numeric_date(claims.get(name))
    if seconds is None:
        raise KbMalformed(name)
    return seconds


def _same(received: object, expected: str) -> bool:
    """Compare in constant time; what is no string is malformed."""
    if not isinstance(received, str):
        raise KbMalformed
    return compare_digest(received.encode(), expected.encode())
