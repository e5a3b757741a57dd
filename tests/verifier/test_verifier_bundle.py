"""A desk without network: the bundle that it works by, and everything that a bundle may not do."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from keys.checks import (
    ChainNotTrusted,
    CheckFailed,
    SignatureInvalid,
    TrustListRolledBack,
    TrustListStale,
    WrongTokenType,
)
from keys.devkeys import make_demo_pki
from keys.jose import sign_jws, x5c_header
from openid4vc.status_list.bits import Status
from openid4vc.status_list.forms import Form, ListToken
from tests.support.postgres import running_postgres
from tests.verifier.codes import challenge_of, phone, scan
from tests.verifier.world import NOW, Asked, Browser, World, demo_pki
from verifier.usecases.bundle_failures import (
    BundleFromFuture,
    BundleMalformed,
    BundleNotOurs,
    BundleOlder,
    BundlePartRefused,
)
from verifier.usecases.bundle_format import Bundle, read_bundle, write_bundle

PLACES = "https://issuer.test/{org}/status-lists"
OFFICE = "te-toimisto-malli"
SIGNER = demo_pki().signer(OFFICE, "access")


@pytest.fixture
def connected(tmp_path: Path) -> Iterator[World]:
    """A verifier with network that has met the issuers."""
    (tmp_path / "connected").mkdir()
    world = World(tmp_path / "connected")
    world.put_trust_list(world.trust_list(sequence=2).with_status_lists_at(PLACES))
    world.run(world.parts.refresh())
    world.start().answer()
    world.run(world.parts.lists.prefetch())
    yield world
    world.close()


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[World]:
    """A desk machine that never had a network, half an hour later."""
    (tmp_path / "remote").mkdir()
    world = World(tmp_path / "remote")
    world.status.reachable = False
    world.clock.advance(minutes=30)
    yield world
    world.close()


def made(world: World) -> tuple[Bundle, str]:
    bundle, text = world.run(world.parts.lists.make_bundle())
    return bundle, text


def load(world: World, text: str) -> None:
    world.run(world.parts.lists.load_bundle(text))


def shown(world: World) -> Asked:
    """A client without network answers the desk's challenge with a code."""
    asked = world.start()
    frames = phone().answer(challenge_of(asked), at=world.clock.now())
    assert scan(world, frames, verification=asked.id).status_code == 200
    return asked


# What it is for ------------------------------------------------------------------------------


@pytest.mark.req("TSL-22", "DESK-09")
def test_with_a_bundle_a_desk_without_network_accepts_and_says_how_old(
    connected: World, remote: World
) -> None:
    load(remote, made(connected)[1])
    asked = shown(remote)
    assert asked.identity().status_code == 200
    state = asked.read()
    assert (state["outcome"], state["code"]) == ("accept", None)
    assert state["status_age_hours"] == 1, "half an hour, begun"
    assert state["trust_list_sequence"] == 2


@pytest.mark.req("TSL-21")
def test_without_one_nothing_is_confirmed(remote: World) -> None:
    assert shown(remote).verdict() == ("cannot_confirm", "status_unknown", "status")


@pytest.mark.req("TSL-21", "DESK-09")
def test_from_a_day_on_nothing_is_confirmed(connected: World, remote: World) -> None:
    load(remote, made(connected)[1])
    remote.clock.advance(hours=23, minutes=29)
    assert shown(remote).verdict()[1] is None
    remote.clock.advance(minutes=2)
    assert shown(remote).verdict() == ("cannot_confirm", "status_stale", "status")


def test_what_was_revoked_before_is_revoked_there(connected: World, remote: World) -> None:
    connected.status.statuses[7] = Status.INVALID
    connected.clock.advance(minutes=16)
    connected.run(connected.parts.lists.prefetch())
    load(remote, made(connected)[1])
    assert shown(remote).verdict()[:2] == ("reject", "revoked")


