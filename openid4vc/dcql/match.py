"""Whether claims answer a query: one definition for the wallet and for the verifier."""

from collections.abc import Collection, Mapping, Sequence
from itertools import compress

from msgspec import Struct

from openid4vc.checks import KeyBindingMissing
from openid4vc.dcql.authorities import UNKNOWN, Provenance, accepts
from openid4vc.dcql.errors import (
    PresentationNotAsked,
    QueryNotSatisfied,
    TooManyPresentations,
    VctNotAsked,
)
from openid4vc.dcql.model import SD_JWT_VC, Answer, ClaimsQuery, CredentialQuery, Plan, Query, Tree
from openid4vc.dcql.paths import Path, select
from openid4vc.dcql.selection import select_credentials


class Presented(Struct, frozen=True):
    """One presentation, verified in itself.

    Attributes:
        vct: its type.
        claims: its disclosed claims.
        partial_arrays: places of arrays of which elements are hidden.
        holder_bound: whether a proof of key binding came with it and holds.
        provenance: what stands behind it; needed only where `trusted_authorities` are asked.
    """

    vct: str
    claims: Mapping[str, object]
    partial_arrays: frozenset[Path] = frozenset()
    holder_bound: bool = True
    provenance: Provenance = UNKNOWN


def answer(
    query: CredentialQuery,
    *,
    vct: str,
    claims: Mapping[str, object],
    holder_bound: bool = True,
    partial_arrays: Collection[Path] = (),
    provenance: Provenance = UNKNOWN,
) -> Answer | None:
    """Return the first option that an SD-JWT VC satisfies (6.4.1), or None when none is.

    Args:
        query: one credential query.
        vct: the credential's type.
        claims: all claims (wallet), or the disclosed ones (verifier).
        holder_bound: whether the credential is bound to a key; one that is not cannot answer a
            query that requires it (6.1).
        partial_arrays: places of arrays of which elements are hidden; positions in them have
            shifted, so a path with a position in one of them matches nothing.
        provenance: what stands behind the credential, as `provenance_of` finds.
    """
    if query.format != SD_JWT_VC or vct not in query.vct_values:
        return None
    if query.require_cryptographic_holder_binding and not holder_bound:
        return None
    if not accepts(query.trusted_authorities, provenance):
        return None
    return _first_option(query, claims, partial_arrays)


def check_satisfied(
    query: Query, presented: Mapping[str, Sequence[Presented]]
) -> dict[str, tuple[Answer, ...]]:
    """Check presentations against the whole query (8.6), whatever the wallet claims.

    Args:
        query: what was asked.
        presented: query ids to the presentations that came under them.

    Returns:
        For each id that the query needed the answers, in the order of the presentations. What
        came beyond one option of each credential set is not among them, and is not to be kept.

    Raises:
        PresentationNotAsked: an id that the query does not have, or asks for in no set.
        TooManyPresentations: more than one where `multiple` is not set.
        VctNotAsked: a type that was not asked.
        KeyBindingMissing: no key binding where it is required.
        QueryNotSatisfied: a credential or a required claim is missing, or has another value, or
            comes from nobody that was asked for.
    """
    # 1. Every presentation came under an id that is asked for.
    if not query.requested_ids.issuperset(presented):
        raise PresentationNotAsked("unknown query id")
    # 2. Each answers its credential query. The wallet must return no other (6.4.2), so one that
    #    does not is no accident to be passed over.
    answers: dict[str, tuple[Answer, ...]] = {}
    for one in query.credentials:
        entries = presented.get(one.id, ())
        if len(entries) > 1 and not one.multiple:
            raise TooManyPresentations("one presentation was asked")
        if entries:
            answers[one.id] = tuple([_answer_of(one, entry) for entry in entries])
    # 3. Together they satisfy all that is required; nothing more counts.
    if not query.credential_sets and len(answers) == len(query.credentials):
        return answers
    selection = select_credentials(query, answers)
    if selection is None:
        raise QueryNotSatisfied("a credential is missing")
    return {name: answers[name] for name in selection.all_ids()}


def keep_only(claims: Mapping[str, object], answer: Answer) -> dict[str, object]:
    """Return the claims that an answer is made of, and nothing more.

    Objects keep only the members asked for; an array keeps only the selected elements, in order.
    """
    return {
        name: claims[name] if below is None else _pruned(claims[name], below)
        for name, below in answer.tree.items()
    }


def _answer_of(query: CredentialQuery, entry: Presented) -> Answer:
    if entry.vct not in query.vct_values:
        raise VctNotAsked("another type was asked")
    if query.require_cryptographic_holder_binding and not entry.holder_bound:
        raise KeyBindingMissing("the query requires it")
    if not accepts(query.trusted_authorities, entry.provenance):
        raise QueryNotSatisfied("from nobody that was asked for")
    found = _first_option(query, entry.claims, entry.partial_arrays)
    if found is None:
        raise QueryNotSatisfied("a required claim is missing or has another value")
    return found


def _first_option(
    query: CredentialQuery, claims: Mapping[str, object], partial_arrays: Collection[Path]
) -> Answer | None:
    missing = query.names.difference(claims)
    found: dict[int, Sequence[Path]] = {}  # plans share claims, so each is looked for once
    for plan in compress(query.plans, map(missing.isdisjoint, query.plan_names)):
        for index in plan.others:
            if index not in found:
                found[index] = _places(query.claims[index], claims, partial_arrays)
            if not found[index]:
                break
        else:
            return plan.answer or _answer_with(query, plan, found)
    return None


def _answer_with(query: CredentialQuery, plan: Plan, found: Mapping[int, Sequence[Path]]) -> Answer:
    asked = tuple(query.claims[index] for index in plan.indexes)
    places = (
        place
        for index, claim in zip(plan.indexes, asked, strict=True)
        for place in found.get(index, ((str(claim.name),),))
    )
    return Answer.to(asked, tuple(places))


def _places(
    claim: ClaimsQuery, claims: Mapping[str, object], partial_arrays: Collection[Path]
) -> Sequence[Path]:
    value: object = claims
    place: list[str] = []
    for part in claim.path:
        if type(value) is not dict or type(part) is not str:
            break  # arrays and strange things are for `select`
        if part not in value:
            return ()
        place.append(part)
        value = value[part]
    else:
        return (tuple(place),) if _matches(claim, value) else ()
    return [
        place
        for place, value in select(claims, claim.path)
        if _matches(claim, value) and not _shifted(claim, place, partial_arrays)
    ]


def _matches(claim: ClaimsQuery, value: object) -> bool:
    """Whether type and value are those of one of the expected values (6.3)."""
    if not claim.values:
        return True
    return any(type(value) is type(wanted) and value == wanted for wanted in claim.values)


def _shifted(claim: ClaimsQuery, place: Path, partial_arrays: Collection[Path]) -> bool:
    return any(
        isinstance(part, int) and place[:depth] in partial_arrays
        for depth, part in enumerate(claim.path)
    )


def _pruned(value: object, tree: Tree) -> object:
    """Return what is left of a value when only these places below it are kept."""
    if isinstance(value, Mapping):
        return {
            name: one if (below := tree[name]) is None else _pruned(one, below)
            for name, one in value.items()
            if name in tree
        }
    if isinstance(value, list):
        return [
            one if (below := tree[at]) is None else _pruned(one, below)
            for at, one in enumerate(value)
            if at in tree
        ]
    return None
