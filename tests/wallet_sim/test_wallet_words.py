"""The wallet's words: complete in three languages, plain, and one sentence for every failure."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import keys
import openid4vc
import wallet_sim
from credential_schemas.loader import load_catalogue
from credential_schemas.model import LANGS, Lang
from keys.checks import CheckFailed, KeyStoreFailure
from openid4vc.oauth.errors import AuthorizationRefused, TokenRequestRefused
from openid4vc.openid4vci.errors import ProtocolError
from wallet_sim.errors import FAMILIES, keys_for, sentence
from wallet_sim.model import Kind, Outcome
from wallet_sim.words import Words, printable, texts

NEVER_MET = (ProtocolError, KeyStoreFailure, TokenRequestRefused, AuthorizationRefused)
"""What an issuer answers (the wallet has failures of its own for that), and services' keys."""

ISSUERS_SIDE = {"salt_unfit", "validity_not_positive", "claim_not_ours"}
VERIFIERS_SIDE = {
    "kb_audience_mismatch", "kb_malformed", "kb_nonce_mismatch", "kb_sd_hash_mismatch",
    "kb_signature_invalid", "kb_stale", "kb_wrong_type", "key_binding_missing",
    "kb_transaction_data_mismatch",
    "presentation_not_asked", "query_not_satisfied", "too_many_presentations", "vct_not_asked",
    "malformed_request_fetch",
    "malformed_response", "malformed_vp_token", "response_not_encrypted", "state_mismatch",
    "decryption_failed", "malformed_status_list", "malformed_status_token", "malformed_aggregation",
    "malformed_cbor", "malformed_cose", "status_form_unknown",
    "status_index_out_of_range", "status_list_for_other_uri", "status_list_from_future",
    "status_list_too_large", "status_stale", "status_value_unknown", "revoked", "suspended",
}  # fmt: skip
INSIDE = {
    # The wallet reads and shows credentials in compact form only.
    "malformed_json_sd_jwt",
    # Boxes are for verifiers; the other two reach people as StoreCorrupted and ConnectionLost.
    "box_broken", "seal_broken", "fetch_failed",
    # A type without a description is taken as it is; no template is drawn.
    "type_metadata_unavailable", "svg_template_refused",
}  # fmt: skip
NOT_FOR_PEOPLE = ISSUERS_SIDE | VERIFIERS_SIDE | INSIDE
ABSTRACT = {"check_failed", "type_metadata_failure"}


def failures() -> Iterator[type[CheckFailed]]:
    """Every failure of the rooms that the wallet stands on."""
    for room in (keys, openid4vc, wallet_sim):
        for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
            importlib.import_module(module.name)
    waiting = [CheckFailed]
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        if one.__module__.partition(".")[0] in ("keys", "openid4vc", "wallet_sim"):
            yield one


@pytest.fixture(params=LANGS)
def words(request):
    return Words(request.param, load_catalogue())


def test_every_failure_has_a_sentence_of_its_own_or_of_its_family():
    codes = {one.code for one in failures() if not issubclass(one, NEVER_MET)} - ABSTRACT
    known = texts().keys()
    spoken = {code for code in codes if f"error.{code}" in known} | FAMILIES.keys()
    silent = codes - spoken
    assert silent == NOT_FOR_PEOPLE, "a failure without words, or words for nobody"
    every_code = {one.code for one in failures()}
    assert FAMILIES.keys() <= every_code, "a family names a code that no failure has"
    assert codes >= NOT_FOR_PEOPLE


def test_no_failure_of_one_flow_speaks_of_the_other(words):
    """In both flows every code finds a sentence, and it is the flow's own when there is one."""
    for code in {one.code for one in failures()}:
        for kind in (*Kind, None):
            assert sentence(words, code, kind)
            found = next(key for key in keys_for(code, kind) if words.has(key))
            other = {Kind.RECEIVE: "error.present.", Kind.PRESENT: "error.receive."}.get(kind)
            assert other is None or not found.startswith(other)


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        ("chain_missing", Kind.PRESENT, "Pyyntöä ei ole allekirjoitettu oikein"),
        ("algorithm_not_allowed", Kind.PRESENT, "Pyyntöä ei ole allekirjoitettu oikein"),
        ("bad_signature", Kind.RECEIVE, "Kortin allekirjoitus ei kelpaa"),
        ("chain_not_trusted", Kind.PRESENT, "ei ole luotettujen vastaanottajien listalla"),
        ("relying_party_unknown", Kind.PRESENT, "ei ole luotettujen vastaanottajien listalla"),
        ("chain_not_trusted", Kind.RECEIVE, "Myöntäjä ei ole luotettujen listalla"),
        ("client_id_mismatch", Kind.PRESENT, "ei ole se, jonka koodi lupaa"),
        ("over_asked", Kind.PRESENT, "Pyyntö ylittää sen, mihin vastaanottajalla on lupa"),
        ("request_expired", Kind.PRESENT, "Pyyntö on vanhentunut"),
        ("pin_not_accepted", Kind.RECEIVE, "enintään kolme kertaa"),
    ],
)
def test_what_went_wrong_is_said_in_particular(code, kind, says):
    assert says in sentence(Words("fi", load_catalogue()), code, kind)


