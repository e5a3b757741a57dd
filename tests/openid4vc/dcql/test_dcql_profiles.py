"""Request profiles as queries, and what a role may ask."""

from dataclasses import replace

import pytest

from credential_schemas.loader import load_catalogue
from credential_schemas.model import Path, RequestProfile
from openid4vc.dcql.errors import OverAsked
from openid4vc.dcql.match import answer
from openid4vc.dcql.profiles import MAX_OPTIONS, check_may_ask, query_for
from openid4vc.dcql.query import (
    ClaimsQuery,
    CredentialQuery,
    CredentialSet,
    Query,
    parse_query,
    query_json,
)

CATALOGUE = load_catalogue()
PROFILES = list(CATALOGUE.profiles.values())
INTERVIEW = CATALOGUE.profiles["te_initial_interview"]


def paths(*names: str) -> tuple[Path, ...]:
    return tuple((name,) for name in names)


def profile(required: int, held: int, optional: int) -> RequestProfile:
    return replace(
        INTERVIEW,
        identity_claims=(),
        required_claims=paths(*(f"r{n}" for n in range(required))),
        required_if_held=paths(*(f"h{n}" for n in range(held))),
        optional_claims=paths(*(f"o{n}" for n in range(optional))),
    )


def option_names(one: RequestProfile) -> list[list[str]]:
    (query,) = query_for(one, CATALOGUE).credentials
    return [[str(claim.path[0]) for claim in option] for option in query.options()]


@pytest.mark.req("DCQL-01", "DCQL-02", "DCQL-18")
@pytest.mark.parametrize("one", PROFILES, ids=lambda one: one.id)
def test_every_profile_is_a_query_that_its_roles_may_ask(one: RequestProfile) -> None:
    query = query_for(one, CATALOGUE)
    assert parse_query(query_json(query)) == query
    assert [credential.id for credential in query.credentials] == [
        card.credential_type for card in one.credentials
    ]
    for credential, card in zip(query.credentials, one.credentials, strict=True):
        assert credential.vct_values == (CATALOGUE.types[card.credential_type].vct,)
        assert {claim.path for claim in credential.claims} == set(card.all_paths())
        assert {claim.path: claim.values for claim in credential.claims if claim.values} == dict(
            card.values
        )
        assert credential.multiple == card.several
    for role in one.roles:
        check_may_ask(query, role=role, catalogue=CATALOGUE)


def test_options_go_from_all_to_the_bare_required() -> None:
    assert option_names(profile(required=1, held=1, optional=1)) == [
        ["r0", "h0", "o0"],
        ["r0", "h0"],
        ["r0", "o0"],
        ["r0"],
    ]


def test_without_anything_to_drop_there_are_no_claim_sets() -> None:
    (query,) = query_for(profile(required=2, held=0, optional=0), CATALOGUE).credentials
    assert query.claim_sets == ()


def test_without_anything_required_no_option_is_empty() -> None:
    assert option_names(profile(required=0, held=0, optional=2)) == [["o0", "o1"], ["o0"], ["o1"]]


@pytest.mark.parametrize(("held", "optional"), [(0, 6), (2, 6), (6, 2), (0, 20), (30, 30)])
def test_at_most_64_options_larger_first_and_the_bare_last(held: int, optional: int) -> None:
    options = option_names(profile(required=1, held=held, optional=optional))
    sizes = [len(option) for option in options]
    assert len(options) <= MAX_OPTIONS
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 1 + held + optional
    assert options[-1] == ["r0"]
    assert ["r0", *(f"h{n}" for n in range(held))] in options
    assert len({tuple(option) for option in options}) == len(options)


@pytest.mark.req("DCQL-05")
def test_what_belongs_together_stands_or_falls_together_when_options_are_many() -> None:
    many = replace(
        profile(required=1, held=0, optional=0),
        optional_claims=paths(
            "domain_scores", "domain_scale", "goals", "needs", "whodas_score", "whodas_method",
            "wai_score", "wai_category",
        ),
    )  # fmt: skip
    options = option_names(many)
    assert ["r0", "domain_scores", "domain_scale", "goals", "needs"] in options
    assert ["r0", "goals", "wai_score", "wai_category"] in options
    assert ["r0", "domain_scores", "goals"] not in options
    assert len(options) == MAX_OPTIONS


