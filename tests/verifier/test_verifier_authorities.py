"""A request names the authorities whose cards the desk can accept, as its trust list has them."""

from datetime import timedelta

import pytest

from keys.checks import TrustListStale
from openid4vc.dcql.authorities import authority_named_by
from openid4vc.openid4vp.request import AuthorizationRequest
from tests.verifier.world import NOW, TYPE_OF, World, demo_pki


def authorities(request: AuthorizationRequest) -> tuple[object, ...]:
    return request.query.credentials[0].trusted_authorities


@pytest.mark.req("HAIP-12", "DCQL-14")
@pytest.mark.parametrize("profile", TYPE_OF)
def test_the_issuing_authorities_of_the_type_are_named(world: World, profile: str) -> None:
    vct = f"urn:kykylompakko:{TYPE_OF[profile].replace('_', '-')}:1"
    anchors = [
        anchor
        for issuer in demo_pki().trust_list.issuers
        if vct in issuer.vcts
        for anchor in issuer.issuing_anchors
    ]
    assert authorities(world.start(profile).fetch()) == (authority_named_by(anchors),)


@pytest.mark.req("HAIP-12")
def test_they_are_those_of_the_newest_trust_list(world: World) -> None:
    issuers = demo_pki().trust_list.issuers
    kept = tuple(one for one in issuers if one.id != "kela")
    world.put_trust_list(world.trust_list(sequence=2, issuers=kept))
    world.run(world.parts.refresh())
    anchors = [
        anchor
        for issuer in kept
        if "urn:kykylompakko:authority-decision:1" in issuer.vcts
        for anchor in issuer.issuing_anchors
    ]
    request = world.start("te_benefit_coordination").fetch()
    assert authorities(request) == (authority_named_by(anchors),)


def test_without_a_trust_list_in_force_nobody_is_named(world: World) -> None:
    world.put_trust_list(world.trust_list(sequence=2, next_update=NOW + timedelta(minutes=1)))
    world.run(world.parts.refresh())
    world.clock.advance(minutes=2)
    assert authorities(world.start().fetch()) == ()
    assert world.run(world.parts.refresh()).failure == TrustListStale.code