@pytest.mark.parametrize("kind", [None, *Kind])
def test_a_failure_nobody_thought_of_still_has_words(words, kind):
    assert sentence(words, "a_code_of_next_year", kind)


def test_every_outcome_of_the_log_has_words(words):
    pairs = {
        Kind.RECEIVE: {
            Outcome.RECEIVED, Outcome.NOT_FETCHED, Outcome.NOT_KEPT, Outcome.REFUSED,
            Outcome.FAILED, Outcome.COMES_LATER,
        },
        Kind.PRESENT: {
            Outcome.SHOWN, Outcome.NOT_ANSWERED, Outcome.DECLINED, Outcome.REFUSED, Outcome.FAILED,
            Outcome.UNCLEAR, Outcome.SHOWN_ON_SCREEN,
        },
        Kind.REVOKE: {
            Outcome.REVOKED, Outcome.NOT_ANSWERED, Outcome.REFUSED, Outcome.FAILED, Outcome.UNCLEAR,
        },
    }  # fmt: skip
    assert set().union(*pairs.values()) == set(Outcome)
    for kind, outcomes in pairs.items():
        for outcome in outcomes:
            assert words.say(f"outcome.{kind}.{outcome}")


def test_every_retention_of_the_catalogue_has_words(words):
    for profile in words.catalogue.profiles.values():
        assert words.has(f"retention.{profile.retention}"), profile.id


FORBIDDEN = {
    "fi": ["credential", "verifier", "token", "claim", "dcql", "todentaja", "Submit", "OK"],
    "sv": ["credential", "verifier", "token", "claim", "dcql", "arbetsförmedling", "vänligen"],
    "en": ["credential", "verifier", "token", "claim", "dcql", "please", "sorry", "invalid"],
}


PLACEHOLDERS = (
    "name", "id", "date", "title", "names", "text", "host", "length", "address", "home", "issuers",
    "receivers", "number", "total", "seen", "code", "n",
)  # fmt: skip


def spoken(lang: Lang) -> Iterator[tuple[str, str]]:
    """Every text with its placeholders filled."""
    for key in sorted(texts().keys()):
        yield key, texts().text(key, lang, **dict.fromkeys(PLACEHOLDERS, "x"))


def test_every_text_is_used():
    """A text is named in the source, or belongs to a group that is looked up by a code."""
    room = Path(wallet_sim.__file__).parent
    files = [*room.rglob("*.py"), *room.rglob("*.html")]
    source = "".join(file.read_text() for file in files)
    groups = ("error.", "outcome.", "retention.", "approval.", "taking_back.", "kind.", "deed.",
              "withdraw.", "erase.", "report.", "inbox.", "acting.")  # fmt: skip
    listed = sorted(texts().keys())
    unused = [key for key in listed if f'"{key}"' not in source]
    assert [key for key in unused if not key.startswith(groups)] == []
    names = {one.code for one in failures()} | set(FAMILIES.values())
    names |= {"prefix", "interrupted", "unexpected"}
    errors = {key.rpartition(".")[2] for key in listed if key.startswith("error.")}
    assert errors <= names


@pytest.mark.parametrize("lang", LANGS)
def test_no_word_of_the_trade_reaches_a_person(lang):
    for key, text in spoken(lang):
        for word in FORBIDDEN[lang]:
            assert not re.search(rf"\b{word}\b", text, re.IGNORECASE), (key, word)


@pytest.mark.parametrize("lang", LANGS)
def test_sentences_are_short(lang):
    for key, text in spoken(lang):
        for one in re.split(r"[.;:?!] ", text):
            assert len(one.split()) <= 18, (key, one)


@pytest.mark.parametrize("lang", LANGS)
def test_a_failure_says_more_than_that_it_failed(lang):
    """Two sentences or more: what happened; then what was spared, or what to do next."""
    short = {"error.link_too_long", "error.prefix", "error.file_missing"}
    for key, text in spoken(lang):
        if key.startswith("error.") and key not in short:
            assert text.count(". ") + text.count("; ") >= 1, key


def test_named_scores_stand_in_the_same_order_however_they_come(words):
    assessment = words.catalogue.types["self_assessment_result"]
    scores = {"skills": 66, "body": 35, "mind": 48}
    said = words.value(assessment, ("domain_scores",), scores)
    again = words.value(assessment, ("domain_scores",), dict(reversed(scores.items())))
    assert said == again
    assert len(said) == 3


def test_nothing_a_stranger_writes_can_steer_the_terminal():
    assert printable("a\x1b[31mb\nc\u202ed\u200be\tf") == "a[31mb cde f"


@pytest.mark.parametrize("names", [{}, {"fi": ""}, {"fi": "\x1b\x07"}])
def test_a_party_without_a_name_is_called_unknown(words, names):
    assert words.name(names) == words.say("party.unknown")


def test_a_name_in_another_language_is_better_than_none(words):
    assert words.name({"de": "Amt"}) == "Amt"
