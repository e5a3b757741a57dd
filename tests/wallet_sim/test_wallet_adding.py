"""Adding a card by signing in at its issuer: what goes out, what is believed, what is kept."""

import asyncio

import pytest

from tests.wallet_sim.signing_in import REDIRECT, AddingWorld
from tests.wallet_sim.world import ISSUER
from wallet_sim.model import Card, Outcome

run = asyncio.run
TYPE = "self_assessment_result"


@pytest.fixture
def world() -> AddingWorld:
    return AddingWorld()


async def redirected(world: AddingWorld, *, issuer: str = ISSUER) -> str:
    """Begin; return what the browser comes back with."""
    offer = await world.wallet.adding.open(issuer)
    started = await world.wallet.adding.start(offer.only(TYPE), redirect_uri=REDIRECT)
    return world.issuer.browse(started.link)


async def added(world: AddingWorld) -> tuple[Card, ...]:
    wallet = world.wallet
    return await wallet.keep(await wallet.adding.finish(await redirected(world)))


def test_a_card_is_added_by_signing_in(world: AddingWorld) -> None:
    (card,) = run(added(world))
    assert world.wallet.cards() == (card,)
    assert card.type_id == TYPE
    assert world.issuer.events == ["credential_accepted"]
    assert [entry.outcome for entry in world.wallet.log()] == [Outcome.RECEIVED]
    contents = world.store.load()
    assert (contents.begun, contents.unfinished, contents.pending) == ((), (), ())
