"""Claims paths, matching, and keeping no more than was asked."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openid4vc.checks import CheckFailed
from openid4vc.dcql.errors import (
    MalformedClaimsPath,
    PresentationNotAsked,
    QueryNotSatisfied,
    TooManyPresentations,
    VctNotAsked,
)
from openid4vc.dcql.match import Presented, answer, check_satisfied, keep_only
from openid4vc.dcql.paths import DcqlPath, parse_path, path_text, select
from openid4vc.dcql.paths import Path as Place
from openid4vc.dcql.query import ClaimsQuery, CredentialQuery, Query, Scalar, parse_query

VECTORS = Path(__file__).parents[2] / "vectors" / "openid4vp"
VECTOR = json.loads((VECTORS / "claims-path.json").read_text())
DENT: dict[str, Any] = VECTOR["credential"]
VCT = "urn:example:one:1"


def asking(*claims: ClaimsQuery, sets: tuple[tuple[str, ...], ...] = ()) -> CredentialQuery:
    return CredentialQuery("one", "dc+sd-jwt", (VCT,), claims, sets)


def wanted(*path: str | int | None, values: tuple[Scalar, ...] = ()) -> ClaimsQuery:
    return ClaimsQuery(path, id=None, values=values)


# --- Paths --------------------------------------------------------------------------------------

SELECTED: dict[str, list[tuple[tuple[str | int, ...], object]]] = {
    "name": [(("name",), "Arthur Dent")],
    "address": [(("address",), DENT["address"])],
    "address.street_address": [(("address", "street_address"), "42 Market Street")],
    "degrees.*.type": [
        (("degrees", 0, "type"), "Bachelor of Science"),
        (("degrees", 1, "type"), "Master of Science"),
    ],
    "nationalities.1": [(("nationalities", 1), "Betelgeusian")],
}


@pytest.mark.req("DCQL-11")
def test_the_published_paths_select_what_the_text_says() -> None:
    paths = [parse_path(case["path"]) for case in VECTOR["cases"]]
    assert {path_text(path): list(select(DENT, path)) for path in paths} == SELECTED


@pytest.mark.req("DCQL-11")
@pytest.mark.parametrize(
    "path",
    [
        ("nobody",),
        ("name", "first"),
        ("name", None),
        ("name", 0),
        ("address", None),
        ("address", 0),
        ("degrees", "type"),
        ("degrees", 7),
        ("degrees", None, "year"),
        ("nationalities", 2),
        ("nationalities", None, "x"),
        (None,),
        (0,),
        (),
    ],
)
def test_a_path_that_leads_nowhere_selects_nothing(path: DcqlPath) -> None:
    assert select(DENT, path) == ()


@pytest.mark.req("DCQL-11")
def test_one_wrong_container_spoils_the_selection_an_absent_member_does_not() -> None:
    assert select({"a": [{"b": 1}, {}]}, ("a", None, "b")) == ((("a", 0, "b"), 1),)
    assert select({"a": [{"b": 1}, "x"]}, ("a", None, "b")) == ()
    assert select({"a": [[1, 2], [3]]}, ("a", None, 1)) == ((("a", 0, 1), 2),)
    assert select({"a": [[1], {}]}, ("a", None, 0)) == ()


@pytest.mark.req("DCQL-11")
def test_true_is_no_position() -> None:
    assert select({"a": [1, 2]}, ("a", True)) == ()


@pytest.mark.req("DCQL-11")
@pytest.mark.parametrize(
    "value",
    [[], "name", None, {}, [1.0], [-1], [True], [["a"]], [{}], ["a"] * 17, ["a" * 257], [65_536]],
)
def test_what_is_no_path_is_refused(value: object) -> None:
    with pytest.raises(MalformedClaimsPath):
        parse_path(value)


# --- Matching -----------------------------------------------------------------------------------


@pytest.mark.req("DCQL-03", "DCQL-16")
def test_no_claims_asked_no_places_answered() -> None:
    found = answer(asking(), vct=VCT, claims=DENT)
    assert found is not None
    assert (found.claims, found.places) == ((), ())


@pytest.mark.req("DCQL-19")
def test_another_type_is_no_answer() -> None:
    assert answer(asking(), vct="urn:example:two:1", claims=DENT) is None


@pytest.mark.req("DCQL-04", "DCQL-05", "DCQL-09")
def test_the_published_credential_answers_what_it_can() -> None:
    john = json.loads((VECTORS / "credentials-sd_jwt_vc_unsecured.json").read_text())
    lived_in = {**john, "address": {"street_address": "1 A St"}, "postal_code": "90210"}
    for name in ("query_lang-simple.json", "query_lang-value_matching_simple.json"):
        (query,) = parse_query(json.loads((VECTORS / name).read_text())).credentials
        assert answer(query, vct=john["vct"], claims=john) is None
        assert answer(query, vct=john["vct"], claims=lived_in) is not None
        moved = answer(query, vct=john["vct"], claims={**lived_in, "postal_code": "90212"})
        assert (moved is None) is (name == "query_lang-value_matching_simple.json")
    (query,) = parse_query(
        json.loads((VECTORS / "query_lang-claims_alternatives.json").read_text())
    ).credentials
    second = {"family_name": "Doe", "postal_code": "90210", "date_of_birth": "1940-01-01"}
    found = answer(query, vct=john["vct"], claims=second)
    assert found is not None
    assert [claim.id for claim in found.claims] == ["a", "b", "e"]


@pytest.mark.req("DCQL-13")
def test_an_unbound_credential_answers_only_where_binding_is_not_required() -> None:
    free = CredentialQuery("one", "dc+sd-jwt", (VCT,), require_cryptographic_holder_binding=False)
    assert answer(asking(), vct=VCT, claims=DENT, holder_bound=False) is None
    assert answer(free, vct=VCT, claims=DENT, holder_bound=False) is not None


@pytest.mark.req("DCQL-04", "DCQL-16")
def test_without_claim_sets_it_is_all_or_nothing() -> None:
    both = asking(wanted("name"), wanted("address", "locality"))
    found = answer(both, vct=VCT, claims=DENT)
    assert found is not None
    assert found.places == (("name",), ("address", "locality"))
    assert answer(asking(wanted("name"), wanted("shoe_size")), vct=VCT, claims=DENT) is None


@pytest.mark.req("DCQL-05", "DCQL-16")
def test_the_first_claim_set_that_can_be_met_is_answered() -> None:
    claims = (
        ClaimsQuery(("shoe_size",), "a"),
        ClaimsQuery(("name",), "b"),
        ClaimsQuery(("nationalities", None), "c"),
    )
    query = asking(*claims, sets=(("a", "b"), ("c", "b"), ("b",)))
    found = answer(query, vct=VCT, claims=DENT)
    assert found is not None
    assert found.claims == (claims[2], claims[1])
    assert found.places == (("nationalities", 0), ("nationalities", 1), ("name",))
    assert answer(asking(*claims, sets=(("a",),)), vct=VCT, claims=DENT) is None


@pytest.mark.req("DCQL-09")
@pytest.mark.parametrize(
    ("held", "asked", "matches"),
    [
        ("1", "1", True),
        (1, 1, True),
        (True, True, True),
        (True, 1, False),
        (1, True, False),
        (False, 0, False),
        (0, False, False),
        (1.0, 1, False),
        (1, "1", False),
        ("a", "A", False),
        (None, "null", False),
        ([1], 1, False),
        ({"a": 1}, 1, False),
    ],
)
def test_values_match_by_type_and_value(held: object, asked: Scalar, matches: bool) -> None:
    found = answer(asking(wanted("x", values=(asked,))), vct=VCT, claims={"x": held})
    assert (found is not None) is matches


@pytest.mark.req("DCQL-09", "DCQL-16")
def test_only_the_matching_elements_of_an_array_are_answered() -> None:
    query = asking(wanted("nationalities", None, values=("British", "French")))
    found = answer(query, vct=VCT, claims=DENT)
    assert found is not None
    assert found.places == (("nationalities", 0),)


def test_a_position_in_an_array_shown_in_part_matches_nothing() -> None:
    by_position, by_all = asking(wanted("n", 0)), asking(wanted("n", None))
    shown = {"n": ["second"]}
    part = frozenset({("n",)})
    assert answer(by_position, vct=VCT, claims=shown, partial_arrays=part) is None
    assert answer(by_position, vct=VCT, claims=shown) is not None
    assert answer(by_all, vct=VCT, claims=shown, partial_arrays=part) is not None


# --- The whole query ----------------------------------------------------------------------------

NAME = Query((asking(wanted("name")),))


@pytest.mark.req("DCQL-06", "VP-33")
def test_presentations_that_satisfy_the_query_are_answered_by_id() -> None:
    answers = check_satisfied(NAME, {"one": [Presented(VCT, {"name": "A", "more": 1})]})
    assert [found.places for found in answers["one"]] == [(("name",),)]


@pytest.mark.req("DCQL-08")
def test_several_presentations_where_multiple_is_set() -> None:
    query = Query((CredentialQuery("one", "dc+sd-jwt", (VCT,), multiple=True),))
    assert (
        len(check_satisfied(query, {"one": [Presented(VCT, {}), Presented(VCT, {})]})["one"]) == 2
    )


@pytest.mark.req("VP-31", "VP-33", "DCQL-07", "DCQL-08")
@pytest.mark.parametrize(
    ("failure", "presented"),
    [
        (QueryNotSatisfied, {}),
        (QueryNotSatisfied, {"one": []}),
        (QueryNotSatisfied, {"one": [Presented(VCT, {"family_name": "A"})]}),
        (QueryNotSatisfied, {"one": [Presented(VCT, {})]}),
        (
            PresentationNotAsked,
            {"one": [Presented(VCT, {"name": "A"})], "two": [Presented(VCT, {"name": "A"})]},
        ),
        (TooManyPresentations, {"one": [Presented(VCT, {"name": "A"})] * 2}),
        (VctNotAsked, {"one": [Presented("urn:example:two:1", {"name": "A"})]}),
    ],
)
def test_what_does_not_satisfy_the_query_is_refused(
    failure: type[CheckFailed], presented: Mapping[str, Any]
) -> None:
    with pytest.raises(failure) as caught:
        check_satisfied(NAME, presented)
    assert type(caught.value) is failure


@pytest.mark.req("VP-33")
def test_the_verifier_sees_a_position_shift() -> None:
    query = Query((asking(wanted("n", 0)),))
    with pytest.raises(QueryNotSatisfied):
        check_satisfied(query, {"one": [Presented(VCT, {"n": ["x"]}, frozenset({("n",)}))]})


# --- Nothing more is kept -----------------------------------------------------------------------


def kept(
    query: CredentialQuery, claims: dict[str, Any], partial_arrays: Collection[Place] = ()
) -> dict[str, object] | None:
    """What is kept of claims that answer a query, None when they do not."""
    found = answer(query, vct=VCT, claims=claims, partial_arrays=partial_arrays)
    return None if found is None else keep_only(claims, found)


def test_only_what_was_asked_is_kept() -> None:
    query = asking(wanted("name"), wanted("address", "locality"), wanted("degrees", None, "type"))
    assert kept(query, DENT) == {
        "name": "Arthur Dent",
        "address": {"locality": "Milliways"},
        "degrees": [{"type": "Bachelor of Science"}, {"type": "Master of Science"}],
    }
    assert kept(asking(wanted("nationalities", 1)), DENT) == {"nationalities": ["Betelgeusian"]}
    assert kept(asking(wanted("address")), DENT) == {"address": DENT["address"]}


def test_only_the_satisfied_option_is_kept() -> None:
    claims = (ClaimsQuery(("over_18",), "a"), ClaimsQuery(("birthdate",), "b"))
    query = asking(*claims, sets=(("a",), ("b",)))
    shown = {"over_18": True, "birthdate": "1990-05-01", "vct": VCT}
    assert kept(query, shown) == {"over_18": True}


def test_a_shifted_element_is_not_kept_for_the_one_that_was_asked() -> None:
    claims = (ClaimsQuery(("n", 0), "first"), ClaimsQuery(("name",), "name"))
    query = asking(*claims, sets=(("first",), ("name",)))
    shown = {"n": ["second"], "name": "A"}
    assert kept(query, shown, partial_arrays={("n",)}) == {"name": "A"}
    assert kept(query, shown) == {"n": ["second"]}


def test_without_claims_nothing_is_kept() -> None:
    assert kept(asking(), DENT) == {}


def test_what_does_not_satisfy_is_not_kept_in_part() -> None:
    assert kept(asking(wanted("name"), wanted("shoe_size")), DENT) is None


# --- Whatever comes -----------------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)
PATHS = st.lists(
    st.sampled_from("abc") | st.none() | st.integers(0, 2), min_size=1, max_size=4
).map(tuple)


@given(claims=OBJECTS, path=PATHS)
def test_every_selected_place_holds_its_value(claims: dict[str, object], path: DcqlPath) -> None:
    for place, value in select(claims, path):
        at: Any = claims
        for part in place:
            at = at[part]
        assert at is value


@given(claims=OBJECTS, paths=st.lists(PATHS, max_size=3, unique=True))
def test_what_is_kept_still_satisfies_and_holds_nothing_else(
    claims: dict[str, object], paths: list[DcqlPath]
) -> None:
    query = asking(*(ClaimsQuery(path) for path in paths))
    found = answer(query, vct=VCT, claims=claims)
    if found is None:
        return
    assert set(keep_only(claims, found)) == {place[0] for place in found.places}


@given(value=VALUES)
def test_garbage_never_breaks_the_path_reader(value: object) -> None:
    try:
        path = parse_path(value)
    except MalformedClaimsPath:
        return
    assert list(path) == value
