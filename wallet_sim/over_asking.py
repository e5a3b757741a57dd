"""Whether a receiver may ask what it asks, before the person is shown any of it.

A receiver asks in a role, for a task; what that role may see, and never may, is our own catalogue's
to say. So a request that asks for more is refused, however well it is signed.
"""

from collections.abc import Collection

from credential_schemas.model import AskedCard, Catalogue, CredentialType, RequestProfile
from openid4vc.dcql.errors import OverAsked
from openid4vc.dcql.paths import path_text
from openid4vc.dcql.profiles import check_may_ask
from openid4vc.dcql.query import CredentialQuery, Query
from wallet_sim.flow_failures import PurposeUnknown


def profile_of(
    query: Query, profile_id: str | None, *, roles: Collection[str], catalogue: Catalogue
) -> RequestProfile:
    """Return the task that a request is for, after checking that the receiver may ask all of it.

    Raises:
        PurposeUnknown: it names no task of the catalogue, or a task of other receivers.
        OverAsked: a claim is outside the role's allow-list, on its deny-list, or not part of the
            named task.
    """
    # 1. The task is one that we know, and it belongs to a role of this receiver.
    profile = catalogue.profiles.get(profile_id or "")
    own_roles = frozenset(roles) & profile.roles if profile else frozenset()
    if profile is None or not own_roles:
        raise PurposeUnknown
    # 2. That role may ask all of it, by allow-list and deny-list.
    check_may_ask(query, role=min(own_roles), catalogue=catalogue)
    # 3. The request stays within the task.
    for credential in query.credentials:
        _check_within(credential, profile, catalogue)
    return profile


def _check_within(query: CredentialQuery, profile: RequestProfile, catalogue: Catalogue) -> None:
    asked_types = {catalogue.type_for_vct(vct) for vct in query.vct_values}
    cards = [one for one in profile.credentials if asked_types == {_type(one, catalogue)}]
    if not cards:
        raise OverAsked("a type outside the named task")
    card = cards[0]
    for claim in query.claims:
        if not any(claim.path[: len(own)] == own for own in card.all_paths()):
            raise OverAsked(f"{card.credential_type}.{path_text(claim.path)}")
        # Whether a card fits would tell whether it has a value that was asked for by guessing.
        if claim.values and frozenset(claim.values) != frozenset(card.values.get(claim.path, ())):
            raise OverAsked(f"a value of {card.credential_type}.{path_text(claim.path)}")


def _type(card: AskedCard, catalogue: Catalogue) -> CredentialType:
    return catalogue.types[card.credential_type]
