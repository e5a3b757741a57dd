"""What the QR tests share: the demo PKI, the three everyday presentations, one challenge."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from credential_schemas.loader import load_catalogue
from keys.box import BoxKey
from keys.devkeys import DemoPki, make_demo_pki
from keys.jose import public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.dcql.match import answer
from openid4vc.dcql.profiles import query_for
from openid4vc.qr.answer import write_bound
from openid4vc.qr.challenge import LIFE, Challenge, x509_hash
from openid4vc.qr.frames import Message
from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding, bind
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from openid4vc.sd_jwt.type_metadata_integrity import integrity_of
from openid4vc.sd_jwt.type_metadata_own import write_type_document
from openid4vc.sd_jwt.vc import VcContent, issue_vc
from openid4vc.sd_jwt.verify import Expected, IssuersOnTrustList

PAYLOADS = Path(__file__).parents[2] / "fixtures" / "payloads"
AT = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
NONCE = "4Ux8V2n0yq7_Zk1dQmJc3A"
HOLDER = SoftwareSigner.generate()

EVERYDAY = {
    "te_initial_interview": ("01_self_assessment_result", "itsearviointi"),
    "te_service_need": ("02_statement_feedback", "mallimaa"),
    "te_benefit_coordination": ("03_authority_decision", "kela"),
}
"""Request profile: the payload that answers it, and its issuer."""


@cache
def pki() -> DemoPki:
    return make_demo_pki(at=AT)


def desk() -> SoftwareSigner:
    return pki().signer("te-toimisto-malli", "access")


def salts() -> Callable[[int], bytes]:
    """Different, evenly spread, and the same in every run."""
    numbers = count()
    return lambda size: b"".join(
        sha256(next(numbers).to_bytes(4, "big")).digest()[:16] for _ in range(size // 16)
    )


@cache
def credential(profile: str) -> str:
    """An example payload as its issuer signs it, with status and holder key."""
    payload, org = EVERYDAY[profile]
    example = json.loads((PAYLOADS / f"{payload}.json").read_text("utf-8"))
    catalogue = load_catalogue()
    credential_type = catalogue.types[catalogue.profiles[profile].credential_type]
    base = f"https://lompakko.example.fi/{org}"
    content = VcContent(
        vct=credential_type.vct,
        issuer=base,
        claims=example["claims"],
        always=credential_type.always_disclosed(),
        issued_on=AT.date(),
        expires_at=AT + timedelta(days=90),
        holder_jwk=public_jwk(HOLDER.public_key),
        status=StatusReference(f"{base}/status-lists/1", 731_482),
        vct_integrity=integrity_of(write_type_document(catalogue, credential_type)),
    )
    return issue_vc(content, signer=pki().signer(org, "credential"), random_bytes=salts())


@cache
def shown(profile: str) -> str:
    """What the profile asks for of that credential, not bound yet."""
    catalogue = load_catalogue()
    asked = catalogue.profiles[profile]
    (query,) = query_for(asked, catalogue).credentials
    held = parse(credential(profile))
    vct = catalogue.types[asked.credential_type].vct
    found = answer(query, vct=vct, claims=disclose(held).claims)
    assert found is not None
    return select(held, found.places)


def bound(profile: str, *, audience: str, nonce: str = NONCE, at: datetime = AT) -> str:
    return bind(shown(profile), signer=HOLDER, audience=audience, nonce=nonce, at=at)


@cache
def certificates() -> dict[bytes, bytes]:
    """The credential signers' certificates by their SHA-256, as a desk holds them."""
    chains = (pki().signer(org, "credential").certificate_chain for _, org in EVERYDAY.values())
    return {sha256(der).digest(): der for chain in chains for der in chain}


BOX_KEY = BoxKey.from_private_bytes(sha256(b"a fixed key for tests").digest())


def challenge(profile: str = "te_service_need", **changes: Any) -> Challenge:
    members: dict[str, Any] = {
        "client_id": x509_hash(desk().certificate_chain[0]),
        "profile_id": profile,
        "nonce": NONCE,
        "public_key": BOX_KEY.public_bytes,
        "issued_at": AT,
        "expires_at": AT + LIFE,
        "held": frozenset(digest[:4] for digest in certificates()),
        **changes,
    }
    return Challenge(**members)


def answer_to(asked: Challenge, *, at: datetime = AT) -> Message:
    """What an honest wallet shows."""
    text = bound(asked.profile_id, audience=asked.client_id, nonce=asked.nonce, at=at)
    return write_bound(text, challenge=asked)


def expected(key_binding: ExpectedKeyBinding) -> Expected:
    """What a desk verifies a presentation by."""
    return Expected(
        issuer=IssuersOnTrustList(pki().trust_list), at=key_binding.at, key_binding=key_binding
    )
