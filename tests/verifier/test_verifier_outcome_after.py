"""After an outcome: values held no longer than the page, copies, the summary, receipts."""

import base64
import hashlib
import hmac
import html
import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import ValidationError

from credential_schemas.loader import load_catalogue
from credential_schemas.model import LANGS, Lang
from keys import strict_json
from keys.fetch import Reply
from openid4vc.status_list.bits import Status
from tests.verifier.places import (
    HOOK,
    ISSUER,
    OFFER,
    SECRET,
    SUPPORT,
    Place,
    offered,
    place_of,
    unreachable,
)
from tests.verifier.world import NOW, Asked, Browser, Order, make_card
from verifier.settings import Settings
from verifier.usecases.hand_on_leave import LEFT_FOR
from verifier.usecases.hand_on_ports import DeliveryState
from verifier.usecases.hand_on_send import GIVE_UP_AFTER
from verifier.usecases.staff_model import Shown


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A desk with a case system and an issuer, unless the test says otherwise."""
    settings = getattr(
        request,
        "param",
        {
            "webhook_url": HOOK,
            "webhook_secret": SECRET,
            "receipt_issuer_url": ISSUER,
            "receipt_api_key": "kyky_key",
        },
    )
    place = place_of(tmp_path, **settings)
    yield place
    place.world.run(place.desk.client.aclose())
    place.world.close()


NOTHING_SET_UP = pytest.mark.parametrize("place", [{}], indirect=True, ids=["nothing set up"])


# How long values are held ------------------------------------------------------------------------


def test_a_page_that_is_left_keeps_its_values_for_a_minute(place: Place) -> None:
    asked = place.accepted()
    place.desk.submit(f"/desk/left/{asked.id}")
    assert place.desk.page is not None
    assert place.desk.page.status_code == 204
    place.world.clock.advance(seconds=LEFT_FOR.total_seconds() - 1)
    assert "Mallikas" in place.page(asked)
    place.world.clock.advance(seconds=1)
    page = place.page(asked)
    assert "Mallikas" not in page
    assert "jo tyhjennetty" in page
    assert place.world.run(place.world.parts.verifications.boxed(asked.id)) is None


def test_a_page_that_is_back_has_its_values_but_no_longer_than_ever(place: Place) -> None:
    asked = place.accepted()
    full = asked.stored().erase_at
    place.world.clock.advance(minutes=2)
    place.desk.submit(f"/desk/left/{asked.id}")
    left = asked.stored().erase_at
    place.desk.open(f"/desk/outcome/{asked.id}")
    place.desk.submit(f"/desk/here/{asked.id}")
    assert left == place.world.clock.now() + LEFT_FOR
    assert asked.stored().erase_at == full
    place.world.clock.advance(minutes=7, seconds=50)
    place.desk.open(f"/desk/outcome/{asked.id}")
    place.desk.submit(f"/desk/left/{asked.id}")
    assert asked.stored().erase_at == full, "leaving late does not prolong it"


def test_what_is_erased_stays_erased_when_the_page_is_back(place: Place) -> None:
    asked = place.accepted()
    page = place.desk.open(f"/desk/outcome/{asked.id}")
    place.desk.submit(f"/desk/close/{asked.id}")
    assert "Mallikas" in page
    place.desk.submit(f"/desk/here/{asked.id}")
    assert asked.stored().erase_at is None
    assert place.world.run(place.world.parts.verifications.boxed(asked.id)) is None


def test_leaving_needs_the_pages_own_token(place: Place) -> None:
    asked = place.accepted()
    before = asked.stored().erase_at
    for path in ("left", "here", "copy", "send", "receipt"):
        reply = place.world.run(
            place.desk.client.post(f"/desk/{path}/{asked.id}", data={"token": "0" * 64})
        )
        assert reply.status_code == 403
    assert asked.stored().erase_at == before
    assert place.outside.posted == []


# Retention -------------------------------------------------------------------------------------


@pytest.mark.req("DESK-06")
def test_until_when_data_are_kept_is_said_before_and_after(place: Place) -> None:
    until = "Tiedot tallennetaan ja niitä säilytetään 23.11.2028 asti."
    place.desk.sign_in()
    assert until in html.unescape(place.desk.open("/desk"))
    asked = place.accepted()
    page = place.page(asked)
    assert until in page
    assert page.index(until) < page.index("Tyhjennä ja sulje")
    page = place.page(place.accepted("te_initial_interview"))
    assert "Tietoja ei tallenneta." in page
    assert "Siirrä asianhallintaan" not in page
    assert "Lataa kopio" not in page


# A copy as a file --------------------------------------------------------------------------------


@pytest.mark.req("ARF-13")
@NOTHING_SET_UP
def test_a_copy_holds_what_was_asked_and_shown(place: Place) -> None:
    asked = place.accepted()
    page = place.page(asked)
    assert "Lataa kopio asianhallintaan" in page
    assert "Siirrä asianhallintaan" not in page
    assert "Anna asiakkaalle tosite" not in page
    told = place.desk.submit(f"/desk/copy/{asked.id}")
    reply = place.desk.page
    assert reply is not None
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["content-disposition"] == 'attachment; filename="kykylompakko.json"'
    assert reply.headers["cache-control"] == "no-store"
    assert json.loads(told) == {
        "format": "kykylompakko-copy-1",
        "verification": asked.id,
        "profile": "te_employment_support",
        "decided_on": "2026-11-24",
        "kept_until": "2028-11-23",
        "identity": "compared",
        "cards": [
            {
                "type": "urn:kykylompakko:statement-feedback:1",
                "issuer": "mallimaa",
                "claims": {
                    "given_name": "Maija Testi",
                    "family_name": "Mallikas",
                    "birthdate": "1988-04-12",
                    "employment_impact": "significant",
                    "employment_impact_scope": ["get_work"],
                    "restriction_duration": "long_term",
                    "restriction_valid_until": "2027-04-30",
                },
                "shown_in_part": ["employment_impact_scope"],
            }
        ],
    }
    assert "Mallikas" in place.page(asked), "the page stays"
    noted = {one.shown for one in place.world.run(place.world.parts.staff.log.entries())}
    assert noted == {Shown.PERSON, Shown.VALUES, Shown.COPY}


@NOTHING_SET_UP
@pytest.mark.parametrize("how", ["view only", "not accepted", "cleared", "another desk"])
def test_nothing_else_is_copied(place: Place, how: str) -> None:
    if how == "view only":
        asked = place.accepted("te_initial_interview")
    elif how == "not accepted":
        place.world.status.statuses[7] = Status.SUSPENDED
        place.desk.sign_in()
        asked = place.desk.ask("te_employment_support")
        asked.answer(make_card(Order("statement_feedback")), wanted=SUPPORT)
        assert "Vahvistamaton" in place.page(asked)
        assert "Lataa kopio" not in place.page(asked)
    else:
        asked = place.accepted()
    desk = place.desk
    if how == "cleared":
        desk.submit(f"/desk/close/{asked.id}")
    if how == "another desk":
        desk = Browser(place.world)
        desk.sign_in()
    for path in ("copy", "send"):
        desk.open("/desk")
        page = desk.submit(f"/desk/{path}/{asked.id}")
        assert desk.page is not None
        assert desk.page.status_code == 409
        assert "Tietoja ei voi siirtää eteenpäin" in page
        assert "Mallikas" not in page
    noted = {one.shown for one in place.world.run(place.world.parts.staff.log.entries())}
    assert Shown.COPY not in noted
    if how == "another desk":
        place.world.run(desk.client.aclose())


# A copy sent to the case system ------------------------------------------------------------------


def sent(place: Place) -> Asked:
    asked = place.accepted()
    assert "Siirrä asianhallintaan" in place.page(asked)
    place.desk.submit(f"/desk/send/{asked.id}")
    return asked


def test_a_copy_is_sent_signed_and_erased_once_it_has_arrived(place: Place) -> None:
    asked = sent(place)
    page = html.unescape(place.desk.page.text if place.desk.page else "")
    assert "Tiedot ovat matkalla asianhallintaan." in page
    assert "Siirrä asianhallintaan" not in page
    assert b"significant" not in place.world.bytes_on_disk()
    assert place.deliver() == 1
    ((url, copy, headers),) = place.outside.posted
    assert url == HOOK
    assert copy["cards"][0]["claims"]["employment_impact"] == "significant"
    assert int(headers["webhook-timestamp"]) == int(NOW.timestamp())
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
    mac = hmac.digest(SECRET.encode(), signed + strict_json.dumps(copy), hashlib.sha256)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
    assert place.deliver() == 0
    assert len(place.outside.posted) == 1
    assert "Tiedot on siirretty asianhallintaan." in place.page(asked)


def test_a_double_click_sends_once(place: Place) -> None:
    asked = sent(place)
    place.desk.submit(f"/desk/send/{asked.id}")
    assert place.deliver() == 1
    assert len(place.outside.posted) == 1


@pytest.mark.parametrize("answer", [unreachable, lambda _: Reply(503, "", {}, b"")])
def test_it_is_sent_again_with_longer_and_longer_waits(
    place: Place, answer: Callable[[str], Reply]
) -> None:
    place.outside.answer = answer
    asked = sent(place)
    times = []
    for _ in range(int(GIVE_UP_AFTER.total_seconds()) // 30 + 2):
        before = len(place.outside.posted)
        place.deliver()
        if len(place.outside.posted) > before:
            times.append(place.world.clock.now())
        place.world.clock.advance(seconds=30)
        if len(times) == 8:
            break
    waits = [(late - early).total_seconds() for early, late in pairwise(times)]
    assert waits == [30, 60, 120, 240, 480, 960, 1920]
    assert len({headers["webhook-id"] for _, _, headers in place.outside.posted}) == 1
    place.outside.answer = lambda _: Reply(204, "", {}, b"")
    place.world.clock.advance(hours=1)
    assert place.deliver() == 1
    state = place.world.run(place.world.parts.services.hand_on.state(asked.id))
    assert state is DeliveryState.DELIVERED


def test_after_a_day_it_is_erased_and_said(place: Place) -> None:
    place.outside.answer = unreachable
    asked = sent(place)
    place.deliver()
    place.world.clock.advance(hours=24)
    before = len(place.outside.posted)
    place.deliver()
    assert len(place.outside.posted) == before
    send = place.world.parts.services.hand_on.send
    assert send is not None
    assert place.world.run(send.state(asked.id)) is DeliveryState.GIVEN_UP
    place.world.clock.advance(hours=25)
    place.deliver()
    assert place.world.run(send.state(asked.id)) is None


def test_two_processes_send_one_copy_once(place: Place) -> None:
    sent(place)
    deliver = place.world.parts.hand_on.deliver
    assert sum(place.world.all_at_once([deliver, deliver, deliver])) == 1
    assert len(place.outside.posted) == 1


# The summary -------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_the_summary_is_plain(place: Place, lang: Lang) -> None:
    asked = place.accepted("te_initial_interview")
    page = html.unescape(place.desk.open(f"/desk/print/{asked.id}?lang={lang}"))
    catalogue = load_catalogue()
    profile = catalogue.profiles["te_initial_interview"]
    for words in (
        profile.title,
        profile.purpose,
        catalogue.types[profile.credential_type].desk.note,
    ):
        assert words[lang] in page
    assert "Maija Testi Mallikas" in page
    assert "24.11.2026" in page
    article = page[page.index("<article") : page.index("</article>")]
    assert "<svg" not in article
    noted = {one.shown for one in place.world.run(place.world.parts.staff.log.entries())}
    assert Shown.PRINT in noted


@pytest.mark.parametrize("outcome", [Status.SUSPENDED, Status.INVALID])
def test_only_what_was_accepted_is_printed(place: Place, outcome: Status) -> None:
    place.world.status.statuses[7] = outcome
    place.desk.sign_in()
    asked = place.desk.ask()
    asked.answer()
    place.desk.open(f"/desk/print/{asked.id}")
    assert place.desk.path == f"/desk/outcome/{asked.id}"
    noted = {one.shown for one in place.world.run(place.world.parts.staff.log.entries())}
    assert Shown.PRINT not in noted


# Receipts ----------------------------------------------------------------------------------------


def test_a_receipt_names_what_was_shown_and_tells_nothing_of_it(place: Place) -> None:
    place.outside.answer = offered
    asked = place.accepted()
    page = place.desk.submit(f"/desk/receipt/{asked.id}")
    assert place.desk.path == f"/desk/receipt/{asked.id}"
    assert html.escape(OFFER) in page
    assert "Mallikas" not in page
    picture = place.world.run(place.desk.client.get(f"{place.desk.path}/qr.svg"))
    assert picture.headers["content-type"] == "image/svg+xml"
    ((url, wish, headers),) = place.outside.posted
    assert url == f"{ISSUER}/api/v1/tyollisyysalue/offers"
    assert headers["Authorization"] == "Bearer kyky_key"
    assert wish["type"] == "consent_receipt"
    assert wish["delivery"] == {"channel": "screen", "pin": False}
    claims = wish["claims"]
    load_catalogue().types["consent_receipt"].check_claims(claims)
    assert claims["disclosed_claims"] == [
        "statement_feedback.given_name",
        "statement_feedback.family_name",
        "statement_feedback.birthdate",
        "statement_feedback.employment_impact",
        "statement_feedback.employment_impact_scope",
        "statement_feedback.restriction_duration",
        "statement_feedback.restriction_valid_until",
    ]
    assert claims["retention_until"] == "2028-11-23"
    assert claims["presented_at"] == "2026-11-24T09:30:12Z"
    assert claims["approval_kind"] == "showing_only"
    for value in ("Mallikas", "1988", "significant", "long_term"):
        assert value not in json.dumps(wish)
    assert OFFER.encode() not in place.world.bytes_on_disk()


def test_one_receipt_however_often_it_is_asked_for(place: Place) -> None:
    place.outside.answer = offered
    asked = place.accepted("te_initial_interview")
    for _ in range(3):
        place.desk.open(f"/desk/outcome/{asked.id}")
        place.desk.submit(f"/desk/receipt/{asked.id}")
    assert len(place.outside.posted) == 1
    assert "retention_until" not in place.outside.posted[0][1]["claims"]
    give = place.world.parts.services.hand_on.receipt
    place.world.clock.advance(minutes=15)
    assert place.world.run(give.offered(asked.id)) is None
    place.world.run(place.world.parts.hand_on.chore())
    assert OFFER.encode() not in place.world.bytes_on_disk()


@pytest.mark.parametrize(
    "answer",
    [
        unreachable,
        lambda _: Reply(401, "application/problem+json", {}, b"{}"),
        lambda _: Reply(201, "application/json", {}, b"<html>"),
        lambda _: Reply(201, "application/json", {}, b'{"offer_link": "https://x.test"}'),
        lambda _: Reply(
            201, "application/json", {}, strict_json.dumps({"offer_link": OFFER, "expires_at": "x"})
        ),
        lambda _: Reply(
            201,
            "application/json",
            {},
            strict_json.dumps({"offer_link": OFFER, "expires_at": "2026-11-24T12:00:00"}),
        ),
    ],
)
def test_a_receipt_that_cannot_be_made_loses_nothing(
    place: Place, answer: Callable[[str], Reply]
) -> None:
    asked = place.accepted()
    place.outside.answer = answer
    page = html.unescape(place.desk.submit(f"/desk/receipt/{asked.id}"))
    assert "Tositetta ei saatu tehtyä juuri nyt." in page
    assert "Mallikas" in page
    place.outside.answer = offered
    place.desk.submit(f"/desk/receipt/{asked.id}")
    assert place.desk.path == f"/desk/receipt/{asked.id}"


def test_nobody_gets_the_receipt_of_the_client_before(place: Place) -> None:
    place.outside.answer = offered
    first = place.accepted()
    place.desk.submit(f"/desk/receipt/{first.id}")
    place.desk.submit(f"/desk/close/{first.id}")
    page = place.desk.open(f"/desk/receipt/{first.id}")
    assert "openid-credential-offer" not in page
    picture = place.world.run(place.desk.client.get(f"/desk/receipt/{first.id}/qr.svg"))
    assert picture.status_code == 404
    page = place.desk.open("/desk")
    page = place.desk.submit(f"/desk/receipt/{first.id}")
    assert "Tietoja ei voi siirtää eteenpäin" in page


@NOTHING_SET_UP
def test_without_an_issuer_there_are_no_receipts(place: Place) -> None:
    asked = place.accepted()
    assert "tosite" not in place.page(asked).lower()
    assert "Tietoja ei voi siirtää eteenpäin" in place.desk.submit(f"/desk/receipt/{asked.id}")


# Settings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook_url": HOOK},
        {"webhook_secret": SECRET},
        {"webhook_url": HOOK, "webhook_secret": "short"},
        {"webhook_url": "http://cases.test", "webhook_secret": SECRET},
        {"receipt_issuer_url": ISSUER},
        {"receipt_issuer_url": "http://issuer.test", "receipt_api_key": "k"},
    ],
)
def test_half_set_up_systems_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"base_url": "https://desk.example", **wrong})


def test_secrets_are_not_told(place: Place) -> None:
    assert SECRET not in repr(place.world.settings)
    assert "kyky_key" not in re.sub(r"kyky_key_", "", repr(place.world.settings))
