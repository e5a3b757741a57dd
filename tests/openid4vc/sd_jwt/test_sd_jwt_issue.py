"""What is issued hides what was to be hidden, at every depth, and tells nothing else."""

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from keys.checks import ChainMissing
from keys.jose import parse_jws
from openid4vc import limits
from openid4vc.checks import (
    ClaimNotOurs,
    ReservedClaimName,
    SaltUnfit,
    SdJwtTooLarge,
    ValidityNotPositive,
)
from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.issue import issue
from openid4vc.sd_jwt.model import Path
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import PROTECTED_CLAIMS, issue_vc
from tests.openid4vc.sd_jwt.kit import AT, HOLDER, ISSUER, content, counting_salts, credential, pki

CLAIMS = {
    "name": "Aino",
    "address": {"city": "Mallila", "lines": ["Esimerkkitie 1", "A 2"]},
    "codes": ["a", "b", "c"],
}


def issued(
    hide: Callable[[Path], bool], claims: Mapping[str, Any] = CLAIMS, decoys: int = 0
) -> str:
    return issue(
        claims,
        hide=hide,
        header={"typ": "example+sd-jwt"},
        signer=ISSUER,
        random_bytes=counting_salts(),
        decoys=decoys,
    )


def payload(text: str) -> Any:
    return json.loads(parse_jws(text.split("~", 1)[0]).payload)


@pytest.mark.req("VCT-10")
def test_with_nothing_hidden_there_are_no_digests() -> None:
    text = issued(lambda _place: False, decoys=3)
    assert payload(text) == CLAIMS
    assert text.count("~") == 1


@pytest.mark.req("SDJWT-03", "SDJWT-06", "SDJWT-10")
def test_flat_hides_a_member_in_one_piece() -> None:
    text = issued(lambda place: place == ("address",))
    read = parse(text)
    assert [each.name for each in read.disclosures] == ["address"]
    assert read.disclosures[0].value == CLAIMS["address"]
    assert payload(text)["_sd"] == [read.disclosures[0].digest]
    assert payload(text)["_sd_alg"] == "sha-256"


@pytest.mark.req("SDJWT-03")
def test_structured_hides_members_of_a_clear_object() -> None:
    text = issued(lambda place: place == ("address", "city"))
    assert set(payload(text)["address"]) == {"_sd", "lines"}
    assert "_sd" not in payload(text)
    assert "_sd_alg" not in payload(text)["address"]


@pytest.mark.req("SDJWT-05")
def test_array_elements_are_hidden_where_they_stand() -> None:
    codes = payload(issued(lambda place: place == ("codes", 1)))["codes"]
    assert codes[0] == "a"
    assert list(codes[1]) == ["..."]
    assert codes[2] == "c"


@pytest.mark.req("SDJWT-09")
def test_recursive_costs_one_digest_and_tells_nothing_of_the_children() -> None:
    text = issued(lambda _place: True)
    assert set(payload(text)) == {"_sd", "_sd_alg"}
    assert len(payload(text)["_sd"]) == len(CLAIMS)
    disclosed = disclose(parse(text))
    assert disclosed.claims == CLAIMS
    assert disclosed.disclosed == {
        ("name",),
        ("address",),
        ("address", "city"),
        ("address", "lines"),
        ("address", "lines", 0),
        ("address", "lines", 1),
        ("codes",),
        ("codes", 0),
        ("codes", 1),
        ("codes", 2),
    }
    assert not disclosed.partial_arrays
    assert not disclosed.partial_objects


@pytest.mark.req("SDJWT-04")
def test_digests_are_sorted() -> None:
    digests = payload(issued(lambda place: len(place) == 1, decoys=4))["_sd"]
    assert digests == sorted(digests)


@pytest.mark.req("SDJWT-07", "SDJWT-08")
def test_decoys_look_like_the_others_and_change_nothing() -> None:
    text = issued(lambda place: place[0] != "codes", decoys=2)
    digests = payload(text)["_sd"]
    assert len(digests) == len(set(digests)) == 2 + 2
    assert {len(digest) for digest in digests} == {43}
    disclosed = disclose(parse(text))
    assert disclosed.claims == CLAIMS
    assert disclosed.partial_objects == {(), ("address",)}


@pytest.mark.req("SDJWT-01")
def test_every_salt_is_used_once_and_long_enough() -> None:
    salts = [each.salt for each in parse(issued(lambda _place: True)).disclosures]
    assert len(set(salts)) == len(salts)


@pytest.mark.req("SDJWT-01")
@pytest.mark.parametrize(
    "random_bytes",
    [
        pytest.param(lambda _size: b"", id="nothing"),
        pytest.param(lambda size: Random(1).randbytes(size - 1), id="too little"),
        pytest.param(lambda size: Random(1).randbytes(size + 16), id="more than was asked for"),
        pytest.param(lambda size: b"x" * size, id="one salt again and again"),
    ],
)
def test_short_and_repeated_salts_are_refused(random_bytes: Callable[[int], bytes]) -> None:
    with pytest.raises(SaltUnfit):
        issue(
            CLAIMS,
            hide=lambda _place: True,
            header={},
            signer=ISSUER,
            random_bytes=random_bytes,
        )


