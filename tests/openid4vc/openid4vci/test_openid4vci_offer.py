"""Credential offers and their links."""

import json
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openid4vc.checks import CheckFailed
from openid4vc.openid4vci.offer import (
    CredentialOffer,
    OfferReference,
    TxCodeSpec,
    link_by_reference,
    link_by_value,
    offer_json,
    parse_offer,
    parse_offer_link,
)
from openid4vc.openid4vci.token import GRANT
from openid4vc.openid4vci.wallet_errors import (
    IssuerIdentifierInvalid,
    MalformedOffer,
    MalformedOfferLink,
)
from tests.openid4vc.openid4vci import kit

FULL = CredentialOffer(
    issuer=kit.ISSUER,
    configuration_ids=("statement_feedback", "authority_decision"),
    pre_authorized_code="oaKazRN8I0IbtZ0C7JuMn5",
    tx_code=TxCodeSpec(length=6, input_mode="numeric", description="PIN tulee tekstiviestinä"),
)


def offer(**grant: object) -> dict[str, Any]:
    return {
        "credential_issuer": kit.ISSUER,
        "credential_configuration_ids": ["statement_feedback"],
        "grants": {GRANT: {"pre-authorized_code": "abc", **grant}},
    }


# --- The offer ----------------------------------------------------------------------------------


@pytest.mark.req("VCI-21", "VCI-29")
@pytest.mark.parametrize(
    "one",
    [
        FULL,
        CredentialOffer(kit.ISSUER, ("a",), "code"),
        CredentialOffer(kit.ISSUER, ("a",), "code", TxCodeSpec()),
        CredentialOffer(kit.ISSUER, ("a",), "code", TxCodeSpec(None, "text", None)),
        CredentialOffer(kit.ISSUER, ("a",), "code", None, "https://as.example.fi"),
        CredentialOffer(kit.ISSUER, ("a",), None),
        CredentialOffer(kit.ISSUER, ("a",), None, by_signing_in=True),
        CredentialOffer(kit.ISSUER, ("a",), None, by_signing_in=True, issuer_state="i % + é"),
        CredentialOffer(kit.ISSUER, ("a",), "code", by_signing_in=True, issuer_state="i"),
        CredentialOffer(
            kit.ISSUER,
            ("a",),
            None,
            authorization_server="https://as.example.fi",
            by_signing_in=True,
        ),
    ],
)
def test_an_offer_comes_back_as_it_was_made(one: CredentialOffer) -> None:
    assert parse_offer(offer_json(one)) == one
    assert parse_offer_link(link_by_value(one)) == one


@pytest.mark.req("VCI-29")
def test_the_published_offers_with_our_grant() -> None:
    empty = parse_offer(kit.vector("openid4vci/credential_offer_by_reference.json"))
    assert (empty.pre_authorized_code, empty.tx_code) == ("adhjhdjajkdkhjhdj", TxCodeSpec())
    described = parse_offer(kit.vector("openid4vci/credential_offer_pre-authz_code.json"))
    assert described.tx_code is not None
    assert (described.tx_code.input_mode, described.tx_code.length) == ("numeric", None)


@pytest.mark.req("VCI-24")
def test_the_published_offer_of_another_grant_is_read_and_has_no_code() -> None:
    text = kit.body(kit.text("openid4vci/credential_offer_authz_code.txt"))
    read = parse_offer(json.loads(text))
    assert read.pre_authorized_code is None
    assert read.by_signing_in
    assert read.issuer_state == json.loads(text)["grants"]["authorization_code"]["issuer_state"]
    without = {"credential_issuer": kit.ISSUER, "credential_configuration_ids": ["a"]}
    assert parse_offer(without).pre_authorized_code is None
    assert parse_offer({**without, "grants": {}}).pre_authorized_code is None


@pytest.mark.req("VCI-73")
def test_the_published_offer_of_an_old_draft_is_refused() -> None:
    with pytest.raises(MalformedOffer):
        parse_offer(kit.vector("haip/credential_offer_sd_jwt_vc.json"))


