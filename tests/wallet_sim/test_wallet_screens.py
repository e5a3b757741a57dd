"""The wallet's pages: the same words as at the command line, two equal answers, nothing by GET."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from credential_schemas.model import LANGS
from openid4vc.dcql.query import ClaimsQuery, CredentialQuery, Query
from openid4vc.status_list.bits import Status
from tests.wallet_sim.aftermath import Aftermath, run
from tests.wallet_sim.world import PIN, OsRandom, json_answer, payload, pki
from wallet_sim.model import Outcome
from wallet_sim.screens.desk import MOST_OPEN, Desk, Shelf
from wallet_sim.screens.page import Shown, Visit
from wallet_sim.screens.surface import ROUTES, Surface


class Seen(HTMLParser):
    """What a page says to somebody who listens: words in their order, forms, and links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.headings: list[str] = []
        self.fields: list[dict[str, str | None]] = []
        self.forms: list[dict[str, str]] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.labels: list[str] = []
        self.open: list[str] = []
        self.metas: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if "id" in found:
            self.ids.append(found["id"])
        assert "style" not in found
        assert not any(name.startswith("on") for name in found)
        assert tag not in {"script", "style", "img", "iframe"}
        if tag == "meta":
            self.metas.append(found)
        if tag == "form":
            self.forms.append(found)
        elif tag in {"input", "button"}:
            self.fields.append(found)
        elif tag == "a":
            self.links.append(found["href"])
        elif tag == "label":
            self.labels.append(found["for"])
        self.open.append(tag)

    def handle_data(self, data):
        text = " ".join(data.split())
        if text:
            self.said.append(text)
            if self.open[-1] in {"h1", "h2", "h3"}:
                self.headings.append(text)

    @property
    def text(self) -> str:
        return " ".join(self.said)


class Browser:
    """A person who clicks. Follows the wallet's own redirects; checks what every page promises."""

    def __init__(self, after: Aftermath) -> None:
        self.after = after
        self.desk = Desk(after.world.wallet, after.control, OsRandom())
        self.surface = Surface(self.desk)
        self.path = "/"

    def get(self, path: str, **fields: str | list[str]) -> Seen:
        return self._follow(Visit("GET", path, _lists(fields)))

    def post(self, path: str, **fields: str | list[str]) -> Seen:
        return self._follow(Visit("POST", path, _lists(fields)))

    def read(self, link: str) -> Seen:
        return self.post("/read", code=link)

    def _follow(self, visit: Visit) -> Seen:
        shown = run(self.surface.answer(visit))
        self.path = visit.path
        if shown.location is not None:
            assert shown.status == 303
            return self.get(shown.location)
        return self.checked(shown)

    def checked(self, shown: Shown) -> Seen:
        html = shown.body.decode()
        seen = Seen(html)
        assert html.startswith("<!doctype html>")
        assert f'<html lang="{self.desk.lang}">' in html
        assert len(re.findall("<h1", html)) == 1
        assert len(seen.ids) == len(set(seen.ids))
        assert set(seen.labels) <= set(seen.ids)
        assert all(form["method"] == "post" for form in seen.forms)
        return seen


def _lists(fields):
    return {k: [v] if isinstance(v, str) else v for k, v in fields.items()}


@pytest.fixture
def after():
    return Aftermath()


@pytest.fixture
def browser(after):
    run(after.world.with_card())
    return Browser(after)


def handle(browser: Browser) -> str:
    return browser.path.rpartition("/")[2]


# --- consent -------------------------------------------------------------------------------------


@pytest.mark.req("ARF-09")
def test_everything_needed_to_decide_is_on_one_page(browser):
    page = browser.read(browser.after.world.receiver.link())
    text = page.text
    for said in (
        "Saada pohja alkuhaastattelulle", "Vastaanottaja on luotettujen listalla",
        "Nämä voit jättää pois", "Näitä ei näytetä", "Tietoja ei tallenneta",
        "Hyväksyt vain näyttämisen.", "Lain nojalla jo tehty käsittely ei kumoudu.",
        "Sinun ei tarvitse perustella.", "Kieltäytyminen ei vaikuta oikeuteesi saada palvelua.",
        "Mihin lakiin käsittely perustuu",
    ):  # fmt: skip
        assert said in text
    answers = [one["value"] for one in page.fields if one.get("name") == "answer"]
    assert answers == ["yes", "no"]


