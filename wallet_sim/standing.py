"""Asking issuers' status lists how the cards stand. Each list is fetched whole, and once.

A list speaks of thousands of cards, so its issuer does not learn which one this wallet holds. What
cannot be fetched or does not verify changes nothing: the person sees when it was last known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from keys.checks import CheckFailed
from keys.trust import TrustedIssuer, TrustList
from openid4vc.sd_jwt.vc import find_issuer, status_reference
from openid4vc.status_list.bits import Status
from openid4vc.status_list.forms import ACCEPT, ListToken, form_of, read_token
from openid4vc.status_list.model import VerifiedStatusList
from wallet_sim.flow_failures import IssuerAnswerUnclear
from wallet_sim.held import HeldCard
from wallet_sim.model import Checked, Standing
from wallet_sim.ports import Network

STANDINGS = {
    Status.VALID: Standing.VALID,
    Status.INVALID: Standing.REVOKED,
    Status.SUSPENDED: Standing.SUSPENDED,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of asking.

    Attributes:
        checked: by card id, for the cards whose lists were had.
        unknown: ids of cards whose lists could not be had, or not believed.
    """

    checked: Mapping[str, Checked]
    unknown: tuple[str, ...]


async def ask_issuers(
    cards: Iterable[HeldCard], *, network: Network, trust: TrustList, at: datetime
) -> Asked:
    """Ask for each card that has a status and neither expired nor was revoked for good."""
    lists: dict[tuple[str, str], VerifiedStatusList | None] = {}
    checked: dict[str, Checked] = {}
    unknown: list[str] = []
    for held in cards:
        if held.expired(at) or held.revoked():
            continue
        try:
            reference = status_reference(held.claims)
            if reference is None:
                continue
            issuer = find_issuer(held.sd_jwt, trust=trust, at=at).issuer
            key = (reference.uri, issuer.id)
            if key not in lists:
                lists[key] = await _fetch(network, reference.uri, issuer, at)
            listed = lists[key]
            if listed is None:
                unknown.append(held.card.id)
                continue
            standing = STANDINGS[listed.status_at(reference.index)]
            checked[held.card.id] = Checked(standing=standing, at=at, as_of=listed.issued_at)
        except CheckFailed:
            unknown.append(held.card.id)
    return Asked(checked, tuple(unknown))


async def _fetch(
    network: Network, uri: str, issuer: TrustedIssuer, at: datetime
) -> VerifiedStatusList | None:
    """Return a list that verifies, None when there is none to be had now."""
    try:
        reply = await network.get(uri, accept=ACCEPT)
        if reply.status != HTTPStatus.OK:
            raise IssuerAnswerUnclear(f"status list, status {reply.status}")
        found = ListToken(form_of(reply.content_type), reply.body)
        return read_token(found, uri=uri, issuer=issuer, at=at)
    except CheckFailed:
        return None
