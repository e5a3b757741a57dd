"""Digests and disclosures find each other by the rules of RFC 9901 7.1, or not at all."""

import hashlib

import pytest

from keys.jose import b64url_encode
from openid4vc import limits
from openid4vc.checks import (
    CheckFailed,
    ClaimNameClash,
    DigestRepeated,
    DisclosureRepeated,
    DisclosureUnreferenced,
    DisclosureWrongShape,
    MalformedDigests,
    ReservedClaimName,
    SdJwtTooLarge,
)
from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.hashes import digest_of
from openid4vc.sd_jwt.model import DisclosedClaims
from openid4vc.sd_jwt.parse import parse
from tests.openid4vc.sd_jwt.kit import encoded, hiding, sd_jwt

NAME = encoded("s1", "given_name", "Aino")
OTHER = encoded("s2", "family_name", "Esimerkki")
ELEMENT = encoded("s3", "a")
DECOY = digest_of("nothing")


def shown(claims: dict[str, object], *texts: str) -> DisclosedClaims:
    return disclose(parse(sd_jwt(claims, texts)))


def place(text: str) -> dict[str, str]:
    return {"...": digest_of(text)}


@pytest.mark.req("SDJWT-14")
def test_undisclosed_and_decoy_digests_are_ignored_and_reported() -> None:
    element_decoy = digest_of("nothing here either")
    disclosed = shown(
        {"a": [place(ELEMENT), {"...": element_decoy}], "_sd": [digest_of(NAME), DECOY]}
    )
    assert disclosed.claims == {"a": []}
    assert disclosed.disclosed == frozenset()
    assert disclosed.partial_arrays == {("a",)}
    assert disclosed.partial_objects == {()}


@pytest.mark.req("SDJWT-14")
def test_what_is_shown_whole_is_not_reported() -> None:
    disclosed = shown({"a": [place(ELEMENT), 2], "_sd": [digest_of(NAME)]}, ELEMENT, NAME)
    assert disclosed.claims == {"a": ["a", 2], "given_name": "Aino"}
    assert disclosed.disclosed == {("a", 0), ("given_name",)}
    assert not disclosed.partial_arrays
    assert not disclosed.partial_objects


@pytest.mark.req("SDJWT-14")
def test_an_emptied_object_stays_an_object() -> None:
    assert shown({"_sd_alg": "sha-256", "a": {"_sd": [DECOY]}, "b": {"_sd": []}}).claims == {
        "a": {},
        "b": {},
    }


@pytest.mark.req("SDJWT-14")
def test_places_count_what_is_shown() -> None:
    second = encoded("s4", {"_sd": [digest_of(NAME)]})
    disclosed = shown({"a": [{"...": DECOY}, place(second)]}, second, NAME)
    assert disclosed.claims == {"a": [{"given_name": "Aino"}]}
    assert disclosed.disclosed == {("a", 0), ("a", 0, "given_name")}


@pytest.mark.req("SDJWT-06", "SDJWT-02")
@pytest.mark.parametrize(("name", "function"), [("sha-384", "sha384"), ("sha-512", "sha512")])
def test_longer_hashes_are_understood(name: str, function: str) -> None:
    digest = b64url_encode(hashlib.new(function, NAME.encode()).digest())
    assert shown({"_sd_alg": name, "_sd": [digest]}, NAME).claims == {"given_name": "Aino"}
    with pytest.raises(DisclosureUnreferenced):
        shown({"_sd_alg": name, "_sd": [digest_of(NAME)]}, NAME)


PARENT = encoded("s5", "person", {"_sd": [digest_of(NAME)], "given_name": "Eino"})
TWICE = encoded("s6", "person", {"_sd": [digest_of(NAME)]})
LIST = encoded("s7", "list", [place(ELEMENT), {"...": DECOY, "x": 1}])

