"""The command line: pages in three languages, stable JSON, plain failures, no traceback."""

import io
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
import segno
from click.testing import CliRunner

from openid4vc.dcql.query import ClaimsQuery, CredentialQuery, Query
from tests.wallet_sim.terminal import PASSPHRASE, Terminal
from tests.wallet_sim.world import ISSUER, PIN, RECEIVER, OsRandom, json_answer, pki
from wallet_sim.cli import main
from wallet_sim.held import open_card
from wallet_sim.pages import card_page
from wallet_sim.store import FILE_NAME, FileStore
from wallet_sim.store_locks import PassphraseOpener
from wallet_sim.words import Words


@pytest.fixture
def at(tmp_path):
    return Terminal(tmp_path)


# --- init ----------------------------------------------------------------------------------------


def test_init_makes_a_wallet_that_trusts_the_list(at):
    page = " ".join(at.init().output.split())
    assert "Lompakko on valmis" in page
    receivers = len(pki().trust_list.relying_parties)
    assert f"8 myöntäjää ja {receivers} vastaanottajaa" in page
    assert at.json("list") == {"cards": []}


def test_init_in_json(at):
    done = at.json("init", "--trust-list", str(at.list_file), "--operator", str(at.operator))
    assert set(done) == {"home", "sequence", "issuers", "receivers", "unsafe_loopback_http"}
    assert done["unsafe_loopback_http"] is False
    assert "itsearviointi" in done["issuers"]


def test_init_from_an_address(at):
    url = "https://trust.example/list"
    answer = json_answer({})
    answer.body = pki().trust_list_jws.encode()
    at.world.network.on("GET", url, lambda _: answer)
    at.run("init", "--trust-list", url, "--operator", str(at.operator))
    at.json("receive", at.world.issuer.link(), "--pin", PIN, "--approve")
    assert len(at.world.network.calls_to("/list")) == 2, "the list is read again before it is used"


def test_an_unsafe_wallet_says_so_at_its_making(at):
    assert "VAROITUS" in at.init("--allow-loopback-http").stderr


def test_no_second_wallet_in_one_folder(at):
    at.init()
    assert (
        at.fails("init", "--trust-list", str(at.list_file), "--operator", str(at.operator))
        == "wallet_exists"
    )


@pytest.mark.parametrize(
    ("which", "content", "code"),
    [
        ("list", None, "file_missing"),
        ("list", b"", "trust_list_malformed"),
        ("list", b"\xff\xfe\x00", "trust_list_malformed"),
        ("list", b"a.b.c", "trust_list_malformed"),
        ("operator", None, "file_missing"),
        ("operator", b"", "operator_certificate_unreadable"),
        ("operator", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
         "operator_certificate_unreadable"),
    ],
)  # fmt: skip
def test_init_with_files_that_are_not_what_they_should_be(at, which, content, code):
    file = at.list_file if which == "list" else at.operator
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert (
        at.fails("init", "--trust-list", str(at.list_file), "--operator", str(at.operator)) == code
    )
    assert not at.home.exists()


def test_init_asks_for_a_passphrase_twice(at):
    around = replace(at.around, passphrase=None)
    args = ("init", "--trust-list", str(at.list_file), "--operator", str(at.operator))
    done = at.run(*args, typed="ensimmäinen\ntoinen\nsalasana1\nsalasana1\n", around=around)
    assert "eivät olleet samat" in done.output
    assert "salasana1" not in done.output
    assert at.run("list", typed="salasana1\n", around=around).exit_code == 0
    wrong = at.run("list", typed="väärä lause\n", around=around, code=1)
    assert "Salalause ei avaa" in wrong.output
    silent = at.run("list", typed="", around=around, code=1)
    assert "KYKY_WALLET_PASSPHRASE" in silent.output


def test_without_a_passphrase_json_asks_nothing(at):
    at.init()
    around = replace(at.around, passphrase=None)
    done = at.run("--json", "list", typed=f"{PASSPHRASE}\n", around=around, code=1)
    assert json.loads(done.stdout)["error"] == "passphrase_missing"


