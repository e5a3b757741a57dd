"""A status list token in CWT form is written as the draft says, and believed as its sister."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import cbor, cose
from keys.checks import (
    AlgorithmNotAllowed,
    CertificateProfileWrong,
    ChainMissing,
    ChainNotTrusted,
    CheckFailed,
    MalformedCbor,
    MalformedCose,
    SignatureInvalid,
    WrongTokenType,
)
from keys.devkeys import DemoPki, make_demo_pki
from keys.jose import key_from_jwk
from keys.software_signer import SoftwareSigner
from keys.trust import TrustedIssuer
from openid4vc import limits
from openid4vc.checks import (
    CredentialRevoked,
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
from openid4vc.status_list.cwt import (
    MEDIA_TYPE,
    read_status_list_cwt,
    read_status_list_map,
    sign_status_list_cwt,
    status_list_map,
)
from openid4vc.status_list.token import PinnedListKey, VerifiedStatusList

VECTORS = Path(__file__).parents[2] / "vectors" / "status-list"
CBOR_VECTORS = sorted(path.name for path in VECTORS.glob("*bit-*-cbor.json"))
AT = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
NOW = int(AT.timestamp())
URI = "https://issuer.example/mallimaa/status-lists/1"
SIGNER = SoftwareSigner.generate()
PINNED = PinnedListKey(SIGNER.public_key)
SUB, EXP, NBF, IAT, LIST, TTL = 2, 4, 5, 6, 65_533, 65_534


def vector(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


@cache
def pki() -> DemoPki:
    return make_demo_pki(at=AT)


def issuer(org: str = "mallimaa") -> TrustedIssuer:
    return next(each for each in pki().trust_list.issuers if each.id == org)


def entries(aggregation_uri: str | None = None) -> StatusList:
    status_list = StatusList(12, aggregation_uri=aggregation_uri)
    for index, value in ((1, Status.INVALID), (2, Status.SUSPENDED), (3, 3)):
        status_list.set(index, value)
    return status_list


def signed(org: str = "mallimaa", purpose: Any = "status-list", **more: Any) -> bytes:
    return sign_status_list_cwt(
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


def read(data: bytes, **more: Any) -> VerifiedStatusList:
    return read_status_list_cwt(data, **{"uri": URI, "issuer": issuer(), "at": AT, **more})


def hand_made(change: Mapping[int, object], *, typ: str = MEDIA_TYPE) -> bytes:
    """A token of `SIGNER` with claims changed as told; None removes one."""
    claims: dict[int, object] = {
        SUB: URI,
        IAT: NOW,
        EXP: NOW + 3600,
        LIST: status_list_map(entries()),
        TTL: 300,
        **change,
    }
    payload = {key: value for key, value in claims.items() if value is not None}
    return cose.sign_sign1(cbor.dumps(payload), typ=typ, signer=SIGNER)


# --- vectors of the draft ---


def test_all_vectors_are_here() -> None:
    assert len(CBOR_VECTORS) == 3


@pytest.mark.req("TSL-01", "TSL-02")
@pytest.mark.parametrize("name", CBOR_VECTORS)
def test_the_lists_of_the_draft_are_read_and_written(name: str) -> None:
    said = vector(name)
    expected = said["expect"]
    listed = read_status_list_map(cbor.loads_map(bytes.fromhex(said["status_list_cbor_hex"])))  # type: ignore[arg-type]  # keys are texts here
    assert listed.bits == expected["bits"]
    assert len(listed) == expected["entries"]
    assert hashlib.sha256(listed.packed()).hexdigest() == expected["uncompressed_sha256"]
    assert all(listed.get(int(i)) == value for i, value in expected["non_zero"].items())
    sister = vector(name.replace("cbor", "json"))["status_list"]
    assert StatusList.from_lst(sister["lst"], bits=sister["bits"]).packed() == listed.packed()

    ours = StatusList(expected["entries"], bits=expected["bits"])
    for index, value in expected["non_zero"].items():
        ours.set(int(index), value)
    written = cbor.loads_map(cbor.dumps(status_list_map(ours)))
    again = read_status_list_map(written)  # type: ignore[arg-type]  # keys are texts here
    assert again.packed() == listed.packed()


@pytest.mark.req("TSL-04", "TSL-08")
def test_the_token_of_the_draft_is_read() -> None:
    said = vector("token-cwt.json")
    jwk = {name: said["public_jwk"][name] for name in ("kty", "crv", "x", "y")}
    claims = said["claims"]
    result = read(
        bytes.fromhex(said["cwt_hex"]),
        uri=claims["2"],
        issuer=PinnedListKey(key_from_jwk(jwk)),
        at=datetime.fromtimestamp(claims["6"], UTC),
    )
    assert result.expires_at == datetime.fromtimestamp(claims["4"], UTC)
    assert result.ttl == timedelta(seconds=claims["65534"])
    assert [result.entries.get(index) for index in range(16)] == [
        1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1,
    ]  # fmt: skip


# --- sound tokens ---


@pytest.mark.req("TSL-03", "TSL-04", "TSL-07", "TSL-10", "TSL-14")
def test_what_is_signed_is_read() -> None:
    data = signed(status_list=entries("https://issuer.example/mallimaa/status-lists"))
    assert data[0] == 0xD2  # COSE_Sign1, and no CWT tag before it
    message = cose.parse_sign1(data)
    assert message.protected[16] == "application/statuslist+cwt"
    assert message.protected[1] == -7
    assert cose.x5chain_from(message) == pki().signer("mallimaa", "status-list").certificate_chain
    assert message.unprotected == {}
    said = cbor.loads_map(message.payload)
    assert list(said) == [SUB, EXP, IAT, LIST, TTL]
    assert said[SUB] == URI
    assert said[TTL] == 300
    assert said[LIST] == {
        "lst": entries().compressed(),
        "bits": 2,
        "aggregation_uri": "https://issuer.example/mallimaa/status-lists",
    }
    result = read(data)
    assert result.uri == URI
    assert result.issued_at == AT
    assert result.expires_at == AT + timedelta(hours=1)
    assert result.ttl == timedelta(minutes=5)
    assert result.entries.aggregation_uri == "https://issuer.example/mallimaa/status-lists"
    assert [result.status_at(index) for index in range(3)] == list(Status)
    with pytest.raises(CredentialRevoked):
        result.check(1)
    with pytest.raises(StatusValueUnknown):
        result.check(3)
    with pytest.raises(StatusIndexOutOfRange):
        result.check(12)


# --- who signed it ---


@pytest.mark.req("TSL-19", "TRUST-05")
def test_only_the_organisations_own_status_authority_speaks() -> None:
    with pytest.raises(ChainNotTrusted):
        read(signed("kela"))
    with pytest.raises(CertificateProfileWrong):
        read(signed("mallimaa", "credential"))
    with pytest.raises(ChainNotTrusted):
        read(signed(), issuer=replace(issuer(), status_anchors=()))


@pytest.mark.req("TSL-04", "TSL-08")
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
    for typ in ("statuslist+cwt", "application/statuslist+jwt", "application/cwt", ""):
        with pytest.raises(WrongTokenType):
            read(hand_made({}, typ=typ), issuer=PINNED)


@pytest.mark.req("TSL-04")
def test_other_wrappings_are_refused() -> None:
    sound = hand_made({})
    parts: Any = cbor.loads(sound, tag=18)
    header, unprotected, payload, signature = parts
    mac = cbor.dumps(parts, tag=17)
    untagged = cbor.dumps(parts)
    in_a_cwt_tag = b"\xd8\x3d" + sound
    for other in (mac, untagged, in_a_cwt_tag, b"", b"\xd2", b"statuslist"):
        with pytest.raises(MalformedCose):
            read(other, issuer=PINNED)
    without_alg = cbor.dumps({16: MEDIA_TYPE})
    resigned = SIGNER.sign(cbor.dumps(["Signature1", without_alg, b"", payload]))
    with pytest.raises(AlgorithmNotAllowed):
        read(cbor.dumps([without_alg, unprotected, payload, resigned], tag=18), issuer=PINNED)
    swapped = cbor.dumps([header, unprotected, payload + b"\x00", signature], tag=18)
    with pytest.raises(SignatureInvalid):
        read(swapped, issuer=PINNED)


@pytest.mark.req("TSL-12")
def test_size_is_bounded_before_anything_is_read() -> None:
    with pytest.raises(MalformedCose):
        read(b"\xd2" + bytes(limits.MAX_STATUS_TOKEN_CHARS), issuer=PINNED)
    bomb = StatusList(4 * (limits.MAX_STATUS_LIST_BYTES + 1))
    with pytest.raises(StatusListTooLarge):
        read(hand_made({LIST: status_list_map(bomb)}), issuer=PINNED)


# --- what it says ---

STREAM = StatusList(8).compressed()
REFUSED: list[tuple[dict[int, object], type[CheckFailed]]] = [
    ({SUB: URI + "/"}, StatusListForOtherUri),
    ({SUB: [URI]}, StatusListForOtherUri),
    ({SUB: None}, MalformedStatusToken),
    ({IAT: None}, MalformedStatusToken),
    ({IAT: "now"}, MalformedStatusToken),
    ({IAT: NOW + 61}, StatusListFromFuture),
    ({NBF: NOW + 61}, StatusListFromFuture),
    ({NBF: b""}, MalformedStatusToken),
    ({EXP: NOW}, StatusListStale),
    ({EXP: NOW - 0.5}, StatusListStale),
    ({EXP: True}, MalformedStatusToken),
    ({EXP: 2**64 - 1}, MalformedStatusToken),
    ({TTL: 0}, MalformedStatusToken),
    ({TTL: -1}, MalformedStatusToken),
    ({TTL: "300"}, MalformedStatusToken),
    ({LIST: None}, MalformedStatusToken),
    ({LIST: STREAM}, MalformedStatusToken),
    ({LIST: {"bits": 2}}, MalformedStatusList),
    ({LIST: {"lst": STREAM}}, MalformedStatusList),
    ({LIST: {1: 2, 2: STREAM}}, MalformedStatusList),
    ({LIST: {"bits": "2", "lst": STREAM}}, MalformedStatusList),
    ({LIST: {"bits": 2.0, "lst": STREAM}}, MalformedStatusList),
    ({LIST: {"bits": 3, "lst": STREAM}}, MalformedStatusList),
    ({LIST: {"bits": 2, "lst": StatusList(8).lst()}}, MalformedStatusList),
    ({LIST: {"bits": 2, "lst": b""}}, MalformedStatusList),
    ({LIST: {"bits": 2, "lst": STREAM[:-1]}}, MalformedStatusList),
    ({LIST: {"bits": 2, "lst": STREAM + b"\x00"}}, MalformedStatusList),
    ({LIST: {"bits": 2, "lst": STREAM, "aggregation_uri": 1}}, MalformedStatusList),
]


@pytest.mark.req("TSL-01", "TSL-04", "TSL-07", "TSL-08", "TSL-12")
@pytest.mark.parametrize(("change", "failure"), REFUSED)
def test_every_claim_is_checked(change: dict[int, object], failure: type[CheckFailed]) -> None:
    with pytest.raises(failure):
        read(hand_made(change), issuer=PINNED)


@pytest.mark.parametrize("payload", [b"", b"\x80", b"\xa1\x02", b"\xa2\x02\x60\x02\x60"])
def test_a_signed_payload_that_is_no_map_is_refused(payload: bytes) -> None:
    with pytest.raises(MalformedCbor):
        read(cose.sign_sign1(payload, typ=MEDIA_TYPE, signer=SIGNER), issuer=PINNED)


@pytest.mark.req("TSL-03", "TSL-12")
def test_optional_claims_may_be_absent_and_unknown_ones_are_ignored() -> None:
    result = read(hand_made({EXP: None, TTL: None, 1: "iss", -70_000: [1]}), issuer=PINNED)
    assert result.expires_at is None
    assert result.ttl is None
    assert result.fresh_until(AT, otherwise=timedelta(minutes=10)) == AT + timedelta(minutes=10)
    read(hand_made({IAT: NOW + 60, EXP: NOW + 0.5}), issuer=PINNED)


@pytest.mark.req("TSL-03")
def test_no_token_without_a_life_is_signed() -> None:
    for change in ({"ttl": timedelta(0)}, {"ttl": timedelta(seconds=-1)}, {"expires_at": AT}):
        with pytest.raises(MalformedStatusToken):
            signed(**change)


SMALL = hand_made({})


def test_no_flipped_bit_is_accepted() -> None:
    for bit in range(8 * len(SMALL)):
        changed = bytearray(SMALL)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CheckFailed):
            read(bytes(changed), issuer=PINNED)


@given(data=st.binary(max_size=80), listed=st.booleans())
@settings(deadline=None, max_examples=200)
def test_signed_garbage_is_refused_in_an_orderly_way(data: bytes, listed: bool) -> None:
    payload = cbor.dumps({SUB: URI, IAT: NOW, LIST: {"bits": 2, "lst": data}}) if listed else data
    with pytest.raises(CheckFailed):
        read(cose.sign_sign1(payload, typ=MEDIA_TYPE, signer=SIGNER), issuer=PINNED)
    with pytest.raises(CheckFailed):
        read(data, issuer=PINNED)