@pytest.mark.parametrize(("profile", "used"), [("hc_receive_referral", 1), ("hc_booking_desk", 0)])
def test_that_a_referral_is_used_up_is_said_before(after, profile, used):
    world = after.world
    world.issuer.signer = pki().signer("tyollisyysalue", "credential")
    world.issuer.type_id, world.issuer.claims = "work_ability_referral", payload("05")
    world.receiver.signer = pki().signer("sote-keskus-malli", "access")
    world.receiver.ask(profile)
    run(world.with_card())
    text = Browser(after).read(world.receiver.link()).text
    assert text.count("Vastaanottaja voi merkitä kortin käytetyksi") == used
    assert ("Vastaanottaja säilyttää tiedot 21.11.2028 asti." in text) == bool(used)


def test_a_consent_is_asked_for_in_other_words_than_a_showing():
    after = Aftermath(consent=True)
    run(after.world.with_card())
    text = Browser(after).read(after.world.receiver.link()).text
    assert "Annat suostumuksen." in text
    assert "Voit perua suostumuksesi milloin tahansa." in text
    assert "Hyväksyt vain näyttämisen" not in text


@pytest.mark.parametrize("lang", LANGS)
def test_the_consent_page_speaks_three_languages(browser, lang):
    browser.get("/", lang=lang)
    page = browser.read(browser.after.world.receiver.link())
    words = browser.desk.words()
    assert words.say("approval.showing_only") in page.text
    assert words.say("consent.free") in page.text
    assert words.say("screen.do_not_show") in page.text


def test_only_what_is_ticked_leaves(browser):
    page = browser.read(browser.after.world.receiver.link())
    ticks = [one["value"] for one in page.fields if one.get("name") == "keep"]
    assert "self_assessment_result.own_goals" in ticks
    kept = [one for one in ticks if not one.endswith("own_goals")]
    browser.post(f"/request/{handle(browser)}", answer="yes", keep=kept)
    (presented,) = browser.after.world.receiver.presented
    assert "own_goals" not in presented.claims
    assert "given_name" in presented.claims
    entry = browser.after.world.wallet.log()[-1]
    assert entry.outcome is Outcome.SHOWN
    assert "own_goals" not in entry.cards[0].shown


def test_with_every_tick_as_it_was_everything_asked_leaves(browser):
    page = browser.read(browser.after.world.receiver.link())
    ticks = [one["value"] for one in page.fields if one.get("name") == "keep"]
    assert all("checked" in one for one in page.fields if one.get("name") == "keep")
    browser.post(f"/request/{handle(browser)}", answer="yes", keep=ticks)
    assert "own_goals" in browser.after.world.receiver.presented[0].claims


@pytest.mark.parametrize("answer", ["no", "", "anything"])
def test_without_a_yes_nothing_leaves(browser, answer):
    browser.read(browser.after.world.receiver.link())
    page = browser.post(f"/request/{handle(browser)}", answer=answer)
    assert browser.after.world.receiver.errors == ["access_denied"]
    assert "Et näyttänyt tietoja" in page.text
    assert browser.after.world.receiver.presented == []


def test_a_request_is_answered_once(browser):
    browser.read(browser.after.world.receiver.link())
    open_page = browser.path
    browser.post(open_page, answer="yes")
    page = browser.post(open_page, answer="yes")
    assert "ei ole enää auki" in page.text
    assert len(browser.after.world.receiver.presented) == 1


def test_the_code_is_shown_large_and_by_itself(browser):
    receiver = browser.after.world.receiver
    receiver.answer = lambda: json_answer({"confirmation_code": "482916"})
    browser.read(receiver.link())
    page = browser.post(browser.path, answer="yes")
    assert page.headings == ["Lue tämä koodi virkailijalle"]
    assert "482 916" in page.said


