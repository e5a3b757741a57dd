"""The example credentials of the domain travel whole, and show just what was suggested."""

import json
from pathlib import Path
from typing import Any

import pytest

from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from openid4vc.sd_jwt.vc import PROTECTED_CLAIMS
from openid4vc.sd_jwt.verify import PinnedIssuerKey, verify
from tests.openid4vc.sd_jwt.kit import bound, credential, expected, expected_binding, pki

PAYLOADS = sorted((Path(__file__).parents[2] / "fixtures" / "payloads").glob("*.json"))
POLICY = {
    "issuer": PinnedIssuerKey(pki().signer("mallimaa", "credential").public_key),
    "require_status": True,
}


def test_there_are_examples() -> None:
    assert len(PAYLOADS) >= 10


@pytest.mark.req("SDJWT-03", "SDJWT-05", "SDJWT-09", "VCT-03")
@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_an_example_is_issued_held_and_shown(path: Path) -> None:
    example: Any = json.loads(path.read_text())
    always = frozenset(example["always_disclosed"])
    issued = credential(vct=example["vct"], claims=example["claims"], always=always)

    held = verify(issued, expected(**POLICY))
    assert held.claims.items() >= example["claims"].items()
    # What may be left out and is not there, such as the day of a withdrawal, hides nothing.
    there = example["claims"].keys()
    assert {place[0] for place in held.disclosed} == there - always
    assert there - always <= set(example["selectively_disclosable"])
    assert held.vct == example["vct"]

    suggested = example["suggested_presentation"]
    wanted = there & set(suggested["disclose"])
    assert wanted
    presented = bound(select(parse(issued), [(name,) for name in wanted]))
    shown = verify(presented, expected(**POLICY, key_binding=expected_binding()))
    assert {name: shown.claims[name] for name in wanted} == {
        name: example["claims"][name] for name in wanted
    }
    assert set(suggested["withhold"]).isdisjoint(shown.claims)
    clear = always | PROTECTED_CLAIMS | {"iat"}
    assert set(shown.claims) <= clear | wanted
    assert shown.partial_arrays == frozenset()
