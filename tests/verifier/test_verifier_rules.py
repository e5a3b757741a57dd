"""Tables and words held whole: life cycle, outcomes, texts, schema, settings, colours."""

import re
from collections.abc import Iterator
from colorsys import hls_to_rgb
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import create_engine, inspect

import openid4vc.dcql.errors
import openid4vc.openid4vp.errors
from keys.checks import (
    CheckFailed,
    FetchFailed,
    FetchRefused,
    KeyStoreFailure,
    SignatureInvalid,
    TrustListStale,
)
from openid4vc.checks import CredentialRevoked, CredentialSuspended, StatusListStale, StatusMissing
from service_kit.sql import Database
from verifier.adapters.tables import metadata
from verifier.app import MIGRATIONS
from verifier.model import (
    NEXT,
    OPEN_STATES,
    UNDECIDED_STATES,
    Outcome,
    State,
    Step,
    full_hour,
    started_hours,
    states_before,
)
from verifier.parts import HERE, texts
from verifier.settings import Settings
from verifier.usecases.check_across import check_same_person
from verifier.usecases.failures import (
    IdentityCodesConflict,
    IssuerClosed,
    NamesDiffer,
    Replayed,
    StatusUnknown,
    TrustListMissing,
)
from verifier.usecases.outcome_table import outcome_of
from verifier.web.failure_words import GROUP_OF, OVER, group_of

# Failures that cannot come out of the nine checks: of issuing, of wallets, of keeping keys and
# fetching, of the interface itself. A new failure belongs here or in `failure_words.py`.
NOT_AT_DESK_KINDS = (
    openid4vc.openid4vp.errors.RequestRefused,
    FetchRefused,
    FetchFailed,
    KeyStoreFailure,
)
NOT_AT_DESK_MODULES = (
    "verifier.usecases.evidence_",
    "verifier.usecases.training_",
    "issuer",
    "wallet_sim",
    "service_kit",
    "openid4vc.openid4vci",
    "openid4vc.oauth",
    "verifier.usecases.staff_failures",
    "openid4vc.sd_jwt.type_metadata",
    "verifier.usecases.bundle_failures",
)
NOT_AT_DESK = {
    "check_failed",
    "malformed_json_sd_jwt",
    "malformed_jwe",
    "malformed_cbor",
    "malformed_cose",
    "decryption_failed",
    "seal_broken",
    "trust_list_malformed",
    "trust_list_signature_invalid",
    "trust_list_operator_not_trusted",
    "trust_list_wrong_type",
    "trust_list_not_yet_valid",
    "trust_list_rolled_back",
    "trust_list_extension_not_understood",
    "trust_list_unavailable",
    "claim_absent",
    "salt_unfit",
    "validity_not_positive",
    "claim_not_ours",
    "key_binding_unexpected",
    "kb_transaction_data_mismatch",  # a desk asks for no transaction
    "malformed_status_list",
    "malformed_aggregation",
    "status_list_too_large",
    "malformed_status_token",
    "status_list_for_other_uri",
    "status_list_from_future",
    "malformed_query",
    "malformed_claims_path",
    "query_id_repeated",
    "claim_asked_twice",
    "claim_sets_without_claims",
    "vct_values_missing",
    "format_not_supported",
    "over_asked",
    "malformed_request_fetch",
    "malformed_response",
    "response_code_wrong",
    "return_malformed",
    "return_not_allowed",
    "malformed_vp_token",
    "response_not_encrypted",
    "state_mismatch",
    "profile_not_allowed",
    "verification_unknown",
    "request_unknown",
    "request_over",
    "identity_check_required",
    "confirmation_code_malformed",
    "confirmation_code_wrong",
    "result_key_wrong",
    "key_refused",
    "session_ended",
    "form_not_ours",
    "not_allowed_now",
    "malformed_body",
    "nothing_here",
    "too_many_attempts",
    "own_mistake",
    "hand_on_not_allowed",
    "case_system_refused",
    "receipt_unavailable",
    "receipt_refused",
    "invitation_over",
    "privacy_page_busy",
    "report_malformed",
    "qr_not_a_challenge",
    "qr_challenge_malformed",
    "qr_challenge_signer_unfit",
    "qr_challenge_too_large",
    "qr_challenge_certificate_mismatch",
    "qr_challenger_unknown",
    "qr_challenge_from_future",
    "qr_challenge_lives_too_long",
}


