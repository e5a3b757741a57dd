"""Issue, present and verify one credential, beside the cryptography that they cannot do without.

    make bench

Every figure is the median of several rounds taken in turn, so that a machine that slows down slows
both sides. "Physical" is: for issuing one signature and the salts and digests, for presenting one
signature, for verifying two signature checks and the digests of what is shown.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from keys.devkeys import make_demo_pki
from keys.jose import b64url_encode, public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding, bind
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from openid4vc.sd_jwt.vc import VcContent, issue_vc
from openid4vc.sd_jwt.verify import Expected, IssuersOnTrustList, verify

ROUNDS = 9
SECONDS_PER_ROUND = 0.25
EXAMPLE = Path(__file__).parents[1] / "tests/fixtures/payloads/01_self_assessment_result.json"
AUDIENCE = "x509_hash:bench"
NONCE = "bench-nonce-0123456789"

Work = Callable[[], object]


def rate(work: Work) -> float:
    """Return how often `work` runs in a second, over one short round."""
    count, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < SECONDS_PER_ROUND:
        work()
        count += 1
    return count / spent


def compare(physical: Work, ours: Work) -> tuple[float, float]:
    """Return the medians of both, measured in turn."""
    rounds = [(rate(physical), rate(ours)) for _ in range(ROUNDS)]
    return statistics.median(r[0] for r in rounds), statistics.median(r[1] for r in rounds)


def main() -> None:
    """Print one line for each operation."""
    now = datetime.now(UTC)
    example = json.loads(EXAMPLE.read_text("utf-8"))
    pki = make_demo_pki(at=now)
    issuer, holder = pki.signer("itsearviointi", "credential"), SoftwareSigner.generate()
    content = VcContent(
        vct=example["vct"],
        issuer="https://issuer.example/itsearviointi",
        claims=example["claims"],
        always=frozenset(example["always_disclosed"]),
        issued_on=now.date(),
        expires_at=now + timedelta(days=180),
        holder_jwk=public_jwk(holder.public_key),
        status=StatusReference("https://issuer.example/itsearviointi/status-lists/1", 4711),
    )

    def issue() -> str:
        return issue_vc(content, signer=issuer, salts=lambda: os.urandom(16))

    credential = parse(issue())
    asked = [(name,) for name in example["suggested_presentation"]["disclose"]]

    def present() -> str:
        shown = select(credential, asked)
        return bind(shown, signer=holder, audience=AUDIENCE, nonce=NONCE, at=now)

    presentation = present()
    expected = Expected(
        issuer=IssuersOnTrustList(pki.trust_list),
        at=now,
        key_binding=ExpectedKeyBinding(audience=AUDIENCE, nonce=NONCE, at=now),
    )
    message, ecdsa = b"x" * 2_000, ec.ECDSA(hashes.SHA256())
    signature = holder.private_key.sign(message, ecdsa)
    hidden = len(credential.disclosures)
    shown = len(parse(presentation).disclosures)

    def digests(count: int) -> None:
        for _ in range(count):
            sha256(b64url_encode(os.urandom(16)).encode()).digest()

    def physical_issue() -> None:
        holder.private_key.sign(message, ecdsa)
        digests(hidden)

    def physical_verify() -> None:
        holder.public_key.verify(signature, message, ecdsa)
        holder.public_key.verify(signature, message, ecdsa)
        digests(shown)

    print(f"{hidden} disclosures, {shown} shown, presentation {len(presentation)} characters")
    print(f"{'operation':<10}{'physical/s':>12}{'ours/s':>10}{'ours of physical':>20}")
    for name, physical, ours in (
        ("issue", physical_issue, issue),
        ("present", lambda: holder.private_key.sign(message, ecdsa), present),
        ("verify", physical_verify, lambda: verify(presentation, expected)),
    ):
        limit, reached = compare(physical, ours)
        print(f"{name:<10}{limit:>12,.0f}{reached:>10,.0f}{reached / limit:>20.2f}")


if __name__ == "__main__":
    main()
