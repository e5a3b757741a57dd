"""The query language against dcql: generated queries, and where it reads the text otherwise."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credential_schemas.loader import load_catalogue
from keys.jose import b64url_decode
from openid4vc.checks import CheckFailed
from openid4vc.dcql.authorities import Provenance
from openid4vc.dcql.match import Presented, answer, check_satisfied, keep_only
from openid4vc.dcql.profiles import query_for
from openid4vc.dcql.query import CredentialQuery, parse_query, query_json
from openid4vc.dcql.selection import select_credentials
from tests.interop.npm_programs import dcql
from tests.interop.test_npm_formats import payloads
from tools.node import Node

pytestmark = pytest.mark.slow

Json = dict[str, Any]
Ask = Callable[[dict[str, object]], Json]

# --- Credentials and queries of a known shape ----------------------------------------------------
#
# Every name has one kind of value, no array is empty and nothing is null: in all of that the two
# agree about paths. Where they do not, DISAGREEMENTS says so.

LEAF = st.sampled_from(["x", "y", "", 0, 1, 2, True, False])
ROW = st.fixed_dictionaries({}, optional={"leaf": LEAF, "list": st.lists(LEAF, min_size=1)})
POSITIONS: st.SearchStrategy[list[Any]] = st.sampled_from(
    [["list", 0], ["list", 1], ["rows", 0, "leaf"], ["rows", 1, "list", None], ["grid", 0, 1]]
)
ALL_CLAIMS = st.fixed_dictionaries(
    {
        "leaf": LEAF,
        "list": st.lists(LEAF, min_size=1, max_size=3),
        "row": ROW,
        "rows": st.lists(ROW, min_size=1, max_size=3),
        "grid": st.lists(st.lists(LEAF, min_size=1, max_size=2), min_size=1, max_size=2),
    }
)
NAMES = st.sampled_from(["leaf", "list", "row", "rows", "grid"])
KNOWN: st.SearchStrategy[list[Any]] = st.sampled_from(
    [
        ["leaf"], ["list"], ["list", None], ["row"], ["row", "leaf"], ["row", "list", None],
        ["rows"], ["rows", None], ["rows", None, "leaf"], ["rows", None, "list", None],
        ["grid", None, None],
    ]
)  # fmt: skip
CLAIMS = st.builds(
    lambda claims, absent: {name: one for name, one in claims.items() if name not in absent},
    ALL_CLAIMS,
    st.frozensets(NAMES, max_size=2),
)
STEPS = st.lists(NAMES | st.none(), max_size=3)
STEPS_AND_POSITIONS = st.lists(NAMES | st.none() | st.integers(0, 2), max_size=3)


def paths(*, positions: bool) -> st.SearchStrategy[list[Any]]:
    if positions:
        return KNOWN | POSITIONS | st.builds(_path, NAMES, STEPS_AND_POSITIONS)
    return KNOWN | KNOWN | st.builds(_path, NAMES, STEPS)


def _path(first: str, rest: list[Any]) -> list[Any]:
    return [first, *rest]


MOSTLY = st.sampled_from([True, True, True, False])
VCTS = MOSTLY.map(lambda first: "urn:example:one:1" if first else "urn:example:two:1")
AKI = st.sampled_from(["s9tIpPmhxdiuNkHMEWNpYim8S8Y", "AAECAw", "_-8"])
LISTS = st.sampled_from(["https://lotl.example.com", "https://other.example/tl"])
FEDERATIONS = st.just(["https://trustanchor.example.com"])


def one_authority(**kinds: st.SearchStrategy[list[str]]) -> st.SearchStrategy[Json]:
    return st.sampled_from(sorted(kinds)).flatmap(
        lambda kind: st.fixed_dictionaries({"type": st.just(kind), "values": kinds[kind]})
    )


ASKED_AUTHORITY = one_authority(
    aki=st.lists(AKI, min_size=1, max_size=2, unique=True),
    etsi_tl=st.lists(LISTS, min_size=1, max_size=2, unique=True),
    openid_federation=FEDERATIONS,
)
HELD = st.fixed_dictionaries(
    {"vct": VCTS, "claims": CLAIMS, "bound": MOSTLY},
    optional={
        "authority": one_authority(
            aki=AKI.map(lambda one: [one]), etsi_tl=LISTS.map(lambda one: [one])
        )
    },
)


RARELY: st.SearchStrategy[Json] = (
    st.just({})
    | st.just({})
    | st.fixed_dictionaries(
        {},
        optional={
            "multiple": st.booleans(),
            "require_cryptographic_holder_binding": st.booleans(),
            "trusted_authorities": st.lists(ASKED_AUTHORITY, min_size=1, max_size=2),
            "some_extension": st.none(),
        },
    )
)


@st.composite
def credential_query(draw: st.DrawFn, query_id: str, *, positions: bool) -> Json:
    entry: Json = {
        "id": query_id,
        "format": "dc+sd-jwt",
        "meta": {"vct_values": draw(st.lists(VCTS, min_size=1, max_size=2, unique=True))},
    }
    asked = draw(st.lists(paths(positions=positions), max_size=3, unique_by=repr))
    if asked:
        entry["claims"] = [{"id": f"c{at}", "path": path} for at, path in enumerate(asked)]
        for claim in entry["claims"]:
            if not draw(MOSTLY):
                claim["values"] = draw(st.lists(LEAF, min_size=1, max_size=5))
        ids = st.sampled_from([claim["id"] for claim in entry["claims"]])
        if options := draw(st.lists(st.lists(ids, min_size=1, unique=True), max_size=3)):
            entry["claim_sets"] = options
    return {**entry, **draw(RARELY)}


@st.composite
def whole_query(draw: st.DrawFn, *, positions: bool) -> Json:
    ids = [f"q{at}" for at in range(draw(st.integers(1, 3)))]
    query: Json = {"credentials": [draw(credential_query(one, positions=positions)) for one in ids]}
    options = st.lists(
        st.lists(st.sampled_from(ids), min_size=1, unique=True), min_size=1, max_size=2
    )
    sets = st.fixed_dictionaries({"options": options}, optional={"required": st.booleans()})
    if chosen := draw(st.lists(sets, max_size=2)):
        query["credential_sets"] = chosen
    return query


def provenance(held: Json) -> Provenance:
    authority = held.get("authority", {"type": "none", "values": []})
    values = authority["values"]
    if authority["type"] == "aki":
        return Provenance(key_identifiers=frozenset(map(b64url_decode, values)))
    return Provenance(trust_lists=frozenset(values))


def ours(query: CredentialQuery, held: Json) -> Json | None:
    """What we answer with a credential, in the words of `dcql.mjs`."""
    found = answer(
        query,
        vct=held["vct"],
        claims=held["claims"],
        holder_bound=held["bound"],
        provenance=provenance(held),
    )
    if found is None:
        return None
    option = query.options().index(found.claims) if query.claim_sets else None
    return {"option": option, "output": keep_only(held["claims"], found)}


def without_gaps(value: Any) -> Any:
    """Their output without the nulls that stand for elements that were not selected."""
    if isinstance(value, dict):
        return {name: without_gaps(one) for name, one in value.items()}
    if isinstance(value, list):
        return [without_gaps(one) for one in value if one is not None]
    return value


# --- A wallet ------------------------------------------------------------------------------------


def match_alike(ask: Ask, data: Json, held: list[Json]) -> None:
    reply = ask({"do": "match", "query": data, "held": held})
    theirs = reply["result"]
    query = parse_query(data)
    matches = {
        one.id: [
            {"place": place, **found}
            for place, credential in enumerate(held)
            if (found := ours(one, credential)) is not None
        ]
        for one in query.credentials
    }
    for one in (entry for entries in theirs["matches"].values() for entry in entries):
        one["output"] = without_gaps(one["output"])
    # As text, so that 1 is not True.
    assert json.dumps(matches, sort_keys=True) == json.dumps(theirs["matches"], sort_keys=True)
    available = {name for name, entries in matches.items() if entries}
    assert (select_credentials(query, available) is not None) == theirs["satisfied"]
    first = [
        next((list(option) for option in one.options if available.issuperset(option)), None)
        for one in query.credential_sets
    ]
    assert first == theirs["sets"]


@pytest.mark.req("DCQL-05", "DCQL-06", "DCQL-09", "DCQL-11", "DCQL-13", "DCQL-14", "DCQL-15")
def test_wallets_match_alike(needs_node: Node) -> None:
    with dcql(needs_node) as ask:

        @settings(max_examples=400, deadline=None)
        @given(data=whole_query(positions=True), held=st.lists(HELD, max_size=3))
        def alike(data: Json, held: list[Json]) -> None:
            match_alike(ask, data, held)

        alike()


def _reduced(rng: random.Random, claims: Json) -> Json:
    """The claims without some of them: credentials differ in what they hold."""
    kept = {name: value for name, value in claims.items() if rng.random() < 0.9}
    scores = kept.get("domain_scores")
    if isinstance(scores, dict):
        kept["domain_scores"] = {name: one for name, one in scores.items() if rng.random() < 0.7}
    return kept


@pytest.mark.req("DCQL-05", "DCQL-16", "VP-33")
def test_our_profiles_match_the_same_credentials(needs_node: Node) -> None:
    rng = random.Random(17)
    catalogue = load_catalogue()
    met = set()
    with dcql(needs_node) as ask:
        for profile in catalogue.profiles.values():
            query = query_for(profile, catalogue)
            for payload in payloads(catalogue):
                held = [
                    {
                        "vct": payload["vct"],
                        "claims": _reduced(rng, payload["claims"]),
                        "bound": True,
                    }
                    for _ in range(40)
                ]
                match_alike(ask, query_json(query), held)
                answered = [ours(query.credentials[0], one) for one in held]
                whole = {"vct": payload["vct"], "claims": payload["claims"], "bound": True}
                fits = ours(query.credentials[0], whole) is not None
                assert any(answered) == fits
                assert not all(answered)
                assert not fits or profile.credential_type == payload["credential_type"]
                met |= {profile.id} if fits else set()
    assert met == set(catalogue.profiles)


# --- A verifier ----------------------------------------------------------------------------------


@st.composite
def presentations(draw: st.DrawFn, data: Json, held: list[Json]) -> dict[str, list[Json]]:
    """Mostly what answers, for most of what is asked; sometimes two of it, sometimes another."""
    query = parse_query(data)
    presented = {}
    for one in query.credentials:
        if one.id in query.requested_ids and draw(MOSTLY):
            fitting = [credential for credential in held if ours(one, credential)]
            honest: bool = draw(MOSTLY)
            among = fitting if fitting and honest else held
            most = 1 if draw(MOSTLY) else 2
            presented[one.id] = draw(st.lists(st.sampled_from(among), min_size=1, max_size=most))
    return presented


def satisfied(data: Json, presented: dict[str, list[Json]]) -> bool:
    entries = {
        name: [
            Presented(
                one["vct"], one["claims"], holder_bound=one["bound"], provenance=provenance(one)
            )
            for one in ones
        ]
        for name, ones in presented.items()
    }
    try:
        check_satisfied(parse_query(data), entries)
    except CheckFailed:
        return False
    return True


@pytest.mark.req("DCQL-06", "DCQL-07", "DCQL-08", "DCQL-13", "VP-33")
def test_verifiers_check_alike(needs_node: Node) -> None:
    with dcql(needs_node) as ask:

        @settings(max_examples=400, deadline=None)
        @given(
            data=whole_query(positions=False),
            held=st.lists(HELD, min_size=1, max_size=4),
            choices=st.data(),
        )
        def alike(data: Json, held: list[Json], choices: st.DataObject) -> None:
            presented = choices.draw(presentations(data, held))
            reply = ask({"do": "check", "query": data, "presented": presented})
            assert "error" not in reply or "'multiple'" in reply["error"]
            theirs = reply.get("result", {"satisfied": False})["satisfied"]
            assert satisfied(data, presented) == theirs

        alike()


# --- Where dcql 3.0.0 reads the text otherwise ---------------------------------------------------

V = "urn:example:one:1"


def asking(**members: object) -> Json:
    entry = {"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": [V]}, **members}
    return {"credentials": [entry]}


DISAGREEMENTS = [
    pytest.param(["a"], {"a": None}, True, id="a claim that is null is there (7.1)"),
    pytest.param(["a", None, "b"], {"a": []}, False, id="an empty selection is an error (7.1)"),
    pytest.param(["a", None, 0], {"a": [["x"], {}]}, False, id="no array on the way (7.1)"),
    pytest.param(["a", None, "b"], {"a": [{"b": 1}, "x"]}, False, id="no object on the way (7.1)"),
    pytest.param(["a", "0"], {"a": ["x"]}, False, id="a name selects in objects only (7.1)"),
    pytest.param(["toString"], {"a": 1}, False, id="a key that does not exist (7.1)"),
]


@pytest.mark.req("DCQL-11")
@pytest.mark.parametrize(("path", "claims", "we_find_it"), DISAGREEMENTS)
def test_paths_that_it_reads_otherwise(
    needs_node: Node, path: list[Any], claims: Json, we_find_it: bool
) -> None:
    query = asking(claims=[{"path": path}])
    held = {"vct": V, "claims": claims, "bound": True}
    assert (ours(parse_query(query).credentials[0], held) is not None) == we_find_it
    with dcql(needs_node) as ask:
        reply = ask({"do": "match", "query": query, "held": [held]})
    assert reply["result"]["satisfied"] == (not we_find_it)


@pytest.mark.req("DCQL-18")
def test_it_does_not_ignore_a_claim_asked_twice(needs_node: Node) -> None:
    """6.1: "Wallets SHOULD ignore such duplicate claim queries"."""
    query = asking(claims=[{"path": ["a"]}, {"path": ["a"], "values": ["other"]}])
    held = {"vct": V, "claims": {"a": "x"}, "bound": True}
    assert ours(parse_query(query).credentials[0], held) is not None
    with dcql(needs_node) as ask:
        reply = ask({"do": "match", "query": query, "held": [held]})
    assert not reply["result"]["satisfied"]


@pytest.mark.req("DCQL-14", "DCQL-15")
def test_it_does_not_read_a_kind_of_authority_that_it_does_not_know(needs_node: Node) -> None:
    """6.1: a credential should match "at least one of the conditions"; the other one does here."""
    known = {"type": "aki", "values": ["AAECAw"]}
    query = asking(trusted_authorities=[{"type": "urn:example:new", "values": ["x"]}, known])
    held = {"vct": V, "claims": {}, "bound": True, "authority": known}
    assert ours(parse_query(query).credentials[0], held) is not None
    with dcql(needs_node) as ask:
        assert "error" in ask({"do": "match", "query": query, "held": [held]})


@pytest.mark.req("VP-31")
def test_it_takes_a_presentation_that_no_set_asks_for(needs_node: Node) -> None:
    """6.4.2: with `credential_sets`, what is requested is what the sets name."""
    query = asking()
    query["credentials"].append({**query["credentials"][0], "id": "unasked"})
    query["credential_sets"] = [{"options": [["q"]]}]
    one = {"vct": V, "claims": {}, "bound": True}
    presented = {"q": [one], "unasked": [one]}
    assert satisfied(query, {"q": [one]})
    assert not satisfied(query, presented)
    with dcql(needs_node) as ask:
        assert ask({"do": "check", "query": query, "presented": presented})["result"]["satisfied"]


@pytest.mark.req("DCQL-11", "VP-33")
def test_as_a_verifier_it_takes_any_element_for_the_one_at_a_position(needs_node: Node) -> None:
    """7.1: "select the element at the respective index"."""
    query = asking(claims=[{"path": ["a", 1], "values": ["x"]}])
    presented = {"q": [{"vct": V, "claims": {"a": ["x", "y"]}, "bound": True}]}
    assert not satisfied(query, presented)
    with dcql(needs_node) as ask:
        assert ask({"do": "check", "query": query, "presented": presented})["result"]["satisfied"]


REFUSED_BY_US_ONLY = [
    pytest.param(asking(claims=[]), False, id="claims is non-empty (6.1), both refuse"),
    pytest.param(asking(meta={}), True, id="vct_values is required (B.3.5)"),
    pytest.param(
        asking(claims=[{"path": ["a"], "values": []}]), True, id="values is non-empty (6.3)"
    ),
    pytest.param(
        asking(claims=[{"path": ["a"], "id": "x"}, {"path": ["b"], "id": "x"}]),
        True,
        id="a claim id stands once (6.3)",
    ),
    pytest.param(asking(claim_sets=[["a"]]), False, id="no claim_sets without claims (6.4.1)"),
    pytest.param(
        {**asking(), "credential_sets": [{"options": [[]]}]},
        True,
        id="an option is non-empty (6.2)",
    ),
]


@pytest.mark.req("DCQL-01", "DCQL-02", "DCQL-05", "DCQL-18")
@pytest.mark.parametrize(("query", "they_read_it"), REFUSED_BY_US_ONLY)
def test_what_is_no_query(needs_node: Node, query: Json, they_read_it: bool) -> None:
    with pytest.raises(CheckFailed):
        parse_query(query)
    with dcql(needs_node) as ask:
        assert ("result" in ask({"do": "read", "query": query})) == they_read_it
