"""Our verifier, as a real process, with a wallet on Credo."""

import time

import httpx2
import pytest

from demo.services import RunningServices
from tests.interop.npm_programs import CredoWallet, WalletRefused
from tests.interop.story import (
    DECISION,
    SELF_ASSESSMENT,
    STATEMENT,
    STORIES,
    Story,
    asked,
    offered,
    outcome,
)

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]


def held(services: RunningServices, credo: CredoWallet, *stories: Story, copies: int = 1) -> None:
    """Put a card of each story into the wallet."""
    for story in stories:
        _, offer = offered(services, story)
        credo.receive(offer["offer_link"], copies=copies)


@pytest.mark.req(
    "DESK-05", "VP-09", "VP-23", "VP-25", "VP-26", "VP-29", "VP-32", "HAIP-10", "DCQL-16"
)
@pytest.mark.parametrize("story", STORIES, ids=[story.type for story in STORIES])
def test_the_desk_accepts_what_it_shows_and_sees_which_lists_came_empty(
    services: RunningServices, credo: CredoWallet, desk: httpx2.Client, story: Story
) -> None:
    """Credo shows a list that is asked for by its name, and none of its hidden elements.

    OpenID4VP 7.3 selects a claim with what is in it. The desk gets no more than the card gives
    away, and is told which lists are not whole: an empty one is never taken for "none".
    """
    held(services, credo, *STORIES)
    verification = asked(desk, story)
    shown = credo.present(verification["request_link"])
    assert (shown["prefix"], shown["clientId"]) == ("x509_hash", verification["client_id"])

    result = outcome(desk, verification, shown)
    assert (result["outcome"], result["code"]) == ("accept", None)
    assert {one["result"] for one in result["checks"]} == {"passed"}
    (card,) = result["cards"]
    expected = story.only_shown(story.claims)
    lists = {name for name, value in expected.items() if isinstance(value, list)}
    assert card["claims"] == {**expected, **{name: [] for name in lists}}
    assert lists <= {place[0] for place in card["partial"]}


@pytest.mark.req("VP-08", "VP-09", "VP-15", "VP-16", "VP-17", "VP-32")
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("prefix", ["x509_hash", "x509_san_dns"])
def test_it_may_be_asked_in_every_way(
    services: RunningServices, credo: CredoWallet, desk: httpx2.Client, prefix: str, method: str
) -> None:
    """By either name of the verifier; the request fetched by GET or by POST."""
    held(services, credo, SELF_ASSESSMENT)
    verification = asked(desk, SELF_ASSESSMENT, client_id_prefix=prefix, request_uri_method=method)
    shown = credo.present(verification["request_link"])
    assert (shown["prefix"], shown["clientId"]) == (prefix, verification["client_id"])
    assert [one["method"] for one in shown["seen"]] == [method.upper(), "POST"]
    assert outcome(desk, verification, shown)["outcome"] == "accept"


@pytest.mark.req("DCQL-06", "VP-23")
def test_of_the_credential_sets_it_answers_the_required_one_alone(
    services: RunningServices, credo: CredoWallet, desk: httpx2.Client
) -> None:
    """What a wallet shows beyond that is a person's choice; left to itself Credo adds nothing."""
    held(services, credo, SELF_ASSESSMENT, DECISION)
    reply = desk.post("/api/v1/verifications", json={"profile": "te_combined_first_visit"})
    verification = reply.json()
    shown = credo.present(verification["request_link"])
    result = outcome(desk, verification, shown)
    assert result["outcome"] == "accept"
    assert [card["type"] for card in result["cards"]] == [SELF_ASSESSMENT.type]


@pytest.mark.req("SDJWT-22", "VP-32")
def test_of_several_copies_it_shows_another_each_time(
    services: RunningServices, credo: CredoWallet, desk: httpx2.Client
) -> None:
    held(services, credo, SELF_ASSESSMENT, copies=2)
    signatures = set()
    for _ in range(2):
        verification = asked(desk, SELF_ASSESSMENT)
        shown = credo.present(verification["request_link"])
        assert outcome(desk, verification, shown)["outcome"] == "accept"
        ((text,),) = shown["shown"].values()
        signatures.add(text.split("~")[0])
    assert len(signatures) == 2


@pytest.mark.req("DCQL-04", "DCQL-07")
def test_without_the_right_card_it_shows_nothing(
    services: RunningServices, credo: CredoWallet, desk: httpx2.Client
) -> None:
    held(services, credo, DECISION, STATEMENT)
    verification = asked(desk, SELF_ASSESSMENT)
    with pytest.raises(WalletRefused, match="request cannot be satisfied"):
        credo.present(verification["request_link"])
    assert desk.get(f"/api/v1/verifications/{verification['id']}").json()["state"] == "fetched"


@pytest.mark.req("VP-09", "HAIP-10")
def test_it_answers_nobody_outside_the_list(
    services: RunningServices,
    credo: CredoWallet,
    desk: httpx2.Client,
    trusted: dict[str, list[str]],
) -> None:
    credo.open({**trusted, "receivers": trusted["issuers"]}, ["issuer", "status"])
    held(services, credo, SELF_ASSESSMENT)
    verification = asked(desk, SELF_ASSESSMENT)
    with pytest.raises(WalletRefused, match="No trusted certificate was found"):
        credo.present(verification["request_link"])
    assert desk.get(f"/api/v1/verifications/{verification['id']}").json()["state"] == "fetched"


@pytest.mark.req("TSL-03", "TSL-05", "TSL-13", "HAIP-16")
def test_both_sides_see_a_revoked_card(
    services: RunningServices, credo: CredoWallet, desk: httpx2.Client
) -> None:
    story = SELF_ASSESSMENT
    api, offer = offered(services, story)
    (copy,) = credo.receive(offer["offer_link"])["copies"]
    (told,) = api.get(f"/api/v1/{story.org}/offers/{offer['offer_id']}").json()["credentials"]
    address = f"/api/v1/{story.org}/credentials/{told['credential_id']}/status"
    change = {"action": "revoke", "reason": "corrected"}
    api.post(address, json=change).raise_for_status()
    time.sleep(1.1)  # copies of the list are kept for its `ttl`, here one second

    seen = credo.verify(copy["credential"])
    assert (seen["isValid"], seen["why"]) == (False, "Status is not valid")
    verification = asked(desk, story)
    result = outcome(desk, verification, credo.present(verification["request_link"]))
    assert (result["outcome"], result["code"]) == ("reject", "revoked")
