"""COSE_Sign1 with ES256 over the `Signer` port: what `keys.jose` is for JSON.

The algorithm is never taken from a message, and the type is always the one that we expect.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from keys import cbor
from keys.checks import (
    AlgorithmNotAllowed,
    ChainMissing,
    CriticalHeaderNotUnderstood,
    MalformedCbor,
    MalformedCose,
    WrongTokenType,
)
from keys.jose import MAX_CHAIN, check_raw_signature
from keys.ports import Signer

SIGN1_TAG: Final = 18
MAX_CERTIFICATE_BYTES: Final = 6_144
MAX_HEADER_BYTES: Final = 32_768
MAX_BYTES: Final = cbor.MAX_BYTES

_ALG, _CRIT, _TYP, _X5CHAIN = 1, 2, 16, 33
_ES256: Final = -7
# ES256 as RFC 8152 named it, and the same on P-256 alone (RFC 9864); HAIP 1.0 knows both.
_OUR_ALGORITHMS: Final = (_ES256, -9)
_PARTS: Final = 4

Header = Mapping[int | str, object]


@dataclass(frozen=True, slots=True)
class UnverifiedSign1:
    """A COSE_Sign1 whose signature nobody has checked yet.

    Attributes:
        protected: the header that is signed.
        unprotected: the header that is not; it has no label in common with the other.
        payload: the signed bytes.
        to_be_signed: the Sig_structure over them.
        signature: r || s.
    """

    protected: Header
    unprotected: Header
    payload: bytes
    to_be_signed: bytes
    signature: bytes


def parse_sign1(data: bytes, *, max_bytes: int = MAX_BYTES) -> UnverifiedSign1:
    """Take a tagged COSE_Sign1 apart (RFC 9052 4.2); nothing is verified.

    Raises:
        MalformedCose: not what its name says, or a header that we cannot read.
    """
    try:
        parts = cbor.loads(data, tag=SIGN1_TAG, max_bytes=max_bytes)
        if not isinstance(parts, list) or len(parts) != _PARTS:
            raise MalformedCose("not four parts")
        protected, unprotected, payload, signature = parts
        if not (isinstance(payload, bytes) and isinstance(signature, bytes)):
            raise MalformedCose("payload or signature")
        if not (isinstance(protected, bytes) and isinstance(unprotected, dict)):
            raise MalformedCose("header")
        signed_header = cbor.loads_map(protected, max_bytes=MAX_HEADER_BYTES)
    except MalformedCbor as failure:
        raise MalformedCose(failure.detail) from None
    if not signed_header.keys().isdisjoint(unprotected):
        raise MalformedCose("a label in both headers")
    return UnverifiedSign1(
        protected=signed_header,
        unprotected=unprotected,
        payload=payload,
        to_be_signed=_sig_structure(protected, payload),
        signature=signature,
    )


def sign_sign1(payload: bytes, *, typ: str, signer: Signer) -> bytes:
    """Sign a payload as a tagged COSE_Sign1; algorithm, type and chain are all protected.

    Args:
        payload: the bytes to sign.
        typ: the media type of the whole (RFC 9596).
        signer: the ES256 key; its chain, if it has one, goes into `x5chain` (RFC 9360).
    """
    header: dict[int, object] = {_ALG: _ES256, _TYP: typ}
    chain = signer.certificate_chain
    if chain:
        header[_X5CHAIN] = chain[0] if len(chain) == 1 else list(chain)
    protected = cbor.dumps(header)
    signature = signer.sign(_sig_structure(protected, payload))
    return cbor.dumps([protected, {}, payload, signature], tag=SIGN1_TAG)


def verify_sign1(message: UnverifiedSign1, key: ec.EllipticCurvePublicKey, *, typ: str) -> None:
    """Check a COSE_Sign1 against the key and the type that we expect.

    Raises:
        WrongTokenType: the protected `typ` is not exactly `typ` (RFC 9596 2).
        AlgorithmNotAllowed: the protected `alg` is not ES256.
        CriticalHeaderNotUnderstood: there is a `crit` header (RFC 9052 3.1).
        SignatureInvalid: the signature does not match (RFC 9052 4.4).
    """
    # 1. It says that it is what we expect
    if message.protected.get(_TYP) != typ:
        raise WrongTokenType("typ differs")
    # 2. ES256, because we chose it
    if message.protected.get(_ALG) not in _OUR_ALGORITHMS:
        raise AlgorithmNotAllowed("alg is not ES256")
    # 3. It demands nothing that we do not know
    if _CRIT in message.protected or _CRIT in message.unprotected:
        raise CriticalHeaderNotUnderstood("crit is present")
    # 4. The signature is right
    check_raw_signature(message.signature, message.to_be_signed, key)


def x5chain_from(message: UnverifiedSign1) -> tuple[bytes, ...]:
    """Return the DER certificates of `x5chain`, leaf first; nothing is trusted yet.

    Either header may hold it: that the leaf's key signed the message is what counts (RFC 9360 2).

    Raises:
        ChainMissing: no `x5chain`.
        MalformedCose: neither one certificate nor two to four, each of reasonable length.
    """
    value = message.protected.get(_X5CHAIN, message.unprotected.get(_X5CHAIN))
    if value is None:
        raise ChainMissing("no x5chain")
    if isinstance(value, bytes):
        return _certificates([value])
    if not isinstance(value, list) or not 1 < len(value) <= MAX_CHAIN:
        raise MalformedCose("x5chain is neither a certificate nor a short list")
    return _certificates(value)


def _certificates(value: Sequence[object]) -> tuple[bytes, ...]:
    certificates = tuple(
        entry
        for entry in value
        if isinstance(entry, bytes) and 0 < len(entry) <= MAX_CERTIFICATE_BYTES
    )
    if len(certificates) != len(value):
        raise MalformedCose("x5chain entry")
    return certificates


def _sig_structure(protected: bytes, payload: bytes) -> bytes:
    """Return what is signed (RFC 9052 4.4); there is never external data."""
    return cbor.dumps(["Signature1", protected, b"", payload])
