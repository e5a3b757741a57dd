"""Cards of an organisation that has closed: good while its last word lasts, then not sure."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from openid4vc.status_list.bits import Status
from tests.verifier.world import NOW, Browser, World, make_card

LAST = timedelta(days=10)


@pytest.fixture
def closed(world: World) -> World:
    """The self-assessment service closed today and left a list that lasts for ten days."""
    close(world, NOW.date())
    world.status.made_at = NOW
    world.status.lifetime = world.status.ttl = LAST
    return world


def close(world: World, day: date) -> None:
    issuers = tuple(
        replace(one, closed_on=day) if one.id == "itsearviointi" else one
        for one in world.trust_list().issuers
    )
    world.put_trust_list(world.trust_list(sequence=2, issuers=issuers))
    world.run(world.parts.refresh())


def verdict(world: World) -> tuple[str | None, str | None]:
    asked = world.start().answer(make_card())
    if asked.verdict()[1] is None:
        asked.identity()
    return asked.verdict()[:2]


@pytest.mark.req("TSL-11")
def test_a_card_is_accepted_for_as_long_as_the_last_word_lasts(closed: World) -> None:
    for _ in range(3):
        assert verdict(closed) == ("accept", None)
        closed.clock.advance(days=3)
    closed.clock.advance(days=1)
    assert closed.clock.now() == NOW + LAST
    assert verdict(closed) == ("cannot_confirm", "issuer_closed")


def test_the_last_word_is_believed_without_a_network(closed: World) -> None:
    assert verdict(closed) == ("accept", None)
    closed.status.reachable = False
    closed.clock.advance(days=9)
    assert verdict(closed) == ("accept", None)
    closed.clock.advance(days=1)
    assert verdict(closed) == ("cannot_confirm", "issuer_closed")


def test_without_any_last_word_nothing_is_confirmed(closed: World) -> None:
    closed.status.reachable = False
    assert verdict(closed) == ("cannot_confirm", "issuer_closed")


@pytest.mark.parametrize("days", [0, 5, 10, 400])
def test_what_was_revoked_stays_revoked_for_ever(closed: World, days: int) -> None:
    closed.status.statuses[7] = Status.INVALID
    assert verdict(closed) == ("reject", "revoked")
    if days < 100:  # later the card itself is over
        closed.clock.advance(days=days)
        assert verdict(closed) == ("reject", "revoked")


def test_what_was_suspended_at_the_end_stays_unsure(closed: World) -> None:
    closed.status.statuses[7] = Status.SUSPENDED
    closed.clock.advance(days=5)
    assert verdict(closed) == ("cannot_confirm", "suspended")


def test_a_list_from_before_the_closing_grows_old_like_any_other(world: World) -> None:
    """It may have been overtaken: only what was made on the day of closing or later is final."""
    world.status.made_at = NOW - timedelta(days=1)
    world.status.lifetime = world.status.ttl = LAST
    close(world, NOW.date())
    world.clock.advance(minutes=1)
    assert verdict(world) == ("cannot_confirm", "issuer_closed")


def test_an_ordinary_list_of_the_day_of_closing_is_no_last_word(world: World) -> None:
    """Later that day an entry may have changed: it says itself that it is held for minutes."""
    close(world, NOW.date())
    assert verdict(world) == ("accept", None)
    world.status.reachable = False
    world.clock.advance(minutes=16)
    assert verdict(world) == ("cannot_confirm", "issuer_closed")


def test_a_list_of_an_organisation_that_has_not_closed_grows_old(world: World) -> None:
    world.status.made_at = NOW
    world.status.lifetime = LAST
    world.clock.advance(days=2)
    assert verdict(world) == ("cannot_confirm", "status_stale")


def test_a_closing_that_lies_ahead_changes_nothing_yet(world: World) -> None:
    close(world, NOW.date() + timedelta(days=3))
    world.status.made_at = NOW
    world.status.lifetime = LAST
    world.clock.advance(days=2)
    assert verdict(world) == ("cannot_confirm", "status_stale")
    world.status.reachable = False
    world.clock.advance(days=2)
    assert verdict(world) == ("cannot_confirm", "issuer_closed")


def test_somebody_elses_list_is_no_last_word(closed: World) -> None:
    closed.status.signed_by = "kela"
    assert verdict(closed) == ("cannot_confirm", "issuer_closed")


def test_a_card_that_was_issued_after_the_closing_is_rejected(closed: World) -> None:
    close_day = NOW.date() - timedelta(days=400)
    issuers = tuple(
        replace(one, closed_on=close_day) if one.id == "itsearviointi" else one
        for one in closed.trust_list().issuers
    )
    closed.put_trust_list(closed.trust_list(sequence=3, issuers=issuers))
    closed.run(closed.parts.refresh())
    assert verdict(closed) == ("reject", "issuer_not_in_force")


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("fi", "on lopettanut toimintansa 24.11.2026"),
        ("sv", "har upphört den 24.11.2026"),
        ("en", "closed on 24"),
    ],
)
def test_staff_are_told_that_it_has_closed(closed: World, lang: str, said: str) -> None:
    browser = Browser(closed, lang)
    browser.sign_in()
    asked = browser.ask()
    asked.answer(make_card())
    browser.open(f"/desk/identity/{asked.id}")
    assert said in browser.submit(browser.path, identity="compared")
