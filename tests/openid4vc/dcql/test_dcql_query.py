"""Reading and writing DCQL queries."""

import json
from collections.abc import Callable
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
    CredentialSetsNotSupported,
    FormatNotSupported,
    MalformedClaimsPath,
    MalformedQuery,
    QueryIdRepeated,
    VctValuesMissing,
)
from openid4vc.dcql.query import ClaimsQuery, TrustedAuthority, parse_query, query_json

VECTORS = Path(__file__).parents[2] / "vectors" / "openid4vp"
VCT = "urn:example:one:1"


def vector(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


def credential(**members: object) -> dict[str, object]:
    return {"id": "one", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}, **members}


def with_claims(*claims: object, **members: object) -> dict[str, object]:
    return {"credentials": [credential(claims=list(claims), **members)]}


@pytest.mark.req("DCQL-01", "DCQL-02", "DCQL-05")
@pytest.mark.parametrize(
    "name",
    [
        "query_lang-simple.json",
        "query_lang-claims_alternatives.json",
        "query_lang-value_matching_simple.json",
    ],
)
def test_published_queries_are_read_and_written_back(name: str) -> None:
    data = vector(name)
    assert query_json(parse_query(data)) == data


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


def test_credential_sets_are_refused_by_name_and_not_read_by_halves() -> None:
    sets = [{"options": [["one"]], "required": False}]
    with pytest.raises(CredentialSetsNotSupported):
        parse_query({"credentials": [credential()], "credential_sets": sets})


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
        QueryIdRepeated,
        lambda: parse_query(with_claims({"path": ["a"], "id": "x"}, claim_sets=[["x", "x"]])),
    ),
    (ClaimAskedTwice, lambda: parse_query(with_claims({"path": ["a"]}, {"path": ["a"]}))),
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
    {"credentials": JSON | st.lists(MEMBERS, max_size=2)}, optional={"credential_sets": JSON}
)


@given(data=GARBAGE)
def test_garbage_is_refused_and_never_breaks_the_reader(data: object) -> None:
    try:
        query = parse_query(data)
    except CheckFailed:
        return
    assert parse_query(query_json(query)) == query
