"""Type metadata documents: read, checked for integrity, resolved with all that they extend."""

import ast
import base64
import hashlib
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.checks import CheckFailed
from openid4vc import limits
from openid4vc.checks import OtherTypesMalformed, VctMissing
from openid4vc.sd_jwt import type_metadata_errors
from openid4vc.sd_jwt.type_metadata import (
    ResolvedType,
    TypeReference,
    read_type_document,
    reference_of,
    resolve_type,
)
from openid4vc.sd_jwt.type_metadata_claims import ClaimMetadata
from openid4vc.sd_jwt.type_metadata_errors import (
    IntegrityMismatch,
    IntegrityNotUnderstood,
    TypeChainTooLong,
    TypeExtendsInCircle,
    TypeExtensionNotAllowed,
    TypeMetadataFailure,
    TypeMetadataForOtherType,
    TypeMetadataMalformed,
    TypeMetadataUnavailable,
)
from openid4vc.sd_jwt.type_metadata_integrity import check_integrity, integrity_of
from openid4vc.sd_jwt.vc import read_vct
from openid4vc.specs import Section
from tests.openid4vc.sd_jwt.kit import vector

VCT = "https://types.example/card/1"
EXTENDS = vector("sd-jwt-vc/type-metadata-extends.json")
MINIMAL = vector("sd-jwt-vc/type-metadata-min.json")


def read(document: object) -> Any:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_type_document(data, TypeReference(VCT))


def shelf(*documents: dict[str, Any]) -> Callable[[TypeReference], bytes | None]:
    """Documents at hand, by their `vct`."""
    by_vct = {document["vct"]: json.dumps(document).encode() for document in documents}
    return lambda reference: by_vct.get(reference.vct)


def resolve(*documents: dict[str, Any]) -> ResolvedType:
    return resolve_type(TypeReference(documents[0]["vct"]), shelf(*documents))


def extending(base: dict[str, Any], own: dict[str, Any]) -> ResolvedType:
    """A type that says `own` of one claim and extends one that says `base` of it."""
    return resolve(
        {"vct": "a", "extends": "b", "claims": [{"path": ["c"], **own}]},
        {"vct": "b", "claims": [{"path": ["c"], **base}]},
    )


# --- one document ---


@pytest.mark.req("VCT-11")
def test_the_smallest_example_of_the_text_is_read() -> None:
    found = read_type_document(json.dumps(MINIMAL).encode(), TypeReference(MINIMAL["vct"]))
    assert found.extends == TypeReference(MINIMAL["extends"], MINIMAL["extends#integrity"])
    assert found.name == MINIMAL["name"]
    assert found.description == MINIMAL["description"]
    assert (found.display, found.claims) == (None, ())


@pytest.mark.req("VCT-11")
@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"null", b'{"vct":"a","vct":"a"}'])
def test_a_document_is_a_json_object(data: bytes) -> None:
    with pytest.raises(TypeMetadataMalformed):
        read(data)


@pytest.mark.req("VCT-11")
def test_a_document_is_of_the_type_that_was_asked_for() -> None:
    for other in (f"{VCT}/", VCT.upper(), "urn:other"):
        with pytest.raises(TypeMetadataForOtherType):
            read({"vct": other})
    for value in (None, 1, "", [VCT]):
        with pytest.raises(TypeMetadataMalformed):
            read({"vct": value})
    with pytest.raises(TypeMetadataMalformed):
        read({})


@pytest.mark.req("VCT-11")
def test_members_that_nobody_knows_are_ignored() -> None:
    found = read(
        {
            "vct": VCT,
            "schema": {},
            "display": [{"locale": "fi", "name": "Kortti", "rendering": {"hologram": 1}}],
            "claims": [{"path": ["a"], "colour": "red"}],
        }
    )
    assert found.display[0].name == "Kortti"
    assert found.claims == (ClaimMetadata(("a",), None, None, None, None),)


@pytest.mark.req("VCT-11")
@pytest.mark.parametrize(
    "member",
    [
        {"name": 1},
        {"name": ""},
        {"description": "x" * (limits.MAX_DESCRIPTION_CHARS + 1)},
        {"extends": 1},
        {"extends": ""},
        {"extends": "b", "extends#integrity": 1},
        {"extends#integrity": []},
        {"display": {}},
        {"claims": {}},
        {"claims": [1]},
        {"claims": [{"path": [f"c{n}"]} for n in range(limits.MAX_CLAIM_METADATA + 1)]},
    ],
)
def test_members_of_another_shape_are_refused(member: dict[str, object]) -> None:
    with pytest.raises(TypeMetadataMalformed):
        read({"vct": VCT, **member})


def test_a_document_has_a_largest_size() -> None:
    with pytest.raises(TypeMetadataMalformed):
        read(b" " * (limits.MAX_TYPE_METADATA_BYTES + 1))