@pytest.mark.req("DCQL-06")
def test_a_card_that_not_everybody_holds_is_in_a_set_that_is_not_required() -> None:
    query = query_for(CATALOGUE.profiles["te_combined_first_visit"], CATALOGUE)
    assert [(one.options, one.required) for one in query.credential_sets] == [
        ((("self_assessment_result",),), True),
        ((("statement_feedback",),), False),
        ((("authority_decision",),), False),
        ((("service_plan",),), False),
    ]
    assert query_for(INTERVIEW, CATALOGUE).credential_sets == ()


def test_a_claim_in_two_groups_is_asked_once() -> None:
    twice = replace(
        INTERVIEW,
        identity_claims=paths("a"),
        required_claims=paths("a", "b"),
        required_if_held=paths("b", "c"),
        optional_claims=paths("a", "c", "d"),
    )
    assert option_names(twice)[0] == ["a", "b", "c", "d"]
    assert option_names(twice)[-1] == ["a", "b"]


@pytest.mark.req("DCQL-05")
def test_a_wallet_that_lacks_an_optional_claim_answers_with_the_rest() -> None:
    (query,) = query_for(profile(required=1, held=1, optional=2), CATALOGUE).credentials
    found = answer(query, vct=query.vct_values[0], claims={"r0": 1, "h0": 1, "o1": 1})
    assert found is not None
    assert found.places == (("r0",), ("h0",), ("o1",))


# --- What a role may ask ------------------------------------------------------------------------


def asking(vct: str, *claim_paths: Path) -> Query:
    claims = tuple(ClaimsQuery(path) for path in claim_paths)
    return Query((CredentialQuery("one", "dc+sd-jwt", (vct,), claims),))


FEEDBACK = CATALOGUE.types["statement_feedback"].vct
DECISION = CATALOGUE.types["authority_decision"].vct


@pytest.mark.parametrize(
    ("role", "query", "named"),
    [
        ("te_office", asking(DECISION, ("grounds",)), "authority_decision.grounds"),
        (
            "te_office",
            asking(DECISION, ("personal_administrative_number", "x"), ("grounds", None)),
            "authority_decision",
        ),
        ("employer", asking(FEEDBACK), "statement_feedback"),
        ("nobody", asking(FEEDBACK), "statement_feedback"),
        ("te_office", asking("urn:example:unknown:1"), "a type that we do not know"),
    ],
)
def test_asking_too_much_is_refused_and_the_place_is_named(
    role: str, query: Query, named: str
) -> None:
    with pytest.raises(OverAsked) as caught:
        check_may_ask(query, role=role, catalogue=CATALOGUE)
    assert named in caught.value.detail


@pytest.mark.parametrize("other", ["mso_mdoc", "x+y"])
def test_no_role_may_ask_for_another_format(other: str) -> None:
    query = Query((CredentialQuery("one", other, (FEEDBACK,)),))
    with pytest.raises(OverAsked):
        check_may_ask(query, role="te_office", catalogue=CATALOGUE)


def test_what_is_asked_beside_the_sets_is_held_to_the_rules_too() -> None:
    allowed, beyond = asking(FEEDBACK).credentials[0], asking(DECISION, ("grounds",)).credentials[0]
    sets = (CredentialSet((("one",),)),)
    with pytest.raises(OverAsked):
        check_may_ask(
            Query((allowed, replace(beyond, id="two")), sets), role="te_office", catalogue=CATALOGUE
        )


def test_one_unknown_type_among_several_is_refused() -> None:
    query = Query((CredentialQuery("one", "dc+sd-jwt", (FEEDBACK, "urn:example:other:1")),))
    with pytest.raises(OverAsked):
        check_may_ask(query, role="te_office", catalogue=CATALOGUE)