@pytest.mark.req("SDJWT-03")
@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_claims_with_our_own_signs_are_not_issued(name: str) -> None:
    for claims in ({name: 1}, {"a": {name: 1}}, {"a": [{name: 1}]}):
        with pytest.raises(ReservedClaimName):
            issued(lambda _place: False, claims)


def nested(levels: int) -> Any:
    value: Any = "x"
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return {"a": value}


@pytest.mark.parametrize("hidden", [True, False])
def test_what_is_issued_can_be_read(hidden: bool) -> None:
    deepest = nested(limits.MAX_CLAIM_DEPTH - 2)
    assert disclose(parse(issued(lambda _place: hidden, deepest))).claims == deepest
    with pytest.raises(SdJwtTooLarge):
        issued(lambda _place: hidden, nested(limits.MAX_CLAIM_DEPTH - 1))


def test_no_more_is_issued_than_can_be_read() -> None:
    many = {f"a{number}": number for number in range(limits.MAX_DISCLOSURES + 1)}
    for claims in ({"a": "x" * limits.MAX_DISCLOSURE_CHARS}, many):
        with pytest.raises(SdJwtTooLarge):
            issued(lambda _place: True, claims)
    with pytest.raises(SdJwtTooLarge):
        issued(lambda _place: False, {"a": "x" * limits.MAX_ISSUER_JWT_CHARS})


# --- SD-JWT VC ---


@pytest.mark.req("VCT-01", "VCT-02", "VCT-03", "VCT-04", "HAIP-15", "SDJWT-16", "TSL-05")
def test_a_credential_says_who_and_until_when_in_clear() -> None:
    read = parse(credential())
    assert read.jws.header["typ"] == "dc+sd-jwt"
    assert len(read.jws.header["x5c"]) == 1  # type: ignore[arg-type]  # a JSON array
    assert set(read.claims) == {
        *("iss", "vct", "iat", "exp", "cnf", "status"),
        *("issuing_authority", "_sd", "_sd_alg"),
    }
    assert read.claims["status"] == {
        "status_list": {"idx": 17, "uri": "https://issuer.example/mallimaa/status-lists/1"}
    }
    assert PROTECTED_CLAIMS.isdisjoint(each.name for each in read.disclosures if each.name)


@pytest.mark.req("SDJWT-22")
def test_times_are_cut_to_the_day() -> None:
    claims = parse(credential()).claims
    for name in ("iat", "exp"):
        seconds = claims[name]
        assert isinstance(seconds, int)
        assert seconds % 86_400 == 0


@pytest.mark.req("SDJWT-22", "SDJWT-01", "ARF-23")
def test_two_copies_share_no_salt_digest_or_signature() -> None:
    salts = counting_salts()
    signer = pki().signer("mallimaa", "credential")
    one, two = (parse(issue_vc(content(), signer=signer, random_bytes=salts)) for _ in range(2))
    assert {each.digest for each in one.disclosures}.isdisjoint(
        each.digest for each in two.disclosures
    )
    assert one.jws.signature != two.jws.signature


@pytest.mark.req("SDJWT-09")
def test_parts_of_a_hidden_claim_are_hidden_one_level_down_unless_it_is_whole() -> None:
    places = disclose(parse(credential())).disclosed
    assert {("task_restrictions",), ("task_restrictions", 0), ("work_ability", "own_work")} < places
    whole = disclose(parse(credential(whole=frozenset({"work_ability"})))).disclosed
    assert ("work_ability",) in whole
    assert ("work_ability", "own_work") not in whole
    deep = {"actions": [{"title": "a", "who": {"role": "b"}}]}
    assert disclose(parse(credential(claims=deep))).disclosed == {("actions",), ("actions", 0)}


def test_optional_parts_may_be_left_out() -> None:
    claims = parse(credential(status=None, holder_jwk=None)).claims
    assert "status" not in claims
    assert "cnf" not in claims


@pytest.mark.req("SDJWT-16", "VCT-03")
@pytest.mark.parametrize("name", sorted(PROTECTED_CLAIMS | {"iat"}))
def test_issuing_systems_do_not_write_the_issuers_claims(name: str) -> None:
    with pytest.raises(ClaimNotOurs):
        credential(claims={name: 1})


def test_a_credential_has_a_life() -> None:
    for ends in (AT, AT - timedelta(days=1)):
        with pytest.raises(ValidityNotPositive):
            credential(expires_at=ends)
    with pytest.raises(ValidityNotPositive):
        credential(issued_on=date(2030, 1, 1))


@pytest.mark.req("HAIP-15")
def test_a_credential_has_a_chain() -> None:
    with pytest.raises(ChainMissing):
        issue_vc(content(), signer=HOLDER, random_bytes=counting_salts())