@pytest.mark.req("VCT-11", "VCT-18")
@pytest.mark.parametrize(
    "claim",
    [
        {},
        {"path": []},
        {"path": "a"},
        {"path": [-1]},
        {"path": [True]},
        {"path": [1.0]},
        {"path": [{}]},
        {"path": ["a"] * (limits.MAX_CLAIM_DEPTH + 1)},
        {"path": ["a"], "mandatory": "true"},
        {"path": ["a"], "mandatory": None},
        {"path": ["a"], "sd": "sometimes"},
        {"path": ["a"], "sd": None},
        {"path": ["a"], "sd": ["always"]},
        {"path": ["a"], "svg_id": "1a"},
        {"path": ["a"], "svg_id": ""},
        {"path": ["a"], "svg_id": "a-b"},
        {"path": ["a"], "svg_id": "ä"},
        {"path": ["a"], "svg_id": "a\n"},
        {"path": ["a"], "svg_id": 1},
    ],
)
def test_claims_of_another_shape_are_refused(claim: dict[str, object]) -> None:
    with pytest.raises(TypeMetadataMalformed):
        read({"vct": VCT, "claims": [claim]})


@pytest.mark.req("VCT-18")
def test_paths_and_svg_ids_stand_for_one_claim_each() -> None:
    for first, second in (
        ({"path": ["a"]}, {"path": ["a"]}),
        ({"path": ["a"], "svg_id": "x"}, {"path": ["b"], "svg_id": "x"}),
    ):
        with pytest.raises(TypeMetadataMalformed):
            read({"vct": VCT, "claims": [first, second]})
    with pytest.raises(TypeMetadataMalformed):
        resolve(
            {"vct": "a", "extends": "b", "claims": [{"path": ["c"], "svg_id": "x"}]},
            {"vct": "b", "claims": [{"path": ["d"], "svg_id": "x"}]},
        )
    both = read(
        {"vct": VCT, "claims": [{"path": ["a", 0, None], "svg_id": "_a1"}, {"path": ["b"]}]}
    )
    assert [claim.path for claim in both.claims] == [("a", 0, None), ("b",)]


# --- integrity ---

DATA = b'{"vct":"https://types.example/card/1"}\n'


def sri(name: str, data: bytes = DATA) -> str:
    return f"{name}-{base64.b64encode(hashlib.new(name, data).digest()).decode()}"


@pytest.mark.req("VCT-12")
def test_integrity_is_over_the_raw_bytes() -> None:
    assert integrity_of(DATA) == sri("sha256")
    for name in ("sha256", "sha384", "sha512"):
        check_integrity(DATA, sri(name))
        for other in (DATA.strip(), DATA + b" ", b""):
            with pytest.raises(IntegrityMismatch):
                check_integrity(other, sri(name))


@pytest.mark.req("VCT-12")
def test_the_strongest_hash_that_we_know_decides() -> None:
    wrong = b"something else"
    check_integrity(DATA, f"{sri('sha512')} {sri('sha256', wrong)}")
    check_integrity(DATA, f"sha3-512-AAAA {sri('sha256')}")
    check_integrity(DATA, f"  {sri('sha384', wrong)}\t{sri('sha384')}?ct=application/json ")
    for integrity in (
        f"{sri('sha256')} {sri('sha512', wrong)}",
        f"{sri('sha256')} {sri('sha384', wrong)}",
        f"{sri('sha384')} {sri('sha512', wrong)}",
    ):
        with pytest.raises(IntegrityMismatch):
            check_integrity(DATA, integrity)


@pytest.mark.req("VCT-12")
@pytest.mark.parametrize(
    "integrity",
    [
        "",
        " ",
        "md5-AAAA",
        "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
        "SHA256-" + sri("sha256")[7:],
        "sha256",
        "sha256-",
        "sha256-AAAA",
        "sha256-" + "-" * 43 + "=",
        sri("sha256").rstrip("="),
        "sha256-" + "ä" * 44,
        f"{sri('sha256')} sha512-AAAA",
        sri("sha256") + " " * limits.MAX_INTEGRITY_CHARS,
    ],
)
def test_without_a_digest_that_we_know_a_document_is_refused(integrity: str) -> None:
    with pytest.raises(IntegrityNotUnderstood):
        check_integrity(DATA, integrity)


@pytest.mark.req("VCT-12")
def test_base64url_is_not_ordinary_base64() -> None:
    data = next(
        each
        for each in (str(n).encode() for n in range(100))
        if "+" in sri("sha256", each) and "/" in sri("sha256", each)
    )
    check_integrity(data, sri("sha256", data))
    with pytest.raises(IntegrityNotUnderstood):
        check_integrity(data, sri("sha256", data).translate(str.maketrans("+/", "-_")))


