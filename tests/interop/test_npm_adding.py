"""Our issuer, asked by a wallet of other people's libraries, which is attested and holds keys."""

import re
from typing import Any

import pytest

from tests.interop.asking import (
    LOOPBACK,
    PEKKA,
    PLAN,
    AskedIssuer,
    agreed,
    new_vendor,
    query_of,
)
from tests.interop.npm_programs import NpmWallet, WalletRefused
from tests.interop.story import DECISION, Story, hand_in, offered

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

Json = dict[str, Any]
SAID = {"benefit_or_service": "vocational_rehabilitation", "decision_outcome": "granted"}
PRIVATE_USE = "com.vendor.wallet:/callback"


def begun(
    issuer: AskedIssuer, wallet: NpmWallet, story: Story = DECISION, **details: object
) -> Json:
    wish = {"redirectUri": LOOPBACK, "provider": issuer.vendor.provider, **details}
    return wallet.begin(issuer.address(story.org), story.type, **wish)


def statuses(got: Json, endpoint: str) -> list[int]:
    return [one["status"] for one in got["seen"] if one["path"].endswith(f"/{endpoint}")]


@pytest.mark.req("HAIP-01", "HAIP-02", "HAIP-04", "VCI-40", "VCI-41", "VCI-42", "VCI-59", "VCI-68")
@pytest.mark.req("ABCA-02", "ABCA-03", "DPOP-02", "DPOP-04")
@pytest.mark.parametrize("state", [None, "of-the-wallet"], ids=["no state", "state"])
@pytest.mark.parametrize("redirect_uri", [LOOPBACK, PRIVATE_USE], ids=["loopback", "private use"])
def test_it_asks_and_gets_a_card(
    issuer: AskedIssuer, wallet: NpmWallet, redirect_uri: str, state: str | None
) -> None:
    """By `scope`; encrypted, since the issuer has health data. Its own flow drops `state`."""
    adding = begun(issuer, wallet, redirectUri=redirect_uri, state=state)
    back = agreed(adding["link"])
    assert back.startswith(f"{redirect_uri}?")
    assert query_of(back).get("state") == state
    assert query_of(back)["iss"] == issuer.address("kela")

    got = wallet.finish(adding, back, **issuer.pinned(DECISION))
    assert got["claims"] | SAID == got["claims"]
    assert got["claims"]["cnf"]["jwk"] == got["holderJwk"]
    assert (got["tokenType"], got["notified"]) == ("DPoP", 204)
    assert [one["sealed"] for one in got["seen"] if one["path"].endswith("/credential")] == [True]


@pytest.mark.req("DPOP-05")
def test_it_learns_nonces_from_refusals_and_answers(issuer: AskedIssuer, wallet: NpmWallet) -> None:
    adding = begun(issuer, wallet)
    assert statuses(adding, "par") == [400, 201]
    got = wallet.finish(adding, agreed(adding["link"]))
    # It came with the nonce of the last answer each time, and was never sent back.
    for endpoint in ("token", "credential"):
        assert statuses(got, endpoint) == [200]
    assert statuses(got, "notification") == [204]


@pytest.mark.req("VCI-33", "VCI-36", "VCI-37", "VCI-47")
def test_it_asks_by_authorization_details(issuer: AskedIssuer, wallet: NpmWallet) -> None:
    adding = begun(issuer, wallet, by="details")
    got = wallet.finish(adding, agreed(adding["link"]), copies=3, **issuer.pinned(DECISION))
    (detail,) = got["authorizationDetails"]
    assert detail["credential_configuration_id"] == DECISION.type
    assert detail["credential_identifiers"] == [got["identifier"]]
    assert [one["cnf"]["jwk"] for one in got["copies"]] == got["copiesFor"]
    assert len(got["copies"]) == 3