PROVIDER = {
    "oidc_client_id": "desk",
    "oidc_client_secret": "nelja kivea",
    "oidc_roles": {"TE-desk": "te_office"},
}


def every_failure(kind: type[CheckFailed] = CheckFailed) -> Iterator[type[CheckFailed]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from every_failure(narrower)


def may_reach_the_desk(kind: type[CheckFailed]) -> bool:
    if kind.__module__.startswith((*NOT_AT_DESK_MODULES, "tests")):
        return False
    return not issubclass(kind, NOT_AT_DESK_KINDS)


WALLET_ERRORS = frozenset(
    {
        "wallet_error",
        "wallet_invalid_request",
        "wallet_invalid_client",
        "wallet_vp_formats_not_supported",
        "wallet_invalid_request_uri_method",
        "wallet_invalid_transaction_data",
        "wallet_unavailable",
    }
)


# Words ---------------------------------------------------------------------------------------


def test_every_failure_has_words_or_cannot_reach_the_desk() -> None:
    codes = {kind.code for kind in every_failure() if may_reach_the_desk(kind)}
    assert len(codes) > 60
    assert codes - GROUP_OF.keys() - NOT_AT_DESK == set()
    assert GROUP_OF.keys() & NOT_AT_DESK == set()
    assert GROUP_OF.keys() - codes == {"access_denied", *WALLET_ERRORS}


@pytest.mark.parametrize("group", sorted({*GROUP_OF.values(), OVER}))
def test_every_group_says_what_happened_and_what_to_do(group: str) -> None:
    said = {lang: texts().text(f"why.{group}", lang) for lang in ("fi", "sv", "en")}
    steps = {lang: texts().text(f"next.{group}.1", lang) for lang in ("fi", "sv", "en")}
    for words in (said, steps):
        assert len(set(words.values())) == 3
        for text in words.values():
            assert text.endswith(".")
            assert not re.search(r"credential|verifier|claim|token|DCQL", text, re.IGNORECASE)


def test_no_text_is_left_over_or_missing() -> None:
    sources = "\n".join(
        path.read_text()
        for pattern in ("web/*.py", "web/templates/*.html", "cli/*.py")
        for path in HERE.glob(pattern)
    )
    families = ("why.", "next.", "outcome.", "check.", "result.", "tech.", "problem.", "cli.",
                "retention.", "view.",
        "note.", "identity.", "training.", "fault.", "voice.", "send.", "behalf.")  # fmt: skip
    known = texts().keys()
    for key in known:
        assert f'"{key}"' in sources or key.startswith(families), key
    named = set(re.findall(r'\bt\("([a-z_.]+[a-z_])"', sources))
    assert len(named) > 50
    assert named <= known


def test_an_unknown_code_still_has_words() -> None:
    assert group_of("never_heard_of") == "unreadable"
    assert group_of(None) == OVER


# Outcomes and states -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (openid4vc.dcql.errors.QueryNotSatisfied(), Outcome.NOT_SHOWN),
        (CredentialSuspended(), Outcome.CANNOT_CONFIRM),
        (StatusUnknown(), Outcome.CANNOT_CONFIRM),
        (StatusListStale(), Outcome.CANNOT_CONFIRM),
        (StatusMissing(), Outcome.CANNOT_CONFIRM),
        (IssuerClosed(), Outcome.CANNOT_CONFIRM),
        (NamesDiffer(), Outcome.CANNOT_CONFIRM),
        (TrustListMissing(), Outcome.CANNOT_CONFIRM),
        (TrustListStale(), Outcome.CANNOT_CONFIRM),
        (CredentialRevoked(), Outcome.REJECT),
        (SignatureInvalid(), Outcome.REJECT),
        (Replayed(), Outcome.REJECT),
        (IdentityCodesConflict(), Outcome.REJECT),
        (CheckFailed(), Outcome.REJECT),
    ],
)
def test_the_outcome_of_a_failure(failure: CheckFailed, outcome: Outcome) -> None:
    assert outcome_of(failure) is outcome