def test_a_wallet_in_the_keyring_asks_for_nothing(at):
    at.init("--keyring")
    around = replace(at.around, passphrase=None)
    assert at.run("list", around=around).exit_code == 0
    at.keyring.locked = True
    assert "avainnippu" in at.run("list", around=around, code=1).output


# --- receive -------------------------------------------------------------------------------------


def test_receiving_in_conversation(at):
    at.init()
    page = at.page("receive", at.world.issuer.reference(), typed=f"k\n{PIN}\nk\n")
    order = [
        "Mallimaan itsearviointipalvelu (TESTI) tarjoaa sinulle kortin",
        "itsearviointi.example",
        "Haetaanko kortti?",
        "PIN-koodi, jonka sait erikseen (6 numeroa)",
        "Kortti on aito",
        "Suurempi on parempi.",
        "ei terveydenhuollon lausunto eikä lääkinnällinen laite",
        "Tallennetaanko kortti lompakkoon?",
        "Kortti on tallessa",
        "Kukaan muu ei näe korttia, ellet näytä sitä.",
    ]
    places = [page.index(text) for text in order]
    assert places == sorted(places)
    assert at.world.issuer.events == ["credential_accepted"]


@pytest.mark.parametrize(
    ("lang", "yes", "says"),
    [("sv", "j", "Kortet är sparat"), ("en", "y", "The card is saved"), ("en", "yes", "The card")],
)
def test_receiving_in_other_languages(at, lang, yes, says):
    at.init()
    typed = f"{yes}\n{PIN}\n{yes}\n"
    assert says in at.page("--lang", lang, "receive", at.world.issuer.link(), typed=typed)


@pytest.mark.parametrize("typed", ["", "\n", "e\n", "n\n", "mitä\nhäh\nen tiedä\n"])
def test_without_a_clear_yes_nothing_is_fetched(at, typed):
    at.init()
    page = at.page("receive", at.world.issuer.link(), typed=typed)
    assert "Korttia ei haettu" in page
    assert at.world.issuer.token_requests == 0


def test_a_card_that_the_person_does_not_want(at):
    at.init()
    assert "Korttia ei tallennettu" in at.page(
        "receive", at.world.issuer.link(), typed=f"k\n{PIN}\ne\n"
    )
    assert at.world.issuer.events == ["credential_deleted"]
    assert at.json("list") == {"cards": []}


def test_a_mistyped_pin_is_asked_again_and_then_no_more(at):
    at.init()
    link = at.world.issuer.link()
    page = at.page("receive", link, typed=f"k\n12\n111111\n{PIN}\nk\n")
    assert "ei ole oikean pituinen" in page
    assert "Myöntäjä ei hyväksynyt PIN-koodia" in page
    assert "Kortti on tallessa" in page
    page = at.page("receive", link, typed="k\n111111\n111112\n111113\n", code=1)
    assert page.count("Myöntäjä ei hyväksynyt") == 3
    assert at.world.issuer.token_requests == 5


def test_receiving_in_json(at):
    at.init()
    link = at.world.issuer.link()
    before = at.json("receive", link)
    assert before["outcome"] == "not_fetched"
    assert before["offer"] == {
        "issuer": ISSUER,
        "host": "itsearviointi.example",
        "name": "Mallimaan itsearviointipalvelu (TESTI)",
        "types": [{"id": "self_assessment_result", "title": "Itsearvioinnin tulos"}],
        "pin": {"length": 6, "input_mode": "numeric"},
    }
    assert at.world.issuer.token_requests == 0
    assert at.fails("receive", link, "--approve") == "pin_missing"
    assert at.fails("receive", link, "--approve", "--pin", "000000") == "pin_not_accepted"
    done = at.json("receive", link, "--approve", "--pin", PIN)
    assert done["outcome"] == "received"
    (card,) = done["cards"]
    assert set(card) == {
        "id", "type", "title", "vct", "issuer", "received_at", "expires_at", "expired", "standing",
        "standing_as_of",
    }  # fmt: skip
    assert card["issuer"] == {
        "id": "itsearviointi",
        "name": "Mallimaan itsearviointipalvelu (TESTI)",
    }
    assert card["expires_at"] == "2027-03-14T00:00:00Z"