@pytest.mark.req("TSL-08")
def test_a_list_that_has_ended_by_itself_confirms_nothing(connected: World, remote: World) -> None:
    connected.status.lifetime = timedelta(hours=2)
    connected.clock.advance(minutes=16)
    connected.run(connected.parts.lists.prefetch())
    load(remote, made(connected)[1])
    assert shown(remote).verdict()[1] is None
    remote.clock.advance(hours=2)
    assert shown(remote).verdict()[:2] == ("cannot_confirm", "status_unknown")


def test_answers_may_name_certificates_that_came_with_it(connected: World, remote: World) -> None:
    asked = remote.start()
    assert challenge_of(asked).held == frozenset()
    load(remote, made(connected)[1])
    assert len(challenge_of(remote.start()).held) == 1


def test_a_desk_that_is_running_goes_by_what_another_process_loaded(
    connected: World, remote: World, tmp_path: Path
) -> None:
    other = World(tmp_path / "remote", database=f"sqlite:///{remote.database_file}")
    other.clock.advance(minutes=30)
    load(other, made(connected)[1])
    other.close()
    assert shown(remote).verdict()[1] is None
    remote.trust_file.unlink()
    assert remote.run(remote.parts.refresh()).failure == "trust_list_unavailable"
    assert shown(remote).read()["trust_list_sequence"] == 2


def test_a_network_that_is_away_keeps_nobody_waiting(connected: World, remote: World) -> None:
    load(remote, made(connected)[1])
    shown(remote)
    asked_before = len(remote.status.fetched)
    shown(remote)
    assert len(remote.status.fetched) == asked_before
    remote.clock.advance(minutes=2)
    shown(remote)
    assert len(remote.status.fetched) == asked_before + 1


def test_once_there_is_network_again_newer_lists_are_taken(connected: World, remote: World) -> None:
    load(remote, made(connected)[1])
    remote.status.reachable = True
    remote.status.statuses[7] = Status.INVALID
    assert shown(remote).verdict()[:2] == ("reject", "revoked")


# What is in it -------------------------------------------------------------------------------


def test_it_holds_what_is_of_use_and_nothing_else(connected: World) -> None:
    bundle, text = made(connected)
    issuers = demo_pki().trust_list.issuers
    assert {one.issuer for one in bundle.status_lists} == {issuer.id for issuer in issuers}
    assert bundle.certificates == demo_pki().signer("itsearviointi", "credential").certificate_chain
    assert bundle.trust_list == connected.trust_file.read_text()
    assert read_bundle(text)[1] == bundle
    connected.clock.advance(hours=25)
    assert made(connected)[0].status_lists == ()


def test_it_holds_no_word_of_any_client(connected: World) -> None:
    _, text = made(connected)
    payload = read_bundle(text)[0].payload
    for word in (b"Mallikas", b"1988-04-12", connected.key.encode()):
        assert word not in payload


def test_lists_may_be_in_either_form(connected: World, remote: World) -> None:
    connected.status.answers_cwt = True
    connected.clock.advance(minutes=16)
    connected.run(connected.parts.lists.prefetch())
    bundle, text = made(connected)
    assert {one.token.form for one in bundle.status_lists} == {Form.CWT}
    load(remote, text)
    assert shown(remote).verdict()[1] is None


def test_without_a_trust_list_in_force_there_is_none(connected: World) -> None:
    connected.clock.advance(days=400)
    with pytest.raises(TrustListStale):
        made(connected)


# What is refused -----------------------------------------------------------------------------


def refused(world: World, text: str, failure: type[CheckFailed]) -> None:
    """Nothing of a refused bundle is kept."""
    with pytest.raises(failure):
        load(world, text)
    assert world.run(world.parts.lists.holdings("te_office")).bundle_until is None
    assert shown(world).verdict() == ("cannot_confirm", "status_unknown", "status")


def test_one_of_another_organisation_is_refused(connected: World, remote: World) -> None:
    bundle, _ = made(connected)
    stranger = demo_pki().signer("sote-keskus-malli", "access")
    refused(remote, write_bundle(bundle, signer=stranger), BundleNotOurs)


def test_one_signed_with_a_key_for_another_use_is_refused(connected: World, remote: World) -> None:
    bundle, _ = made(connected)
    issuer = demo_pki().signer("tyollisyysalue", "credential")
    refused(remote, write_bundle(bundle, signer=issuer), ChainNotTrusted)


