"""The client's pages: what is asked and why, and with a receipt what became of a showing."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from credential_schemas.loader import load_catalogue
from credential_schemas.model import LANGS, Lang
from openid4vc.openid4vp.errors import WalletErrorCode
from openid4vc.openid4vp.response import error_form
from openid4vc.openid4vp.withdrawal import Wish, withdrawal_audience
from tests.verifier.places import HOOK, ISSUER, SECRET, Place, place_of
from tests.verifier.receipts import (
    Receipt,
    given,
    other_holder,
    post,
    read_link,
    receipt_card,
    send,
    wishes,
    withdraw,
)
from tests.verifier.world import BASE, World, demo_pki
from verifier.adapters import tables
from verifier.usecases.caller_limit import TooManyAttempts
from verifier.usecases.client_side_model import PrivacyPageBusy
from verifier.usecases.open_receipt import PAGE_LIFE

SHOWN = (("disclosed_claims", None), ("disclosed_claims",))


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    systems = {
        "webhook_url": HOOK,
        "webhook_secret": SECRET,
        "receipt_issuer_url": ISSUER,
        "receipt_api_key": "kyky_key",
        "privacy_contact": "tietosuoja@mallimaa.example",
    }
    place = place_of(tmp_path, **{**systems, **getattr(request, "param", {})})
    yield place
    place.world.run(place.desk.client.aclose())
    place.world.close()


def link_on(page: str) -> str:
    found = re.search(r'href="(openid4vp:[^"]+)"', page)
    assert found is not None, page
    return html.unescape(found.group(1))


def asked(place: Place) -> Any:
    """Press the button, and read the request as a wallet does."""
    reply = place.world.post("/privacy/receipt")
    assert reply.status_code == 200, reply.text
    return read_link(place.world, link_on(reply.text))


def opened(place: Place, receipt: Receipt, **changed: Any) -> str:
    """Answer a request with a receipt; return the path of the page that its wallet opens."""
    request = asked(place)
    binding = {"audience": request.client_id, "nonce": request.nonce, "wanted": SHOWN, **changed}
    reply = send(place.world, request, receipt.bound(place.world, **binding))
    assert reply.status_code == 200, reply.text
    assert set(reply.json()) == {"redirect_uri"}
    path = str(reply.json()["redirect_uri"]).removeprefix(BASE)
    assert path.startswith("/privacy/own/")
    return path


def page(place: Place, path: str, status: int = 200) -> str:
    reply = place.world.get(path)
    assert reply.status_code == status, reply.text
    assert reply.headers["cache-control"] == "no-store"
    assert "set-cookie" not in reply.headers
    assert "<script" not in reply.text
    return html.unescape(reply.text)


# Without a receipt -----------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_everybody_can_read_what_is_asked_and_why(place: Place, lang: Lang) -> None:
    told = page(place, f"/privacy?lang={lang}")
    catalogue = load_catalogue()
    for profile in catalogue.profiles_for("te_office"):
        for words in (profile.title, profile.purpose, profile.gain, profile.legal_basis):
            assert words[lang] in told
        for card in profile.credentials:
            kind = catalogue.types[card.credential_type]
            assert kind.title[lang] in told
            for path in card.required_claims:
                assert kind.claims[str(path[0])].label[lang] in told
    assert catalogue.profiles["client_own_receipt"].title[lang] not in told
    assert catalogue.profiles["hc_receive_referral"].title[lang] not in told
    assert "tietosuoja@mallimaa.example" in told
    assert f'lang="{lang}"' in told


@pytest.mark.parametrize("place", [{"privacy_key": "absent", "privacy_contact": ""}], indirect=True)
def test_without_a_certificate_for_it_the_receipts_own_way_is_left(place: Place) -> None:
    told = page(place, "/privacy")
    assert "Avaa tosite lompakossasi" in told
    assert "Kysy palvelupisteestä tietosuojavastaavaa" in told
    assert "/privacy/receipt" not in told
    assert place.world.post("/privacy/receipt").status_code == 503
    for path in ("/privacy/own/" + "A" * 43, "/privacy/requests/x"):
        assert place.world.get(path).status_code == 404
    receipt = given(place, place.accepted())
    assert withdraw(place.world, receipt).json() == {"outcome": "withdrawn"}


def test_where_wallets_would_refuse_it_no_request_is_made(place: Place) -> None:
    parties = tuple(
        type(one)(identifier=one.identifier, names=one.names, roles=one.roles - {"privacy_page"})
        for one in demo_pki().trust_list.relying_parties
    )
    place.world.put_trust_list(place.world.trust_list(sequence=2, relying_parties=parties))
    place.world.run(place.world.parts.refresh())
    assert "/privacy/receipt" not in page(place, "/privacy")
    assert place.world.post("/privacy/receipt").status_code == 503


# With a receipt --------------------------------------------------------------------------------


def test_the_request_is_not_the_desks(place: Place) -> None:
    request = asked(place)
    assert request.profile_id == "client_own_receipt"
    assert request.client_id != place.world.parts.services.receiver.client_id
    (credential,) = request.query.credentials
    assert credential.vct_values == ("urn:kykylompakko:consent-receipt:1",)


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_says_what_was_asked_shown_kept_and_erased(place: Place, lang: Lang) -> None:
    about = place.accepted()
    receipt = given(place, about)
    path = opened(place, receipt)
    told = page(place, f"{path}?lang={lang}")
    catalogue = load_catalogue()
    profile = catalogue.profiles["te_employment_support"]
    kind = catalogue.types["statement_feedback"]
    for words in (profile.title, profile.purpose, profile.legal_basis):
        assert words[lang] in told
    for name in ("given_name", "employment_impact", "restriction_valid_until"):
        assert kind.claims[name].label[lang] in told
    assert "24.11.2026" in told
    for value in ("Mallikas", "1988", "Liisa", receipt.claims["receipt_id"], about.id):
        assert value not in told


def test_what_is_kept_is_told_as_it_is_now(place: Place) -> None:
    about = place.accepted()
    receipt = given(place, about)
    path = opened(place, receipt)
    assert "Tiedot ovat virkailijan näytöllä enintään klo" in page(place, path)
    place.desk.open(f"/desk/outcome/{about.id}")
    place.desk.submit(f"/desk/send/{about.id}")
    assert "Kopio odottaa siirtoa asianhallintaan." in page(place, path)
    place.deliver()
    place.desk.submit(f"/desk/close/{about.id}")
    told = page(place, path)
    assert "Sitä säilytetään 23.11.2028 asti." in told
    assert "Tiedot on poistettu virkailijan näytöltä" in told
    place.world.post(path, data={"request": "erasure"})
    told = page(place, path)
    assert "ratkaistaan kuukauden kuluessa" in told
    assert "Sitä säilytetään 23.11.2028 asti." in told, "it is there until somebody erases it"
    assert "Kopio odottaa siirtoa" not in told
    assert 'value="erasure"' not in told
    assert 'value="withdrawal"' in told
    seen_to = place.world.parts.client_side.given.seen_to
    now = place.world.clock.now()
    assert place.world.run(seen_to(about.id, at=now)) is True
    assert place.world.run(seen_to(about.id, at=now)) is False
    told = page(place, path)
    assert "Kopio on poistettu asianhallinnasta 24.11.2026." in told
    assert "Pyysit poistamista 24.11.2026. Kaikki on poistettu." in told
    assert "Mitään ei säilytetä." in told


def test_withdrawing_on_the_page(place: Place) -> None:
    receipt = given(place, place.accepted("te_initial_interview"))
    path = opened(place, receipt)
    reply = place.world.post(f"{path}?lang=sv", data={"request": "withdrawal"})
    assert (reply.status_code, reply.headers["location"]) == (303, f"{path}?lang=sv")
    told = page(place, path)
    assert "Peruit hyväksyntäsi 24.11.2026. Kaikki on poistettu." in told
    assert "<form" not in told
    (record,) = wishes(place.world)
    assert record.wish is Wish.WITHDRAWAL


def test_who_gets_a_receipt_is_told_where_to_come_back(place: Place) -> None:
    given(place, place.accepted())
    assert place.desk.page is not None
    assert "Tositteella näet, mitä tiedoillesi tapahtui" in place.desk.page.text
    assert "desk.test/privacy" in place.desk.page.text


@pytest.mark.parametrize("wrong", ["", "everything"])
def test_the_page_takes_nothing_else(place: Place, wrong: str) -> None:
    path = opened(place, given(place, place.accepted()))
    assert place.world.post(path, data={"request": wrong}).status_code == 400
    assert wishes(place.world) == []


# Who cannot --------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["another holder", "unknown", "another issuer", "desk", "nonce"])
def test_whoever_shows_no_receipt_of_theirs_gets_the_same_page(place: Place, how: str) -> None:
    receipt = given(place, place.accepted())
    changed: dict[str, Any] = {}
    if how == "another holder":
        receipt = other_holder(receipt)
    elif how == "unknown":
        receipt = receipt_card({**receipt.claims, "receipt_id": "never-given"})
    elif how == "another issuer":
        receipt = receipt_card(receipt.claims, org="kela")
    elif how == "desk":
        changed["audience"] = place.world.parts.services.receiver.client_id
    else:
        changed["nonce"] = "another-nonce"
    path = opened(place, receipt, **changed)
    told = page(place, path, status=404)
    assert "Tositetta ei tunnistettu" in told
    assert "te_" not in told
    assert place.world.post(path, data={"request": "withdrawal"}).status_code == 404
    assert wishes(place.world) == []


def test_a_page_and_a_withdrawal_are_never_exchanged(place: Place) -> None:
    receipt = given(place, place.accepted())
    request = asked(place)
    for_page = receipt.bound(
        place.world, audience=request.client_id, nonce=request.nonce, wanted=SHOWN
    )
    assert post(place.world, receipt, for_page).status_code == 400
    aud = withdrawal_audience(receipt.claims["verifier_id"])
    path = opened(place, receipt, audience=aud)
    assert "Tositetta ei tunnistettu" in page(place, path, status=404)
    assert wishes(place.world) == []


def test_one_answer_to_a_request(place: Place) -> None:
    receipt = given(place, place.accepted())
    request = asked(place)
    presentation = receipt.bound(
        place.world, audience=request.client_id, nonce=request.nonce, wanted=SHOWN
    )
    assert send(place.world, request, presentation).status_code == 200
    assert send(place.world, request, presentation).status_code == 404
    ref = request.response_uri.rsplit("/", 1)[1]
    assert place.world.get(f"/privacy/requests/{ref}").status_code == 404


def test_a_request_ends(place: Place) -> None:
    receipt = given(place, place.accepted())
    request = asked(place)
    place.world.clock.advance(minutes=5)
    presentation = receipt.bound(
        place.world, audience=request.client_id, nonce=request.nonce, wanted=SHOWN
    )
    assert send(place.world, request, presentation).status_code == 404


def test_saying_no_opens_nothing(place: Place) -> None:
    request = asked(place)
    form = error_form(WalletErrorCode.ACCESS_DENIED, state=request.state)
    reply = place.world.post(request.response_uri, data=form)
    assert (reply.status_code, reply.json()) == (200, {})


def test_a_strange_answer_leaves_the_request_open(place: Place) -> None:
    request = asked(place)
    assert place.world.post(request.response_uri, data={"response": "x"}).status_code == 400
    ref = request.response_uri.rsplit("/", 1)[1]
    assert place.world.get(f"/privacy/requests/{ref}").status_code == 200


@pytest.mark.parametrize("address", ["A" * 43, "short", "é" * 43])
def test_no_page_behind_another_address(place: Place, address: str) -> None:
    told = page(place, f"/privacy/own/{address}", status=404)
    assert "Tämän sivun aika on päättynyt" in told
    assert place.world.post(f"/privacy/own/{address}", data={"request": "erasure"}).is_error


def test_the_page_ends_and_its_address_opens_nothing_at_rest(place: Place) -> None:
    path = opened(place, given(place, place.accepted()))
    address = path.rsplit("/", 1)[1]
    assert address.encode() not in place.world.bytes_on_disk()
    place.world.clock.advance(seconds=PAGE_LIFE.total_seconds())
    assert "Tämän sivun aika on päättynyt" in page(place, path, status=404)
    place.world.run(place.world.parts.client_side.chore())
    count = tables.held_pages.select()
    rows = place.world.run(place.world.parts.database.read(lambda sql: sql.execute(count).all()))
    assert rows == []


def test_a_task_that_is_no_more_shows_no_half_page(place: Place) -> None:
    path = opened(place, given(place, place.accepted()))
    gone = tables.given_receipts.update().values(profile="te_of_old")
    place.world.run(place.world.parts.database.write(lambda sql: sql.execute(gone).close()))
    assert "Tositetta ei tunnistettu" in page(place, path, status=404)


def test_too_many_open_requests_are_told_to_wait(place: Place) -> None:
    until = int((place.world.clock.now() + timedelta(minutes=5)).timestamp())
    rows = [{"key": n.to_bytes(32, "big"), "sealed": b"", "until": until} for n in range(2_000)]
    put = tables.held_pages.insert()
    place.world.run(place.world.parts.database.write(lambda sql: sql.execute(put, rows).close()))
    reply = place.world.post("/privacy/receipt")
    assert reply.status_code == 503
    assert "Mitään ei muutettu" in reply.text
    with pytest.raises(PrivacyPageBusy):
        place.world.run(place.world.parts.services.client_side.open.start(caller="there"))
    place.world.clock.advance(minutes=5)
    place.world.run(place.world.parts.client_side.chore())
    assert place.world.post("/privacy/receipt").status_code == 200


def test_one_caller_alone_keeps_nobody_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    started = place.world.parts.services.client_side.open.start
    for _ in range(500):
        place.world.run(started(caller="192.0.2.7"))
    with pytest.raises(TooManyAttempts):
        place.world.run(started(caller="192.0.2.7"))
    assert place.world.run(started(caller="192.0.2.8")).link
    monkeypatch.setattr("verifier.web.privacy.caller_of", lambda _request: "192.0.2.7")
    assert place.world.post("/privacy/receipt").status_code == 503
    place.world.clock.advance(minutes=5)
    assert place.world.post("/privacy/receipt").status_code == 200


def test_reloading_makes_no_request(place: Place) -> None:
    reply = place.world.get("/privacy/receipt?lang=en")
    assert (reply.status_code, reply.headers["location"]) == (303, "/privacy?lang=en")


def test_nobody_at_a_desk_asks_for_receipts(place: Place) -> None:
    world: World = place.world
    key = world.new_key("privacy_page")
    reply = world.post(
        "/api/v1/verifications",
        json={"profile": "client_own_receipt"},
        headers={"Authorization": f"Bearer {key}"},
    )
    assert (reply.status_code, reply.json()["code"]) == (403, "profile_not_allowed")
