"""Our request profiles as queries, and the limits of what a role may ask."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, combinations, islice
from typing import Final

from credential_schemas.model import AskedCard, Catalogue, CredentialType, RequestProfile
from keys.trust import TrustedIssuer
from openid4vc.dcql.authorities import authority_named_by
from openid4vc.dcql.errors import OverAsked
from openid4vc.dcql.model import (
    SD_JWT_VC,
    ClaimsQuery,
    CredentialQuery,
    CredentialSet,
    Query,
)
from openid4vc.dcql.paths import path_text

MAX_OPTIONS: Final = 64  # what our own reader takes, too


def query_for(profile: RequestProfile, catalogue: Catalogue) -> Query:
    """Return the query of a request profile.

    Each card is asked for its identity, required, required-if-held and optional claims.
    `claim_sets` offers the largest combination first and drops optional, then required-if-held
    claims; at most 64 options, the bare required claims last. Where cards are asked for that not
    everybody holds, `credential_sets` says which (6.2).

    Raises:
        KeyError: the profile names a type that the catalogue does not have.
    """
    cards = profile.credentials
    return Query(
        tuple(_credential_query(card, catalogue) for card in cards),
        tuple(map(_credential_set, cards)) if any(card.if_held for card in cards) else (),
    )


def _credential_set(card: AskedCard) -> CredentialSet:
    return CredentialSet(((card.credential_type,),), required=not card.if_held)


def _credential_query(card: AskedCard, catalogue: Catalogue) -> CredentialQuery:
    paths = dict.fromkeys(card.identity_claims + card.required_claims)
    held = dict.fromkeys(path for path in card.required_if_held if path not in paths)
    optional = dict.fromkeys(
        path for path in card.optional_claims if path not in paths and path not in held
    )
    claims = tuple(
        ClaimsQuery(path=path, id=f"c{number}", values=card.values.get(path, ()))
        for number, path in enumerate((*paths, *held, *optional), start=1)
    )
    bare, rest = [claim.id or "" for claim in claims[: len(paths)]], claims[len(paths) :]
    options = _options(rest, held=len(held)) if rest else []
    return CredentialQuery(
        id=card.credential_type,
        format=SD_JWT_VC,
        vct_values=(catalogue.types[card.credential_type].vct,),
        claims=claims,
        claim_sets=tuple((*bare, *option) for option in options if bare or option),
        multiple=card.several,
    )


def accepting_only(query: Query, issuers: Sequence[TrustedIssuer]) -> Query:
    """Return the query with the issuing authorities that may issue each type, by `aki` (6.1.1).

    A wallet that heeds it keeps cards at home that would be refused anyway. A type that none of
    the issuers may issue is asked from anybody: the trust list refuses it in the end.

    Args:
        query: what is asked.
        issuers: those of the trust list.
    """
    return replace(query, credentials=tuple(_from(issuers, one) for one in query.credentials))


def _from(issuers: Sequence[TrustedIssuer], query: CredentialQuery) -> CredentialQuery:
    anchors = [
        anchor
        for issuer in issuers
        if not issuer.vcts.isdisjoint(query.vct_values)
        for anchor in issuer.issuing_anchors
    ]
    if not anchors:
        return query
    return replace(query, trusted_authorities=(authority_named_by(anchors),))


def check_may_ask(query: Query, *, role: str, catalogue: Catalogue) -> None:
    """Check that a role may ask everything in the query: allow-list and deny-list.

    Raises:
        OverAsked: a type or a claim is outside the role's profiles; the detail names it.
    """
    for credential in query.credentials:
        if credential.format != SD_JWT_VC:
            raise OverAsked("a format that no profile has")
        for vct in credential.vct_values:
            _check_claims(credential, _type_of(vct, role, catalogue), role, catalogue)


def _type_of(vct: str, role: str, catalogue: Catalogue) -> CredentialType:
    credential_type = catalogue.type_for_vct(vct)
    if credential_type is None:
        raise OverAsked("a type that we do not know")
    cards = (card for profile in catalogue.profiles_for(role) for card in profile.credentials)
    if all(card.credential_type != credential_type.id for card in cards):
        raise OverAsked(credential_type.id)
    return credential_type


def _check_claims(
    query: CredentialQuery, credential_type: CredentialType, role: str, catalogue: Catalogue
) -> None:
    for claim in query.claims:
        if not catalogue.may_ask(role, credential_type.id, claim.path):
            raise OverAsked(f"{credential_type.id}.{path_text(claim.path)}")


def _options(droppable: Sequence[ClaimsQuery], *, held: int) -> list[tuple[str, ...]]:
    """Return ids of subsets of the droppable claims, larger first, at most MAX_OPTIONS.

    The first `held` of them are dropped last among subsets of one size. When not all subsets fit,
    those are there in which claims that belong together stand or fall together, as far as they fit
    themselves; "all that must be shown if held" and "none" always are.
    """
    places = range(len(droppable))
    chosen = list(islice(_subsets([(place,) for place in places]), MAX_OPTIONS + 1))
    if len(chosen) > MAX_OPTIONS:
        last = list(dict.fromkeys((tuple(places[:held]), ())))
        together = _subsets(_belonging_together(droppable))
        first = dict.fromkeys(chain(islice(together, MAX_OPTIONS), chosen))
        first = dict.fromkeys(option for option in first if option not in last)
        chosen = [*islice(first, MAX_OPTIONS - len(last)), *last]
    chosen.sort(key=lambda option: (-len(option), option))
    ids = [claim.id or "" for claim in droppable]
    return [tuple(ids[place] for place in option) for option in chosen]


def _subsets(groups: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    """Return the unions of any number of groups of places, those of more groups first."""
    for size in range(len(groups), -1, -1):
        for some in combinations(groups, size):
            yield tuple(sorted(chain.from_iterable(some)))


def _belonging_together(claims: Sequence[ClaimsQuery]) -> list[tuple[int, ...]]:
    """Return the places of claims whose names begin with the same word: a score and its method."""
    groups: dict[str, list[int]] = {}
    for place, claim in enumerate(claims):
        groups.setdefault(str(claim.path[0]).partition("_")[0], []).append(place)
    return [tuple(group) for group in groups.values()]
