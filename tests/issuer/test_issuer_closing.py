"""An organisation that closes: nothing new, a last word on every card, its public remains kept."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from cryptography import x509

from issuer.adapters.archive import DirectoryArchive
from issuer.adapters.sql.after import SqlClosings
from issuer.cli import main
from issuer.model import Caller, Channel
from issuer.parts.administration import make_administration
from issuer.parts.after import make_close_organisation
from issuer.parts.services import make_services
from issuer.usecases.after.close_organisation import Closed
from issuer.usecases.after.failures import ArchiveNotEmpty
from issuer.usecases.create_offer import OfferWish
from issuer.usecases.failures import OrganisationClosed, OrganisationUnknown
from openid4vc.openid4vci.credential import request_json
from openid4vc.openid4vci.notification import Event
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import status_reference
from openid4vc.status_list.bits import Status
from openid4vc.status_list.model import VerifiedStatusList
from openid4vc.status_list.token import read_status_list
from tests.issuer.revoking import Revoking
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import MALLIMAA_TYPE, World, claims_of, demo_pki
from verifier.usecases.last_word import is_last_word


def close(world: World, directory: Path, org: str = "mallimaa") -> Closed:
    publish = make_services(world.parts).publish_status_list
    return world.run(
        make_close_organisation(world.parts, publish)(org, DirectoryArchive(directory))
    )


def listed(world: World, card: str, text: str | None = None) -> VerifiedStatusList:
    """The card's status list as it is served now, or another text of it, verified."""
    reference = status_reference(parse(card).claims)
    assert reference is not None
    if text is None:
        text = world.get(urlsplit(reference.uri).path).text
    trust = demo_pki().trust_list.with_closed("mallimaa", world.clock.now().date())
    (issuer,) = [one for one in trust.issuers if one.id == "mallimaa"]
    return read_status_list(text, uri=reference.uri, issuer=issuer, at=world.clock.now())


@pytest.fixture
def cards(world: World, wallet: TinyWallet) -> list[str]:
    """Two cards, the second of them revoked."""
    made = [world.offer() for _ in range(2)]
    received = [wallet.receive(one["offer_link"]) for one in made]
    (copy,) = world.offer_state(made[1]["offer_id"])["credentials"]
    answer = world.post(
        f"/api/v1/mallimaa/credentials/{copy['credential_id']}/status",
        json={"action": "revoke", "reason": "corrected"},
        headers=world.auth(),
    )
    assert answer.status_code == 200, answer.text
    return received


@pytest.mark.req("TSL-11")
def test_the_last_list_lasts_as_long_as_the_last_card(
    world: World, cards: list[str], tmp_path: Path
) -> None:
    ends = parse(cards[0]).claims["exp"]
    closed = close(world, tmp_path / "archive")
    last = listed(world, cards[0])
    assert last.expires_at == closed.closing.lists_until
    assert closed.closing.lists_until.timestamp() == ends
    trust = demo_pki().trust_list.with_closed("mallimaa", world.clock.now().date())
    (issuer,) = [one for one in trust.issuers if one.id == "mallimaa"]
    assert is_last_word(last, issuer), "a desk knows it as what it is"
    assert (closed.lists, closed.is_covered) == (1, True)


def test_the_last_list_says_what_was_so_and_never_changes(
    world: World, wallet: TinyWallet, cards: list[str], tmp_path: Path
) -> None:
    close(world, tmp_path / "archive")
    assert [wallet.status_of(card) for card in cards] == [Status.VALID, Status.INVALID]
    path = "/mallimaa/status-lists/1"
    first = world.get(path)
    for step in (timedelta(hours=30), timedelta(days=60)):
        world.clock.at += step
        assert world.get(path).text == first.text
    # When it is over it is over: nothing is signed any more.
    ends = listed(world, cards[0], first.text).expires_at
    assert ends is not None
    world.clock.at = ends + timedelta(days=1)
    assert world.get(path).text == first.text