def test_a_lost_answer_and_a_second_try_without_the_pin(at):
    at.init()
    link = at.world.issuer.link()
    at.world.network.lose_answers_of[f"{ISSUER}/credential"] = 3
    assert at.fails("receive", link, "--approve", "--pin", PIN) == "connection_lost"
    page = at.page("receive", link, typed="k\nk\n")
    assert "Kortti on tallessa" in page
    assert at.world.issuer.token_requests == 1


def test_receiving_from_a_picture(at):
    at.init()
    picture = at.folder / "tarjous.png"
    segno.make(at.world.issuer.reference()).save(str(picture), scale=6)
    assert at.json("receive", str(picture), "--pin", PIN, "--approve")["outcome"] == "received"


# --- list, show, forget --------------------------------------------------------------------------


def test_list_and_show(at):
    card = at.with_card()
    page = at.page("list")
    assert card in page
    assert "Voimassa 13.3.2027 asti." in page
    assert "Kukaan ei näe niitä, ellet näytä." in page
    page = at.page("--lang", "sv", "show", card[:4])
    assert "Resultat av självbedömning" in page
    assert "Efternamn: Mallikas" in page
    assert "Klass: Svag. Klassernas gränser: Svag 0\N{EN DASH}5, Måttlig 6\N{EN DASH}7 och" in page
    shown = at.json("show", card)
    assert shown["claims"]["work_ability_score"] == 5
    assert not {"cnf", "iss", "exp", "status", "vct"} & set(shown["claims"])


def test_a_card_of_a_type_that_has_gone_is_still_there(at):
    card = at.with_card()
    catalogue = at.world.tools.catalogue
    left = {name: one for name, one in catalogue.types.items() if name != "self_assessment_result"}
    words = Words("fi", replace(catalogue, types=left))
    held = open_card(FileStore(at.home, PassphraseOpener(PASSPHRASE), OsRandom()).load().cards[0])
    page = card_page(words, held, at.world.clock.now())
    assert held.card.id == card
    assert words.say("card.not_in_words") in page
    assert "Mallikas" not in " ".join(page)
    assert page[0] == "self_assessment_result"


def test_an_empty_wallet_says_how_to_get_a_card(at):
    at.init()
    assert "kyky-wallet receive" in at.page("list")
    assert "You have not received or shown any cards yet" in at.page("--lang", "en", "log")


def test_an_expired_card_says_so(at):
    at.with_card()
    at.world.clock.pass_by(timedelta(days=112))
    assert "Voimassaolo päättyi 13.3.2027." in at.page("list")
    assert at.json("list")["cards"][0]["expired"] is True


@pytest.mark.req("ARF-29")
def test_forgetting_asks_first(at):
    card = at.with_card()
    assert at.json("forget", card) == {"outcome": "not_forgotten", "card": card}
    page = at.page("forget", card, typed="e\n")
    assert "lopullisesti" in page
    assert "Korttia ei poistettu" in page
    assert "Kortti on poistettu" in at.page("forget", card, typed="k\n")
    assert at.fails("show", card) == "card_not_found"
    assert at.fails("forget", card, "--approve") == "card_not_found"
    assert at.world.issuer.events == ["credential_accepted"]


# --- present -------------------------------------------------------------------------------------