@pytest.mark.req("VCI-24", "VCI-74")
def test_unknown_members_are_ignored() -> None:
    data = {**offer(interval=5, user_pin_required=True), "new": 1, "credentials": []}
    assert parse_offer(data).pre_authorized_code == "abc"


def test_an_issuer_on_this_machine_only_when_allowed() -> None:
    data = {**offer(), "credential_issuer": "http://127.0.0.1:8001/kela"}
    assert parse_offer(data, allow_loopback_http=True).issuer == "http://127.0.0.1:8001/kela"
    with pytest.raises(IssuerIdentifierInvalid):
        parse_offer(data)


@pytest.mark.req("VCI-21", "VCI-29")
@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"credential_issuer": kit.ISSUER},
        {**offer(), "credential_configuration_ids": []},
        {**offer(), "credential_configuration_ids": "a"},
        {**offer(), "credential_configuration_ids": ["a", "a"]},
        {**offer(), "credential_configuration_ids": [1]},
        {**offer(), "credential_configuration_ids": [f"c{n}" for n in range(33)]},
        {**offer(), "grants": []},
        {**offer(), "grants": {GRANT: None}},
        {**offer(), "grants": {GRANT: {}}},
        offer(**{"pre-authorized_code": ""}),
        offer(**{"pre-authorized_code": 7}),
        offer(**{"pre-authorized_code": "x" * 1_025}),
        offer(tx_code=True),
        offer(tx_code=None),
        offer(tx_code={"input_mode": "digits"}),
        offer(tx_code={"input_mode": ["text"]}),
        offer(tx_code={"length": 0}),
        offer(tx_code={"length": True}),
        offer(tx_code={"length": "6"}),
        offer(tx_code={"length": 6.0}),
        offer(tx_code={"length": 65}),
        offer(tx_code={"description": "x" * 301}),
        offer(authorization_server=1),
    ],
)
def test_what_is_no_offer_is_refused(data: object) -> None:
    with pytest.raises(MalformedOffer):
        parse_offer(data)


@pytest.mark.req("VCI-30", "VCI-76")
@pytest.mark.parametrize(
    "issuer",
    [
        None,
        "",
        "issuer.example.fi",
        "http://issuer.example.fi",
        "https://",
        "https://issuer.example.fi/?a=1",
        "https://issuer.example.fi?",
        "https://issuer.example.fi/#a",
        "https://user@issuer.example.fi",
        "https://issuer.example.fi:port",
        "https://issuer.example.fi:99999",
        "https://[::1",
        "https://issuer.example.fi/ä",
        "https://issuer.example.fi\n",
        "https://issuer.example.fi\\@evil.example",
        "HTTPS//issuer.example.fi",
        "https://issuer.example.fi/" + "a" * 2_048,
    ],
)
def test_what_is_no_issuer_identifier_is_refused(issuer: object) -> None:
    with pytest.raises(IssuerIdentifierInvalid):
        parse_offer({**offer(), "credential_issuer": issuer})


@pytest.mark.req("VCI-21", "VCI-29")
def test_the_issuer_makes_no_offer_that_breaks_a_rule() -> None:
    with pytest.raises(MalformedOffer):
        offer_json(CredentialOffer(kit.ISSUER, ("a", "a"), "code"))
    with pytest.raises(MalformedOffer):
        offer_json(CredentialOffer(kit.ISSUER, ("a",), "code", TxCodeSpec(description="x" * 301)))


# --- The link -----------------------------------------------------------------------------------


@pytest.mark.req("VCI-20", "HAIP-06")
def test_a_reference_comes_back_as_it_was_made() -> None:
    uri = "https://issuer.example.fi/kela/offers/Gk%2Fu?a=1&b=2"
    assert parse_offer_link(link_by_reference(uri)) == OfferReference(uri)
    haip = link_by_reference(uri).replace("openid-credential-offer:", "haip-vci:")
    assert parse_offer_link(haip) == OfferReference(uri)