def test_one_of_a_self_made_office_is_refused(connected: World, remote: World) -> None:
    bundle, _ = made(connected)
    forger = make_demo_pki(at=NOW - timedelta(days=1)).signer(OFFICE, "access")
    refused(remote, write_bundle(bundle, signer=forger), ChainNotTrusted)


def test_one_of_an_office_that_is_registered_no_more_is_refused(
    connected: World, remote: World
) -> None:
    parties = tuple(
        one for one in demo_pki().trust_list.relying_parties if "te_office" not in one.roles
    )
    connected.put_trust_list(connected.trust_list(sequence=3, relying_parties=parties))
    connected.run(connected.parts.refresh())
    refused(remote, made(connected)[1], BundleNotOurs)


def test_a_changed_one_is_refused(connected: World, remote: World) -> None:
    header, _, signature = made(connected)[1].split(".")
    other = made(connected)[0]
    payload = write_bundle(replace(other, certificates=()), signer=SIGNER).split(".")[1]
    refused(remote, f"{header}.{payload}.{signature}", SignatureInvalid)


def test_another_thing_that_the_office_signed_is_refused(connected: World, remote: World) -> None:
    payload = read_bundle(made(connected)[1])[0].payload
    header = {"typ": "oauth-authz-req+jwt", "x5c": x5c_header(SIGNER.certificate_chain)}
    refused(remote, sign_jws(header, payload, SIGNER), WrongTokenType)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "a.b.c",
        *(
            sign_jws({"typ": "x"}, payload, SIGNER)
            for payload in (
                b"",
                b"[]",
                b"{}",
                b'{"iat":1,"trust_list":"x","status_lists":{},"certificates":[]}',
                b'{"iat":1,"trust_list":"x","status_lists":[1],"certificates":[]}',
                b'{"iat":1,"trust_list":"x","status_lists":[],"certificates":["?"]}',
                b'{"iat":1,"trust_list":"x","status_lists":[],"certificates":[1]}',
                b'{"iat":true,"trust_list":"x","status_lists":[],"certificates":[]}',
                b'{"iat":1,"trust_list":1,"status_lists":[],"certificates":[]}',
                b'{"iat":1,"trust_list":"x","status_lists":[{"issuer":"a","uri":"b",'
                b'"type":"text/html","token":"","fetched_at":1}],"certificates":[]}',
            )
        ),
    ],
)
def test_what_is_no_bundle_is_refused(remote: World, text: str) -> None:
    refused(remote, text, BundleMalformed)


def test_one_from_the_future_is_refused(connected: World, remote: World) -> None:
    connected.clock.advance(hours=1)
    refused(remote, made(connected)[1], BundleFromFuture)


def test_an_older_one_than_the_last_is_refused(connected: World, remote: World) -> None:
    _, older = made(connected)
    connected.clock.advance(minutes=1)
    bundle, newer = made(connected)
    load(remote, newer)
    with pytest.raises(BundleOlder):
        load(remote, older)
    load(remote, newer)
    until = remote.run(remote.parts.lists.holdings("te_office")).bundle_until
    assert until == bundle.made_at + timedelta(hours=24)


def test_one_with_an_older_trust_list_is_refused(connected: World, remote: World) -> None:
    remote.put_trust_list(remote.trust_list(sequence=7))
    remote.run(remote.parts.refresh())
    refused(remote, made(connected)[1], TrustListRolledBack)


def test_a_newer_list_that_is_held_stays(connected: World, remote: World) -> None:
    _, text = made(connected)
    remote.status.reachable = True
    remote.status.statuses[7] = Status.SUSPENDED
    assert shown(remote).verdict()[1] == "suspended"
    remote.status.reachable = False
    load(remote, text)
    remote.clock.advance(minutes=16)
    assert shown(remote).verdict()[1] == "suspended"


