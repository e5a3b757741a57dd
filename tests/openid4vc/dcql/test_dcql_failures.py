"""Every failure of this package has a case that meets it."""

import inspect
from collections.abc import Callable

import pytest

from credential_schemas.loader import load_catalogue
from openid4vc.checks import CheckFailed
from openid4vc.dcql import errors
from openid4vc.dcql.match import Presented, check_satisfied
from openid4vc.dcql.profiles import check_may_ask
from openid4vc.dcql.query import (
    ClaimsQuery,
    CredentialQuery,
    Query,
    parse_query,
    query_json,
)

VCT = "urn:example:one:1"
ONE: dict[str, object] = {"id": "one", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}}
QUERY = Query((CredentialQuery("one", "dc+sd-jwt", (VCT,)),))
TWICE = Query(
    (
        CredentialQuery(
            "one", "dc+sd-jwt", (VCT,), (ClaimsQuery(("a", None)), ClaimsQuery(("a", 0)))
        ),
    )
)


def read(**members: object) -> Query:
    return parse_query({"credentials": [{**ONE, **members}]})


CASES: dict[type[CheckFailed], Callable[[], object]] = {
    errors.MalformedQuery: lambda: parse_query(None),
    errors.MalformedClaimsPath: lambda: read(claims=[{"path": "name"}]),
    errors.QueryIdRepeated: lambda: parse_query({"credentials": [ONE, ONE]}),
    errors.ClaimAskedTwice: lambda: query_json(TWICE),
    errors.ClaimSetsWithoutClaims: lambda: read(claim_sets=[["a"]]),
    errors.VctValuesMissing: lambda: read(meta={}),
    errors.FormatNotSupported: lambda: read(format="mso_mdoc", meta={"doctype_value": "x"}),
    errors.OverAsked: lambda: check_may_ask(QUERY, role="te_office", catalogue=load_catalogue()),
    errors.QueryNotSatisfied: lambda: check_satisfied(QUERY, {}),
    errors.VctNotAsked: lambda: check_satisfied(QUERY, {"one": [Presented("other", {})]}),
    errors.PresentationNotAsked: lambda: check_satisfied(QUERY, {"two": []}),
    errors.TooManyPresentations: lambda: check_satisfied(
        QUERY, {"one": [Presented(VCT, {}), Presented(VCT, {})]}
    ),
}


def failures() -> set[type[CheckFailed]]:
    return {
        one
        for _, one in inspect.getmembers(errors, inspect.isclass)
        if issubclass(one, CheckFailed) and one.__module__ == errors.__name__
    }


def test_every_failure_has_a_case_and_a_code_and_a_clause_of_its_own() -> None:
    assert failures() == set(CASES)
    assert len({one.code for one in CASES}) == len(CASES)
    assert all(one.spec for one in CASES)


@pytest.mark.parametrize("failure", CASES, ids=lambda one: one.code)
def test_each_failure_is_met(failure: type[CheckFailed]) -> None:
    with pytest.raises(failure) as caught:
        CASES[failure]()
    assert type(caught.value) is failure
