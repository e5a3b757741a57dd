"""Our verifier, as a real process, with a wallet of other people's libraries."""

import json
import os
import time
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from cryptography import x509

from demo.services import RunningServices
from keys.devkeys import make_demo_pki
from keys.jose import b64url_encode, public_jwk
from keys.software_signer import SoftwareSigner
from keys.trust import TrustList
from openid4vc.sd_jwt.vc import VcContent, issue_vc
from tests.interop.npm_programs import NpmWallet, WalletRefused, private_jwk
from tests.interop.story import (
    DECISION,
    SELF_ASSESSMENT,
    STORIES,
    WEB_SERVICE,
    Story,
    asked,
    offered,
    outcome,
    pem,
    received,
)

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

CHECKS = [
    "answers_request",
    "issuer_trusted",
    "issuer_signature",
    "disclosures",
    "dates",
    "holder_binding",
    "query",
    "status",
    "across_cards",
]


@pytest.mark.req(
    "DESK-05", "VP-09", "VP-23", "VP-25", "VP-26", "VP-29", "VP-32", "HAIP-09", "HAIP-10", "DCQL-16"
)
@pytest.mark.parametrize("story", STORIES, ids=[story.type for story in STORIES])
def test_the_desk_accepts_what_it_shows_and_gets_nothing_more(
    services: RunningServices,
    wallet: NpmWallet,
    desk: httpx2.Client,
    trust: TrustList,
    story: Story,
) -> None:
    held = received(services, wallet, story)
    verification = asked(desk, story)
    shown = wallet.present(verification["request_link"], held, anchors=pem(trust.access_anchors))
    assert shown["prefix"] == "x509_hash"
    assert shown["clientId"] == verification["client_id"]
    assert shown["version"] == 100
    assert [one["status"] for one in shown["replies"]] == [200]
    expected = story.only_shown(story.claims)
    assert shown["disclosed"] == {story.type: expected}

    before = desk.get(f"/api/v1/verifications/{verification['id']}").json()
    assert before["state"] == "code_pending"
    assert (before["cards"], before["checks"], before["outcome"]) == (None, [], None)
    result = outcome(desk, verification, shown)
    assert (result["outcome"], result["code"]) == ("accept", None)
    assert [(one["check"], one["result"]) for one in result["checks"]] == [
        (check, "passed") for check in CHECKS
    ]
    (card,) = result["cards"]
    assert card["claims"] == expected
    assert (card["type"], card["issuer"]) == (story.type, story.org)


@pytest.mark.req("VP-08", "VP-09", "VP-15", "VP-16", "VP-17", "VP-32")
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("prefix", ["x509_hash", "x509_san_dns"])
def test_it_may_be_asked_in_every_way(
    services: RunningServices,
    wallet: NpmWallet,
    desk: httpx2.Client,
    trust: TrustList,
    prefix: str,
    method: str,
) -> None:
    """By either name of the verifier; the request fetched by GET or by POST."""
    held = received(services, wallet, SELF_ASSESSMENT)
    verification = asked(desk, SELF_ASSESSMENT, client_id_prefix=prefix, request_uri_method=method)
    shown = wallet.present(verification["request_link"], held, anchors=pem(trust.access_anchors))
    assert (shown["prefix"], shown["clientId"]) == (prefix, verification["client_id"])
    assert shown["seen"][0]["method"] == method.upper()
    assert outcome(desk, verification, shown)["outcome"] == "accept"


@pytest.mark.req("VP-25", "VP-26", "VP-27", "HAIP-13")
def test_on_the_same_device_its_browser_goes_back(
    services: RunningServices, wallet: NpmWallet, desk: httpx2.Client
) -> None:
    held = received(services, wallet, SELF_ASSESSMENT)
    session = "the-session-of-one-browser"
    way = {"return_to": f"{WEB_SERVICE}/back", "session": session}
    verification = asked(desk, SELF_ASSESSMENT, **way)
    shown = wallet.present(verification["request_link"], held)
    (reply,) = shown["replies"]
    page = httpx2.URL(json.loads(reply["body"])["redirect_uri"])
    assert str(page).startswith(f"{WEB_SERVICE}/back?")
    address = f"/api/v1/verifications/{verification['id']}"
    assert desk.get(address).json()["cards"] is None
    back = {"response_code": page.params["response_code"], "session": session}
    desk.post(f"{address}/return", json=back).raise_for_status()
    assert outcome(desk, verification, shown)["outcome"] == "accept"


@pytest.mark.req("HAIP-11", "VP-29")
@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
def test_it_may_encrypt_either_way(
    services: RunningServices, wallet: NpmWallet, desk: httpx2.Client, enc: str
) -> None:
    held = received(services, wallet, SELF_ASSESSMENT)
    verification = asked(desk, SELF_ASSESSMENT)
    shown = wallet.present(verification["request_link"], held, enc=[enc])
    assert outcome(desk, verification, shown)["outcome"] == "accept"