@pytest.mark.req("HAIP-13", "VP-26")
@pytest.mark.parametrize("code", [None, "482916"])
def test_the_browser_goes_where_the_receiver_wants_it_unless_a_code_is_to_be_read(browser, code):
    receiver = browser.after.world.receiver
    told = {"redirect_uri": "https://te.example/done?response_code=a"}
    receiver.answer = lambda: json_answer({**told, "confirmation_code": code} if code else told)
    browser.read(receiver.link())
    page = browser.post(browser.path, answer="yes")
    goes = [one["content"] for one in page.metas if one.get("http-equiv") == "refresh"]
    assert goes == ([] if code else [f"0; url={told['redirect_uri']}"])
    assert (told["redirect_uri"] in page.links) is (code is None)


def test_without_a_card_there_is_nothing_to_say_yes_to(after):
    browser = Browser(after)
    page = browser.read(after.world.receiver.link())
    assert [one["value"] for one in page.fields] == ["no"]
    assert "ei ole voimassa olevaa korttia" in page.text
    browser.post(browser.path, answer="yes")
    assert after.world.receiver.presented == []


def test_a_suspended_card_says_so_before_it_is_shown(browser):
    browser.after.list_says(Status.SUSPENDED)
    page = browser.post("/check")
    assert "Ne eivät näe, mitä kortteja sinulla on" in page.text
    page = browser.read(browser.after.world.receiver.link())
    assert "Myöntäjä on keskeyttänyt tämän kortin." in page.text


def test_another_card_that_fits_can_be_chosen(browser):
    world = browser.after.world
    world.clock.pass_by(timedelta(days=1))
    run(world.wallet.receive(world.issuer.link(), pin=PIN))
    first, second = (card.id for card in world.wallet.cards())
    page = browser.read(world.receiver.link())
    assert f"/request/{handle(browser)}?card={first}" in page.links
    assert f"({second})" in page.text
    page = browser.get(browser.path, card=first)
    assert [one["value"] for one in page.fields if one.get("name") == "card"] == [first]


def test_a_list_is_shown_whole(browser):
    page = browser.read(browser.after.world.receiver.link())
    assert "vain osa" not in page.text
    browser.post(browser.path, answer="yes")
    (presented,) = browser.after.world.receiver.presented
    assert presented.partial_arrays == frozenset()
    assert presented.claims["support_needs"] == browser.after.world.issuer.claims["support_needs"]


def test_where_a_receiver_asks_for_a_part_of_a_list_the_page_says_so(browser):
    receiver = browser.after.world.receiver
    vct = browser.after.world.wallet.catalogue.types["self_assessment_result"].vct
    claims = (ClaimsQuery(("support_needs", 0)),)
    receiver.query = Query((CredentialQuery("a", "dc+sd-jwt", (vct,), claims),))
    page = browser.read(receiver.link())
    assert "Luettelosta näytetään vain osa." in page.text


@pytest.mark.parametrize("who", ["guardian", "", "somebody"])
def test_whoever_answers_for_the_holder_can_say_so(browser, who):
    page = browser.read(browser.after.world.receiver.link())
    choices = [one["value"] for one in page.fields if one.get("name") == "acted_by"]
    assert choices[0] == ""
    assert len(choices) == 6
    browser.post(browser.path, answer="yes", acted_by=who)
    assert len(browser.after.world.receiver.presented) == 1


# --- over-asking ---------------------------------------------------------------------------------


def over_ask(browser: Browser) -> Seen:
    world = browser.after.world
    vct = world.wallet.catalogue.types["self_assessment_result"].vct
    claims = (ClaimsQuery(("personal_administrative_number",)),)
    world.receiver.query = Query((CredentialQuery("a", "dc+sd-jwt", (vct,), claims),))
    return browser.read(world.receiver.link())


