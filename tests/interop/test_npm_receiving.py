"""Our issuer, as a real process, with a wallet of other people's libraries."""

import httpx2
import pytest

from demo.services import RunningServices
from keys.trust import TrustList
from tests.interop.npm_programs import NpmWallet, WalletRefused
from tests.interop.story import (
    DECISION,
    SELF_ASSESSMENT,
    STATEMENT,
    STORIES,
    Story,
    offered,
    pinned,
    received,
)

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]
by_type = pytest.mark.parametrize("story", STORIES, ids=[story.type for story in STORIES])


@pytest.mark.req("VCI-20", "VCI-22", "VCI-34", "VCI-47", "VCI-49", "VCI-61", "VCI-68", "HAIP-15")
@pytest.mark.parametrize("pin", [False, True], ids=["no PIN", "PIN"])
@pytest.mark.parametrize("link", ["offer_link", "offer_link_by_value"])
def test_it_receives_what_was_offered(
    services: RunningServices, wallet: NpmWallet, trust: TrustList, link: str, pin: bool
) -> None:
    story = SELF_ASSESSMENT
    api, offer = offered(services, story, pin=pin)
    got = wallet.receive(offer[link], txCode=offer.get("pin"), **pinned(trust, story))
    assert ("pin" in offer) == pin
    assert {name: got["claims"][name] for name in story.claims} == story.claims
    assert got["claims"]["cnf"]["jwk"] == got["holderJwk"]
    assert got["claims"]["iss"] == got["issuer"] == f"{services.issuer.url}/{story.org}"
    assert got["version"] == "V1"
    assert got["configurationId"] in got["understood"]
    assert got["tokenType"] == "DPoP"
    assert got["credentialCount"] == 1
    assert got["notified"] == 204
    # Nothing had to be asked twice but for the nonce of the first proof of its key.
    asked = [(one["path"].rsplit("/", 1)[1], one["status"]) for one in got["seen"]]
    asked.remove(("token", 400))
    assert [status for _, status in asked] == [200] * (len(asked) - 1) + [204]
    told = api.get(f"/api/v1/{story.org}/offers/{offer['offer_id']}").json()
    assert told["state"] == "completed"
    assert [one["delivery"] for one in told["credentials"]] == ["accepted"]


@pytest.mark.req("VCI-13", "VCI-12", "VCI-08")
def test_it_understands_every_configuration_of_every_issuer(
    services: RunningServices, wallet: NpmWallet
) -> None:
    for story in STORIES:
        got = received(services, wallet, story)
        address = f"{services.issuer.url}/.well-known/openid-credential-issuer/{story.org}"
        published = httpx2.get(address, trust_env=False).json()
        assert set(got["understood"]) == set(published["credential_configurations_supported"])


@pytest.mark.req("VCI-49")
def test_it_may_name_itself_as_a_client(services: RunningServices, wallet: NpmWallet) -> None:
    got = received(services, wallet, SELF_ASSESSMENT, clientId="interop-wallet")
    assert got["notified"] == 204


@pytest.mark.req("VCI-10", "VCI-47", "VCI-61", "SDJWT-22", "TSL-16", "ARF-23")
def test_it_takes_several_copies_that_nothing_links(
    services: RunningServices, wallet: NpmWallet, trust: TrustList
) -> None:
    got = received(services, wallet, STATEMENT, copies=3, **pinned(trust, STATEMENT))
    copies = got["copies"]
    assert got["credentialCount"] == len(copies) == 3
    assert [one["cnf"]["jwk"] for one in copies] == got["copiesFor"]
    assert len({one["cnf"]["jwk"]["x"] for one in copies}) == 3
    assert len({one["status"]["status_list"]["idx"] for one in copies}) == 3
    for copy in copies:
        assert {name: copy[name] for name in STATEMENT.claims} == STATEMENT.claims
        assert (copy["iat"], copy["exp"]) == (copies[0]["iat"], copies[0]["exp"])
    assert got["notified"] == 204


@pytest.mark.req("VCI-03", "VCI-04", "HAIP-21")
def test_it_may_ask_for_signed_metadata(
    services: RunningServices, wallet: NpmWallet, trust: TrustList
) -> None:
    got = received(services, wallet, STATEMENT, signedMetadata=True, **pinned(trust, STATEMENT))
    assert got["seen"][1]["contentType"].startswith("application/jwt")
    assert got["metadataHeader"]["typ"] == "openidvci-issuer-metadata+jwt"
    assert got["metadataHeader"]["x5c"]
    assert got["notified"] == 204
    with pytest.raises(WalletRefused, match="pinned anchor"):
        received(services, wallet, STATEMENT, signedMetadata=True, **pinned(trust, DECISION))