@pytest.mark.req("ARF-09")
def test_the_consent_page_says_everything_in_order(at):
    at.with_card()
    page = at.page("present", at.world.receiver.link(), typed="2\n")
    order = [
        "Mallimaan työllisyysalue (TESTI) pyytää nähdä tietojasi.",
        "Vastaanottaja on luotettujen listalla.",
        "Miksi: Saada pohja alkuhaastattelulle",
        "Mitä hyödyt:",
        "Sukunimi: Mallikas",
        "Nämä voit jättää pois:",
        "Omat tavoitteet ja toiveet",
        "Näitä ei näytetä: Henkilötunnus",
        "Nämä näkyvät aina, kun näytät kortin:",
        "Tietoja ei tallenneta.",
        "Mihin lakiin käsittely perustuu",
        "Päätät itse. Sinun ei tarvitse perustella.",
        "1 Näytä 2 En näytä",
    ]
    places = [page.index(text) for text in order]
    assert places == sorted(places)
    assert at.world.receiver.errors == ["access_denied"]


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("fi", "Tiedot on näytetty"),
        ("sv", "Uppgifterna har visats"),
        ("en", "The data have been shown"),
    ],
)
def test_showing_in_conversation(at, lang, says):
    at.with_card()
    assert says in at.page("--lang", lang, "present", at.world.receiver.link(), typed="1\n")
    assert len(at.world.receiver.presented) == 1


def test_letters_leave_out_and_take_in(at):
    at.with_card()
    page = at.page("present", at.world.receiver.link(), typed="a\nc\na\n1\n")
    assert "Jätät nämä pois: a) Omat tavoitteet ja toiveet" in page
    assert page.count("Päätät itse.") == 1, "what has not changed is not read again"
    (shown,) = at.world.receiver.presented
    assert "own_goals" in shown.claims
    assert "domain_scale" not in shown.claims


@pytest.mark.parametrize("typed", ["", "3\nx\n\n", "a\n"])
def test_without_a_clear_answer_nothing_is_sent(at, typed):
    at.with_card()
    page = at.page("present", at.world.receiver.link(), typed=typed)
    assert "Mitään ei näytetty eikä lähetetty." in page
    assert at.world.network.calls_to("/responses/1") == []


def test_presenting_in_json(at):
    card = at.with_card()
    link = at.world.receiver.link()
    before = at.json("present", link)
    assert before["outcome"] == "not_answered"
    assert at.world.network.calls_to("/responses/1") == [], "asked nothing, sent nothing"
    request = before["request"]
    assert set(request) == {
        "receiver", "profile", "task", "purpose", "gain", "legal_basis", "approval_kind",
        "retention", "can_be_answered", "cards", "not_offered",
    }  # fmt: skip
    (part,) = request["cards"]
    assert set(part) == {"card", "type", "query", "shows", "left_out", "stays", "always"}
    assert part["card"] == card
    assert "personal_administrative_number" in part["stays"]
    assert {one["path"] for one in part["shows"] if one["optional"]} == {
        "own_goals", "domain_scores.skills", "domain_scale",
    }  # fmt: skip
    done = at.json("present", link, "--approve", "--leave-out", "own_goals", "--card", card)
    assert done["outcome"] == "shown"
    assert done["redirect_uri"] is None
    assert done["request"]["cards"][0]["left_out"] == ["own_goals"]
    assert "own_goals" not in at.world.receiver.presented[0].claims
    assert at.fails("present", link, "--approve") == "receiver_refused"


def test_declining_in_json(at):
    at.with_card()
    assert at.json("present", at.world.receiver.link(), "--decline")["outcome"] == "declined"
    assert at.world.receiver.errors == ["access_denied"]


def test_without_a_fitting_card(at):
    at.init()
    link = at.world.receiver.link()
    page = at.page("present", link, typed="e\n")
    assert "ei ole voimassa olevaa korttia" in page
    assert at.world.network.calls_to("/responses/1") == []
    at.page("present", link, typed="k\n")
    assert at.world.receiver.errors == ["access_denied"]
    assert at.json("present", link)["request"]["can_be_answered"] is False
    assert at.fails("present", link, "--approve") == "no_matching_card"
    assert at.json("present", link, "--decline")["outcome"] == "declined"
    assert at.world.receiver.errors == ["access_denied"] * 3


def test_an_expired_card_is_named_as_not_offered(at):
    card = at.with_card()
    at.world.clock.pass_by(timedelta(days=112))
    page = at.page("present", at.world.receiver.link(), typed="")
    assert f"Korttia {card} ei tarjota, koska sen voimassaolo päättyi 13.3.2027." in page
    view = at.json("present", at.world.receiver.link())
    assert view["request"]["not_offered"] == [{"card": card, "why": "expired"}]


