"""A status list token is believed only from the right signer, for the right URI, in time."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from keys.checks import (
    AlgorithmNotAllowed,
    CertificateProfileWrong,
    ChainMissing,
    ChainNotTrusted,
    CheckFailed,
    MalformedJson,
    MalformedJws,
    SignatureInvalid,
    WrongTokenType,
)
from keys.devkeys import DemoPki, make_demo_pki
from keys.jose import key_from_jwk, parse_jws, sign_jws
from keys.software_signer import SoftwareSigner
from keys.trust import TrustedIssuer
from openid4vc import limits
from openid4vc.checks import (
    CredentialRevoked,
    CredentialSuspended,
    MalformedStatusList,
    MalformedStatusToken,
    StatusIndexOutOfRange,
    StatusListForOtherUri,
    StatusListFromFuture,
    StatusListStale,
    StatusListTooLarge,
    StatusValueUnknown,
)
from openid4vc.status_list.bits import Status, StatusList
from openid4vc.status_list.token import (
    MEDIA_TYPE,
    PinnedListKey,
    VerifiedStatusList,
    read_status_list,
    sign_status_list,
)

VECTORS = Path(__file__).parents[2] / "vectors"
AT = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
NOW = int(AT.timestamp())
URI = "https://issuer.example/mallimaa/status-lists/1"
SIGNER = SoftwareSigner.generate()
PINNED = PinnedListKey(SIGNER.public_key)


@cache
def pki() -> DemoPki:
    return make_demo_pki(at=AT)


def issuer(org: str = "mallimaa") -> TrustedIssuer:
    return next(each for each in pki().trust_list.issuers if each.id == org)


def entries() -> StatusList:
    status_list = StatusList(12)
    status_list.set(1, Status.INVALID)
    status_list.set(2, Status.SUSPENDED)
    status_list.set(3, 3)
    return status_list


def signed(org: str = "mallimaa", purpose: Any = "status-list", **more: Any) -> str:
    return sign_status_list(
        more.pop("status_list", None) or entries(),
        **{
            "uri": URI,
            "issued_at": AT,
            "expires_at": AT + timedelta(hours=1),
            "ttl": timedelta(minutes=5),
            "signer": pki().signer(org, purpose),
            **more,
        },
    )


def read(text: str, **more: Any) -> VerifiedStatusList:
    return read_status_list(text, **{"uri": URI, "issuer": issuer(), "at": AT, **more})


def hand_made(change: Mapping[str, object], *, typ: str = "statuslist+jwt") -> str:
    """A token of `SIGNER` with claims changed as told; None removes one."""
    claims = {
        "sub": URI,
        "iat": NOW,
        "exp": NOW + 3600,
        "ttl": 300,
        "status_list": {"bits": 2, "lst": entries().lst()},
        **change,
    }
    payload = {name: value for name, value in claims.items() if value is not None}
    return sign_jws({"typ": typ}, json.dumps(payload).encode(), SIGNER)


def with_aggregation() -> StatusList:
    status_list = StatusList(8, aggregation_uri=f"{URI}/..")
    status_list.set(7, Status.SUSPENDED)
    return status_list


# --- sound tokens ---


@pytest.mark.req("TSL-03", "TSL-07", "TSL-10", "HAIP-16")
def test_what_is_signed_is_read() -> None:
    text = signed()
    jws = parse_jws(text)
    assert jws.header["typ"] == "statuslist+jwt"
    assert "x5c" in jws.header
    payload = json.loads(jws.payload)
    assert set(payload) == {"sub", "iat", "exp", "ttl", "status_list"}
    result = read(text)
    assert result.uri == URI
    assert result.issued_at == AT
    assert result.expires_at == AT + timedelta(hours=1)
    assert result.ttl == timedelta(minutes=5)
    assert [result.status_at(index) for index in range(3)] == list(Status)
    assert MEDIA_TYPE == "application/statuslist+jwt"


@pytest.mark.req("TSL-14")
def test_a_list_may_say_where_its_fellows_are() -> None:
    text = signed(status_list=with_aggregation())
    said = json.loads(parse_jws(text).payload)["status_list"]
    assert said == {"bits": 2, "aggregation_uri": f"{URI}/..", "lst": with_aggregation().lst()}
    assert read(text).entries.aggregation_uri == f"{URI}/.."
    assert read(text).status_at(7) is Status.SUSPENDED
    assert read(signed()).entries.aggregation_uri is None


@pytest.mark.req("TSL-09", "TSL-10")
def test_the_status_decides() -> None:
    result = read(signed())
    result.check(0)
    with pytest.raises(CredentialRevoked):
        result.check(1)
    with pytest.raises(CredentialSuspended):
        result.check(2)
    for outcome in (result.status_at, result.check):
        with pytest.raises(StatusValueUnknown):
            outcome(3)
        for index in (12, -1):
            with pytest.raises(StatusIndexOutOfRange):
                outcome(index)


@pytest.mark.req("TSL-10")
@pytest.mark.parametrize("value", [3, 4, 0x0B, 0x0C, 0x0F, 255])
def test_no_unknown_value_is_valid(value: int) -> None:
    wide = StatusList(4, bits=8)
    wide.set(0, value)
    with pytest.raises(StatusValueUnknown):
        read(signed(status_list=wide)).check(0)


@pytest.mark.req("TSL-08", "TSL-03")
def test_the_token_of_the_draft_is_read() -> None:
    said = json.loads((VECTORS / "status-list" / "token-jwt.json").read_text())
    jwk = {name: said["public_jwk"][name] for name in ("kty", "crv", "x", "y")}
    result = read(said["jwt"], uri=said["payload"]["sub"], issuer=PinnedListKey(key_from_jwk(jwk)))
    assert result.ttl == timedelta(seconds=said["payload"]["ttl"])
    assert [result.entries.get(index) for index in range(4)] == [1, 0, 0, 1]


NEGATIVE = json.loads((VECTORS / "negative" / "status-list-tokens.json").read_text())
OUTCOMES: dict[str, Status | type[CheckFailed]] = {
    "entry0-valid": Status.VALID,
    "entry1-invalid": Status.INVALID,
    "entry2-suspended": Status.SUSPENDED,
    "index-out-of-range": StatusIndexOutOfRange,
    "sub-mismatch": StatusListForOtherUri,
    "expired": StatusListStale,
    "alg-none": AlgorithmNotAllowed,
    "bits-3": MalformedStatusList,
    "no-exp-no-ttl": Status.VALID,
}


@pytest.mark.req("TSL-01", "TSL-07", "TSL-08", "TSL-09", "TSL-10")
@pytest.mark.parametrize("case", NEGATIVE["cases"], ids=lambda case: case["case"])
def test_made_up_tokens_come_out_as_they_should(case: Any) -> None:
    def outcome() -> Status:
        return read(
            case["token"],
            uri=NEGATIVE["credential_status_uri"],
            issuer=PinnedListKey(key_from_jwk(NEGATIVE["status_issuer_public_jwk"])),
            at=datetime.fromtimestamp(NEGATIVE["verification_time"], UTC),
        ).status_at(case["idx"])

    wanted = OUTCOMES[case["case"]]
    if isinstance(wanted, Status):
        assert outcome() is wanted
        assert wanted.name.lower() == case["expect"]
        return
    assert case["expect"] == "reject"
    with pytest.raises(wanted):
        outcome()


# --- who signed it ---


@pytest.mark.req("TSL-19", "TRUST-05")
def test_only_the_organisations_own_status_authority_speaks() -> None:
    with pytest.raises(ChainNotTrusted):
        read(signed("kela"))
    with pytest.raises(CertificateProfileWrong):
        read(signed("mallimaa", "credential"))
    with pytest.raises(ChainNotTrusted):
        read(signed(), issuer=replace(issuer(), status_anchors=()))


@pytest.mark.req("TSL-08", "HAIP-16")
def test_signature_type_and_chain_are_checked() -> None:
    thief = SoftwareSigner(
        SIGNER.private_key, pki().signer("mallimaa", "status-list").certificate_chain
    )
    with pytest.raises(SignatureInvalid):
        read(signed(signer=thief))
    with pytest.raises(ChainMissing):
        read(hand_made({}))
    with pytest.raises(ChainMissing):
        signed(signer=SIGNER)
    for typ in ("JWT", "statuslist+cwt", "dc+sd-jwt", ""):
        with pytest.raises(WrongTokenType):
            read(hand_made({}, typ=typ), issuer=PINNED)


def test_what_is_no_token_is_refused() -> None:
    for text in ("", "a.b", "x" * (limits.MAX_STATUS_TOKEN_CHARS + 1)):
        with pytest.raises(MalformedJws):
            read(text, issuer=PINNED)
    for payload in (b"[]", b'{"sub":1,"sub":1}'):
        with pytest.raises(MalformedJson):
            read(sign_jws({"typ": "statuslist+jwt"}, payload, SIGNER), issuer=PINNED)


# --- what it says ---

LISTED = {"bits": 2, "lst": StatusList(8).lst()}
REFUSED: list[tuple[dict[str, object], type[CheckFailed]]] = [
    ({"sub": URI + "/"}, StatusListForOtherUri),
    ({"sub": URI.upper()}, StatusListForOtherUri),
    ({"sub": [URI]}, StatusListForOtherUri),
    ({"sub": None}, MalformedStatusToken),
    ({"iat": None}, MalformedStatusToken),
    ({"iat": "now"}, MalformedStatusToken),
    ({"iat": NOW + 61}, StatusListFromFuture),
    ({"nbf": NOW + 61}, StatusListFromFuture),
    ({"nbf": "x"}, MalformedStatusToken),
    ({"exp": NOW}, StatusListStale),
    ({"exp": NOW - 3600}, StatusListStale),
    ({"exp": "never"}, MalformedStatusToken),
    ({"exp": True}, MalformedStatusToken),
    ({"ttl": 0}, MalformedStatusToken),
    ({"ttl": -300}, MalformedStatusToken),
    ({"ttl": "300"}, MalformedStatusToken),
    ({"ttl": True}, MalformedStatusToken),
    ({"status_list": None}, MalformedStatusToken),
    ({"status_list": "x"}, MalformedStatusToken),
    ({"status_list": {"bits": 2}}, MalformedStatusList),
    ({"status_list": {"lst": "eJw"}}, MalformedStatusList),
    ({"status_list": {"bits": "2", "lst": "eJw"}}, MalformedStatusList),
    ({"status_list": {"bits": 3, "lst": StatusList(8).lst()}}, MalformedStatusList),
    ({"status_list": {"bits": 2, "lst": "eJw"}}, MalformedStatusList),
    ({"status_list": {**LISTED, "aggregation_uri": 1}}, MalformedStatusList),
    ({"status_list": {**LISTED, "aggregation_uri": "x" * 2_049}}, MalformedStatusList),
]


@pytest.mark.req("TSL-01", "TSL-03", "TSL-07", "TSL-08")
@pytest.mark.parametrize(("change", "failure"), REFUSED)
def test_every_claim_is_checked(change: dict[str, object], failure: type[CheckFailed]) -> None:
    with pytest.raises(failure):
        read(hand_made(change), issuer=PINNED)


@pytest.mark.req("TSL-12")
def test_a_list_that_would_be_too_large_is_refused() -> None:
    bomb = StatusList(4 * (limits.MAX_STATUS_LIST_BYTES + 1)).lst()
    with pytest.raises(StatusListTooLarge):
        read(hand_made({"status_list": {"bits": 2, "lst": bomb}}), issuer=PINNED)


@pytest.mark.req("TSL-03", "TSL-12")
def test_optional_claims_may_be_absent_and_unknown_ones_are_ignored() -> None:
    result = read(
        hand_made({"exp": None, "ttl": None, "iss": "x", "aggregation": 1}), issuer=PINNED
    )
    assert result.expires_at is None
    assert result.ttl is None
    read(hand_made({"iat": NOW + 60, "nbf": NOW + 60, "exp": NOW + 0.5}), issuer=PINNED)
    with pytest.raises(StatusListFromFuture):
        read(hand_made({"iat": NOW + 2}), issuer=PINNED, leeway=timedelta(seconds=1))


@pytest.mark.req("TSL-11", "TSL-12")
def test_a_copy_is_fresh_for_its_ttl_and_not_beyond_its_end() -> None:
    hour, week = timedelta(hours=1), timedelta(days=7)

    def fresh(**change: object) -> timedelta:
        copy = read(hand_made(change), issuer=PINNED)
        return copy.fresh_until(AT, otherwise=timedelta(minutes=10)) - AT

    assert fresh() == timedelta(minutes=5)
    assert fresh(ttl=0.5) == timedelta(seconds=0.5)
    assert fresh(ttl=7200) == hour
    assert fresh(ttl=None) == timedelta(minutes=10)
    assert fresh(ttl=10**11, exp=None) == week
    assert fresh(ttl=None, exp=NOW + 60) == timedelta(minutes=1)


@pytest.mark.req("TSL-03")
def test_no_token_without_a_life_is_signed() -> None:
    for change in ({"ttl": timedelta(0)}, {"ttl": timedelta(seconds=-1)}, {"expires_at": AT}):
        with pytest.raises(MalformedStatusToken):
            signed(**change)


SMALL = hand_made({})


@given(place=st.integers(0, len(SMALL) - 1), character=st.characters(codec="ascii"))
@settings(deadline=None, max_examples=300)
def test_no_changed_character_is_accepted(place: int, character: str) -> None:
    assume(SMALL[place] != character)
    with pytest.raises(CheckFailed):
        read(SMALL[:place] + character + SMALL[place + 1 :], issuer=PINNED)