def test_no_failure_is_ever_accepted() -> None:
    for kind in every_failure():
        assert outcome_of(kind.__new__(kind)) is not Outcome.ACCEPT


def test_the_life_cycle_is_whole() -> None:
    assert NEXT.keys() == set(State)
    assert NEXT[State.CLOSED] == frozenset()
    reached = {State.REQUESTED}
    while more := {later for state in reached for later in NEXT[state]} - reached:
        reached |= more
    assert reached == set(State)
    assert states_before(State.REQUESTED) == frozenset()
    assert states_before(State.DECIDED) == {
        State.ANSWERED,
        State.CODE_PENDING,
        State.IDENTITY_PENDING,
    }
    assert {state for state in State if State.DECIDED in NEXT[state]} <= UNDECIDED_STATES


def test_a_step_never_leaves_the_table() -> None:
    assert Step(to=State.ANSWERED).allowed_from == OPEN_STATES
    narrowed = Step(to=State.CLOSED, only_from=frozenset({State.CLOSED, State.DECIDED}))
    assert narrowed.allowed_from == {State.DECIDED}


def test_hours_are_rounded() -> None:
    at = datetime(2026, 11, 24, 9, 59, 59, 5, tzinfo=UTC)
    assert full_hour(at) == datetime(2026, 11, 24, 9, tzinfo=UTC)
    ages = [None, timedelta(0), timedelta(seconds=1), timedelta(hours=1), timedelta(hours=1.1)]
    assert [started_hours(age) for age in ages] == [None, 0, 1, 1, 2]


# 9. Across cards -----------------------------------------------------------------------------

PERSON = {"given_name": "Maija Testi", "family_name": "Mallikas", "birthdate": "1988-04-12"}


def test_one_persons_cards_belong_together() -> None:
    check_same_person([])
    check_same_person([{}])
    check_same_person([PERSON])
    check_same_person([PERSON, {**PERSON, "given_name": " maija  TESTI"}])
    check_same_person([PERSON, {**PERSON, "personal_administrative_number": "120488-9123"}])


@pytest.mark.parametrize(
    "other",
    [
        {**PERSON, "given_name": "Maija"},
        {**PERSON, "family_name": "Mallikainen"},
        {**PERSON, "birthdate": "1988-04-13"},
        {"given_name": "Maija Testi"},
        {},
    ],
)
def test_cards_of_different_people_are_not_joined(other: dict[str, object]) -> None:
    with pytest.raises(NamesDiffer):
        check_same_person([PERSON, other])


def test_two_identity_codes_are_a_conflict() -> None:
    cards = [{**PERSON, "personal_administrative_number": f"120488-91{n}3"} for n in (2, 3)]
    with pytest.raises(IdentityCodesConflict):
        check_same_person(cards)


# Schema, settings, colours -------------------------------------------------------------------