@pytest.mark.req("VP-28", "VP-31")
def test_an_answer_counts_once(
    services: RunningServices, wallet: NpmWallet, desk: httpx2.Client
) -> None:
    held = received(services, wallet, SELF_ASSESSMENT)
    verification = asked(desk, SELF_ASSESSMENT)
    shown = wallet.present(verification["request_link"], held, times=2)
    first, second = (one["status"] for one in shown["replies"])
    assert first == 200
    assert 400 <= second < 500
    assert outcome(desk, verification, shown)["outcome"] == "accept"


@pytest.mark.req("DCQL-04", "DCQL-07")
def test_without_the_right_credential_it_shows_nothing(
    services: RunningServices, wallet: NpmWallet, desk: httpx2.Client
) -> None:
    held = received(services, wallet, DECISION)
    verification = asked(desk, SELF_ASSESSMENT)
    with pytest.raises(WalletRefused, match="cannot satisfy the query"):
        wallet.present(verification["request_link"], held)
    assert desk.get(f"/api/v1/verifications/{verification['id']}").json()["state"] == "fetched"


@pytest.mark.req("VP-31", "SDJWT-21")
def test_a_copied_credential_is_worthless_to_another_wallet(
    services: RunningServices, wallet: NpmWallet, desk: httpx2.Client
) -> None:
    copied = received(services, wallet, SELF_ASSESSMENT)["credential"]
    thief = {"credential": copied, "holderKey": private_jwk(SoftwareSigner.generate())}
    verification = asked(desk, SELF_ASSESSMENT)
    shown = wallet.present(verification["request_link"], thief)
    result = outcome(desk, verification, shown)
    assert (result["outcome"], result["code"]) == ("reject", "kb_signature_invalid")
    assert result["cards"] is None


@pytest.mark.req("HAIP-12", "DCQL-14")
def test_the_request_names_the_authorities_of_those_who_may_issue_the_type(
    services: RunningServices, wallet: NpmWallet, desk: httpx2.Client, trust: TrustList
) -> None:
    held = received(services, wallet, SELF_ASSESSMENT)
    shown = wallet.present(asked(desk, SELF_ASSESSMENT)["request_link"], held)
    (query,) = shown["requestPayload"]["dcql_query"]["credentials"]
    (issuer,) = [one for one in trust.issuers if one.id == SELF_ASSESSMENT.org]
    keys = [
        x509.SubjectKeyIdentifier.from_public_key(anchor.public_key()).digest
        for anchor in issuer.issuing_anchors
    ]
    assert query["trusted_authorities"] == [
        {"type": "aki", "values": [b64url_encode(key) for key in keys]}
    ]


@pytest.mark.req("VCT-07", "VP-31", "HAIP-12")
def test_an_issuer_of_the_same_name_outside_the_trust_list_is_rejected(
    wallet: NpmWallet, desk: httpx2.Client
) -> None:
    now = datetime.now(UTC)
    holder = SoftwareSigner.generate()
    forged = issue_vc(
        VcContent(
            vct="urn:kykylompakko:self-assessment-result:1",
            issuer="https://issuer.example/itsearviointi",
            claims=SELF_ASSESSMENT.claims,
            always=frozenset(),
            issued_on=now.date(),
            expires_at=now + timedelta(days=30),
            holder_jwk=public_jwk(holder.public_key),
        ),
        signer=make_demo_pki(at=now).signer(SELF_ASSESSMENT.org, "credential"),
        random_bytes=os.urandom,
    )
    verification = asked(desk, SELF_ASSESSMENT)
    held = {"credential": forged, "holderKey": private_jwk(holder)}
    with pytest.raises(WalletRefused, match="cannot satisfy the query"):
        wallet.present(verification["request_link"], held)
    shown = wallet.present(verification["request_link"], held, heedless=True)
    result = outcome(desk, verification, shown)
    assert (result["outcome"], result["code"]) == ("reject", "chain_not_trusted")
    assert [one["result"] for one in result["checks"]] == ["passed", "failed"] + ["not_run"] * 7


@pytest.mark.req("TSL-03", "TSL-05", "TSL-07", "TSL-13", "HAIP-16")
@pytest.mark.parametrize(
    ("change", "verdict", "code"),
    [
        ({"action": "suspend", "reason": "under_review"}, "cannot_confirm", "suspended"),
        ({"action": "revoke", "reason": "corrected"}, "reject", "revoked"),
    ],
)
def test_both_sides_see_a_changed_status(
    services: RunningServices,
    wallet: NpmWallet,
    desk: httpx2.Client,
    change: dict[str, str],
    verdict: str,
    code: str,
) -> None:
    story = SELF_ASSESSMENT
    api, offer = offered(services, story)
    held = wallet.receive(offer["offer_link"])
    told = api.get(f"/api/v1/{story.org}/offers/{offer['offer_id']}").json()
    (copy,) = told["credentials"]
    address = f"/api/v1/{story.org}/credentials/{copy['credential_id']}/status"
    api.post(address, json=change).raise_for_status()
    time.sleep(1.1)  # copies of the list are kept for its `ttl`, here one second

    with pytest.raises(WalletRefused, match="Status is not valid"):
        wallet.verify(held["credential"])

    verification = asked(desk, story)
    shown = wallet.present(verification["request_link"], held)
    result = outcome(desk, verification, shown)
    assert (result["outcome"], result["code"]) == (verdict, code)
    assert (result["cards"] is None) == (verdict == "reject")
