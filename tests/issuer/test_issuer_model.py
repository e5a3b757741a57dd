"""The life cycles, tested whole: every pair of states is either in the table or refused."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product

import pytest

from issuer.model import (
    CLAIMS_KEPT_IN,
    DELIVERY_NEXT,
    OFFER_NEXT,
    STANDING_NEXT,
    UNDELIVERED,
    Delivery,
    OfferState,
    Standing,
    sources_of,
)
from issuer.ports.authorization import AUTHORIZATION_NEXT, AuthorizationState

OFFER_MOVES = {
    ("offered", "claimed"),
    ("offered", "withdrawn"),
    ("offered", "expired"),
    ("offered", "blocked"),
    ("claimed", "completed"),
    ("claimed", "lapsed"),
    ("claimed", "withdrawn"),
}
DELIVERY_MOVES = {
    ("recorded", "issued"),
    ("recorded", "replaced"),
    ("issued", "accepted"),
    ("issued", "replaced"),
    ("issued", "failed"),
    ("issued", "deleted"),
    ("accepted", "deleted"),
}
STANDING_MOVES = {
    ("valid", "suspended"),
    ("valid", "revoked"),
    ("suspended", "valid"),
    ("suspended", "revoked"),
}
AUTHORIZATION_MOVES = {
    ("pushed", "signing_in"),
    ("pushed", "over"),
    ("signing_in", "asked"),
    ("signing_in", "over"),
    ("asked", "code_given"),
    ("asked", "over"),
    ("code_given", "redeemed"),
    ("code_given", "over"),
    ("redeemed", "over"),
}


@pytest.mark.req("ARF-20", "VCI-28", "VCI-40", "VCI-43")
@pytest.mark.parametrize(
    ("states", "table", "moves"),
    [
        (OfferState, OFFER_NEXT, OFFER_MOVES),
        (Delivery, DELIVERY_NEXT, DELIVERY_MOVES),
        (Standing, STANDING_NEXT, STANDING_MOVES),
        (AuthorizationState, AUTHORIZATION_NEXT, AUTHORIZATION_MOVES),
    ],
)
def test_each_life_cycle_has_these_moves_and_no_other(
    states: type[StrEnum], table: Mapping[StrEnum, frozenset[StrEnum]], moves: set[tuple[str, str]]
) -> None:
    assert set(table) == set(states)
    found = {(a.value, b.value) for a, b in product(states, states) if b in table[a]}
    assert found == moves


def test_sources_are_the_table_read_backwards() -> None:
    assert sources_of(OfferState.WITHDRAWN, OFFER_NEXT) == {OfferState.OFFERED, OfferState.CLAIMED}
    assert sources_of(Standing.VALID, STANDING_NEXT) == {Standing.SUSPENDED}
    assert sources_of(Delivery.RECORDED, DELIVERY_NEXT) == frozenset()


def test_claims_exist_exactly_while_an_offer_can_still_become_a_credential() -> None:
    assert {state for state in OfferState if OFFER_NEXT[state]} == CLAIMS_KEPT_IN


def test_a_copy_is_undelivered_while_it_can_be_replaced() -> None:
    assert sources_of(Delivery.REPLACED, DELIVERY_NEXT) == UNDELIVERED
