"""The whole way from an issuing system to a wallet, and what may be done afterwards."""

import pytest

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
