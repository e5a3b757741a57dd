"""Choosing among credentials: what a wallet returns, and what a verifier counts."""

import json
from pathlib import Path

import pytest

from openid4vc.checks import CheckFailed, KeyBindingMissing
from openid4vc.dcql.errors import (
    PresentationNotAsked,
    QueryNotSatisfied,
    TooManyPresentations,
    VctNotAsked,
)
from openid4vc.dcql.match import Presented, check_satisfied
from openid4vc.dcql.query import (
    MSO_MDOC,
    SD_JWT_VC,
    ClaimsQuery,
    CredentialQuery,
    CredentialSet,
    Query,
    parse_query,
)
from openid4vc.dcql.selection import Selection, select_credentials

VECTORS = Path(__file__).parents[2] / "vectors" / "openid4vp"
VCT = "urn:example:one:1"


def credential(query_id: str, *, multiple: bool = False, bound: bool = True) -> CredentialQuery:
    claims = (ClaimsQuery((query_id,)),)
    return CredentialQuery(query_id, SD_JWT_VC, (VCT,), claims, (), multiple, bound)


def asking(ids: str, *sets: CredentialSet) -> Query:
    return Query(tuple(credential(one) for one in ids), sets)


def one_of(*options: str, required: bool = True) -> CredentialSet:
    return CredentialSet(tuple(tuple(option) for option in options), required)


def shown(*ids: str) -> dict[str, list[Presented]]:
    return {one: [Presented(VCT, {one: 1})] for one in ids}


# --- Which credentials ---------------------------------------------------------------------------


@pytest.mark.req("DCQL-06", "DCQL-07")
@pytest.mark.parametrize(
    ("query", "available", "selected"),
    [
        (asking("ab"), "ab", Selection(("a", "b"))),
        (asking("ab"), "a", None),
        (asking("ab"), "", None),
        (asking("abc", one_of("a", "b")), "ab", Selection(("a",))),
        (asking("abc", one_of("a", "b")), "b", Selection(("b",))),
        (asking("abc", one_of("a", "b")), "c", None),
        (asking("abc", one_of("ab", "bc")), "ac", None),
        (asking("abc", one_of("ab", "bc")), "bc", Selection(("b", "c"))),
        (asking("abc", one_of("a"), one_of("ab", "c")), "abc", Selection(("a", "b"))),
        (asking("abc", one_of("a"), one_of("b")), "ac", None),
        (asking("ab", one_of("a", required=False)), "", Selection(())),
        (asking("ab", one_of("a", required=False)), "a", Selection((), (("a",),))),
        (asking("abc", one_of("c"), one_of("ab", required=False)), "ac", Selection(("c",))),
        (asking("abc", one_of("c"), one_of("ab", "a", required=False)), "ac",
         Selection(("c",), (("a",),))),
    ],
)  # fmt: skip
def test_one_full_option_of_every_required_set_or_nothing(
    query: Query, available: str, selected: Selection | None
) -> None:
    assert select_credentials(query, available) == selected


@pytest.mark.req("DCQL-06")
def test_a_preferred_credential_decides_among_options_that_can_be_met() -> None:
    query = asking("abc", one_of("a", "b", "c"))
    assert select_credentials(query, "abc", prefer="b") == Selection(("b",))
    assert select_credentials(query, "ac", prefer="b") == Selection(("a",))
    assert select_credentials(query, "abc", prefer="cb") == Selection(("b",))


@pytest.mark.req("DCQL-06")
def test_a_credential_that_no_set_names_is_not_asked_for() -> None:
    assert asking("abc", one_of("a"), one_of("b", required=False)).requested_ids == {"a", "b"}
    assert asking("abc").requested_ids == {"a", "b", "c"}


PUBLISHED_HOLDINGS = {
    ("pid",): ("pid",),
    ("other_pid",): ("other_pid",),
    ("pid", "other_pid", "pid_reduced_cred_1", "pid_reduced_cred_2"): ("pid",),
    ("pid_reduced_cred_1", "pid_reduced_cred_2"): ("pid_reduced_cred_1", "pid_reduced_cred_2"),
    ("nice_to_have", "other_pid"): ("other_pid", "nice_to_have"),
    ("pid_reduced_cred_1",): None,
    ("pid_reduced_cred_2", "nice_to_have"): None,
    (): None,
}