def test_the_receivers_address_is_printed(at):
    at.with_card()
    address = f"{RECEIVER}/done"
    at.world.receiver.answer = lambda: json_answer({"redirect_uri": address})
    assert address in at.page("present", at.world.receiver.link(), "--approve")


@pytest.mark.req("DESK-05", "VP-42")
def test_the_code_to_read_out_is_printed(at):
    at.with_card()
    address = f"{RECEIVER}/c/abc"
    answer = {"redirect_uri": address, "confirmation_code": "048291"}
    at.world.receiver.answer = lambda: json_answer(answer)
    page = at.page("present", at.world.receiver.link(), "--approve")
    assert "Lue tämä koodi virkailijalle: 048 291" in page
    assert "Älä lue koodia kenellekään muulle." in page
    assert address not in page, "the page has nothing but the same code"


@pytest.mark.req("DESK-05", "VP-42")
def test_the_code_to_read_out_in_json(at):
    at.with_card()
    at.world.receiver.answer = lambda: json_answer({"confirmation_code": "048291"})
    done = at.json("present", at.world.receiver.link(), "--approve")
    assert (done["confirmation_code"], done["redirect_uri"]) == ("048291", None)
    assert "048291" not in str(at.json("log")), "the log has names only"


@pytest.mark.req("ARF-08")
@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_over_asking_is_refused_in_plain_words(at, lang):
    at.with_card()
    claims = (ClaimsQuery(("strengths",)),)
    vct = ("urn:kykylompakko:self-assessment-result:1",)
    at.world.receiver.query = Query((CredentialQuery("q", "dc+sd-jwt", vct, claims),))
    page = at.page("--lang", lang, "present", at.world.receiver.link(), "--approve", code=1)
    assert {
        "fi": "Pyyntö ylittää sen, mihin vastaanottajalla on lupa",
        "sv": "Begäran överskrider mottagarens behörighet",
        "en": "The request exceeds what this receiver may ask",
    }[lang] in page
    assert at.world.receiver.presented == []


def test_training_in_misbehaving(at):
    at.with_card()
    done = at.run("present", at.world.receiver.link(), "--approve", "--misbehave", "over-disclose")
    assert "HARJOITUS" in done.stderr
    assert "strengths" in at.world.receiver.presented[0].claims


# --- log -----------------------------------------------------------------------------------------


@pytest.mark.req("ARF-18")
def test_the_log_tells_everything_but_values(at):
    at.with_card()
    at.json("present", at.world.receiver.link())
    at.json("present", at.world.receiver.link(), "--approve", "--leave-out", "own_goals")
    at.fails("present", at.world.receiver.link(), "--approve")
    page = at.page("log")
    for text in ("Otit kortin vastaan.", "Et vastannut pyyntöön.", "Näytit tietoja.",
                 "Miksi: Alkuhaastattelu", "Mitä pyydettiin: Etunimet", "Mitä näytit: Etunimet",
                 "Tiedot lähtivät, mutta vastaanottaja ei kuitannut niitä.",
                 "Tässä näkyvät tietojen nimet, ei sisältöä.", "klo 12.00"):  # fmt: skip
        assert text in page
    entries = at.json("log")["entries"]
    assert [one["outcome"] for one in entries] == ["received", "not_answered", "shown", "unclear"]
    assert set(entries[0]) == {
        "id", "at", "kind", "outcome", "reason", "party", "profile", "approval_kind",
        "kept_until", "cards",
    }  # fmt: skip
    assert "own_goals" in entries[2]["cards"][0]["asked"]
    assert "own_goals" not in entries[2]["cards"][0]["shown"]
    for value in ("Mallikas", "Maija", "120488", "raskasta", PIN):
        assert value not in page
        assert value not in json.dumps(entries)