def test_over_asking_is_refused_plainly_and_reported_by_one_press(browser):
    page = over_ask(browser)
    assert "Pyyntö ylittää sen, mihin vastaanottajalla on lupa." in page.text
    assert "Henkilötunnus" in page.text
    (form,) = page.forms
    browser.after.supervise()
    page = browser.post(form["action"], reason="over_asked")
    assert "Ilmoitus on lähetetty valvojalle." in page.text
    assert len(browser.after.reports) == 1
    assert browser.after.world.receiver.presented == []


# --- what was shown ------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_the_count_of_what_counts_is_on_top(lang):
    after = Aftermath(consent=True)
    entry = after.show()
    browser = Browser(after)
    page = browser.get("/showings", lang=lang)
    words = browser.desk.words()
    assert words.say("perm.count", n=1) in page.said
    assert entry.party_names[lang] in page.headings
    assert words.say("screen.receipt_needed") in page.text
    after.give_receipt(entry)
    page = browser.get("/showings")
    assert words.say("withdraw.does.gdpr_consent") in page.text
    for value in ("Mallikas", "1988"):
        assert value not in page.text, "names of data, never values"


def test_withdrawing_says_what_it_does_and_is_done_by_a_second_press():
    after = Aftermath(consent=True)
    entry = after.show()
    after.give_receipt(entry)
    browser = Browser(after)
    page = browser.get(f"/showings/{entry.id}/withdraw")
    assert "Kun perut suostumuksen, vastaanottaja ei enää käytä tietoja." in page.text
    assert after.desk.heard == []
    page = browser.post(page.forms[0]["action"])
    assert "Suostumus on peruttu. Vastaanottajalle on ilmoitettu." in page.text
    assert "Sinulla ei ole voimassa olevia lupia." in page.text
    page = browser.post(f"/showings/{entry.id}/withdraw")
    assert "on jo peruttu tai päättynyt" in page.text
    assert len(after.desk.heard) == 1


@pytest.mark.req("ARF-17", "ARF-19")
def test_erasure_and_a_report_have_pages_of_their_own(browser):
    browser.after.world.receiver.answered = False
    run(browser.after.world.wallet.present(browser.after.world.receiver.link()))
    entry = browser.after.world.wallet.log()[-1]
    browser.after.give_receipt(entry)
    page = browser.get(f"/showings/{entry.id}/erase")
    assert "Jos laki vaatii säilyttämään tietoja" in page.text
    page = browser.post(f"/showings/{entry.id}/erase")
    assert "Pyyntö on perillä." in page.text
    page = browser.get(f"/showings/{entry.id}/report")
    assert len([one for one in page.fields if one.get("name") == "reason"]) == 4
    page = browser.post(f"/showings/{entry.id}/report", reason="kept_too_long")
    assert "Ilmoitus on kirjattu tähän lompakkoon." in page.text
    assert "yhtä tapahtumaa" in browser.post(f"/showings/{entry.id}/report", reason="x").text


def test_what_was_not_delivered_waits_on_the_first_page():
    after = Aftermath(consent=True)
    entry = after.show()
    after.give_receipt(entry)
    after.desk.statuses = [503]
    browser = Browser(after)
    assert "Lompakko muistaa sen." in browser.post(f"/showings/{entry.id}/withdraw").text
    page = browser.get("/")
    assert "Luvan peruminen ei ole mennyt perille." in page.text
    assert f"/showings/{entry.id}/withdraw" in page.links


def test_deleting_a_receipt_says_what_is_lost_with_it():
    after = Aftermath(consent=True)
    receipt = after.give_receipt(after.show())
    page = Browser(after).get(f"/card/{receipt.id}/forget")
    assert "Ilman tätä tositetta lompakko ei voi perua lupaa" in page.text


# --- cards ---------------------------------------------------------------------------------------


def test_a_card_is_received_by_clicks(after):
    browser = Browser(after)
    page = browser.read(after.world.issuer.link())
    assert "tarjoaa" in page.text
    assert after.world.issuer.token_requests == 0
    page = browser.post(browser.path, answer="yes", pin="000000")
    assert any(one.get("aria-invalid") for one in page.fields)
    page = browser.post(browser.path, answer="yes", pin=PIN)
    assert page.headings[0] == "Tallennetaanko kortti?"
    assert after.world.wallet.cards() == ()
    page = browser.post(browser.path, answer="yes")
    (card,) = after.world.wallet.cards()
    assert f"/card/{card.id}" in page.links