@pytest.mark.req("DCQL-06", "DCQL-07")
@pytest.mark.parametrize(("held", "returned"), PUBLISHED_HOLDINGS.items())
def test_the_published_alternatives(
    held: tuple[str, ...], returned: tuple[str, ...] | None
) -> None:
    text = (VECTORS / "query_lang-credentials_alternatives.json").read_text()
    selection = select_credentials(parse_query(json.loads(text)), held)
    assert (None if selection is None else selection.all_ids()) == returned


@pytest.mark.req("DCQL-06", "DCQL-12")
def test_the_published_alternatives_among_mdocs() -> None:
    text = (VECTORS / "query_lang-complex_mdoc.json").read_text()
    query = parse_query(json.loads(text), formats=(SD_JWT_VC, MSO_MDOC))
    photo_card = ("photo_card-id", "photo_card-address")
    assert select_credentials(query, photo_card) == Selection(photo_card[:1], (photo_card[1:],))
    assert select_credentials(query, ("mdl-address", "photo_card-address")) is None
    assert [one.doctype for one in query.credentials[::2]] == [
        "org.iso.18013.5.1.mDL",
        "org.iso.23220.photoid.1",
    ]


# --- What the verifier counts --------------------------------------------------------------------

ALTERNATIVES = asking("abcd", one_of("a", "bc"), one_of("d", required=False))


@pytest.mark.req("DCQL-06", "VP-33")
@pytest.mark.parametrize(
    ("came", "counts"),
    [("a", "a"), ("bc", "bc"), ("ad", "ad"), ("abc", "a"), ("ac", "a"), ("abcd", "ad")],
)
def test_nothing_beyond_one_option_of_each_set_counts(came: str, counts: str) -> None:
    assert set(check_satisfied(ALTERNATIVES, shown(*came))) == set(counts)


@pytest.mark.req("DCQL-06", "DCQL-07", "VP-33")
@pytest.mark.parametrize("came", ["", "b", "c", "d", "bd"])
def test_half_an_option_satisfies_nobody(came: str) -> None:
    with pytest.raises(QueryNotSatisfied):
        check_satisfied(ALTERNATIVES, shown(*came))


@pytest.mark.req("VP-31")
def test_what_no_set_asks_for_is_refused() -> None:
    with pytest.raises(PresentationNotAsked):
        check_satisfied(asking("ab", one_of("a")), shown("a", "b"))


@pytest.mark.req("DCQL-06", "VP-31")
def test_an_answer_to_optional_sets_may_be_empty() -> None:
    assert check_satisfied(asking("a", one_of("a", required=False)), {}) == {}


@pytest.mark.req("DCQL-19", "VP-33")
@pytest.mark.parametrize(
    ("failure", "optional"),
    [
        (QueryNotSatisfied, [Presented(VCT, {"a": 1})]),
        (VctNotAsked, [Presented("urn:example:two:1", {"d": 1})]),
        (TooManyPresentations, [Presented(VCT, {"d": 1})] * 2),
        (KeyBindingMissing, [Presented(VCT, {"d": 1}, holder_bound=False)]),
    ],
)
def test_an_optional_credential_has_to_fit_too(
    failure: type[CheckFailed], optional: list[Presented]
) -> None:
    with pytest.raises(failure) as caught:
        check_satisfied(ALTERNATIVES, {**shown("a"), "d": optional})
    assert type(caught.value) is failure


@pytest.mark.req("DCQL-13", "VP-33")
def test_key_binding_is_needed_unless_the_query_does_without() -> None:
    free = Presented(VCT, {"a": 1}, holder_bound=False)
    with pytest.raises(KeyBindingMissing):
        check_satisfied(Query((credential("a"),)), {"a": [free]})
    assert check_satisfied(Query((credential("a", bound=False),)), {"a": [free]})


@pytest.mark.req("DCQL-08")
def test_with_multiple_each_presentation_is_held_to_the_query() -> None:
    query = Query((credential("a", multiple=True),))
    fits, lacks = Presented(VCT, {"a": 1}), Presented(VCT, {"b": 1})
    assert len(check_satisfied(query, {"a": [fits, fits, fits]})["a"]) == 3
    with pytest.raises(QueryNotSatisfied):
        check_satisfied(query, {"a": [fits, lacks]})
    with pytest.raises(QueryNotSatisfied):
        check_satisfied(query, {"a": []})