def test_nothing_is_issued_or_changed_any_more(
    world: World, wallet: TinyWallet, cards: list[str], tmp_path: Path
) -> None:
    waiting, underway = world.offer(), world.offer()
    token = wallet.token(wallet.open_link(underway["offer_link"]))
    copy, _ = wallet.credential(token)
    headers = world.auth()

    closed = close(world, tmp_path / "archive")

    assert closed.withdrawn == 2
    assert closed.keys_ended >= 1
    assert wallet.ask_token(wallet.open_link(waiting["offer_link_by_value"])).status_code == 400
    answer = wallet.ask_credential(token, request_json(proofs=["x"], configuration_id="x"))
    assert answer.status_code in {400, 401}
    assert wallet.status_of(copy) is Status.INVALID, "nobody has confirmed it"
    refused = world.post("/api/v1/mallimaa/offers", json={}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "api_key_refused")
    create = make_administration(world.parts).create_api_key
    with pytest.raises(OrganisationClosed):
        world.run(
            create(
                organisation="mallimaa",
                system="new",
                types=["statement_feedback"],
                lifetime=timedelta(days=1),
            )
        )
    vct = {"vct": "urn:kykylompakko:statement-feedback:1"}
    gone = world.post("/mallimaa/revocations", data=vct)
    assert gone.json()["error_description"] == "revocation_not_offered"


def test_an_offer_that_was_being_made_while_it_closed_gives_no_card(
    world: World, wallet: TinyWallet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close(world, tmp_path / "archive")
    mallimaa = Caller("key", "mallimaa", "tests", frozenset({MALLIMAA_TYPE}), frozenset())
    wish = OfferWish(MALLIMAA_TYPE, claims_of(MALLIMAA_TYPE), "client-4711", Channel.SCREEN)
    services = make_services(world.parts)
    with monkeypatch.context() as earlier:  # it looked before the other transaction's commit
        earlier.setattr(SqlClosings, "get", lambda *_: None)
        made = world.run(services.create_offer(mallimaa, wish))
    token = wallet.token(wallet.open_link(services.links.by_reference(made.offer)))
    answer = wallet.ask_credential(token, wallet.request(MALLIMAA_TYPE))
    assert (answer.status_code, answer.json()["error"]) == (400, "credential_request_denied")
    assert not world.dump()["credentials"]


def test_an_answer_that_comes_after_closing_revokes_nothing(
    world: World, wallet: TinyWallet, cards: list[str], tmp_path: Path
) -> None:
    revoking = Revoking(world, wallet)
    form = revoking.form(revoking.presentation(cards[0]))
    close(world, tmp_path / "archive")
    answer = revoking.send(form)
    assert answer.json()["error_description"] == "revocation_not_offered"
    assert wallet.status_of(cards[0]) is Status.VALID


def test_a_late_report_of_a_wallet_changes_no_last_word(
    world: World, wallet: TinyWallet, tmp_path: Path
) -> None:
    token = wallet.token(wallet.open_link(world.offer()["offer_link"]))
    card, notification = wallet.credential(token)
    assert wallet.notify(token, notification, Event.ACCEPTED).status_code == 204
    close(world, tmp_path / "archive")
    last = world.get("/mallimaa/status-lists/1").text
    wallet.notify(token, notification, Event.DELETED)
    assert world.get("/mallimaa/status-lists/1").text == last
    assert wallet.status_of(card) is Status.VALID


def test_the_archive_is_enough_to_go_on_checking(
    world: World, cards: list[str], tmp_path: Path
) -> None:
    place = tmp_path / "archive"
    close(world, place)
    kept = sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file())
    assert [name for name in kept if not name.startswith("type-metadata/")] == [
        "certificates/credential.pem",
        "certificates/status-list.pem",
        "closing.json",
        "status-lists.json",
        "status-lists/1.cwt",
        "status-lists/1.jwt",
    ]
    last = listed(world, cards[1], (place / "status-lists/1.jwt").read_text())
    reference = status_reference(parse(cards[1]).claims)
    assert reference is not None
    assert last.status_at(reference.index) is Status.INVALID
    told = json.loads((place / "closing.json").read_text())
    assert (told["organisation"], told["status_lists"]) == ("mallimaa", [reference.uri])
    pem = (place / "certificates/credential.pem").read_bytes()
    assert b"PRIVATE" not in pem
    (leaf,) = x509.load_pem_x509_certificates(pem)
    assert leaf.public_key() == demo_pki().signer("mallimaa", "credential").public_key
    everything = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    assert b"PRIVATE" not in everything
    assert b"client-4711" not in everything


