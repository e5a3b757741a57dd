"""A list of trusted entities as its operator signs it, of whatever type.

A compact JWS in the manner of JAdES (typ, signing time and x5c in the protected header) around an
ETSI TS 119 602 list of trusted entities.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509

from keys import lote_names as names
from keys import strict_json
from keys.checks import (
    AnchorInChain,
    CertificateProfileWrong,
    ChainMissing,
    ChainNotTrusted,
    MalformedCertificate,
    MalformedJson,
    MalformedJws,
    SignatureInvalid,
    TrustListMalformed,
    TrustListNotYetValid,
    TrustListOperatorNotTrusted,
    TrustListRolledBack,
    TrustListSignatureInvalid,
    TrustListStale,
    TrustListWrongType,
    WrongTokenType,
)
from keys.jose import UnverifiedJws, parse_jws, sign_jws, verify_jws, x5c_from, x5c_header
from keys.lote_reader import Lote, read_lote
from keys.ports import Signer
from keys.x509 import LeafProfile, validate_chain

MAX_LIST_CHARS: Final = 4_194_304
CLOCK_LEEWAY: Final = timedelta(minutes=5)


def sign_lote(payload: Mapping[str, Any], signer: Signer, *, at: datetime) -> str:
    """Sign a list as its operator.

    Args:
        payload: what `lote_writer` made of it.
        signer: an ES256 key with a trust-list certificate.
        at: when the list was made.
    """
    header = {
        "typ": names.TOKEN_TYPE,
        "iat": int(at.timestamp()),
        "x5c": x5c_header(signer.certificate_chain),
    }
    return sign_jws(header, strict_json.dumps(payload), signer)


def read_signed_lote(
    text: str, *, operator_anchors: Sequence[x509.Certificate], at: datetime, kind: str
) -> Lote:
    """Check who signed a list and that it is of one kind; whether it is fresh is left open.

    Args:
        text: the compact JWS.
        operator_anchors: authorities of the list's operator, known beforehand.
        at: the time to judge the operator's certificate by.
        kind: the `LoTEType` that it has to have.

    Raises:
        TrustListMalformed: not a JWS, not JSON, or not of the agreed shape.
        TrustListOperatorNotTrusted: no chain to the operator's anchor for this use.
        CertificateExpired, CertificateNotYetValid: the operator's certificate at the wrong time.
        AlgorithmNotAllowed, CriticalHeaderNotUnderstood: the JWS header asks for too much.
        TrustListSignatureInvalid: changed after signing.
        TrustListWrongType: some other kind of list.
        TrustListExtensionNotUnderstood: a critical extension is unknown.
    """
    # 1. It is a compact JWS, 2. signed by its operator
    jws = _verified(text, operator_anchors, at)
    # 3. It has the agreed shape and type
    try:
        content = strict_json.loads_object(jws.payload, max_bytes=MAX_LIST_CHARS)
    except MalformedJson as failure:
        raise TrustListMalformed(f"JSON: {failure.detail}") from None
    lote = read_lote(content)
    if lote.type != kind:
        raise TrustListWrongType("LoTEType")
    return lote


def check_fresh(lote: Lote, *, at: datetime, at_least_sequence: int) -> None:
    """Check that a list may be gone by.

    Raises:
        TrustListNotYetValid, TrustListStale: issued in the future, or its next update is overdue.
        TrustListRolledBack: older than one seen before.
    """
    # 4. It is not from the future, nor overdue
    if lote.issued_at > at + CLOCK_LEEWAY:
        raise TrustListNotYetValid("ListIssueDateTime")
    if lote.next_update <= at:
        raise TrustListStale("NextUpdate")
    # 5. It is no older than what was seen before
    if lote.sequence < at_least_sequence:
        raise TrustListRolledBack("LoTESequenceNumber")


def _verified(
    text: str, operator_anchors: Sequence[x509.Certificate], at: datetime
) -> UnverifiedJws:
    # 1. It is a compact JWS
    try:
        jws = parse_jws(text, max_chars=MAX_LIST_CHARS)
    except MalformedJws as failure:
        raise TrustListMalformed(f"JWS: {failure.detail}") from None
    # 2. Its operator signed it
    _check_operator(jws, operator_anchors, at)
    return jws


def _check_operator(jws: UnverifiedJws, anchors: Sequence[x509.Certificate], at: datetime) -> None:
    try:
        chain = x5c_from(jws.header)
        operator = validate_chain(chain, anchors, at=at, profile=LeafProfile.TRUST_LIST_SIGNER)
    except MalformedJws:
        raise TrustListMalformed("x5c") from None
    except (
        ChainMissing,
        ChainNotTrusted,
        AnchorInChain,
        CertificateProfileWrong,
        MalformedCertificate,
    ) as failure:
        raise TrustListOperatorNotTrusted(failure.code) from failure
    try:
        verify_jws(jws, operator.public_key, typ=names.TOKEN_TYPE)
    except WrongTokenType:
        raise TrustListWrongType("typ") from None
    except SignatureInvalid:
        raise TrustListSignatureInvalid("signature does not match") from None
