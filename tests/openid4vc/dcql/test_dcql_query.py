"""Reading and writing DCQL queries."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openid4vc.checks import CheckFailed
from openid4vc.dcql import query as query_module
from openid4vc.dcql.errors import (
    ClaimAskedTwice,
    ClaimSetsWithoutClaims,
    FormatNotSupported,
    MalformedClaimsPath,
    MalformedQuery,
    QueryIdRepeated,
    VctValuesMissing,
)
from openid4vc.dcql.match import answer
from openid4vc.dcql.paths import DcqlPath
from openid4vc.dcql.query import (
    MSO_MDOC,
    SD_JWT_VC,
    ClaimsQuery,
    CredentialQuery,
    CredentialSet,
    Query,
    TrustedAuthority,
    parse_query,
    query_json,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "openid4vp"
VCT = "urn:example:one:1"
BOTH = (SD_JWT_VC, MSO_MDOC)


def vector(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


def credential(**members: object) -> dict[str, object]:
    return {"id": "one", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}, **members}


def with_claims(*claims: object, **members: object) -> dict[str, object]:
    return {"credentials": [credential(claims=list(claims), **members)]}


@pytest.mark.req("DCQL-01", "DCQL-02", "DCQL-05")
@pytest.mark.parametrize(
    "name",
    sorted(path.name for path in VECTORS.glob("query_lang-*.json")),
)
def test_published_queries_are_read_and_written_back(name: str) -> None:
    data = vector(name)
    assert query_json(parse_query(data, formats=BOTH)) == data


@pytest.mark.req("DCQL-01", "DCQL-02")
def test_query_of_the_published_requests_is_read() -> None:
    requests = [entry["text"] for entry in vector("spec-requests.json")]
    objects = [json.loads(text) for text in requests if text.startswith("{") and "..." not in text]
    (published,) = [one for one in objects if "dcql_query" in one]
    (one,) = parse_query(published["dcql_query"]).credentials
    assert [claim.path for claim in one.claims] == [("family_name",), ("given_name",)]
    (two,) = parse_query(vector("encrypted-response.json")["request"]["dcql_query"]).credentials
    assert two.claims[2].path == ("address", "postal_code")


@pytest.mark.parametrize(
    "name",
    [
        "query_lang-simple_mdoc.json",
        "query_lang-multi_credentials.json",
        "query_lang-complex_mdoc.json",
        "request-dcql_jwt_vc.json",
    ],
)
def test_published_queries_for_other_formats_are_refused_as_such(name: str) -> None:
    with pytest.raises(FormatNotSupported):
        parse_query(vector(name))


def test_published_trusted_authorities_are_read_and_written_back() -> None:
    published = [json.loads(entry["text"]) for entry in vector("spec-trusted-authorities.json")]
    data = {"credentials": [credential(trusted_authorities=published)]}
    query = parse_query(data)
    assert query.credentials[0].trusted_authorities == (
        TrustedAuthority("aki", ("s9tIpPmhxdiuNkHMEWNpYim8S8Y",)),
        TrustedAuthority("etsi_tl", ("https://lotl.example.com",)),
    )
    assert query_json(query) == data


@pytest.mark.req("DCQL-03", "DCQL-08", "DCQL-13")
def test_defaults_one_presentation_holder_bound_no_claims() -> None:
    (one,) = parse_query({"credentials": [credential()]}).credentials
    assert (one.multiple, one.require_cryptographic_holder_binding, one.claims) == (False, True, ())
    assert one.options() == ((),)


@pytest.mark.req("DCQL-08", "DCQL-13")
def test_multiple_and_holder_binding_are_read_and_written_back() -> None:
    data = {"credentials": [credential(multiple=True, require_cryptographic_holder_binding=False)]}
    (one,) = parse_query(data).credentials
    assert (one.multiple, one.require_cryptographic_holder_binding) == (True, False)
    assert query_json(parse_query(data)) == data


@pytest.mark.req("DCQL-15")
def test_unknown_properties_are_ignored_everywhere() -> None:
    data = {
        "credentials": [
            {
                **credential(claims=[{"path": ["a"], "intent_to_retain": False, "new": 1}]),
                "meta": {"vct_values": [VCT], "new": {}},
                "new": [],
            }
        ],
        "new": "x",
    }
    assert parse_query(data).credentials[0].claims == (ClaimsQuery(("a",)),)


def test_values_keep_their_types() -> None:
    (one,) = parse_query(with_claims({"path": ["a"], "values": [1, True, "1"]})).credentials
    assert [type(value) for value in one.claims[0].values] == [int, bool, str]


@pytest.mark.req("DCQL-06")
def test_credential_sets_are_read_and_written_back() -> None:
    data = {
        "credentials": [credential(), credential(id="two")],
        "credential_sets": [
            {"options": [["one", "two"], ["two"]]},
            {"options": [["one"]], "required": False},
        ],
    }
    query = parse_query(data)
    assert query.credential_sets == (
        CredentialSet((("one", "two"), ("two",)), required=True),
        CredentialSet((("one",),), required=False),
    )
    assert query_json(query) == data
    spelled_out = parse_query(
        {**data, "credential_sets": [{"options": [["one", "one"]], "required": True, "purpose": 1}]}
    )
    assert spelled_out.credential_sets == (CredentialSet((("one",),)),)


# --- A claim asked twice ------------------------------------------------------------------------


@pytest.mark.req("DCQL-18")
def test_of_a_claim_asked_twice_by_others_the_first_counts() -> None:
    (one,) = parse_query(
        with_claims({"path": ["a"], "values": ["x"]}, {"path": ["b"]}, {"path": ["a"]})
    ).credentials
    assert one.claims == (ClaimsQuery(("a",), values=("x",)), ClaimsQuery(("b",)))


@pytest.mark.req("DCQL-18", "DCQL-05")
def test_in_claim_sets_the_first_stands_for_the_ignored_one() -> None:
    claims = [
        {"path": ["a"], "id": "first"},
        {"path": ["b"], "id": "other"},
        {"path": ["a"], "id": "again", "values": [1]},
    ]
    sets = [["again", "other", "first"], ["again"], ["other", "other"]]
    (one,) = parse_query(with_claims(*claims, claim_sets=sets)).credentials
    assert [claim.id for claim in one.claims] == ["first", "other"]
    assert one.claim_sets == (("first", "other"), ("first",), ("other",))


@pytest.mark.req("DCQL-18")
@pytest.mark.parametrize(
    ("first", "second", "twice"),
    [
        (("a",), ("a",), True),
        (("a", None), ("a", 0), True),
        (("a", 3, "b"), ("a", None, "b"), True),
        (("a", None), ("a", None), True),
        (("a",), ("a", "b"), False),
        (("a", 0), ("a", 1), False),
        (("a", None), ("a", "b"), False),
        (("a", None, "b"), ("a", 0, "c"), False),
        (("a", "0"), ("a", 0), False),
    ],
)
def test_we_never_ask_a_claim_twice(first: DcqlPath, second: DcqlPath, twice: bool) -> None:
    asked = CredentialQuery("one", "dc+sd-jwt", (VCT,), (ClaimsQuery(first), ClaimsQuery(second)))
    with pytest.raises(ClaimAskedTwice) if twice else nullcontext():
        query_json(Query((asked,)))


# --- Other formats ------------------------------------------------------------------------------

MDOC: dict[str, object] = {"format": "mso_mdoc", "meta": {"doctype_value": "org.example.1"}}
UNKNOWN: dict[str, object] = {"format": "x+y", "meta": {"anything": 1}}


@pytest.mark.req("DCQL-06", "DCQL-19")
@pytest.mark.parametrize("other", [MDOC, UNKNOWN])
def test_a_query_that_can_do_without_another_format_is_read(other: dict[str, object]) -> None:
    data = {
        "credentials": [credential(), credential(**{**other, "id": "two"})],
        "credential_sets": [{"options": [["two"], ["one"]]}],
    }
    query = parse_query(data)
    (_, two) = query.credentials
    assert parse_query(query_json(query)) == query
    assert answer(two, vct=VCT, claims={}) is None


@pytest.mark.req("DCQL-06", "DCQL-07")
@pytest.mark.parametrize(
    "sets",
    [
        None,
        [{"options": [["two"]]}],
        [{"options": [["one", "two"]]}],
        [{"options": [["one"]]}, {"options": [["two"]]}],
        [{"options": [["two"]], "required": False}],
    ],
)
def test_a_query_that_cannot_is_refused(sets: list[object] | None) -> None:
    data: dict[str, object] = {"credentials": [credential(), credential(**{**MDOC, "id": "two"})]}
    with pytest.raises(FormatNotSupported):
        parse_query(data if sets is None else {**data, "credential_sets": sets})


@pytest.mark.req("DCQL-12")
@pytest.mark.parametrize("path", [["a"], ["a", "b", "c"], ["a", None], ["a", 0], [0, "b"]])
def test_a_path_into_an_mdoc_is_namespace_and_element(path: list[object]) -> None:
    data = {"credentials": [credential(**MDOC, claims=[{"path": path}])]}
    with pytest.raises(MalformedClaimsPath):
        parse_query(data, formats=BOTH)


NO_QUERY: list[tuple[str, object]] = [
    ("no object", []),
    ("no credentials", {}),
    ("empty credentials", {"credentials": []}),
    ("credential no object", {"credentials": ["one"]}),
    ("no id", {"credentials": [{"format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}}]}),
    ("id empty", {"credentials": [credential(id="")]}),
    ("id with a dot", {"credentials": [credential(id="o.ne")]}),
    ("id with a line end", {"credentials": [credential(id="one\n")]}),
    ("id with a letter outside ASCII", {"credentials": [credential(id="äö")]}),
    ("id a number", {"credentials": [credential(id=1)]}),
    ("no format", {"credentials": [{"id": "a", "meta": {"vct_values": [VCT]}}]}),
    ("no meta", {"credentials": [{"id": "a", "format": "dc+sd-jwt"}]}),
    ("meta an array", {"credentials": [credential(meta=[])]}),
    ("vct_values a text", {"credentials": [credential(meta={"vct_values": VCT})]}),
    ("vct_values empty", {"credentials": [credential(meta={"vct_values": []})]}),
    ("multiple a number", {"credentials": [credential(multiple=1)]}),
    ("multiple null", {"credentials": [credential(multiple=None)]}),
    ("binding a text", {"credentials": [credential(require_cryptographic_holder_binding="no")]}),
    ("claims empty", {"credentials": [credential(claims=[])]}),
    ("claims null", {"credentials": [credential(claims=None)]}),
    ("claim no object", with_claims("a")),
    ("claim id with a space", with_claims({"path": ["a"], "id": "a b"})),
    ("values empty", with_claims({"path": ["a"], "values": []})),
    ("values with 1.0", with_claims({"path": ["a"], "values": [1.0]})),
    ("values with null", with_claims({"path": ["a"], "values": [None]})),
    ("values with an object", with_claims({"path": ["a"], "values": [{}]})),
    ("claim_sets empty", with_claims({"path": ["a"], "id": "a"}, claim_sets=[])),
    ("claim set empty", with_claims({"path": ["a"], "id": "a"}, claim_sets=[[]])),
    ("authorities empty", {"credentials": [credential(trusted_authorities=[])]}),
    (
        "authority without values",
        {"credentials": [credential(trusted_authorities=[{"type": "x"}])]},
    ),
    ("credential_sets empty", {"credentials": [credential()], "credential_sets": []}),
    (
        "credential_sets names nobody",
        {"credentials": [credential()], "credential_sets": [{"options": [["two"]]}]},
    ),
    ("set no object", {"credentials": [credential()], "credential_sets": [["one"]]}),
    ("set without options", {"credentials": [credential()], "credential_sets": [{}]}),
    (
        "set with an empty option",
        {"credentials": [credential()], "credential_sets": [{"options": [[]]}]},
    ),
    (
        "set with an option that is no array",
        {"credentials": [credential()], "credential_sets": [{"options": ["one"]}]},
    ),
    (
        "required a number",
        {"credentials": [credential()], "credential_sets": [{"options": [["one"]], "required": 0}]},
    ),
    (
        "too many sets",
        {
            "credentials": [credential()],
            "credential_sets": [{"options": [["one"]]}] * (query_module.MAX_CREDENTIAL_SETS + 1),
        },
    ),
    ("mdoc without doctype", {"credentials": [credential(format="mso_mdoc")]}),
    (
        "too many credentials",
        {"credentials": [credential(id=f"c{n}") for n in range(query_module.MAX_CREDENTIALS + 1)]},
    ),
]


@pytest.mark.req("DCQL-01", "DCQL-02", "DCQL-08", "DCQL-13", "DCQL-18")
@pytest.mark.parametrize("data", [one for _, one in NO_QUERY], ids=[name for name, _ in NO_QUERY])
def test_what_is_no_query_is_refused(data: object) -> None:
    with pytest.raises(MalformedQuery) as caught:
        parse_query(data)
    assert type(caught.value) is MalformedQuery


BREAKS_A_RULE: list[tuple[type[CheckFailed], Callable[[], object]]] = [
    (VctValuesMissing, lambda: parse_query({"credentials": [credential(meta={})]})),
    (QueryIdRepeated, lambda: parse_query({"credentials": [credential(), credential()]})),
    (
        QueryIdRepeated,
        lambda: parse_query(with_claims({"path": ["a"], "id": "x"}, {"path": ["b"], "id": "x"})),
    ),
    (
        ClaimSetsWithoutClaims,
        lambda: parse_query({"credentials": [credential(claim_sets=[["x"]])]}),
    ),
    (ClaimSetsWithoutClaims, lambda: parse_query(with_claims({"path": ["a"]}, claim_sets=[["a"]]))),
    (
        ClaimSetsWithoutClaims,
        lambda: parse_query(with_claims({"path": ["a"], "id": "x"}, claim_sets=[["y"]])),
    ),
    (MalformedClaimsPath, lambda: parse_query(with_claims({"path": []}))),
    (MalformedClaimsPath, lambda: parse_query(with_claims({}))),
]


@pytest.mark.req("DCQL-01", "DCQL-02", "DCQL-05", "DCQL-11", "DCQL-18")
@pytest.mark.parametrize(("failure", "attempt"), BREAKS_A_RULE)
def test_each_broken_rule_has_its_own_name(
    failure: type[CheckFailed], attempt: Callable[[], object]
) -> None:
    with pytest.raises(failure) as caught:
        attempt()
    assert type(caught.value) is failure


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=10,
)
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON | st.just("one"),
        "format": JSON | st.just("dc+sd-jwt"),
        "meta": JSON | st.just({"vct_values": [VCT]}),
        "claims": JSON
        | st.lists(
            st.fixed_dictionaries(
                {}, optional={"path": JSON | st.just(["a"]), "id": JSON, "values": JSON}
            ),
            max_size=3,
        ),
        "claim_sets": JSON,
        "multiple": JSON,
        "trusted_authorities": JSON,
    },
)
GARBAGE = JSON | st.fixed_dictionaries(
    {"credentials": JSON | st.lists(MEMBERS, max_size=2)},
    optional={
        "credential_sets": JSON
        | st.lists(
            st.fixed_dictionaries(
                {"options": JSON | st.just([["one"]])}, optional={"required": JSON}
            ),
            max_size=2,
        )
    },
)


@given(data=GARBAGE)
def test_garbage_is_refused_and_never_breaks_the_reader(data: object) -> None:
    try:
        query = parse_query(data)
        again = query_json(query)
    except CheckFailed:
        return
    assert parse_query(again) == query