def test_closing_again_writes_the_same_archive_elsewhere(
    world: World, cards: list[str], tmp_path: Path
) -> None:
    first = close(world, tmp_path / "one")
    world.clock.advance(days=3)
    again = close(world, tmp_path / "two")
    assert again.closing == first.closing
    one, two = (
        {str(path.relative_to(tmp_path / name)): path.read_bytes() for path in files}
        for name in ("one", "two")
        for files in [[path for path in (tmp_path / name).rglob("*") if path.is_file()]]
    )
    assert one == two
    with pytest.raises(ArchiveNotEmpty):
        DirectoryArchive(tmp_path / "one")


def test_an_organisation_that_never_issued_closes_too(world: World, tmp_path: Path) -> None:
    closed = close(world, tmp_path / "archive", "oppilaitos")
    assert (closed.lists, closed.withdrawn, closed.is_covered) == (0, 0, True)
    with pytest.raises(OrganisationUnknown):
        close(world, tmp_path / "other", "nobody")


def test_no_list_outlives_its_signers_certificate(
    world: World, cards: list[str], tmp_path: Path
) -> None:
    leaf = x509.load_der_x509_certificate(
        demo_pki().signer("mallimaa", "status-list").certificate_chain[0]
    )
    late = leaf.not_valid_after_utc + timedelta(days=30)

    def prolong(records: Any) -> None:
        """As if a card had been issued for longer than the certificate lasts."""
        template = records.expiries.unreminded(
            world.clock.now(), until=world.clock.now() + timedelta(days=4000), limit=1
        )[0]
        place = replace(template.place, index=(template.place.index + 1) % 128)
        records.status_lists.reserve(place)
        records.credentials.add(
            replace(
                template,
                id="f" * 32,
                notification_mac=b"another",
                place=place,
                expires_at=late,
            )
        )

    world.run(world.parts.store.write(prolong))
    closed = close(world, tmp_path / "archive")
    assert closed.closing.lists_until == leaf.not_valid_after_utc
    assert not closed.is_covered


def test_the_command_says_what_is_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KYKY_ISSUER_DATABASE", f"sqlite:///{tmp_path}/issuer.db")
    monkeypatch.setenv("KYKY_ISSUER_UNSAFE_PLAIN_HTTP", "true")
    monkeypatch.setenv("KYKY_ISSUER_UNSAFE_MEMORY_KEYS", "true")
    runner = CliRunner()
    assert runner.invoke(main, ["migrate"]).exit_code == 0
    call = ["close", "kela", "--archive", str(tmp_path / "kela")]
    unsure = runner.invoke(main, call, input="n\n")
    assert (unsure.exit_code, (tmp_path / "kela").exists()) == (1, False)
    done = runner.invoke(main, [*call, "--yes"])
    assert done.exit_code == 0, done.output
    assert "kyky-keys trust-list --dir KEYS --closed kela 20" in done.output
    assert (tmp_path / "kela" / "closing.json").exists()
    full = runner.invoke(main, [*call, "--yes"])
    assert full.exit_code == 1
    nobody = runner.invoke(main, ["close", "nobody", "--archive", str(tmp_path / "x"), "--yes"])
    assert nobody.exit_code == 1
