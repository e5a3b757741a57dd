"""Letters as issuing systems make, print, renew and withdraw them, and what is kept of them."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from credential_schemas.model import LANGS, Lang
from issuer.model import Caller
from issuer.parts.letters import make_letters
from issuer.parts.webhooks import make_administer_webhooks
from issuer.ports.letters import LETTER_KEPT_IN, LETTER_NEXT, LetterState, PinMedium
from issuer.settings import LetterSender, Words
from issuer.usecases.addresses import Addresses
from issuer.usecases.failures import OrganisationClosed
from issuer.usecases.letters.create_letter import LetterWish
from issuer.usecases.letters.expire_letters import ExpireLetters
from issuer.usecases.letters.failures import LetterClaimsGone, LetterNotFound, LetterNotOpen
from issuer.usecases.letters.open_letter import OpensNothing, PinLocked, PinWrong
from issuer.usecases.letters.renew_letter import RenewWish, ThisLetter
from openid4vc.openid4vci.notification import Event
from openid4vc.openid4vci.offer import OfferReference, parse_offer_link
from openid4vc.status_list.bits import Status
from tests.issuer.letters import (
    LETTERS,
    RECIPIENT,
    TYPE,
    letter_body,
    letter_state,
    make_letter,
    open_letter,
    path_of,
    title_of,
    try_pin,
    wrong_pin,
)
from tests.issuer.test_issuer_at_rest import bytes_on_disk, folded, sweep, texts
from tests.issuer.test_issuer_closing import close
from tests.issuer.test_issuer_offers import problem
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, NOW, World, claims_of


def expire(world: World) -> int:
    return world.run(ExpireLetters(store=world.parts.store, clock=world.clock)())


def is_dead(world: World, made: dict[str, Any]) -> bool:
    """Whether the letter's own PIN opens nothing."""
    return title_of_answer(world, made) == "Tällä koodilla ei saa korttia"


def title_of_answer(world: World, made: dict[str, Any]) -> str:
    answer = try_pin(world, path_of(made), made["pin"])
    return title_of(world.get(answer.headers["location"]) if answer.is_redirect else answer)


def test_every_state_says_what_may_follow() -> None:
    assert set(LETTER_NEXT) == set(LetterState)
    assert {state for state, following in LETTER_NEXT.items() if following} == LETTER_KEPT_IN
    assert LETTER_NEXT[LetterState.SENT] == set(LetterState) - {LetterState.SENT}
    assert LetterState.SENT not in LETTER_NEXT[LetterState.LOCKED]


def test_a_letter_answers_with_link_code_pin_and_pages(world: World) -> None:
    made = make_letter(world)

    assert made["state"] == "sent"
    reference = made["link"].removeprefix(f"{BASE}/l/")
    assert reference.isalnum()
    assert len(reference) == 22
    assert len(made["typed_code"].replace("-", "")) == 15
    assert made["pin"].isdecimal()
    assert made["expires_at"] == "2026-12-24T22:00:00Z"  # the end of the thirtieth day in Finland
    assert "Never send it in a second letter to the same household" in made["pin_rule"]
    assert sorted(made["pdf"]) == ["en", "fi", "fi-plain", "sv"]
    assert sorted(made["message"]) == ["en", "fi", "sv"]
    told = world.get(f"{LETTERS}/{made['letter_id']}", headers=world.auth()).json()
    assert told["pin_medium"] == "in_person"
    assert told["offer_id"] is None
    assert "pin" not in told


def test_a_letter_does_not_outlive_the_card_that_it_brings(world: World) -> None:
    claims = claims_of(TYPE) | {"restriction_valid_until": "2026-12-01"}
    assert make_letter(world, claims=claims)["expires_at"] == "2026-12-01T22:00:00Z"