@pytest.mark.req("VCT-12")
def test_integrity_is_checked_before_anything_is_read() -> None:
    with pytest.raises(IntegrityMismatch):
        read_type_document(b"no json", TypeReference(VCT, sri("sha256")))
    assert read_type_document(DATA, TypeReference(VCT, sri("sha256"))).vct == VCT


@pytest.mark.req("VCT-11", "VCT-12")
def test_a_credential_refers_to_its_type_and_its_bytes() -> None:
    assert reference_of({"vct": VCT}) == TypeReference(VCT)
    assert reference_of({"vct": VCT, "vct#integrity": "x"}) == TypeReference(VCT, "x")
    with pytest.raises(TypeMetadataMalformed):
        reference_of({"vct": VCT, "vct#integrity": 1})
    with pytest.raises(VctMissing):
        reference_of({})


@pytest.mark.req("VCT-20", "VCT-23")
def test_other_types_of_a_credential_do_not_change_what_it_refers_to() -> None:
    assert reference_of({"vct": VCT, "aka_vcts": ["urn:a", "urn:b"]}) == TypeReference(VCT)
    assert read_vct({"vct": VCT, "aka_vcts": ["urn:a", VCT.upper()]}) == VCT
    for others in ([], [VCT], ["urn:a", VCT], "urn:a", {"urn:a": 1}, None, [None]):
        with pytest.raises(OtherTypesMalformed):
            reference_of({"vct": VCT, "aka_vcts": others})


# --- extends ---


@pytest.mark.req("VCT-13", "VCT-24")
def test_the_example_of_the_text_resolves_as_it_says() -> None:
    found = resolve(EXTENDS["extending"], EXTENDS["base"])
    wanted = resolve({"vct": EXTENDS["extending"]["vct"], **EXTENDS["effective"]})
    assert found.claims == wanted.claims
    assert found.vct == EXTENDS["extending"]["vct"]
    assert found.extended == (EXTENDS["base"]["vct"],)


@pytest.mark.req("VCT-13")
def test_circles_are_found() -> None:
    for documents in (
        [{"vct": "a", "extends": "a"}],
        [{"vct": "a", "extends": "b"}, {"vct": "b", "extends": "a"}],
        [
            {"vct": "a", "extends": "b"},
            {"vct": "b", "extends": "c"},
            {"vct": "c", "extends": "b"},
        ],
    ):
        with pytest.raises(TypeExtendsInCircle):
            resolve(*documents)


@pytest.mark.req("VCT-13")
def test_a_chain_has_a_longest_length() -> None:
    def chain(length: int) -> list[dict[str, Any]]:
        links = [{"vct": f"t{n}", "extends": f"t{n + 1}"} for n in range(length - 1)]
        return [*links, {"vct": f"t{length - 1}"}]

    longest = resolve(*chain(limits.MAX_TYPE_CHAIN))
    assert len(longest.extended) == limits.MAX_TYPE_CHAIN - 1
    with pytest.raises(TypeChainTooLong):
        resolve(*chain(limits.MAX_TYPE_CHAIN + 1))


@pytest.mark.req("VCT-24")
def test_a_document_that_is_missing_is_named() -> None:
    with pytest.raises(TypeMetadataUnavailable) as own:
        resolve_type(TypeReference(VCT, "x"), lambda _reference: None)
    assert (own.value.vct, own.value.integrity) == (VCT, "x")
    with pytest.raises(TypeMetadataUnavailable) as base:
        resolve({"vct": "a", "extends": "b", "extends#integrity": "y"})
    assert (base.value.vct, base.value.integrity) == ("b", "y")
    assert VCT not in str(own.value)


@pytest.mark.req("VCT-12", "VCT-13", "VCT-24")
def test_every_document_of_the_chain_is_checked() -> None:
    base = {"vct": "b"}
    good = integrity_of(json.dumps(base).encode())
    own = {"vct": "a", "extends": "b", "extends#integrity": good}
    assert resolve(own, base).extended == ("b",)
    with pytest.raises(IntegrityMismatch):
        resolve(own, {**base, "name": "changed"})
    with pytest.raises(IntegrityNotUnderstood):
        resolve({**own, "extends#integrity": "md5-AAAA"}, base)
    with pytest.raises(TypeMetadataMalformed):
        resolve(own | {"extends#integrity": None}, base)
    alike = json.dumps({"vct": "a", "extends": "b"}).encode()
    with pytest.raises(TypeMetadataForOtherType):
        resolve_type(TypeReference("a"), lambda _reference: alike)


