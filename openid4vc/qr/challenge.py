"""The challenge: what a desk shows to a wallet that has no network.

It is a JWS by the desk's access key. The certificate stands beside it in the code when both fit,
because a wallet that never met this desk has no other way to it; otherwise only its hash, for
wallets that know it. The signed header names the hash, so the certificate cannot be exchanged.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from keys import strict_json
from keys.jose import b64url_encode, sign_jws
from keys.ports import Signer
from openid4vc.qr.errors import ChallengeMalformed, ChallengeSignerUnfit, ChallengeTooLarge
from openid4vc.qr.frames import Kind, Message, write_frames
from openid4vc.qr.packed import deflate
from openid4vc.qr.shrinking import Shrinker
from openid4vc.qr.tokens import NUMBER_BYTES

TYPE: Final = "kyky-challenge+jwt"
SCHEME: Final = "kyky-challenge:"
LIFE: Final = timedelta(minutes=2)
KEY_BYTES: Final = 32
PREFIX_BYTES: Final = 4
MAX_HELD: Final = 32
MAX_LINK_DIGITS: Final = 2_353
"""What a QR code of version 25 holds at level M after the scheme, which is a byte segment."""

HASH_FOLLOWS: Final = b"\x00"
CERTIFICATE_FOLLOWS: Final = b"\x01"

_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{22,86}", re.ASCII)
_PROFILE: Final = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a desk asks, once.

    Attributes:
        client_id: the desk's full identifier (`x509_hash:...`), the audience of key binding.
        profile_id: the request profile; purpose and claims are in the wallet's own catalogue.
        nonce: fresh for this challenge, 128 bits or more as base64url.
        public_key: a fresh X25519 key (32 bytes, `keys.box.BoxKey`) that the answer is boxed to.
        issued_at: when it was made, in whole seconds.
        expires_at: until when an answer may be made, at most two minutes later.
        held: for each issuer's certificate that the desk holds the first 4 bytes of its SHA-256;
            others have to be embedded in the answer.
    """

    client_id: str
    profile_id: str
    nonce: str
    public_key: bytes
    issued_at: datetime
    expires_at: datetime
    held: frozenset[bytes] = frozenset()

    def __post_init__(self) -> None:
        """Refuse what could not be read back.

        Raises:
            ChallengeMalformed: a nonce or profile of other characters or length, no X25519 key,
                or too many or malformed hashes of certificates.
        """
        if not _NONCE.fullmatch(self.nonce) or not _PROFILE.fullmatch(self.profile_id):
            raise ChallengeMalformed("nonce or profile")
        if len(self.public_key) != KEY_BYTES:
            raise ChallengeMalformed("key")
        if len(self.held) > MAX_HELD or any(len(each) != PREFIX_BYTES for each in self.held):
            raise ChallengeMalformed("held")


@dataclass(frozen=True, slots=True)
class ChallengeLink:
    """A challenge to be shown.

    Attributes:
        digits: its one frame. Draw `SCHEME` as a byte segment and these as a numeric segment of
            one QR code at level M, for `segno` the list `[(SCHEME,), (digits,)]`; the version is
            then 25 at most. Who cannot draw two segments draws `text.upper()` as alphanumeric.
        certificate_embedded: whether a wallet that never met this desk can read it.
    """

    digits: str
    certificate_embedded: bool

    @property
    def text(self) -> str:
        """The whole link, as a QR code reader returns it."""
        return SCHEME + self.digits


def x509_hash(certificate: bytes) -> str:
    """Return the client identifier of an access certificate in DER (OpenID4VP 5.9.3)."""
    return f"x509_hash:{b64url_encode(sha256(certificate).digest())}"


def write_challenge(challenge: Challenge, *, signer: Signer) -> ChallengeLink:
    """Sign a challenge and make its link.

    Args:
        challenge: what is asked.
        signer: the desk's access key, its certificate straight below an anchor.

    Raises:
        ChallengeSignerUnfit: the signer has no certificate or several, or `client_id` belongs to
            another one.
        ChallengeTooLarge: it does not fit its QR code even without the certificate.
    """
    if len(signer.certificate_chain) != 1:
        raise ChallengeSignerUnfit("one certificate is needed")
    (certificate,) = signer.certificate_chain
    if challenge.client_id != x509_hash(certificate):
        raise ChallengeSignerUnfit("client_id is of another certificate")
    digest = sha256(certificate).digest()
    thumbprint = b64url_encode(digest)
    text = sign_jws(
        {"typ": TYPE, "x5t#S256": thumbprint}, strict_json.dumps(_claims(challenge)), signer
    )
    packed = _packed(text, thumbprint)
    deflated = deflate(certificate)
    sized = len(deflated).to_bytes(NUMBER_BYTES, "big") + deflated
    for body, embedded in (
        (CERTIFICATE_FOLLOWS + sized + packed, True),
        (HASH_FOLLOWS + digest + packed, False),
    ):
        (digits,) = write_frames(Message(Kind.CHALLENGE, body))
        if len(digits) <= MAX_LINK_DIGITS:
            return ChallengeLink(digits, certificate_embedded=embedded)
    raise ChallengeTooLarge


def _claims(challenge: Challenge) -> dict[str, object]:
    return {
        "client_id": challenge.client_id,
        "profile": challenge.profile_id,
        "nonce": challenge.nonce,
        "jwk": {"kty": "OKP", "crv": "X25519", "x": b64url_encode(challenge.public_key)},
        "held": b64url_encode(b"".join(sorted(challenge.held))),
        "iat": int(challenge.issued_at.timestamp()),
        "exp": int(challenge.expires_at.timestamp()),
    }


def _packed(text: str, thumbprint: str) -> bytes:
    header, payload, signature = text.split(".")
    shrinker = Shrinker(known=(thumbprint,))
    shrinker.json(header)
    shrinker.json(payload)
    shrinker.signature(signature)
    return shrinker.packed()