@pytest.mark.req("VCI-11", "VCI-58", "VCI-59", "VCI-60")
@pytest.mark.parametrize("later", [False, True], ids=["at once", "later"])
def test_it_may_ask_and_be_answered_encrypted(
    services: RunningServices, wallet: NpmWallet, later: bool
) -> None:
    """The envelopes are jose's, the messages in them their library's."""
    _, offer = offered(services, STATEMENT, later=later)
    got = wallet.receive(offer["offer_link"], encrypted=True)
    (asked,) = (one for one in got["seen"] if one["path"].endswith("/credential"))
    assert (asked["status"], asked["sealed"]) == (202 if later else 200, True)
    if later:
        assert got["waiting"]["interval"] > 0
    else:
        assert {name: got["claims"][name] for name in STATEMENT.claims} == STATEMENT.claims


@pytest.mark.req("VCI-22")
def test_an_offer_may_be_read_twice_before_it_is_used(
    services: RunningServices, wallet: NpmWallet
) -> None:
    _, offer = offered(services, SELF_ASSESSMENT)
    address = httpx2.URL(offer["offer_link"]).params["credential_offer_uri"]
    first = httpx2.get(address, trust_env=False)
    assert first.headers["content-type"] == "application/json"
    assert wallet.receive(offer["offer_link"])["notified"] == 204


@pytest.mark.req("VCI-28")
def test_an_offer_is_good_for_one_wallet(services: RunningServices, wallet: NpmWallet) -> None:
    _, offer = offered(services, SELF_ASSESSMENT)
    wallet.receive(offer["offer_link_by_value"])
    with pytest.raises(WalletRefused) as refusal:
        wallet.receive(offer["offer_link_by_value"])
    assert (refusal.value.status, refusal.value.code) == (400, "invalid_grant")


@pytest.mark.req("VCI-35")
@pytest.mark.parametrize(
    ("pin", "code"), [(True, "invalid_grant"), (False, "invalid_request")], ids=["wrong", "unasked"]
)
def test_a_refused_pin_reaches_it_as_the_protocol_says(
    services: RunningServices, wallet: NpmWallet, pin: bool, code: str
) -> None:
    _, offer = offered(services, SELF_ASSESSMENT, pin=pin)
    typed = offer.get("pin", "123456")[::-1]
    typed = typed if typed != offer.get("pin") else f"{int(typed) ^ 1:0{len(typed)}}"
    with pytest.raises(WalletRefused) as refusal:
        wallet.receive(offer["offer_link"], txCode=typed)
    assert (refusal.value.status, refusal.value.code) == (400, code)


@pytest.mark.req("VCI-29")
def test_it_sees_from_the_offer_that_a_pin_is_needed(
    services: RunningServices, wallet: NpmWallet
) -> None:
    _, offer = offered(services, SELF_ASSESSMENT, pin=True)
    with pytest.raises(WalletRefused, match="requires a 'tx_code'"):
        wallet.receive(offer["offer_link"])


def test_it_refuses_a_credential_of_an_issuer_it_does_not_trust(
    services: RunningServices, wallet: NpmWallet, trust: TrustList
) -> None:
    _, offer = offered(services, SELF_ASSESSMENT)
    with pytest.raises(WalletRefused, match="pinned anchor"):
        wallet.receive(offer["offer_link"], **pinned(trust, DECISION))


@pytest.mark.req("VCT-11", "VCT-12")
@by_type
def test_it_reads_the_type_metadata_that_the_credential_names(
    services: RunningServices, wallet: NpmWallet, story: Story
) -> None:
    held = received(services, wallet, story)
    seen = wallet.verify(held["credential"], typeMetadata=services.issuer.url)
    metadata = seen["typeMetadata"]
    assert metadata["vct"] == seen["claims"]["vct"]
    assert seen["claims"]["vct#integrity"].startswith("sha256-")
    assert {one["locale"] for one in metadata["display"]} == {"fi", "sv", "en"}
    assert {one["path"][0] for one in metadata["claims"]} >= set(story.claims)
