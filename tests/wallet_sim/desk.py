"""A desk without network: shows challenges, reads pictures, opens boxes, verifies, accepts once."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from os import urandom
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image

from credential_schemas.loader import load_catalogue
from keys.box import BoxKey
from keys.jose import b64url_encode
from keys.software_signer import SoftwareSigner
from openid4vc.dcql.match import Presented, check_satisfied
from openid4vc.dcql.profiles import query_for
from openid4vc.qr.answer import ReadAnswer, read_bound, read_self_initiated
from openid4vc.qr.challenge import (
    HASH_FOLLOWS,
    LIFE,
    SCHEME,
    Challenge,
    ChallengeLink,
    write_challenge,
    x509_hash,
)
from openid4vc.qr.frames import FrameCollector, Kind, Message, read_single, write_frames
from openid4vc.sd_jwt.model import VerifiedSdJwt
from openid4vc.sd_jwt.verify import Expected, IssuersOnTrustList, verify
from tests.wallet_sim.world import TestClock, pki

QR_ONLY = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


class Replayed(Exception):
    """The same answer was shown before."""


class DeskSimulator:
    """One desk, honest unless a test changes a field."""

    def __init__(self, clock: TestClock, org: str = "te-toimisto-malli") -> None:
        self.clock = clock
        self.catalogue = load_catalogue()
        self.signer: SoftwareSigner = pki().signer(org, "access")
        self.key = BoxKey.generate()
        self.challenge = self.fresh()
        self.seen: set[bytes] = set()

    def fresh(self, profile: str = "te_initial_interview", **changes: Any) -> Challenge:
        """Make a challenge; the one that `link` shows is `self.challenge`."""
        now = self.clock.now().replace(microsecond=0)
        members: dict[str, Any] = {
            "client_id": x509_hash(self.certificate),
            "profile_id": profile,
            "nonce": b64url_encode(urandom(16)),
            "public_key": self.key.public_bytes,
            "issued_at": now,
            "expires_at": now + LIFE,
            "held": frozenset(digest[:4] for digest in self.certificates()),
            **changes,
        }
        return Challenge(**members)

    @property
    def certificate(self) -> bytes:
        return self.signer.certificate_chain[0]

    def certificates(self) -> dict[bytes, bytes]:
        (der,) = pki().signer("itsearviointi", "credential").certificate_chain
        return {sha256(der).digest(): der}

    def link(self) -> ChallengeLink:
        return write_challenge(self.challenge, signer=self.signer)

    def link_by_hash(self) -> str:
        """The same challenge with its certificate left out."""
        body = read_single(self.link().digits).body
        packed = body[3 + int.from_bytes(body[1:3], "big") :]
        shorter = HASH_FOLLOWS + sha256(self.certificate).digest() + packed
        (digits,) = write_frames(Message(Kind.CHALLENGE, shorter))
        return SCHEME + digits

    # --- reading -------------------------------------------------------------------------------

    def take(self, frames: Iterable[str]) -> VerifiedSdJwt:
        """Open, verify and accept a bound answer, once."""
        read = read_bound(
            collected(frames),
            challenge=self.challenge,
            key=self.key,
            at=self.clock.now(),
            certificates=self.certificates().get,
        )
        return self._accept(read)

    def look_at(self, frames: Iterable[str]) -> VerifiedSdJwt:
        """Verify a self-initiated answer, once."""
        return self._accept(read_self_initiated(collected(frames), at=self.clock.now()))

    def check(self, shown: VerifiedSdJwt) -> None:
        """Check that what was asked is there."""
        profile = self.catalogue.profiles[self.challenge.profile_id]
        presented = Presented(shown.vct, shown.claims, shown.partial_arrays)
        check_satisfied(query_for(profile, self.catalogue), {profile.credential_type: [presented]})

    def _accept(self, read: ReadAnswer) -> VerifiedSdJwt:
        trust = IssuersOnTrustList(pki().trust_list)
        expected = Expected(issuer=trust, at=self._now(), key_binding=read.key_binding)
        shown = verify(read.presentation, expected)
        if read.once_key in self.seen:
            raise Replayed
        self.seen.add(read.once_key)
        return shown

    def _now(self) -> datetime:
        return self.clock.now()


def collected(frames: Iterable[str]) -> Message:
    collector = FrameCollector()
    for frame in frames:
        collector.add(frame)
    message = collector.message()
    assert message is not None
    return message


def read_picture(path: Path) -> str:
    """The text of the only code, as another reader than the wallet's own sees it."""
    (found,) = zxingcpp.read_barcodes(Image.open(path).convert("L"), formats=QR_ONLY)
    return found.text


def version_of(path: Path) -> tuple[int, str]:
    """Version and error correction level of the drawn code."""
    (found,) = zxingcpp.read_barcodes(Image.open(path).convert("L"), formats=QR_ONLY)
    extra: Any = found.extra
    return int(extra["Version"]), found.ec_level
