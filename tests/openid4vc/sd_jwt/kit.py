"""What the SD-JWT tests share: vectors, keys, fixed times and hand-made SD-JWTs."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from keys.devkeys import DemoPki, make_demo_pki
from keys.jose import b64url_encode, key_from_jwk, public_jwk, sign_jws
from keys.software_signer import SoftwareSigner
from openid4vc.sd_jwt.hashes import digest_of
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding, bind
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.sd_jwt.vc import VcContent, issue_vc
from openid4vc.sd_jwt.verify import Expected, PinnedIssuerKey

VECTORS = Path(__file__).parents[2] / "vectors"

AT = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
NOW = int(AT.timestamp())
AUDIENCE = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk"
NONCE = "n-0f9a1c2e3d4b5a697887"
VCT = "urn:kykylompakko:statement-feedback:1"

ISSUER = SoftwareSigner.generate()
HOLDER = SoftwareSigner.generate()
STRANGER = SoftwareSigner.generate()


def vector(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


def key(jwk: Mapping[str, object]) -> Any:
    return key_from_jwk({name: jwk[name] for name in ("kty", "crv", "x", "y")})


def counting_salts() -> Callable[[int], bytes]:
    """Salts that are all different and the same in every run."""
    numbers: Iterator[int] = count()
    return lambda size: b"".join(next(numbers).to_bytes(16, "big") for _ in range(size // 16))


def encoded(*parts: object) -> str:
    """A disclosure of whatever shape."""
    return b64url_encode(json.dumps(parts).encode())


def vc_claims(**more: object) -> dict[str, object]:
    """The clear claims of a sound credential, changed as told; None removes one."""
    claims: dict[str, object] = {
        "iss": "https://issuer.example",
        "vct": VCT,
        "iat": NOW - 86_400,
        "exp": NOW + 86_400,
        "cnf": {"jwk": public_jwk(HOLDER.public_key)},
        **more,
    }
    return {name: value for name, value in claims.items() if value is not None}


def sd_jwt(
    claims: Mapping[str, object],
    disclosures: Sequence[str] = (),
    *,
    typ: str = "dc+sd-jwt",
    signer: SoftwareSigner = ISSUER,
) -> str:
    """Sign claims as they are, digests included, and put disclosures behind."""
    jws = sign_jws({"typ": typ}, json.dumps(claims).encode(), signer)
    return "~".join((jws, *disclosures, ""))


def hiding(*disclosures: str, **more: object) -> str:
    """A credential with these disclosures at its top level."""
    return sd_jwt(vc_claims(_sd=[digest_of(each) for each in disclosures], **more), disclosures)


def bound(presented: str, signer: SoftwareSigner = HOLDER) -> str:
    return bind(presented, signer=signer, audience=AUDIENCE, nonce=NONCE, at=AT)


def with_kb(
    presented: str,
    payload: Mapping[str, object],
    *,
    typ: str = "kb+jwt",
    signer: SoftwareSigner = HOLDER,
) -> str:
    """Put a hand-made key binding JWT behind a presentation."""
    return presented + sign_jws({"typ": typ}, json.dumps(payload).encode(), signer)


def expected_binding(**more: Any) -> ExpectedKeyBinding:
    return ExpectedKeyBinding(**{"audience": AUDIENCE, "nonce": NONCE, "at": AT, **more})


def expected(**more: Any) -> Expected:
    """What a wallet expects of a credential from `ISSUER`; a verifier adds `key_binding`."""
    return Expected(
        **{"issuer": PinnedIssuerKey(ISSUER.public_key), "at": AT, "key_binding": None, **more}
    )


@cache
def pki() -> DemoPki:
    return make_demo_pki(at=AT)


def content(**more: Any) -> VcContent:
    """What a statement credential of `mallimaa` says, changed as told."""
    return VcContent(
        **{
            "vct": VCT,
            "issuer": "https://issuer.example/mallimaa",
            "claims": {
                "issuing_authority": "Mallimaan hyvinvointialue (TESTI)",
                "given_name": "Aino",
                "birthdate": "1990-04-12",
                "task_restrictions": ["lifting_over_10kg", "night_work"],
                "work_ability": {"own_work": "partial", "other_work": "full"},
            },
            "always": frozenset({"issuing_authority"}),
            "issued_on": AT.date(),
            "expires_at": AT + timedelta(days=90),
            "holder_jwk": public_jwk(HOLDER.public_key),
            "status": StatusReference("https://issuer.example/mallimaa/status-lists/1", 17),
            **more,
        }
    )


def credential(org: str = "mallimaa", **more: Any) -> str:
    return issue_vc(
        content(**more), signer=pki().signer(org, "credential"), random_bytes=counting_salts()
    )