@pytest.mark.req("VCI-20")
def test_decoding_a_value_twice_changes_nothing() -> None:
    hard = '100 % varmaa + %41 %zz äö€ \\ "'
    one = CredentialOffer(kit.ISSUER, ("a",), "a%2Bb+c", TxCodeSpec(description=hard))
    value = link_by_value(one).partition("credential_offer=")[2]
    once = unquote(value)
    assert "%" not in once
    assert "+" not in once
    assert unquote(once) == once
    assert parse_offer_link(link_by_value(one)) == one
    assert "\n" not in link_by_value(one)


@pytest.mark.req("VCI-20", "VCI-29")
def test_the_published_links_are_read() -> None:
    texts = [
        "".join(text.split())
        for text in kit.messages("openid4vci/spec-flow-messages.json", "Sending Credential Offer")
        if "credential_offer" in text and "HTTP/1.1" not in text
    ]
    first, second, third = (
        "openid-credential-offer://?" + text.partition("?")[2] for text in texts
    )
    both = parse_offer_link(first)
    assert isinstance(both, CredentialOffer)
    assert both.configuration_ids == ("UniversityDegree_JWT", "org.iso.18013.5.1.mDL")
    assert both.tx_code == TxCodeSpec()
    one = parse_offer_link(second)
    assert isinstance(one, CredentialOffer)
    assert one.tx_code is not None
    assert one.tx_code.input_mode == "text"
    assert parse_offer_link(third) == OfferReference(
        "https://server.example.com/credential-offer/GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM"
    )


def test_unknown_parameters_of_a_link_are_ignored() -> None:
    link = link_by_reference("https://a.example/o") + "&new=1"
    assert parse_offer_link(link) == OfferReference("https://a.example/o")


REFERENCE = link_by_reference("https://a.example/o")


@pytest.mark.req("VCI-20", "VCI-22")
@pytest.mark.parametrize(
    "link",
    [
        "",
        "openid-credential-offer://",
        "openid-credential-offer://?new=1",
        REFERENCE + "&credential_offer=%7B%7D",
        REFERENCE + "&credential_offer_uri=https%3A%2F%2Fa.example%2Fo",
        REFERENCE.replace("https", "http"),
        REFERENCE.replace("a.example%2Fo", "a.example%2Fo%23x"),
        REFERENCE.replace("openid-credential-offer:", "openid4vp:"),
        "openid-credential-offer://?credential_offer=no",
        "openid-credential-offer://?credential_offer=eyJhbGciOiJub25lIn0.e30.",
        "openid-credential-offer://?credential_offer=%FF",
        "openid-credential-offer://?credential_offer=" + "a" * 9_000,
        "openid-credential-offer://[?credential_offer=a",
    ],
)
def test_what_is_no_offer_link_is_refused(link: str) -> None:
    with pytest.raises(MalformedOfferLink):
        parse_offer_link(link)


# --- Whatever comes -----------------------------------------------------------------------------


@given(data=kit.JSON | kit.changed(offer()) | kit.changed(offer()["grants"][GRANT]))
def test_garbage_never_breaks_the_offer_reader(data: object) -> None:
    by_code = {**offer(), "grants": {"authorization_code": data}}
    for one in (data, {**offer(), "grants": {GRANT: data}}, offer(tx_code=data), by_code):
        with suppress(CheckFailed):
            parse_offer(one)


@given(text=st.text(max_size=60))
def test_garbage_never_breaks_the_link_reader(text: str) -> None:
    for link in (text, f"{REFERENCE}&{text}", f"haip-vci://?credential_offer={text}"):
        with suppress(CheckFailed):
            parse_offer_link(link)


@given(
    code=st.text(min_size=1, max_size=20),
    words=st.none() | st.text(min_size=1, max_size=40),
    length=st.none() | st.integers(1, 64),
)
def test_any_offer_survives_its_link(code: str, words: str | None, length: int | None) -> None:
    one = CredentialOffer(kit.ISSUER, ("a",), code, TxCodeSpec(length, "text", words))
    assert parse_offer_link(link_by_value(one)) == one
