"""The formats, both ways, against @sd-jwt and jose."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from credential_schemas.loader import load_catalogue
from credential_schemas.model import Catalogue
from keys.jose import EncryptionKey, decrypt_jwe, encrypt_jwe, public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding, bind
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from openid4vc.sd_jwt.vc import VcContent, issue_vc
from openid4vc.sd_jwt.verify import Expected, PinnedIssuerKey, verify
from openid4vc.status_list.bits import StatusList
from openid4vc.status_list.token import sign_status_list
from tests.interop.npm_programs import formats, private_jwk
from tools.node import Node

pytestmark = pytest.mark.slow

PAYLOADS = Path(__file__).parents[1] / "fixtures" / "payloads"
NOW = datetime.now(UTC).replace(microsecond=0)
CLIENT_ID = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk"
NONCE = "n-0f9a1c2e3d4b5a697887"
ISSUER = SoftwareSigner(SoftwareSigner.generate().private_key, (b"their verifier pins the key",))
HOLDER = SoftwareSigner.generate()


def payloads(catalogue: Catalogue) -> list[dict[str, Any]]:
    """The example payloads of the types that exist."""
    texts = (path.read_text("utf-8") for path in sorted(PAYLOADS.glob("*.json")))
    return [one for one in map(json.loads, texts) if one["credential_type"] in catalogue.types]


@pytest.fixture
def catalogue() -> Catalogue:
    return load_catalogue()


def issued(catalogue: Catalogue, payload: dict[str, Any]) -> str:
    rng = random.Random(7)
    credential_type = catalogue.types[payload["credential_type"]]
    content = VcContent(
        vct=credential_type.vct,
        issuer="https://issuer.example/org",
        claims=payload["claims"],
        always=credential_type.always_disclosed(),
        issued_on=NOW.date(),
        expires_at=NOW + timedelta(days=30),
        holder_jwk=public_jwk(HOLDER.public_key),
    )
    return issue_vc(content, signer=ISSUER, random_bytes=rng.randbytes)


def expected(*, bound: bool) -> Expected:
    binding = ExpectedKeyBinding(audience=CLIENT_ID, nonce=NONCE, at=NOW)
    return Expected(
        issuer=PinnedIssuerKey(ISSUER.public_key), at=NOW, key_binding=binding if bound else None
    )


@pytest.mark.req("SDJWT-02", "SDJWT-03", "SDJWT-09", "VCT-01")
def test_their_library_reads_what_we_issue(needs_node: Node, catalogue: Catalogue) -> None:
    examples = payloads(catalogue)
    assert len(examples) >= 3
    wishes: list[dict[str, object]] = [
        {
            "do": "verify",
            "credential": issued(catalogue, payload),
            "issuerKey": public_jwk(ISSUER.public_key),
        }
        for payload in examples
    ]
    for payload, reply in zip(examples, formats(needs_node, wishes), strict=True):
        said = reply["result"]["claims"]
        assert {name: said[name] for name in payload["claims"]} == payload["claims"]
        assert set(said) - set(payload["claims"]) == {"iss", "vct", "iat", "exp", "cnf"}


@pytest.mark.req("SDJWT-14", "SDJWT-21")
def test_we_read_what_their_library_issues_and_binds(
    needs_node: Node, catalogue: Catalogue
) -> None:
    (payload, *_) = payloads(catalogue)
    claims = {
        **payload["claims"],
        "vct": payload["vct"],
        "iat": int(NOW.timestamp()) - 60,
        "exp": int(NOW.timestamp()) + 3600,
        "cnf": {"jwk": public_jwk(HOLDER.public_key)},
    }
    frame = {
        "_sd": list(payload["claims"]),
        "_sd_decoy": 3,
        "domain_scores": {"_sd": list(payload["claims"]["domain_scores"])},
        "support_needs": {"_sd": [0, 1], "_sd_decoy": 1},
    }
    (reply,) = formats(
        needs_node,
        [{"do": "issue", "claims": claims, "frame": frame, "issuerKey": private_jwk(ISSUER)}],
    )
    whole = verify(reply["result"], expected(bound=False))
    assert {name: whole.claims[name] for name in claims} == claims

    wanted = {"given_name": True, "domain_scores": {"skills": True}, "support_needs": {"1": True}}
    (bound,) = formats(
        needs_node,
        [
            {
                "do": "bind",
                "credential": reply["result"],
                "frame": wanted,
                "holderKey": private_jwk(HOLDER),
                "payload": {"iat": int(NOW.timestamp()), "aud": CLIENT_ID, "nonce": NONCE},
            }
        ],
    )
    seen = verify(bound["result"], expected(bound=True))
    assert seen.claims["given_name"] == payload["claims"]["given_name"]
    assert seen.claims["domain_scores"] == {"skills": payload["claims"]["domain_scores"]["skills"]}
    assert seen.claims["support_needs"] == [payload["claims"]["support_needs"][1]]
    assert "family_name" not in seen.claims


@pytest.mark.req("SDJWT-18", "SDJWT-19")
def test_their_library_accepts_our_key_binding(needs_node: Node, catalogue: Catalogue) -> None:
    (payload, *_) = payloads(catalogue)
    chosen = select(parse(issued(catalogue, payload)), [("given_name",), ("support_needs", None)])
    presented = bind(chosen, signer=HOLDER, audience=CLIENT_ID, nonce=NONCE, at=NOW)
    wish = {
        "do": "verify",
        "credential": presented,
        "issuerKey": public_jwk(ISSUER.public_key),
        "holderKey": public_jwk(HOLDER.public_key),
    }
    right, wrong = formats(
        needs_node, [{**wish, "nonce": NONCE}, {**wish, "nonce": "of-another-request"}]
    )
    assert right["result"]["claims"]["support_needs"] == payload["claims"]["support_needs"]
    assert "work_ability_score" not in right["result"]["claims"]
    assert right["result"]["kb"]["aud"] == CLIENT_ID
    assert wrong == {"error": "Verify Error: Invalid Nonce"}


@pytest.mark.req("VP-29")
@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
@pytest.mark.parametrize("parties", [{}, {"apv": "bm9uY2U"}, {"apu": "dw", "apv": "bm9uY2U"}])
def test_encrypted_answers_open_on_both_sides(
    needs_node: Node, enc: str, parties: dict[str, str]
) -> None:
    key = EncryptionKey(HOLDER.private_key)
    ours = encrypt_jwe(b'{"vp_token":{}}', key.public_jwk, enc=enc)
    theirs, opened = formats(
        needs_node,
        [
            {
                "do": "encrypt",
                "text": '{"state":"s"}',
                "jwk": dict(key.public_jwk),
                "enc": enc,
                **parties,
            },
            {"do": "decrypt", "jwe": ours, "jwk": private_jwk(HOLDER)},
        ],
    )
    assert decrypt_jwe(theirs["result"], key) == b'{"state":"s"}'
    assert opened["result"]["text"] == '{"vp_token":{}}'
    assert opened["result"]["header"]["kid"] == key.public_jwk["kid"]


@pytest.mark.req("TSL-01", "TSL-02", "TSL-03")
def test_status_lists_read_alike_on_both_sides(needs_node: Node) -> None:
    rng = random.Random(11)
    entries = [rng.choice([0, 0, 0, 1, 2]) for _ in range(4000)]
    ours = StatusList(len(entries))
    for index, value in enumerate(entries):
        ours.set(index, value)
    token = sign_status_list(
        ours,
        uri="https://issuer.example/org/status-lists/1",
        issued_at=NOW,
        expires_at=NOW + timedelta(hours=1),
        ttl=timedelta(minutes=5),
        signer=ISSUER,
    )
    read, packed = formats(
        needs_node,
        [
            {"do": "status", "token": token, "indexes": list(range(len(entries)))},
            {"do": "pack", "entries": entries, "bits": 2},
        ],
    )
    assert read["result"] == entries
    theirs = StatusList.from_lst(packed["result"], bits=2)
    assert [theirs.get(index) for index in range(len(entries))] == entries
