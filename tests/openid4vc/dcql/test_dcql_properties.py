"""What holds of every query and every credential."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openid4vc.dcql.match import Presented, answer, check_satisfied, keep_only
from openid4vc.dcql.paths import DcqlPath, Path
from openid4vc.dcql.query import (
    SD_JWT_VC,
    CredentialQuery,
    CredentialSet,
    Query,
    parse_query,
    query_json,
)
from openid4vc.dcql.selection import select_credentials

VCT = "urn:example:one:1"
NAMES = st.sampled_from("abc")
LEAVES = st.sampled_from(["x", "y", 1, 2, True, False])
VALUES = st.recursive(
    LEAVES | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=3)
PATHS = st.lists(NAMES | st.none() | st.integers(0, 2), max_size=2).flatmap(
    lambda rest: NAMES.map(lambda first: (first, *rest))
)
CLAIMS = st.builds(
    lambda path, values: {"path": list(path), **({"values": values} if values else {})},
    PATHS,
    st.lists(LEAVES, max_size=2),
)


@st.composite
def queries(draw: st.DrawFn) -> CredentialQuery:
    """A credential query as another verifier may write it, duplicates included."""
    claims = draw(st.lists(CLAIMS, max_size=4))
    for number, claim in enumerate(claims):
        claim["id"] = f"c{number}"
    entry: dict[str, object] = {"id": "q", "format": SD_JWT_VC, "meta": {"vct_values": [VCT]}}
    if claims:
        entry["claims"] = claims
        ids = st.sampled_from([claim["id"] for claim in claims])
        if sets := draw(st.lists(st.lists(ids, min_size=1, max_size=3), max_size=3)):
            entry["claim_sets"] = sets
    return parse_query({"credentials": [entry]}).credentials[0]


def fits(path: DcqlPath, place: Path) -> bool:
    """Whether a place is one that a path can point to."""
    return len(path) == len(place) and all(
        isinstance(found, int) if asked is None else asked == found
        for asked, found in zip(path, place, strict=True)
    )


def leaves(value: Any, place: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every leaf, and every empty container, with its place."""
    inside: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    if isinstance(value, list):
        inside = list(enumerate(value))
    children = [pair for name, child in inside for pair in leaves(child, (*place, name))]
    yield from children or [(place, value)]


def with_more(value: Any, more: dict[str, Any]) -> Any:
    """The same value with members added to every object in it."""
    if isinstance(value, dict):
        return {**more, **{name: with_more(child, more) for name, child in value.items()}}
    return [with_more(child, more) for child in value] if isinstance(value, list) else value


@pytest.mark.req("DCQL-03", "DCQL-05", "DCQL-16")
@given(query=queries(), claims=OBJECTS)
def test_only_what_was_asked_is_answered(query: CredentialQuery, claims: dict[str, Any]) -> None:
    found = answer(query, vct=VCT, claims=claims)
    if found is None:
        return
    assert found.claims in query.options()
    for place in found.places:
        assert any(fits(claim.path, place) for claim in found.claims)
    for claim in found.claims:
        assert any(fits(claim.path, place) for place in found.places)


@pytest.mark.req("DCQL-09", "DCQL-11")
@given(query=queries(), claims=OBJECTS)
def test_every_answered_place_has_an_expected_value(
    query: CredentialQuery, claims: dict[str, Any]
) -> None:
    found = answer(query, vct=VCT, claims=claims)
    for place in () if found is None else found.places:
        at: Any = claims
        for part in place:
            at = at[part]
        pointing = [claim for claim in query.claims if fits(claim.path, place)]
        assert any(
            not claim.values or (type(at), at) in [(type(one), one) for one in claim.values]
            for claim in pointing
        )


