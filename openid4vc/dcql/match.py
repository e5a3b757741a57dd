"""Whether claims answer a query: one definition for the wallet and for the verifier."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from openid4vc.checks import KeyBindingMissing
from openid4vc.dcql.authorities import UNKNOWN, Provenance, accepts
from openid4vc.dcql.errors import (
    PresentationNotAsked,
    QueryNotSatisfied,
    TooManyPresentations,
    VctNotAsked,
)
from openid4vc.dcql.model import SD_JWT_VC, Answer, ClaimsQuery, CredentialQuery, Query
from openid4vc.dcql.paths import Path, select
from openid4vc.dcql.selection import requested_ids, select_credentials


class Presented(NamedTuple):
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
    query: Query, presented: Mapping[str, Sequence[Presented | tuple[str, Mapping[str, object]]]]
) -> dict[str, tuple[Answer, ...]]:
    """Check presentations against the whole query (8.6), whatever the wallet claims.

    Args:
        query: what was asked.
        presented: query ids to the presentations that came under them, each with its type and
            disclosed claims.

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
    if not requested_ids(query).issuperset(presented):
        raise PresentationNotAsked("unknown query id")
    # 2. Each answers its credential query. The wallet must return no other (6.4.2), so one that
    #    does not is no accident to be passed over.
    answers = {
        one.id: _answers(
            one,
            [
                entry if isinstance(entry, Presented) else Presented(*entry)
                for entry in presented[one.id]
            ],
        )
        for one in query.credentials
        if presented.get(one.id)
    }
    # 3. Together they satisfy all that is required; nothing more counts.
    selection = select_credentials(query, answers)
    if selection is None:
        raise QueryNotSatisfied("a credential is missing")
    return {name: answers[name] for name in selection.all_ids()}


def keep_only(claims: Mapping[str, object], answer: Answer) -> dict[str, object]:
    """Return the claims that an answer is made of, and nothing more.

    Objects keep only the members asked for; an array keeps only the selected elements, in order.
    """
    whole: dict[str, object] = {}
    parts: list[Path] = []
    for place in answer.places:
        if len(place) == 1:
            whole[str(place[0])] = claims[str(place[0])]
        else:
            parts.append(place)
    return {**_members(claims, parts), **whole} if parts else whole


def _answers(query: CredentialQuery, entries: Sequence[Presented]) -> tuple[Answer, ...]:
    if len(entries) > 1 and not query.multiple:
        raise TooManyPresentations("one presentation was asked")
    return tuple(_answer_of(query, entry) for entry in entries)


def _answer_of(query: CredentialQuery, entry: Presented) -> Answer:
    if entry.vct not in query.vct_values:
        raise VctNotAsked("another type was asked")
    if query.require_cryptographic_holder_binding and not entry.holder_bound:
        raise KeyBindingMissing("the query requires it")
    found = answer(
        query,
        vct=entry.vct,
        claims=entry.claims,
        holder_bound=entry.holder_bound,
        partial_arrays=entry.partial_arrays,
        provenance=entry.provenance,
    )
    if found is None:
        raise QueryNotSatisfied("a required claim is missing or has another value")
    return found


def _first_option(
    query: CredentialQuery, claims: Mapping[str, object], partial_arrays: Collection[Path]
) -> Answer | None:
    # Options share claims, so each is looked for once. By index: 1 and True compare equal.
    places: dict[int, Sequence[Path]] = {
        index: ((name,),) for name, index in query.by_name.items() if name in claims
    }
    for index in query.others:
        if found := _places(query.claims[index], claims, partial_arrays):
            places[index] = found
    absent = {*range(len(query.claims))} - places.keys()
    for option in query.option_indexes:
        if absent.isdisjoint(option):
            return Answer(
                tuple([query.claims[index] for index in option]),
                tuple([place for index in option for place in places[index]]),
            )
    return None


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


def _pruned(value: object, places: Collection[Path]) -> object:
    """Return what is left of a value when only these places below it are kept."""
    if () in places:
        return value
    if isinstance(value, Mapping):
        return _members(value, places)
    if isinstance(value, list):
        below = _below(places)
        return [_pruned(one, below[at]) for at, one in enumerate(value) if at in below]
    return None


def _members(claims: Mapping[str, object], places: Collection[Path]) -> dict[str, object]:
    below = _below(places)
    return {name: _pruned(claims[name], below[name]) for name in claims if name in below}


def _below(places: Collection[Path]) -> Mapping[str | int, list[Path]]:
    below: dict[str | int, list[Path]] = {}
    for place in places:
        below.setdefault(place[0], []).append(place[1:])
    return below
