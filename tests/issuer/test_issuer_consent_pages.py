"""What the consent page says of each type of card, and to whom; tests/browser looks at the page."""

import re
from html import unescape

import pytest

from credential_schemas.loader import load_catalogue
from credential_schemas.model import LANGS, Label, Lang
from issuer.web.consent_pages import (
    ConsentView,
    EndView,
    consent_page,
    declined_page,
    nothing_page,
    over_page,
    trouble_page,
)

CATALOGUE = load_catalogue()
KELA = CATALOGUE.organisations["kela"]
NAMES = Label("Tekijä", "Tillverkare", "Maker")
_ITEMS = re.compile(r'<ul class="items">(.*?)</ul>', re.DOTALL)
_ITEM = re.compile(r"<li>(.*?)</li>")
_TAG = re.compile(r"<[^>]+>")


def view(type_id: str = "authority_decision", **changes: object) -> ConsentView:
    said: dict[str, object] = {
        "catalogue": CATALOGUE,
        "organisation": KELA,
        "credential_type": CATALOGUE.types[type_id],
        "wallet_name": "Mallilompakko",
        "provider_names": NAMES,
        "form_action": "/kela/consent",
        "csrf": "of this browser",
        "allowed_redirect": "https://wallet.example",
    }
    return ConsentView(**{**said, **changes})  # type: ignore[arg-type]  # named one by one above


def read(text: str) -> str:
    """The words of a page, as a person reads them."""
    return " ".join(unescape(_TAG.sub(" ", text)).split())


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("type_id", sorted(CATALOGUE.types))
def test_every_type_of_card_can_be_told(type_id: str, lang: Lang) -> None:
    kind = CATALOGUE.types[type_id]
    text = bytes(consent_page(view(type_id), lang).body).decode()
    told = [unescape(one) for part in _ITEMS.findall(text) for one in _ITEM.findall(part)]
    assert sorted(told) == sorted(claim.label[lang] for claim in kind.claims.values())
    words = read(text)
    assert kind.title[lang] in words
    assert kind.desk.note[lang] in words
    for task in CATALOGUE.profiles.values():
        asks = any(card.credential_type == type_id for card in task.credentials)
        assert not asks or task.title[lang] in words
    assert "None" not in words


def test_what_tells_of_health_is_told_apart() -> None:
    text = bytes(consent_page(view("medical_statement_key_data"), "fi").body).decode()
    plain, health = _ITEMS.findall(text)
    kind = CATALOGUE.types["medical_statement_key_data"]
    for claim in kind.claims.values():
        assert f"<li>{claim.label.fi}</li>" in (plain if claim.art9 == "no" else health)


@pytest.mark.parametrize(
    ("type_id", "words"),
    [
        ("authority_decision", "Enintään 1 vuoden"),
        ("qualification", "Enintään 10 vuotta"),
        ("service_plan", "Enintään 180 päivää"),
    ],
)
def test_how_long_it_is_valid(type_id: str, words: str) -> None:
    assert words in read(bytes(consent_page(view(type_id), "fi").body).decode())


def test_a_wallet_cannot_write_into_the_page() -> None:
    wallet = "<b>Kela</b> {{ csrf }}"
    text = bytes(consent_page(view(wallet_name=wallet), "fi").body).decode()
    assert "<b>Kela" not in text
    assert text.count("of this browser") == 1


def test_a_wallet_that_nobody_vouches_for_is_told_as_such() -> None:
    words = read(
        bytes(consent_page(view(wallet_name=None, provider_names=None), "en").body).decode()
    )
    assert "The wallet does not say its name." in words
    assert "We do not know who made the wallet." in words


@pytest.mark.parametrize("lang", LANGS)
def test_a_site_that_gets_the_answer_is_named(lang: Lang) -> None:
    def told(allowed: str) -> str:
        return read(bytes(consent_page(view(allowed_redirect=allowed), lang).body).decode())

    assert "elsewhere.example" in told("https://elsewhere.example")
    assert "4711" not in told("http://127.0.0.1:4711")
    assert "fi.malli" not in told("fi.malli.lompakko:")


def test_where_the_form_may_lead() -> None:
    for allowed in ("https://wallet.example", "fi.malli.lompakko:", "http://127.0.0.1:4711"):
        page = consent_page(view(allowed_redirect=allowed), "fi")
        policy = page.headers["content-security-policy"]
        assert f"form-action 'self' {allowed};" in policy
        assert "script" not in policy
        assert "frame-ancestors 'none'" in policy
    page = consent_page(view(allowed_redirect="http://[::1]:4711"), "fi")
    assert "form-action 'self' http:;" in page.headers["content-security-policy"]
    ended = nothing_page(EndView(KELA, back="https://wallet.example/?error=access_denied"), "fi")
    assert "form-action 'none'" in ended.headers["content-security-policy"]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("known", [True, False])
def test_how_else_it_may_end(lang: Lang, known: bool) -> None:
    view = EndView(KELA, back="https://w.example/?a=1&b=2") if known else EndView()
    statuses = []
    for page in (nothing_page, declined_page, over_page, trouble_page):
        answer = page(view, lang)
        text = bytes(answer.body).decode()
        statuses.append(answer.status_code)
        assert (KELA.names[lang] in read(text)) is known
        assert ('href="https://w.example/?a=1&amp;b=2"' in text) is known
        assert "hreflang" not in text, "it cannot be shown again by GET"
    assert statuses == [200, 200, 400, 503]
    assert 'hreflang="sv"' in bytes(over_page(EndView(here="/kela/consent"), lang).body).decode()