@pytest.mark.req("DCQL-16")
@given(query=queries(), claims=OBJECTS)
def test_what_is_kept_lies_below_what_was_answered(
    query: CredentialQuery, claims: dict[str, Any]
) -> None:
    found = answer(query, vct=VCT, claims=claims)
    if found is None:
        return
    answered = [
        value for place, value in leaves(claims) for top in found.places if place[: len(top)] == top
    ]
    for place, value in leaves(keep_only(claims, found)):
        assert value in answered or place == ()


@pytest.mark.req("DCQL-05")
@given(query=queries(), claims=OBJECTS, more=OBJECTS)
def test_more_claims_never_make_a_worse_answer(
    query: CredentialQuery, claims: dict[str, Any], more: dict[str, Any]
) -> None:
    before = answer(query, vct=VCT, claims=claims)
    if before is None:
        return
    after = answer(query, vct=VCT, claims=with_more(copy.deepcopy(claims), more))
    assert after is not None
    options = query.options()
    assert options.index(after.claims) <= options.index(before.claims)


@pytest.mark.req("DCQL-04", "VP-33")
@given(query=queries(), claims=OBJECTS)
def test_the_verifier_finds_in_the_answer_what_the_wallet_found(
    query: CredentialQuery, claims: dict[str, Any]
) -> None:
    found = answer(query, vct=VCT, claims=claims)
    positions = any(isinstance(part, int) for claim in query.claims for part in claim.path)
    if found is None or positions:
        return
    shown = keep_only(claims, found)
    (seen,) = check_satisfied(Query((query,)), {"q": [Presented(VCT, shown)]})["q"]
    assert query.options().index(seen.claims) <= query.options().index(found.claims)
    assert keep_only(shown, seen) == shown or seen.claims != found.claims


# --- Among credentials ---------------------------------------------------------------------------

IDS = "abcd"
OPTIONS = st.lists(
    st.lists(st.sampled_from(IDS), min_size=1, max_size=3, unique=True).map(tuple),
    min_size=1,
    max_size=3,
).map(tuple)
SETS = st.lists(st.builds(CredentialSet, OPTIONS, st.booleans()), max_size=3).map(tuple)
CREDENTIALS = tuple(CredentialQuery(one, SD_JWT_VC, (VCT,)) for one in IDS)
WHOLE = st.builds(Query, st.just(CREDENTIALS), SETS)
HELD = st.frozensets(st.sampled_from(IDS))


@pytest.mark.req("DCQL-06", "DCQL-07")
@given(query=WHOLE, held=HELD, prefer=HELD)
def test_a_selection_is_held_asked_for_and_full(
    query: Query, held: frozenset[str], prefer: frozenset[str]
) -> None:
    selection = select_credentials(query, held, prefer=prefer)
    everything = CredentialSet((tuple(one.id for one in query.credentials),))
    required = [one for one in query.credential_sets or (everything,) if one.required]
    if selection is None:
        assert any(not any(held.issuperset(o) for o in one.options) for one in required)
        return
    chosen = set(selection.all_ids())
    assert chosen <= held & query.requested_ids
    for one in required:
        assert any(set(selection.required).issuperset(option) for option in one.options)


@pytest.mark.req("DCQL-06")
@given(query=WHOLE, held=HELD, more=HELD)
def test_more_credentials_never_make_a_query_unanswerable(
    query: Query, held: frozenset[str], more: frozenset[str]
) -> None:
    if select_credentials(query, held) is not None:
        assert select_credentials(query, held | more) is not None


@pytest.mark.req("DCQL-06", "VP-33")
@given(query=WHOLE, held=HELD)
def test_what_a_wallet_selects_satisfies_the_verifier_to_the_last_one(
    query: Query, held: frozenset[str]
) -> None:
    selection = select_credentials(query, held)
    if selection is not None:
        came = {one: [Presented(VCT, {})] for one in selection.all_ids()}
        assert set(check_satisfied(query, came)) == set(selection.all_ids())


@given(query=WHOLE)
def test_every_query_is_read_back_as_it_was_written(query: Query) -> None:
    assert parse_query(query_json(query)) == query
