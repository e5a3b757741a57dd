"""One SD-JWT with key binding made small, and restored to the very same text.

Signatures cover texts, so nothing is parsed and written anew: the JSON texts stay as they are, and
only base64url that decodes and encodes to itself leaves them as raw bytes.
"""

from collections.abc import Collection, Sequence
from typing import Final

from openid4vc.checks import KeyBindingMissing
from openid4vc.limits import MAX_DISCLOSURES
from openid4vc.qr.errors import CompactTooLarge, PartsMalformed
from openid4vc.qr.restoring import CertificateLookup, Restorer, no_certificates
from openid4vc.qr.shrinking import Shrinker
from openid4vc.sd_jwt.parse import parse

_PARTS_OF_JWTS: Final = 6


def compact(text: str, *, known: Sequence[str] = (), held: Collection[bytes] = ()) -> bytes:
    """Make an SD-JWT with key binding small.

    Args:
        text: the presentation, of any issuer and wallet.
        known: texts that the reader knows too, such as the challenge's nonce; `restore` has to be
            given the same ones in the same order.
        held: SHA-256 (32 bytes) of the certificates that the reader holds; the others are embedded.

    Returns:
        The packed form, at most 16 384 bytes.

    Raises:
        KeyBindingMissing: there is no key binding JWT.
        CompactTooLarge: too large for this format.
        CheckFailed: it is no SD-JWT; see `openid4vc.sd_jwt.parse`.
    """
    sd_jwt = parse(text)
    if sd_jwt.key_binding is None:
        raise KeyBindingMissing
    issuer_jwt, *disclosures, key_binding_jwt = text.split("~")
    shrinker = Shrinker(known=known, held=held)
    for disclosure in disclosures:
        shrinker.disclosure(disclosure)
    _shrink_jwt(shrinker, issuer_jwt)
    shrinker.presentation(sd_jwt.without_key_binding)
    _shrink_jwt(shrinker, key_binding_jwt)
    return shrinker.packed()


def restore(
    packed: bytes,
    *,
    known: Sequence[str] = (),
    certificates: CertificateLookup = no_certificates,
) -> str:
    """Return the text that `compact` was given; nothing in it has been verified.

    Args:
        packed: the packed form, from anybody.
        known: the texts that the writer took as known.
        certificates: finds a held certificate by its SHA-256.

    Raises:
        CompactTooLarge, InflateFailed, PartsMalformed, TokenUnknown, RawBytesMismatch,
        ReferenceDangling, CertificateNotHeld: as their classes say.
    """
    restorer = Restorer(packed, known=known, certificates=certificates)
    count = restorer.parts_left - _PARTS_OF_JWTS
    if count < 0:
        raise PartsMalformed("too few")
    if count > MAX_DISCLOSURES:
        raise CompactTooLarge("disclosures")
    disclosures = [restorer.disclosure() for _ in range(count)]
    presentation = "~".join((_restore_jwt(restorer), *disclosures, ""))
    restorer.presentation(presentation)
    text = presentation + _restore_jwt(restorer)
    restorer.finish()
    return text


def _shrink_jwt(shrinker: Shrinker, jwt: str) -> None:
    header, payload, signature = jwt.split(".")
    shrinker.json(header)
    shrinker.json(payload)
    shrinker.signature(signature)


def _restore_jwt(restorer: Restorer) -> str:
    return f"{restorer.json()}.{restorer.json()}.{restorer.signature()}"
