"""The whole way from an issuing system to a wallet, and what may be done afterwards."""

import shutil
from pathlib import Path

import pytest

from credential_schemas.data_files import HOME
from credential_schemas.loader import load_catalogue
from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.parse import parse
from openid4vc.status_list.bits import Status
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World, claims_of, offer_body

ISSUERS = {
    "self_assessment_result": "itsearviointi",
    "statement_feedback": "mallimaa",
    "authority_decision": "kela",
}


@pytest.mark.req("VCI-20", "VCI-22", "VCI-28", "VCI-38", "VCI-50", "VCI-61", "VCI-62", "VCI-68")
@pytest.mark.parametrize("type_id", sorted(ISSUERS))
def test_a_wallet_receives_what_was_offered(world: World, type_id: str) -> None:
    org = ISSUERS[type_id]
    wallet = TinyWallet(world, org)
    made = world.offer(offer_body(type_id), org=org)

    credential = wallet.receive(made["offer_link"])

    claims = disclose(parse(credential)).claims
    assert {name: claims[name] for name in claims_of(type_id)} == claims_of(type_id)
    assert claims["iss"] == wallet.issuer
    assert claims["cnf"] == {"jwk": wallet.jwk}
    assert wallet.status_of(credential) is Status.VALID
    told = world.offer_state(made["offer_id"], org=org)
    assert told["state"] == "completed"
    assert [(one["state"], one["delivery"]) for one in told["credentials"]] == [
        ("valid", "accepted")
    ]


def test_a_type_that_is_only_files_is_issued_like_the_others(tmp_path: Path) -> None:
    home = tmp_path / "catalogue"
    shutil.copytree(HOME, home, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copytree(home / "types" / "authority_decision", home / "types" / "added_decision")
    file = home / "types" / "added_decision" / "type.json"
    vct = "urn:kykylompakko:added-decision:1"
    file.write_text(file.read_text().replace("urn:kykylompakko:authority-decision:1", vct))
    world = World(f"sqlite:///{tmp_path}/issuer.db", catalogue=load_catalogue(home))
    wallet = TinyWallet(world, "kela")
    body = offer_body("authority_decision") | {"type": "added_decision"}

    credential = wallet.receive(world.offer(body, org="kela")["offer_link"])

    assert parse(credential).claims["vct"] == vct
    assert "added_decision" in {one.id for one in wallet.metadata()[0].configurations.values()}
    world.close()