@pytest.mark.req("VCI-37")
def test_as_it_comes_it_asks_by_another_name_than_it_was_told(
    issuer: AskedIssuer, wallet: NpmWallet
) -> None:
    """When this fails, the library has come to the text: drop `byIdentifier` of `receive.mjs`.

    OpenID4VCI 8.2: where the token response has identifiers, `credential_configuration_id` MUST NOT
    be used. The library always uses it.
    """
    adding = begun(issuer, wallet, by="details")
    with pytest.raises(WalletRefused) as refusal:
        wallet.finish(adding, agreed(adding["link"]), asItComes=True)
    assert (refusal.value.status, refusal.value.code) == (400, "invalid_credential_request")


@pytest.mark.req("VCI-63", "VCI-66", "VCI-75", "DPOP-05")
def test_it_waits_and_comes_back_with_another_token(issuer: AskedIssuer, wallet: NpmWallet) -> None:
    adding = begun(issuer, wallet)
    told = wallet.finish(adding, agreed(adding["link"], person=PEKKA))
    waiting = told["waiting"]
    assert told["status"] == 202
    again = wallet.collect(waiting)
    assert again["status"] == 202
    # It had kept no nonce, and learnt one from the refusal.
    assert statuses(again, "deferred-credential") == [401, 202]

    api = issuer.services.issuer_api(DECISION.org, DECISION.type)
    hand_in(api, DECISION, {"offer_id": issuer.register.requests[-1]})
    token = wallet.refresh(adding, told["refreshToken"])["accessToken"]
    with pytest.raises(WalletRefused) as earlier:
        wallet.collect(waiting)
    assert earlier.value.status == 401
    got = wallet.collect({**waiting, "accessToken": token}, **issuer.pinned(DECISION))
    assert got["claims"]["cnf"]["jwk"] == got["holderJwk"]


@pytest.mark.req("ABCA-14", "TSL-16")
def test_it_renews_a_card_that_nears_its_end(issuer: AskedIssuer, wallet: NpmWallet) -> None:
    adding = begun(issuer, wallet)
    issuer.register.ends_soon.set()
    try:
        old = wallet.finish(adding, agreed(adding["link"]))
    finally:
        issuer.register.ends_soon.clear()
    with pytest.raises(WalletRefused) as thief:
        wallet.refresh(begun(issuer, wallet), old["refreshToken"])
    assert thief.value.code == "invalid_grant"
    new = wallet.refresh(adding, old["refreshToken"], renew=True, **issuer.pinned(DECISION))
    assert new["claims"]["exp"] > old["claims"]["exp"]
    entries = [one["claims"]["status"]["status_list"]["idx"] for one in (old, new)]
    assert entries[0] != entries[1]
    with pytest.raises(WalletRefused, match="Status is not valid"):
        wallet.verify(old["credential"])


@pytest.mark.req("VCI-53", "VCI-54", "HAIP-07")
@pytest.mark.parametrize("key_proof", ["jwt", "attestation"])
def test_its_provider_attests_the_keys(
    issuer: AskedIssuer, wallet: NpmWallet, key_proof: str
) -> None:
    adding = begun(issuer, wallet, PLAN)
    back = agreed(adding["link"])
    got = wallet.finish(adding, back, keyProof=key_proof, copies=2, **issuer.pinned(PLAN))
    assert [one["cnf"]["jwk"] for one in got["copies"]] == got["copiesFor"]
    assert got["notified"] == 204


@pytest.mark.req("VCI-54")
def test_as_it_comes_it_names_attestations_of_keys_as_a_draft_did(
    issuer: AskedIssuer, wallet: NpmWallet
) -> None:
    """When this fails, the library has come to the text: drop `rightlyTyped` of `adding.mjs`."""
    adding = begun(issuer, wallet, PLAN)
    with pytest.raises(WalletRefused) as refusal:
        wallet.finish(adding, agreed(adding["link"]), keyProof="jwt", asItComes=True)
    assert (refusal.value.status, refusal.value.code) == (400, "invalid_proof")