def test_the_pin_never_goes_by_letter(world: World) -> None:
    body = letter_body(pin_medium="letter")
    refused = world.post(LETTERS, json=body, headers=world.auth() | {"Accept-Language": "fi"})

    assert problem(refused) == (422, "pin_by_letter")
    assert "samaan postilaatikkoon" in refused.json()["detail"]
    assert not world.dump()["letters"]
    made = make_letter(world)
    renewed = world.post(
        f"{LETTERS}/{made['letter_id']}/renew",
        json={"pin_medium": "letter"},
        headers=world.auth(),
    )
    assert problem(renewed) == (422, "pin_by_letter")
    assert letter_state(world, made) == "sent"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"claims": {"given_name": "x" * 5_000}}, "/claims/given_name"),
        ({"recipient": ["a\nb"]}, "/recipient/0"),
        ({"recipient": ["\N{GRINNING FACE}"]}, "/recipient/0"),
        ({"recipient": ["x"] * 7}, "/recipient"),
        ({"pin_medium": "pigeon"}, "/pin_medium"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_kept(
    world: World, changes: dict[str, object], place: str
) -> None:
    refused = world.post(LETTERS, json=letter_body(**changes), headers=world.auth())

    assert refused.status_code == 422
    assert place in {fault["pointer"] for fault in refused.json()["problems"]}
    assert not world.dump()["letters"]
    assert not world.dump()["letter_seals"]


def test_letters_are_their_organisations_own_and_in_scope(world: World) -> None:
    made = make_letter(world)
    path = f"{LETTERS}/{made['letter_id']}"
    assert problem(world.get(path)) == (401, "api_key_missing")
    assert problem(world.get(path, headers=world.auth("kela"))) == (
        403,
        "api_key_of_another_organisation",
    )
    other = path.replace("mallimaa", "kela")
    assert problem(world.get(other, headers=world.auth("kela"))) == (404, LetterNotFound.code)
    narrow = world.auth("mallimaa", "medical_statement_key_data")
    for call in ("letter.pdf?lang=fi", "message?lang=fi"):
        assert problem(world.get(f"{path}/{call}", headers=narrow)) == (403, "type_not_in_scope")
    body = letter_body()
    assert problem(world.post(LETTERS, json=body, headers=narrow)) == (403, "type_not_in_scope")


def test_the_same_call_makes_one_letter(world: World) -> None:
    first = make_letter(world, key="letter-1")
    assert make_letter(world, key="letter-1") == first
    assert make_letter(world, key="letter-2")["letter_id"] != first["letter_id"]
    other = letter_body(subject_ref="client-4712")
    headers = world.auth() | {"Idempotency-Key": "letter-1"}
    assert problem(world.post(LETTERS, json=other, headers=headers)) == (
        422,
        "idempotency_key_reused",
    )
    world.clock.advance(hours=25)
    assert make_letter(world, key="letter-1")["letter_id"] != first["letter_id"]


def test_equal_calls_at_once_make_one_letter(world: World) -> None:
    headers = world.auth() | {"Idempotency-Key": "at-once"}

    async def call() -> str:
        answer = await world.client.post(LETTERS, json=letter_body(), headers=headers)
        return str(answer.json()["letter_id"])

    assert len(set(world.all_at_once([call] * 6))) == 1
    assert len(world.dump()["letters"]) == 1


@pytest.mark.parametrize("lang", LANGS)
def test_the_message_for_a_mailbox_says_all_and_its_subject_nothing(
    world: World, lang: Lang
) -> None:
    made = make_letter(world, pin_medium="text_message")
    told = world.get(made["message"][lang], headers=world.auth()).json()

    card = world.parts.catalogue.types[TYPE].title
    organisation = world.parts.catalogue.organisations["mallimaa"]
    assert told["lang"] == lang
    assert made["link"] in told["text"].split()
    assert card[lang] in told["text"]
    assert organisation.names[lang] in told["text"]
    assert organisation.contact[lang] in told["text"]
    assert "24.12.2026" in told["text"]
    assert {"fi": "tekstiviestillä", "sv": "textmeddelande", "en": "text message"}[lang] in (
        told["text"]
    )
    assert card[lang].split()[0] not in told["subject"]
    assert made["pin"] not in told["text"]
    assert made["typed_code"] not in told["text"]


def test_nothing_secret_or_personal_can_be_read_from_the_files(
    world: World, wallet: TinyWallet, tmp_path: Path
) -> None:
    made = make_letter(world, key="letter-key-1")
    wallet.open_link(open_letter(world, made))

    stored = bytes_on_disk(tmp_path) + folded(tmp_path)

    assert made["letter_id"].encode() in stored
    secrets = [
        made["link"].rsplit("/", 1)[1], made["typed_code"].replace("-", ""), made["typed_code"],
        "client-4711", "letter-key-1", *RECIPIENT, *texts(claims_of(TYPE)),
    ]  # fmt: skip
    for secret in secrets:
        assert secret.encode() not in stored, secret


def test_the_whole_way_to_the_wallet_and_then_nothing_is_left(
    world: World, wallet: TinyWallet, tmp_path: Path
) -> None:
    made = make_letter(world)
    ((_, wrapped_key, ciphertext),) = world.dump()["letter_seals"]
    assert isinstance(wrapped_key, bytes)
    assert isinstance(ciphertext, bytes)

    credential = wallet.receive(open_letter(world, made))

    assert wallet.status_of(credential) is Status.VALID
    assert letter_state(world, made) == "collected"
    told = world.get(f"{LETTERS}/{made['letter_id']}", headers=world.auth()).json()
    assert [one["delivery"] for one in told["credentials"]] == ["accepted"]
    assert world.offer_state(told["offer_id"])["channel"] == "letter"
    assert is_dead(world, made)
    left = folded(tmp_path)
    assert wrapped_key not in left
    assert ciphertext not in left
    assert {entry[4] for entry in world.dump()["audit_entries"]} >= {
        "create_letter",
        "open_letter",
    }


def test_one_offer_lives_at_a_time_and_for_minutes(world: World, wallet: TinyWallet) -> None:
    made = make_letter(world)
    first = open_letter(world, made)
    second = open_letter(world, made)

    assert fetch(world, first) == 404
    assert fetch(world, second) == 200
    world.clock.advance(minutes=10)
    assert fetch(world, second) == 404
    assert letter_state(world, made) == "sent"
    assert wallet.receive(open_letter(world, made))


def fetch(world: World, link: str) -> int:
    """How the issuer answers a wallet that follows the link."""
    found = parse_offer_link(link)
    assert isinstance(found, OfferReference)
    return int(world.get(urlsplit(found.uri).path).status_code)


def test_a_copy_under_way_is_revoked_when_the_letter_is_opened_again(
    world: World, wallet: TinyWallet
) -> None:
    made = make_letter(world)
    first, _ = wallet.credential(wallet.token(wallet.open_link(open_letter(world, made))))

    second = wallet.receive(open_letter(world, made))

    assert wallet.status_of(first) is Status.INVALID
    assert wallet.status_of(second) is Status.VALID


@pytest.mark.parametrize("is_signed", [True, False])
def test_an_offer_that_lapsed_ends_the_letter_only_if_a_card_may_be_there(
    world: World, wallet: TinyWallet, *, is_signed: bool
) -> None:
    made = make_letter(world)
    token = wallet.token(wallet.open_link(open_letter(world, made)))
    if is_signed:
        wallet.credential(token)
    world.clock.advance(hours=25)
    sweep(world)

    assert letter_state(world, made) == ("collected" if is_signed else "sent")
    assert bool(world.dump()["letter_seals"]) is not is_signed


def test_a_card_that_the_wallet_could_not_keep_may_be_fetched_again(
    world: World, wallet: TinyWallet
) -> None:
    made = make_letter(world)
    token = wallet.token(wallet.open_link(open_letter(world, made)))
    _, notification_id = wallet.credential(token)
    wallet.notify(token, notification_id, Event.FAILURE)

    assert letter_state(world, made) == "sent"
    assert wallet.receive(open_letter(world, made))


def test_renewing_kills_link_pin_and_offer_in_one_call(world: World, wallet: TinyWallet) -> None:
    made = make_letter(world)
    offered = open_letter(world, made)
    answer = world.post(f"{LETTERS}/{made['letter_id']}/renew", json={}, headers=world.auth())
    assert answer.status_code == 201, answer.text
    renewed = answer.json()

    for name in ("letter_id", "link", "typed_code", "pin"):
        assert renewed[name] != made[name]
    assert letter_state(world, made) == "renewed"
    assert is_dead(world, made)
    assert fetch(world, offered) == 404
    assert len(world.dump()["letter_seals"]) == 1
    page = world.get(renewed["pdf"]["fi"], headers=world.auth())
    assert page.status_code == 200
    assert wallet.receive(open_letter(world, renewed))


def test_a_locked_letter_is_renewed_without_the_claims(world: World, wallet: TinyWallet) -> None:
    made = make_letter(world)
    for _ in range(5):
        try_pin(world, path_of(made), wrong_pin(made))
    assert letter_state(world, made) == "locked"
    path = f"{LETTERS}/{made['letter_id']}"
    assert problem(world.get(f"{path}/letter.pdf?lang=fi", headers=world.auth())) == (
        409,
        LetterNotOpen.code,
    )
    renewed = world.post(f"{path}/renew", json={"pin_medium": "phone_call"}, headers=world.auth())
    assert renewed.status_code == 201
    assert wallet.receive(open_letter(world, renewed.json()))


def test_every_letter_to_a_client_is_renewed_by_the_systems_own_name(
    world: World, wallet: TinyWallet
) -> None:
    earlier = [make_letter(world), make_letter(world)]
    other = make_letter(world, subject_ref="client-4712")
    body = {"subject_ref": "client-4711", "type": TYPE, "recipient": ["Uusi osoite 2"]}
    renewed = world.post(f"{LETTERS}/renew", json=body, headers=world.auth())

    assert renewed.status_code == 201, renewed.text
    assert [letter_state(world, one) for one in [*earlier, other]] == ["renewed"] * 2 + ["sent"]
    assert wallet.receive(open_letter(world, renewed.json()))
    nobody = {"subject_ref": "client-0", "type": TYPE}
    assert problem(world.post(f"{LETTERS}/renew", json=nobody, headers=world.auth())) == (
        404,
        LetterNotFound.code,
    )


def test_a_letter_that_has_ended_is_renewed_with_its_claims_sent_along(
    world: World, wallet: TinyWallet
) -> None:
    made = make_letter(world)
    wallet.receive(open_letter(world, made))
    path = f"{LETTERS}/{made['letter_id']}/renew"

    gone = world.post(path, json={}, headers=world.auth())
    assert problem(gone) == (409, LetterClaimsGone.code)
    again = world.post(path, json={"claims": claims_of(TYPE)}, headers=world.auth())
    assert again.status_code == 201, again.text
    assert wallet.receive(open_letter(world, again.json()))
    assert letter_state(world, made) == "collected"


def test_a_withdrawn_letter_opens_nothing(world: World) -> None:
    made = make_letter(world)
    offered = open_letter(world, made)
    path = f"{LETTERS}/{made['letter_id']}/withdraw"

    assert world.post(path, headers=world.auth()).json()["state"] == "withdrawn"
    assert fetch(world, offered) == 404
    assert is_dead(world, made)
    assert not world.dump()["letter_seals"]
    assert problem(world.post(path, headers=world.auth())) == (409, LetterNotOpen.code)


def test_after_thirty_days_a_letter_is_over_and_erased(world: World) -> None:
    made = make_letter(world)
    world.clock.at = NOW + timedelta(days=30)
    world._keys.clear()  # their keys are over, too
    assert letter_state(world, made) == "sent"
    world.clock.advance(hours=14)

    assert letter_state(world, made) == "expired"
    assert is_dead(world, made)
    assert expire(world) == 1
    assert expire(world) == 0
    assert not world.dump()["letter_seals"]
    assert is_dead(world, made)


def test_pins_tried_at_once_are_counted_each_before_any_is_compared(world: World) -> None:
    made = make_letter(world)
    open_one = make_letters(world.parts, Addresses(BASE)).open
    reference = made["link"].rsplit("/", 1)[1]

    async def guess() -> object:
        return await open_one(reference, wrong_pin(made))

    answers = world.all_at_once([guess] * 12)

    kinds = [type(answer) for answer in answers]
    assert kinds.count(PinWrong) == 4
    assert kinds.count(PinLocked) == 1
    assert kinds.count(OpensNothing) == 7
    assert sorted(a.left for a in answers if isinstance(a, PinWrong)) == [1, 2, 3, 4]
    assert letter_state(world, made) == "locked"


def test_the_right_pin_starts_the_count_anew(world: World) -> None:
    made = make_letter(world)
    for _ in range(2):
        for _ in range(4):
            assert try_pin(world, path_of(made), wrong_pin(made)).status_code == 422
        open_letter(world, made)
    assert letter_state(world, made) == "sent"


def test_the_organisation_is_told_when_a_letter_locks(world: World) -> None:
    webhooks = make_administer_webhooks(world.parts)
    world.run(webhooks.set("mallimaa", "https://example.org/hooks"))
    made = make_letter(world)
    for _ in range(5):
        try_pin(world, path_of(made), wrong_pin(made))

    (message,) = world.dump()["webhook_messages"]
    assert {"letter.locked", made["letter_id"], "locked", "mallimaa"} <= set(message)


def test_a_letter_locked_while_its_offer_lives_can_still_be_collected(
    world: World, wallet: TinyWallet
) -> None:
    made = make_letter(world)
    link = open_letter(world, made)
    for _ in range(5):
        try_pin(world, path_of(made), wrong_pin(made))
    assert letter_state(world, made) == "locked"
    assert wallet.receive(link)
    assert letter_state(world, made) == "collected"


def test_settings_say_address_and_help_of_a_sender(tmp_path: Path) -> None:
    words = Words(fi="Soita 000", sv="Ring 000", en="Call 000.")
    senders = {"mallimaa": LetterSender(address=("PL 0", "00000 MALLIKYLÄ"), help=words)}
    world = World(f"sqlite:///{tmp_path}/issuer.db", letter_senders=senders)
    made = make_letter(world)

    text = world.get(made["message"]["en"], headers=world.auth()).json()["text"]

    assert "Call 000. We never ask" in text
    world.close()


def test_an_organisation_that_has_closed_sends_no_letters(world: World, tmp_path: Path) -> None:
    """Not even in the moment in which its keys are still being looked at."""
    made = make_letter(world)
    letters = make_letters(world.parts, Addresses(BASE))
    caller = Caller("key", "mallimaa", "tests", frozenset({TYPE}), frozenset())
    close(world, tmp_path / "archive")

    wish = LetterWish(TYPE, claims_of(TYPE), "client-4711", PinMedium.IN_PERSON)
    with pytest.raises(OrganisationClosed):
        world.run(letters.create(caller, wish))
    with pytest.raises(OrganisationClosed):
        world.run(letters.renew(caller, RenewWish(ThisLetter(made["letter_id"]))))
    assert is_dead(world, made)