@pytest.mark.req("VCT-13")
def test_display_is_inherited_whole_or_not_at_all() -> None:
    base = {"vct": "b", "display": [{"locale": "fi", "name": "Pohja"}]}
    assert [each.name for each in resolve({"vct": "a", "extends": "b"}, base).display] == ["Pohja"]
    own = {"vct": "a", "extends": "b", "display": [{"locale": "sv", "name": "Eget"}]}
    assert [each.locale for each in resolve(own, base).display] == ["sv"]
    assert resolve({"vct": "a", "extends": "b", "display": []}, base).display == ()


@pytest.mark.req("VCT-13")
def test_members_of_a_claim_are_replaced_one_by_one() -> None:
    label = [{"locale": "fi", "label": "Nimi"}, {"locale": "sv", "label": "Namn"}]
    base = {"display": label, "sd": "always", "mandatory": True, "svg_id": "name"}
    inherited = extending(base, {}).claims[0]
    assert inherited == extending({}, base).claims[0]
    own = extending(base, {"display": label[:1], "svg_id": "other"}).claims[0]
    assert [each.locale for each in own.display or ()] == ["fi"]
    assert (own.sd, own.mandatory, own.svg_id) == ("always", True, "other")


@pytest.mark.req("VCT-14")
@pytest.mark.parametrize(
    ("base", "own", "effective"),
    [
        ({}, {"sd": "always"}, "always"),
        ({"sd": "allowed"}, {"sd": "never"}, "never"),
        ({"sd": "allowed"}, {}, "allowed"),
        ({"sd": "never"}, {}, "never"),
        ({"sd": "always"}, {"sd": "always"}, "always"),
    ],
)
def test_what_is_open_may_be_fixed(
    base: dict[str, Any], own: dict[str, Any], effective: str
) -> None:
    assert extending(base, own).claims[0].sd == effective


@pytest.mark.req("VCT-14")
@pytest.mark.parametrize(
    ("base", "own"),
    [
        ({"sd": "always"}, {"sd": "allowed"}),
        ({"sd": "always"}, {"sd": "never"}),
        ({"sd": "never"}, {"sd": "always"}),
        ({"sd": "never"}, {"sd": "allowed"}),
        ({"mandatory": True}, {"mandatory": False}),
    ],
)
def test_what_is_fixed_may_not_be_changed(base: dict[str, Any], own: dict[str, Any]) -> None:
    with pytest.raises(TypeExtensionNotAllowed):
        extending(base, own)
    through_another = [
        {"vct": "a", "extends": "b", "claims": [{"path": ["c"], **own}]},
        {"vct": "b", "extends": "c", "claims": [{"path": ["c"]}]},
        {"vct": "c", "claims": [{"path": ["c"], **base}]},
    ]
    with pytest.raises(TypeExtensionNotAllowed):
        resolve(*through_another)


@pytest.mark.req("VCT-14")
def test_an_optional_claim_may_become_mandatory() -> None:
    assert extending({"mandatory": False}, {"mandatory": True}).claims[0].mandatory is True
    assert extending({}, {"mandatory": True}).claims[0].mandatory is True
    assert extending({"mandatory": True}, {}).claims[0].mandatory is True


@pytest.mark.req("VCT-20")
def test_the_types_that_are_extended_are_told_apart_from_the_type_itself() -> None:
    """They are for showing and matching; who may issue is asked of the trust list, by `vct`."""
    found = resolve({"vct": "a", "extends": "b"}, {"vct": "b", "extends": "c"}, {"vct": "c"})
    assert (found.vct, found.extended) == ("a", ("b", "c"))


# --- garbage and failures ---

NAMES = [
    "vct",
    "display",
    "claims",
    "path",
    "locale",
    "name",
    "label",
    "sd",
    "extends",
    "rendering",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just(VCT),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6))
def test_garbage_is_read_or_refused_by_name(members: dict[str, object]) -> None:
    data = json.dumps({**members, "vct": VCT}).encode()
    try:
        found = resolve_type(TypeReference(VCT), lambda _reference: data)
    except TypeMetadataFailure:
        return
    assert found.vct == VCT


@given(st.binary(max_size=200))
def test_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(TypeMetadataFailure):
        read(data)


@given(st.text(max_size=80))
def test_strange_integrity_is_refused_by_name(integrity: str) -> None:
    with pytest.raises(TypeMetadataFailure):
        check_integrity(DATA, integrity)


def test_every_failure_has_a_code_a_clause_and_a_case() -> None:
    failures = [
        each
        for _name, each in inspect.getmembers(type_metadata_errors, inspect.isclass)
        if issubclass(each, CheckFailed) and each.__module__ == type_metadata_errors.__name__
    ]
    assert len({each.code for each in failures}) == len(failures) > 10
    used = {
        node.id
        for path in Path(__file__).parent.glob("test_type_metadata*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name)
    }
    for each in failures:
        assert {"code", "spec"} <= vars(each).keys()
        assert each.spec in list(Section)
        assert each.__name__ in used