def _other(bundle: Bundle, **changes: Any) -> Bundle:
    first, *rest = bundle.status_lists
    return replace(bundle, status_lists=(replace(first, **changes), *rest))


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"issuer": "nobody"}, BundlePartRefused),
        ({"issuer": "mallimaa"}, BundlePartRefused),
        ({"uri": "https://issuer.test/elake/status-lists/9"}, BundlePartRefused),
        ({"token": ListToken(Form.JWT, b"a.b.c")}, BundlePartRefused),
        ({"fetched_at": NOW + timedelta(days=3)}, BundleFromFuture),
        ({"fetched_at": NOW - timedelta(days=1)}, BundlePartRefused),
    ],
)
def test_one_with_a_list_that_is_not_its_issuers_is_refused(
    connected: World, remote: World, changes: dict[str, Any], failure: type[CheckFailed]
) -> None:
    bundle = _other(made(connected)[0], **changes)
    refused(remote, write_bundle(bundle, signer=SIGNER), failure)


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"garbage",
        *SIGNER.certificate_chain,
        *demo_pki().signer("kela", "status-list").certificate_chain,
        *make_demo_pki(at=NOW).signer("kela", "credential").certificate_chain,
    ],
)
def test_one_with_a_certificate_of_no_issuer_is_refused(
    connected: World, remote: World, der: bytes
) -> None:
    bundle = replace(made(connected)[0], certificates=(der,))
    refused(remote, write_bundle(bundle, signer=SIGNER), BundlePartRefused)


# The page ------------------------------------------------------------------------------------


def test_the_page_says_what_works_without_network_and_how_old_it_is(
    connected: World, remote: World
) -> None:
    remote.put_trust_list(remote.trust_list(sequence=2).with_status_lists_at(PLACES))
    remote.run(remote.parts.refresh())
    desk = Browser(remote)
    desk.sign_in()
    page = desk.open("/desk/offline")
    assert "Verkko toimii" in page
    assert "ei haettu" in page
    page = desk.submit("/desk/offline")
    assert "kortteja ei voi vahvistaa" in page
    load(remote, made(connected)[1])
    page = desk.open("/desk/offline")
    assert "voit silti tarkistaa" in page
    assert "Korttien tila on klo 11.30 mukainen, 30 minuuttia vanha" in page
    assert "Riittää 25.11.2026 klo 11.30 asti" in page
    assert "Mallimaan itsearviointipalvelu (TESTI)" in page
    assert "Mallimaan henkilötietopalvelu (TESTI)" not in page, "no task of this desk asks for it"
    remote.run(desk.client.aclose())


def test_too_old_is_said_line_by_line(connected: World, remote: World) -> None:
    load(remote, made(connected)[1])
    remote.clock.advance(hours=24)
    held = remote.run(remote.parts.lists.holdings("te_office"))
    assert {one.good_until for one in held.issuers} == {None}
    assert held.as_of is None
    assert held.trust_list.good_until is not None


def test_a_desk_with_network_but_no_bundle_is_good_for_as_long_as_its_lists_are(
    connected: World,
) -> None:
    held = connected.run(connected.parts.lists.holdings("te_office"))
    assert {one.good_until for one in held.issuers} == {NOW + timedelta(minutes=15)}


# On PostgreSQL -------------------------------------------------------------------------------


@pytest.mark.slow
def test_lists_and_bundles_are_kept_on_postgresql_too(connected: World, tmp_path: Path) -> None:
    _, text = made(connected)
    with running_postgres() as url:
        (tmp_path / "desk").mkdir()
        desk = World(tmp_path / "desk", database=url)
        try:
            desk.status.reachable = False
            desk.clock.advance(minutes=30)
            desk.all_at_once([partial(desk.parts.lists.load_bundle, text)] * 5)
            assert shown(desk).verdict()[1] is None
            bundle = desk.run(desk.parts.lists.make_bundle())[0]
            assert len(bundle.status_lists) == len(demo_pki().trust_list.issuers)
            desk.clock.advance(days=40)
            desk.run(desk.parts.lists.prefetch())
            held = desk.run(desk.parts.lists.holdings("te_office"))
            assert {one.as_of for one in held.issuers} == {None}
        finally:
            desk.close()
