"""Our issuer, as a real process, with a wallet on Credo."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from demo.services import RunningServices
from keys.devkeys import make_demo_pki
from keys.jose import public_jwk
from keys.software_signer import SoftwareSigner
from keys.trust import TrustList
from openid4vc.sd_jwt.vc import VcContent, issue_vc
from tests.interop.npm_programs import CredoWallet, WalletRefused
from tests.interop.story import (
    DECISION,
    SELF_ASSESSMENT,
    STATEMENT,
    STORIES,
    Story,
    hand_in,
    offered,
    pem,
    pinned,
)

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]


@pytest.mark.req("VCI-20", "VCI-22", "VCI-34", "VCI-47", "VCI-49", "VCI-61", "VCI-68", "VCT-06")
@pytest.mark.parametrize("pin", [False, True], ids=["no PIN", "PIN"])
@pytest.mark.parametrize("link", ["offer_link", "offer_link_by_value"])
def test_it_receives_what_was_offered(
    services: RunningServices, credo: CredoWallet, link: str, pin: bool
) -> None:
    story = SELF_ASSESSMENT
    api, offer = offered(services, story, pin=pin)
    got = credo.receive(offer[link], txCode=offer.get("pin"))
    (copy,) = got["copies"]
    assert {name: copy["claims"][name] for name in story.claims} == story.claims
    assert got["configurationId"] == story.type
    # It found everything at once, looked into the status list, and told that the card came.
    asked = [(one["path"].rsplit("/", 1)[1], one["status"]) for one in got["seen"]]
    asked.remove(("token", 400))  # for the nonce of the first proof of its key
    assert [status for _, status in asked] == [200] * (len(asked) - 1) + [204]
    told = api.get(f"/api/v1/{story.org}/offers/{offer['offer_id']}").json()
    assert told["state"] == "completed"
    assert [one["delivery"] for one in told["credentials"]] == ["accepted"]


@pytest.mark.req("VCI-13", "VCI-34")
@pytest.mark.parametrize("story", STORIES, ids=[story.type for story in STORIES])
def test_it_takes_a_card_of_each_kind_of_issuer(
    services: RunningServices, credo: CredoWallet, story: Story
) -> None:
    _, offer = offered(services, story)
    (copy,) = credo.receive(offer["offer_link"])["copies"]
    assert {name: copy["claims"][name] for name in story.claims} == story.claims
    assert credo.verify(copy["credential"])["isValid"] is True


@pytest.mark.req("VCI-10", "VCI-47", "VCI-61", "SDJWT-22", "TSL-16")
def test_it_takes_several_copies_that_nothing_links(
    services: RunningServices, credo: CredoWallet
) -> None:
    _, offer = offered(services, STATEMENT)
    got = credo.receive(offer["offer_link"], copies=3)
    copies = [one["claims"] for one in got["copies"]]
    assert len({one["cnf"]["jwk"]["x"] for one in copies}) == 3
    assert len({one["status"]["status_list"]["idx"] for one in copies}) == 3
    for copy in copies:
        assert {name: copy[name] for name in STATEMENT.claims} == STATEMENT.claims


@pytest.mark.req("VCI-63", "VCI-66", "VCI-75")
def test_it_waits_comes_back_and_collects(services: RunningServices, credo: CredoWallet) -> None:
    api, offer = offered(services, STATEMENT, later=True)
    first = credo.receive(offer["offer_link"])
    again = credo.collect()
    assert first["waiting"] == again["waiting"]
    assert (first["seen"][-1]["status"], again["seen"][-1]["status"]) == (202, 202)

    hand_in(api, STATEMENT, offer)
    (copy,) = credo.collect()["copies"]
    assert {name: copy["claims"][name] for name in STATEMENT.claims} == STATEMENT.claims


@pytest.mark.req("VCI-49")
def test_a_name_that_it_kept_from_the_token_endpoint_counts_for_nothing_later(
    services: RunningServices, credo: CredoWallet
) -> None:
    """Where a server takes anonymous wallets Credo is one, and signs its name into the proof.

    OpenID4VCI F.1: without a name at the token endpoint there is no `iss` in a proof.
    """
    _, offer = offered(services, SELF_ASSESSMENT)
    with pytest.raises(WalletRefused) as refusal:
        credo.receive(offer["offer_link"], clientId="credo-wallet")
    assert (refusal.value.status, refusal.value.code) == (400, "invalid_proof")


@pytest.mark.req("VCI-35")
def test_a_wrong_pin_reaches_it_as_the_protocol_says(
    services: RunningServices, credo: CredoWallet
) -> None:
    _, offer = offered(services, SELF_ASSESSMENT, pin=True)
    wrong = f"{int(offer['pin']) ^ 1:0{len(offer['pin'])}}"
    with pytest.raises(WalletRefused) as refusal:
        credo.receive(offer["offer_link"], txCode=wrong)
    assert (refusal.value.status, refusal.value.code) == (400, "invalid_grant")


def test_it_refuses_a_card_of_an_issuer_it_does_not_trust(
    services: RunningServices,
    credo: CredoWallet,
    trust: TrustList,
    trusted: dict[str, list[str]],
) -> None:
    others = {**trusted, "issuers": pinned(trust, DECISION)["anchors"]}
    credo.open(others, ["issuer", "status"])
    _, offer = offered(services, SELF_ASSESSMENT)
    with pytest.raises(WalletRefused, match="No trusted certificate was found"):
        credo.receive(offer["offer_link"])


@pytest.mark.req("VCT-06", "TSL-19")
@pytest.mark.parametrize(
    ("corrections", "complaint"),
    [
        ([], "'iss' claim in the payload does not match a 'SAN-URI' name"),
        (["issuer"], "Status List JWT verification failed: Verify Error: Invalid JWT Signature"),
    ],
    ids=["issuer in the certificate", "status list by another key"],
)
def test_as_it_comes_it_asks_more_of_a_card_than_the_text(
    services: RunningServices,
    credo: CredoWallet,
    trusted: dict[str, list[str]],
    corrections: list[str],
    complaint: str,
) -> None:
    """When this fails, Credo has come to the text: drop the correction, and the line on its page.

    With `x5c` the issuer is the subject of the certificate (SD-JWT VC 2.5), which need not name
    the address in `iss`; the list may be signed by a key of its own under the same authority
    (Token Status List 11.3), as ours is.
    """
    credo.open(trusted, corrections)
    _, offer = offered(services, SELF_ASSESSMENT)
    with pytest.raises(WalletRefused) as refusal:
        credo.receive(offer["offer_link"])
    assert complaint in str(refusal.value)


@pytest.mark.req("VCT-06", "VCT-07")
@pytest.mark.parametrize("own", [True, False], ids=["its own name", "another's name"])
def test_as_it_comes_it_takes_a_card_whose_certificate_names_its_issuer(
    credo: CredoWallet, own: bool
) -> None:
    """What docs/interop.md tells an issuer whose wallets are on such a text; without services."""
    now = datetime.now(UTC)
    pki = make_demo_pki(at=now)
    (issuer,) = (one for one in pki.trust_list.issuers if one.id == DECISION.org)
    card = issue_vc(
        VcContent(
            vct="urn:kykylompakko:authority-decision:1",
            issuer=f"https://{DECISION.org if own else STATEMENT.org}.example/",
            claims=DECISION.claims,
            always=frozenset(),
            issued_on=now.date(),
            expires_at=now + timedelta(days=30),
            holder_jwk=public_jwk(SoftwareSigner.generate().public_key),
        ),
        signer=pki.signer(DECISION.org, "credential"),
        random_bytes=os.urandom,
    )
    credo.open({"issuers": pem(issuer.issuing_anchors), "receivers": [], "statusLists": []}, [])
    assert credo.verify(card)["isValid"] is own
