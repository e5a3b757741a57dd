"""Requests that choose among cards: alternatives, optional ones, several, certain issuers."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509

from keys.jose import b64url_encode
from keys.trust import sign_trust_list
from openid4vc.dcql.profiles import accepting_only
from openid4vc.dcql.query import (
    SD_JWT_VC,
    ClaimsQuery,
    CredentialQuery,
    CredentialSet,
    Query,
    TrustedAuthority,
)
from tests.wallet_sim.world import World, pki
from wallet_sim.consent import WhyNot, Wish
from wallet_sim.flow_failures import NoMatchingCard
from wallet_sim.model import Outcome
from wallet_sim.pages_consent import no_card_page
from wallet_sim.words import Words

run = asyncio.run
VCT = "urn:kykylompakko:self-assessment-result:1"
LIST = "https://trust.example/list"
UNHELD = "domain_scores.vocational_skills"


@pytest.fixture
def world():
    return run(World().with_card())


def part(query_id: str, *paths: str, **members) -> CredentialQuery:
    claims = tuple(ClaimsQuery(tuple(path.split("."))) for path in paths)
    return CredentialQuery(query_id, SD_JWT_VC, (VCT,), claims, **members)


NAME = part("name", "given_name")
SCORE = part("score", "work_ability_score")
UNKNOWN = part("unknown", UNHELD)


def ask(world: World, credentials: list[CredentialQuery], *sets: CredentialSet):
    world.receiver.query = Query(tuple(credentials), sets)
    return run(world.wallet.open_request(world.receiver.link()))


def shown(world: World) -> list[set[str | int]]:
    return [{place[0] for place in one.disclosed} for one in world.receiver.presented]


@pytest.mark.req("DCQL-06")
def test_of_alternatives_the_first_that_can_be_met_leaves_alone(world):
    sets = CredentialSet((("unknown",), ("score",), ("name",)))
    request = ask(world, [NAME, SCORE, UNKNOWN], sets)
    assert request.can_be_answered()
    run(world.wallet.share(request))
    assert shown(world) == [{"work_ability_score"}]


@pytest.mark.req("DCQL-06", "DCQL-07")
def test_a_missing_half_of_an_option_means_that_nothing_leaves(world):
    request = ask(world, [NAME, UNKNOWN], CredentialSet((("name", "unknown"),)))
    assert not request.can_be_answered()
    assert no_card_page(Words("en", world.wallet.catalogue), request)
    with pytest.raises(NoMatchingCard):
        run(world.wallet.share(request))
    run(world.wallet.decline(request))
    assert world.receiver.errors == ["access_denied"]
    assert shown(world) == []


@pytest.mark.req("DCQL-06", "DCQL-16")
def test_what_is_not_required_leaves_only_when_the_person_names_a_card_for_it(world):
    sets = CredentialSet((("name",),)), CredentialSet((("score",),), required=False)
    world.clock.pass_by(timedelta(days=1))
    run(world.with_card())
    request = ask(world, [part("name", "given_name", "birthdate"), SCORE], *sets)
    assert [choice.part.query.id for choice in request.choices()] == ["name"]
    named = Wish(card_ids=(world.wallet.cards()[0].id,))
    assert [choice.part.query.id for choice in request.choices(named)] == ["name", "score"]
    run(world.wallet.share(request, named))
    assert shown(world) == [{"given_name", "birthdate"}, {"work_ability_score"}]


@pytest.mark.req("DCQL-06")
def test_when_nothing_is_required_the_first_that_can_be_met_is_offered(world):
    sets = [CredentialSet(((name,),), required=False) for name in ("unknown", "name", "score")]
    request = ask(world, [NAME, SCORE, UNKNOWN], *sets)
    assert [choice.part.query.id for choice in request.choices()] == ["name"]
    unheld = ask(world, [UNKNOWN], CredentialSet((("unknown",),), required=False))
    assert not unheld.can_be_answered()
    with pytest.raises(NoMatchingCard):
        unheld.choices()


@pytest.mark.req("DCQL-08")
@pytest.mark.parametrize(("multiple", "leaving"), [(False, 1), (True, 2)])
def test_several_cards_leave_only_where_several_are_taken(world, multiple, leaving):
    world.clock.pass_by(timedelta(days=1))
    run(world.with_card())
    both = Wish(card_ids=tuple(card.id for card in world.wallet.cards()))
    request = ask(world, [replace(SCORE, multiple=multiple)])
    assert len(request.choices()) == 1, "the newest, unless the person names more"
    run(world.wallet.share(request, both))
    assert shown(world) == [{"work_ability_score"}] * leaving
    entry = world.wallet.log()[-1]
    assert (entry.outcome, len(entry.cards)) == (Outcome.SHOWN, leaving)


@pytest.mark.req("DCQL-14", "HAIP-12")
def test_a_card_of_an_issuer_that_is_not_accepted_is_not_offered(world):
    here = accepting_only(Query((SCORE,)), pki().trust_list.issuers).credentials[0]
    assert ask(world, [here]).can_be_answered()
    others = [one for one in pki().trust_list.issuers if one.id == "kela"]
    identifiers = [
        b64url_encode(
            anchor.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        )
        for anchor in others[0].issuing_anchors
    ]
    there = replace(SCORE, trusted_authorities=(TrustedAuthority("aki", tuple(identifiers)),))
    request = ask(world, [there])
    assert not request.can_be_answered()
    (passed_over,) = request.parts[0].passed_over
    assert passed_over.why is WhyNot.OTHER_ISSUER
    page = "\n".join(no_card_page(Words("en", world.wallet.catalogue), request))
    assert "only takes cards of other issuers" in page


@pytest.mark.req("DCQL-14")
@pytest.mark.parametrize(
    ("location", "kind", "asked", "fits"),
    [
        (LIST, "etsi_tl", LIST, True),
        (LIST, "etsi_tl", "https://other.example/list", False),
        ("trust-list.jws", "etsi_tl", "trust-list.jws", False),
        (LIST, "openid_federation", LIST, False),
        (LIST, "urn:example:new", LIST, False),
    ],
)
def test_a_trust_list_is_known_by_its_address_and_is_not_fetched_for_it(
    world, location, kind, asked, fits
):
    world.store.change(
        lambda contents: replace(contents, trust=replace(contents.trust, location=location))
    )
    authorities = (TrustedAuthority(kind, (asked,)),)
    request = ask(world, [replace(SCORE, trusted_authorities=authorities)])
    assert request.can_be_answered() is fits
    assert not [call for call in world.network.calls if call.url == asked]


@pytest.mark.req("DCQL-14")
def test_a_card_whose_issuer_has_left_the_list_is_no_longer_of_that_list(world):
    world.store.change(
        lambda contents: replace(contents, trust=replace(contents.trust, location=LIST))
    )
    listed = replace(SCORE, trusted_authorities=(TrustedAuthority("etsi_tl", (LIST,)),))
    assert ask(world, [listed]).can_be_answered()
    left = tuple(one for one in pki().trust_list.issuers if one.id != "itsearviointi")
    newer = replace(pki().trust_list, sequence=2, issuers=left)
    world.source.text = sign_trust_list(newer, pki().signer("trust-operator", "trust-list"))
    assert not ask(world, [listed]).can_be_answered()