@pytest.mark.parametrize("step", ["offer", "card"])
def test_a_card_can_be_left_at_every_step(after, step):
    browser = Browser(after)
    browser.read(after.world.issuer.link())
    if step == "card":
        browser.post(browser.path, answer="yes", pin=PIN)
    browser.post(browser.path, answer="no")
    assert after.world.wallet.cards() == ()
    assert after.world.wallet.log()[-1].outcome in (Outcome.NOT_FETCHED, Outcome.NOT_KEPT)


def test_a_card_leads_on_and_is_deleted_by_a_second_press(browser):
    (card,) = browser.after.world.wallet.cards()
    page = browser.get(f"/card/{card.id}")
    assert "Varaa aika terveystarkastukseen" in page.text
    assert "Maija" in page.text
    page = browser.get(f"/card/{card.id}/forget")
    assert browser.after.world.wallet.cards() == (card,)
    page = browser.post(page.forms[0]["action"])
    assert "Kortti on poistettu." in page.text
    assert browser.after.world.wallet.cards() == ()
    assert "yhtä korttia" in browser.get(f"/card/{card.id}").text


def test_what_is_no_link_is_asked_for_again(browser):
    page = browser.read("https://example.org/")
    assert any(one.get("aria-invalid") for one in page.fields)
    assert [one.get("value") for one in page.fields if one.get("name") == "code"] == [
        "https://example.org/"
    ]


def test_a_mistake_of_ours_is_one_sentence(browser):
    shown = run(browser.surface.answer(Visit("POST", "/read", {"code": ["\ud800"]})))
    assert shown.status == 500
    assert browser.desk.words().say("error.unexpected") in browser.checked(shown).text


def test_text_of_strangers_is_text(browser):
    page = browser.read('"><script>alert(1)</script>')
    assert '"><script>alert(1)</script>' in [one.get("value") for one in page.fields]


def test_the_own_situation_is_one_page(browser):
    page = browser.get("/situation")
    assert "Oma tilanteesi" in page.headings
    assert "Itsearvioinnin tulos" in page.headings
    assert "Sitä ei tallenneta eikä lähetetä." in page.text


def test_the_first_page_counts_permissions():
    after = Aftermath(consent=True)
    after.show()
    assert "Sinulla on 1 voimassa oleva lupa." in Browser(after).get("/").text


# --- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/nothing", "/request/00000000", "/card/zz", "//", "/offer/ab"])
def test_an_address_that_is_not_open_is_said_to_be_so(browser, method, path):
    shown = run(browser.surface.answer(Visit(method, path)))
    assert shown.status == 404
    browser.checked(shown)


def test_looking_changes_nothing(browser):
    """Every GET leaves the store as it was."""
    before = browser.after.world.store.load()
    entry = before.log[-1].id
    card = before.cards[0].id
    for method, pattern, _ in ROUTES:
        if method == "GET":
            path = pattern.replace("(withdraw|erase)", "withdraw")
            for one in (entry, card):
                browser.get(path.replace(r"([0-9a-f]{2,16})", one))
    assert browser.after.world.store.load() == before


def test_few_things_are_open_at_once():
    shelf: Shelf[int] = Shelf(OsRandom())
    handles = [shelf.put(number) for number in range(MOST_OPEN + 3)]
    assert len(shelf) == MOST_OPEN
    assert handles[0] not in shelf
    assert shelf[handles[-1]] == MOST_OPEN + 2


def test_a_link_out_tells_nobody_where_it_came_from(browser):
    html = run(browser.surface.answer(Visit("GET", "/"))).body.decode()
    out = re.findall(r'<a href="(https://[^"]+)" rel="([^"]+)"', html)
    assert [urlsplit(link).scheme for link, _ in out] == ["https"]
    assert {rel for _, rel in out} == {"noreferrer"}