@pytest.mark.req("VCI-54")
def test_it_sees_from_the_metadata_that_keys_have_to_be_attested(
    issuer: AskedIssuer, wallet: NpmWallet
) -> None:
    adding = begun(issuer, wallet, PLAN)
    with pytest.raises(WalletRefused, match="requires key attestations"):
        wallet.finish(adding, agreed(adding["link"]))


@pytest.mark.req("HAIP-02", "ABCA-04", "ABCA-16")
def test_a_wallet_whose_provider_is_not_on_the_list_cannot_ask(
    issuer: AskedIssuer, wallet: NpmWallet
) -> None:
    with pytest.raises(WalletRefused) as refusal:
        begun(issuer, wallet, provider=new_vendor("Vieras lompakko (TESTI)").provider)
    assert (refusal.value.status, refusal.value.code) == (400, "invalid_client_attestation")


@pytest.mark.req("ABCA-04", "VCI-49")
def test_with_an_offer_it_may_show_whose_it_is(issuer: AskedIssuer, wallet: NpmWallet) -> None:
    """It is known by that name from then on, and names itself in its proof."""
    _, offer = offered(issuer.services, DECISION)
    told = {"provider": issuer.vendor.provider, **issuer.pinned(DECISION)}
    assert wallet.receive_attested(offer["offer_link"], **told)["notified"] == 204


@pytest.mark.req("ABCA-04", "ABCA-16")
def test_with_an_offer_it_may_stay_anonymous_but_what_it_shows_is_judged(
    issuer: AskedIssuer, wallet: NpmWallet
) -> None:
    _, offer = offered(issuer.services, DECISION)
    stranger = new_vendor("Vieras lompakko (TESTI)").provider
    with pytest.raises(WalletRefused) as refusal:
        wallet.receive_attested(offer["offer_link"], provider=stranger)
    assert refusal.value.code == "invalid_client_attestation"
    assert wallet.receive(offer["offer_link"])["notified"] == 204


@pytest.mark.req("VCI-42")
def test_a_no_reaches_it_as_the_protocol_says(issuer: AskedIssuer, wallet: NpmWallet) -> None:
    adding = begun(issuer, wallet)
    with pytest.raises(WalletRefused) as refusal:
        wallet.finish(adding, agreed(adding["link"], decision="decline"))
    assert refusal.value.code == "access_denied"


def test_a_code_is_good_once(issuer: AskedIssuer, wallet: NpmWallet) -> None:
    adding = begun(issuer, wallet)
    back = agreed(adding["link"])
    assert wallet.finish(adding, back)["notified"] == 204
    with pytest.raises(WalletRefused) as again:
        wallet.finish(adding, back)
    assert (again.value.status, again.value.code) == (400, "invalid_grant")


@pytest.mark.req("VCI-41", "DPOP-07")
def test_a_code_is_good_in_the_wallet_that_asked(issuer: AskedIssuer, wallet: NpmWallet) -> None:
    """Another one of the same make, with keys of its own, knows even the verifier."""
    adding, other = begun(issuer, wallet), begun(issuer, wallet)
    back = agreed(adding["link"])
    stolen = {**other["adding"], "codeVerifier": adding["adding"]["codeVerifier"]}
    with pytest.raises(WalletRefused) as thief:
        wallet.finish({"adding": stolen}, back)
    assert thief.value.code == "invalid_grant"


@pytest.mark.req("VCI-26")
def test_what_an_offer_of_somebody_else_made_it_send_changes_nothing(
    issuer: AskedIssuer, wallet: NpmWallet
) -> None:
    """OpenID4VCI 5.1.3: an `issuer_state` may have been injected. We make no offers with one."""
    adding = begun(issuer, wallet, issuerState="of-somebody-else")
    assert wallet.finish(adding, agreed(adding["link"]))["notified"] == 204


def test_its_link_opens_once(issuer: AskedIssuer, wallet: NpmWallet) -> None:
    link = begun(issuer, wallet)["link"]
    agreed(link)
    with pytest.raises(AssertionError, match=re.escape("<html")):
        agreed(link)
