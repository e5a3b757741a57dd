"""The wallet asks for signed issuer metadata, and takes none whose signer it cannot trust."""

import asyncio
from collections.abc import Callable

import pytest

from keys.checks import ChainNotTrusted, WrongTokenType
from keys.devkeys import make_demo_pki
from keys.ports import Signer
from openid4vc.checks import CheckFailed, IssuerNotTrustedForType
from openid4vc.openid4vci.issuer_id import CREDENTIAL_ISSUER, well_known
from openid4vc.openid4vci.signed_metadata import sign_metadata
from openid4vc.openid4vci.wallet_errors import MetadataOfOtherIssuer
from tests.wallet_sim.world import ISSUER, NOON, PIN, Answer, World, pki

PLACE = well_known(ISSUER, CREDENTIAL_ISSUER)


def jwt(text: str) -> Answer:
    return Answer(200, "application/jwt", text.encode())


def world_with(make: Callable[[World], str]) -> World:
    world = World()
    world.network.on("GET", PLACE, lambda _: jwt(make(world)))
    return world


def signed_by(signer: Signer) -> Callable[[World], str]:
    return lambda world: sign_metadata(world.issuer.metadata(), signer=signer, at=NOON)


@pytest.mark.req("VCI-04", "VCI-05")
def test_signed_metadata_are_asked_for_and_believed() -> None:
    world = world_with(signed_by(pki().signer("itsearviointi", "credential")))
    (card,) = asyncio.run(world.wallet.receive(world.issuer.link(), pin=PIN))
    assert card.type_id == "self_assessment_result"
    (asked,) = world.network.calls_to("/openid-credential-issuer/itsearviointi")
    assert asked.headers == {"Accept": "application/jwt, application/json;q=0.9"}


@pytest.mark.req("VCI-05", "ARF-25")
@pytest.mark.parametrize(
    ("make", "failure"),
    [
        # of the list, but nobody who may issue what is offered
        (signed_by(pki().signer("kela", "credential")), IssuerNotTrustedForType),
        # of nobody's list
        (signed_by(make_demo_pki(at=NOON).signer("itsearviointi", "credential")), ChainNotTrusted),
        # about somebody else
        (
            lambda world: sign_metadata(
                {**world.issuer.metadata(), "credential_issuer": "https://other.example"},
                signer=pki().signer("itsearviointi", "credential"),
                at=NOON,
            ),
            MetadataOfOtherIssuer,
        ),
        # a card is signed by the same key, and is no metadata
        (lambda world: world.issuer.issued[0].partition("~")[0], WrongTokenType),
    ],
)
def test_metadata_signed_by_the_wrong_one_are_refused(
    make: Callable[[World], str], failure: type[CheckFailed]
) -> None:
    world = World()
    asyncio.run(world.wallet.receive(world.issuer.link(), pin=PIN))
    tokens = world.issuer.token_requests
    world.network.on("GET", PLACE, lambda _: jwt(make(world)))
    with pytest.raises(failure):
        asyncio.run(world.wallet.receive(world.issuer.link(), pin=PIN))
    assert world.issuer.token_requests == tokens
    assert world.wallet.log()[-1].reason == failure.code