# --- failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["receive", "present"])
@pytest.mark.parametrize(
    ("argument", "code"),
    [
        ("", "not_a_link"),
        ("hei", "not_a_link"),
        ("https://example.org/", "not_a_link"),
        ("missing.png", "file_missing"),
        ("-1", None),
        ("openid4vp://" + "x" * 20_000, "link_too_long"),
        ("text.png", "image_unreadable"),
        ("empty.png", "image_unreadable"),
        ("blank.png", "no_code_in_image"),
        ("words.png", "not_a_link"),
    ],
)
def test_arguments_of_all_kinds(at, monkeypatch, command, argument, code):
    at.init()
    monkeypatch.chdir(at.folder)
    (at.folder / "text.png").write_text("not a picture")
    (at.folder / "empty.png").write_bytes(b"")
    blank = io.BytesIO()
    segno.make("x").save(blank, kind="png", dark="white")
    (at.folder / "blank.png").write_bytes(blank.getvalue())
    segno.make("only words").save(str(at.folder / "words.png"), scale=5)
    if code is None:
        assert at.run(command, argument, code=2)
        return
    assert at.fails(command, argument) == code


@pytest.mark.parametrize(
    ("command", "link", "code"),
    [("receive", "openid4vp://?a=b", "link_is_a_request"),
     ("present", "openid-credential-offer://?a=b", "link_is_an_offer")],
)  # fmt: skip
def test_the_wrong_command_for_a_code_names_the_right_one(at, command, link, code):
    at.init()
    assert at.fails(command, link) == code
    other = "present" if command == "receive" else "receive"
    assert f"kyky-wallet {other}" in at.page(command, link, code=1)


@pytest.mark.parametrize(
    "args",
    [("list",), ("show", "ab"), ("log",), ("forget", "ab"), ("receive", "openid-credential-offer://?a"),
     ("present", "openid4vp://?a")],
)  # fmt: skip
def test_every_command_without_a_wallet(at, args):
    assert at.fails(*args) == "wallet_not_found"


@pytest.mark.parametrize("args", [("list",), ("log",), ("show", "ab")])
def test_every_command_with_a_damaged_wallet(at, args):
    at.with_card()
    file = at.home / FILE_NAME
    damaged = file.read_bytes()[:-50]
    file.write_bytes(damaged)
    done = at.run("--json", *args, code=1)
    assert json.loads(done.stdout)["error"] == "store_corrupted"
    assert file.read_bytes() == damaged


def test_a_wrong_passphrase(at):
    at.with_card()
    around = replace(at.around, passphrase="jokin muu lause")
    done = at.run("--json", "list", around=around, code=1)
    assert json.loads(done.stdout)["error"] == "wrong_passphrase"


@pytest.mark.parametrize(
    "args",
    [
        ("dance",),
        ("list", "--colour"),
        ("show",),
        ("receive",),
        ("--lang", "no", "list"),
        ("present", "openid4vp://?a", "--misbehave", "robbery"),
        ("init",),
    ],
)
def test_a_wrong_command_line_exits_with_2(at, args):
    assert at.run(*args, code=2).stdout == ""


def test_a_failure_goes_to_the_error_stream_in_plain_mode(at):
    done = at.run("list", code=1)
    assert done.stdout == ""
    assert done.stderr.startswith("Virhe: ")


def test_a_surprise_is_a_sentence_too(at):
    at.init()

    def broken(_unsafe: bool):
        raise ZeroDivisionError("secret value")

    done = at.run("list", around=replace(at.around, make_tools=broken), code=1)
    assert "odottamaton virhe" in done.stderr
    assert "secret value" not in done.output


def test_long_lines_are_folded(at):
    at.with_card()
    lines = at.run("present", at.world.receiver.link(), "--decline").stdout.splitlines()
    assert max(len(line) for line in lines) <= 78


def test_help_names_the_commands():
    done = CliRunner().invoke(main, ["--help"])
    for command in ("init", "receive", "list", "show", "present", "log", "forget"):
        assert re.search(rf"^  {command} ", done.output, re.MULTILINE)
