"""The credential that everybody issues, presents and verifies: same claims, same keys."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from keys.devkeys import DemoPki, make_demo_pki
from keys.jose import public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.sd_jwt.type_metadata_integrity import integrity_of

EXAMPLE = Path(__file__).parents[1] / "tests/fixtures/payloads/01_self_assessment_result.json"
ORG = "itsearviointi"
ISSUER_URL = "https://issuer.example/itsearviointi"
STATUS = StatusReference(f"{ISSUER_URL}/status-lists/1", 4711)
VCT_INTEGRITY = integrity_of(b"what the type is called and looks like")
AUDIENCE = "x509_hash:bench"
NONCE = "bench-nonce-0123456789"


@dataclass(frozen=True)
class Case:
    """One everyday credential: a self-assessment, of which a job centre is shown nine claims.

    Attributes:
        recursive: whether parts of objects and arrays are hidden one by one as well.
        now: the time of everything.
        pki: issuers and trust list; each has one certificate between itself and its authority.
        holder: the wallet's key.
    """

    recursive: bool
    now: datetime
    pki: DemoPki
    holder: SoftwareSigner

    @classmethod
    def make(cls, *, recursive: bool) -> "Case":
        """Draw fresh keys."""
        now = datetime.now(UTC).replace(microsecond=0)
        return cls(recursive, now, make_demo_pki(at=now), SoftwareSigner.generate())

    @cached_property
    def example(self) -> dict[str, Any]:
        """The fixture with its claims, what is always shown and what is asked."""
        example = json.loads(EXAMPLE.read_text("utf-8"))
        assert isinstance(example, dict)
        return example

    @property
    def always(self) -> frozenset[str]:
        """Claims that are in clear."""
        return frozenset(self.example["always_disclosed"])

    @property
    def hidden(self) -> list[str]:
        """Top-level claims that are behind disclosures."""
        return [name for name in self.example["claims"] if name not in self.always]

    @property
    def wanted(self) -> list[str]:
        """Top-level claims that are shown."""
        return list(self.example["suggested_presentation"]["disclose"])

    @property
    def issuer(self) -> SoftwareSigner:
        """The key that signs credentials."""
        signer = self.pki.signer(ORG, "credential")
        assert isinstance(signer, SoftwareSigner)
        return signer

    @property
    def expires_at(self) -> datetime:
        """When the credential ends."""
        return self.now + timedelta(days=180)

    @property
    def holder_jwk(self) -> dict[str, str]:
        """The wallet's public key."""
        return public_jwk(self.holder.public_key)

    def claims(self) -> dict[str, Any]:
        """Every claim as it stands in the credential, with those that our `issue_vc` writes."""
        status = {"status_list": {"idx": STATUS.index, "uri": STATUS.uri}}
        midnight = self.now.replace(hour=0, minute=0, second=0)
        return {
            "iss": ISSUER_URL,
            "vct": self.example["vct"],
            "vct#integrity": VCT_INTEGRITY,
            "iat": int(midnight.timestamp()),
            "exp": int(self.expires_at.timestamp()),
            "cnf": {"jwk": self.holder_jwk},
            "status": status,
            **self.example["claims"],
        }