REFUSED: dict[str, tuple[dict[str, object], tuple[str, ...], type[CheckFailed]]] = {
    # step 3.2: digests have their form and place
    "_sd is no array": ({"_sd": digest_of(NAME)}, (), MalformedDigests),
    "_sd holds no string": ({"_sd": [1]}, (), MalformedDigests),
    "_sd holds an array": ({"_sd": [[digest_of(NAME)]]}, (NAME,), MalformedDigests),
    "... in an object": ({"a": {"...": DECOY}}, (), MalformedDigests),
    "... at the top": ({"...": DECOY}, (), MalformedDigests),
    "... with another key": ({"a": [{"...": DECOY, "b": 1}]}, (), MalformedDigests),
    "... in a disclosure with another key": (
        {"_sd": [digest_of(LIST)]},
        (LIST, ELEMENT),
        MalformedDigests,
    ),
    "... is no string": ({"a": [{"...": None}]}, (), MalformedDigests),
    "_sd_alg below the top": ({"a": {"_sd_alg": "sha-256"}}, (), MalformedDigests),
    # step 3.3.2.1 and 3.3.3.1: the shape fits the place
    "element where a member belongs": (
        {"_sd": [digest_of(ELEMENT)]},
        (ELEMENT,),
        DisclosureWrongShape,
    ),
    "member where an element belongs": ({"a": [place(NAME)]}, (NAME,), DisclosureWrongShape),
    # step 3.3.2.3: an ordinary name twice at one level
    "name in clear and disclosed": (
        {"given_name": "Eino", "_sd": [digest_of(NAME)]},
        (NAME,),
        ClaimNameClash,
    ),
    "name disclosed twice": (
        {"_sd": [digest_of(NAME), digest_of(encoded("s8", "given_name", "Eino"))]},
        (NAME, encoded("s8", "given_name", "Eino")),
        ClaimNameClash,
    ),
    "name clash inside a disclosure": (
        {"_sd": [digest_of(PARENT)]},
        (PARENT, NAME),
        ClaimNameClash,
    ),
    # step 4: no digest twice
    "digest twice in one array": (
        {"_sd": [digest_of(NAME), digest_of(NAME)]},
        (NAME,),
        DigestRepeated,
    ),
    "decoy twice": ({"_sd": [DECOY], "a": {"_sd": [DECOY]}}, (), DigestRepeated),
    "digest in the payload and in a disclosure": (
        {"_sd": [digest_of(NAME), digest_of(TWICE)]},
        (NAME, TWICE),
        DigestRepeated,
    ),
    "digest in two arrays": (
        {"a": [place(ELEMENT)], "b": [place(ELEMENT)]},
        (ELEMENT,),
        DigestRepeated,
    ),
    "digest as element and as member": (
        {"a": [place(ELEMENT)], "_sd": [digest_of(ELEMENT)]},
        (ELEMENT,),
        DigestRepeated,
    ),
    # step 5: every disclosure is referred to
    "disclosure of nothing": ({"_sd": [DECOY]}, (NAME,), DisclosureUnreferenced),
    "child without its parent": ({"_sd": [digest_of(TWICE)]}, (NAME,), DisclosureUnreferenced),
    "one of two": ({"_sd": [digest_of(NAME)]}, (NAME, OTHER), DisclosureUnreferenced),
    # section 4: nothing is sent twice
    "disclosure sent twice": ({"_sd": [digest_of(NAME)]}, (NAME, NAME), DisclosureRepeated),
}


@pytest.mark.req("SDJWT-03", "SDJWT-05", "SDJWT-08", "SDJWT-09", "SDJWT-12", "SDJWT-13")
@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused(case: str) -> None:
    claims, texts, failure = REFUSED[case]
    with pytest.raises(failure):
        shown(claims, *texts)


@pytest.mark.req("SDJWT-03", "SDJWT-12")
@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_reserved_names_are_refused(name: str) -> None:
    with pytest.raises(ReservedClaimName):
        disclose(parse(hiding(encoded("salt", name, "sha-256"))))


@pytest.mark.req("SDJWT-17", "SDJWT-13")
def test_disclosures_of_another_credential_are_refused() -> None:
    one, other = parse(hiding(NAME)), parse(hiding(OTHER))
    mixed = one.without_key_binding + other.disclosures[0].text + "~"
    with pytest.raises(DisclosureUnreferenced):
        disclose(parse(mixed))


def test_digests_and_nesting_through_disclosures_are_bounded() -> None:
    many: list[object] = [digest_of(str(number)) for number in range(limits.MAX_DIGESTS + 1)]
    with pytest.raises(SdJwtTooLarge):
        shown({"_sd": many})
    with pytest.raises(SdJwtTooLarge):
        shown(*nested_members(limits.MAX_CLAIM_DEPTH + 2))
    with pytest.raises(SdJwtTooLarge):
        shown(*nested_elements(limits.MAX_CLAIM_DEPTH + 2))
    assert shown(*nested_members(limits.MAX_CLAIM_DEPTH)).claims


def nested_members(levels: int) -> tuple[dict[str, object], *tuple[str, ...]]:
    texts: list[str] = []
    value: dict[str, object] = {}
    for level in range(levels):
        texts.append(encoded(f"s{level}", "a", value))
        value = {"_sd": [digest_of(texts[-1])]}
    return value, *texts


def nested_elements(levels: int) -> tuple[dict[str, object], *tuple[str, ...]]:
    texts: list[str] = []
    value: list[object] = []
    for level in range(levels):
        texts.append(encoded(f"s{level}", value))
        value = [place(texts[-1])]
    return {"a": value}, *texts