def test_the_migrations_make_the_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/schema.db"
    database = Database(url)
    database.upgrade(MIGRATIONS)
    database.upgrade(MIGRATIONS)
    database.close()
    engine = create_engine(url)
    found = inspect(engine)
    made = {
        table: {column["name"]: str(column["type"]) for column in found.get_columns(table)}
        for table in found.get_table_names()
        if table != "verifier_version"
    }
    wanted = {
        table.name: {column.name: column.type.compile(engine.dialect) for column in table.columns}
        for table in metadata.sorted_tables
    }
    assert made == wanted
    for table in metadata.sorted_tables:
        indexes = {str(one["name"]) for one in found.get_indexes(table.name)}
        assert {str(one.name) for one in table.indexes} == indexes
    engine.dispose()


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "http://desk.example"},
        {"base_url": "http://127.0.0.1:8002"},
        {"base_url": "http://desk.example", "unsafe_plain_http": True},
        {"base_url": "https://desk.example/"},
        {"base_url": "https://desk.example?x=1"},
        {"base_url": "ftp://desk.example"},
        {"base_url": "desk.example"},
        {"base_url": "https://desk.example", "trust_list": "http://trust.example/list"},
        {"base_url": "https://desk.example", "request_minutes": 0},
        {"base_url": "https://desk.example", "request_minutes": 60},
        {"base_url": "https://desk.example", "lock_minutes": 0},
        {"base_url": "https://desk.example", "oidc_issuer": "http://sso.example"},
        {"base_url": "https://desk.example", "oidc_issuer": "https://sso.example"},
        {"base_url": "https://desk.example", "oidc_issuer": "https:///x", **PROVIDER},
        {"base_url": "https://desk.example", "oidc_issuer": "https://sso.example?x=1", **PROVIDER},
        {"base_url": "https://desk.example", "oidc_issuer": "http://sso.example", **PROVIDER},
        {
            "base_url": "https://desk.example",
            "oidc_issuer": "https://sso.example",
            **PROVIDER,
            "oidc_roles": {},
        },
    ],
)
def test_unsafe_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


def test_an_identity_provider_is_described_whole() -> None:
    settings = Settings.model_validate(
        {"base_url": "https://desk.example", "oidc_issuer": "https://sso.example/kunta", **PROVIDER}
    )
    assert "nelja kivea" not in repr(settings)


def test_plain_http_is_for_this_machine_and_loud() -> None:
    settings = Settings(base_url="http://127.0.0.1:8002", unsafe_plain_http=True)
    assert settings.is_plain_http
    assert not Settings(base_url="https://desk.example").is_plain_http


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def hex_of(token: str) -> str:
    """A colour of tokens.css, `hsl(…)`, as `#rrggbb`."""
    found = re.fullmatch(r"hsl\((\d+), (\d+)%, (\d+)%\)", token)
    assert found is not None, token
    hue, saturation, lightness = (int(part) for part in found.groups())
    parts = hls_to_rgb(hue / 360, lightness / 100, saturation / 100)
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def test_colours_keep_their_contrast() -> None:
    static = HERE / "web" / "static"
    sheet = (static / "desk.css").read_text()
    tokens = dict(
        re.findall(r"--(fi-color-[a-z0-9-]+): ([^;]+);", (static / "tokens.css").read_text())
    )
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", sheet))
    for name, token in re.findall(r"--([a-z-]+): var\(--(fi-color-[a-z0-9-]+)\);", sheet):
        colours[name] = hex_of(tokens[token])
    for text in ("ink", "soft", "act", "act-pressed", "ok", "unsure", "stop", "none"):
        for ground in ("paper", "ground"):
            assert contrast(colours[text], colours[ground]) >= 7, (text, ground)
    assert contrast(colours["act-pressed"], colours["act-pale"]) >= 7
    assert contrast(colours["ink"], colours["halo"]) >= 7
    assert contrast(colours["edge"], colours["paper"]) >= 3
    for path in static.glob("*.css"):
        rules = re.sub(r"^ *--[a-z0-9-]+:.*$", "", path.read_text(), flags=re.MULTILINE)
        used = set(re.findall(r"#[0-9a-fA-F]{3,6}\b|hsl\(", rules))
        assert used <= {"#fff"}, path  # behind the QR code
