"""Showing without being asked: warned of, alive for a minute, and never health data."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from credential_schemas.loader import load_catalogue
from keys.checks import CheckFailed
from keys.software_signer import SoftwareSigner
from openid4vc.checks import KbStale
from openid4vc.qr.answer import read_self_initiated
from tests.wallet_sim.desk import DeskSimulator, Replayed, collected, read_picture, version_of
from tests.wallet_sim.terminal import Terminal
from wallet_sim.flow_failures import ClaimNotOnCard, HealthDataInTheOpen, NoMatchingCard
from wallet_sim.mischief import misbehaviours_in_the_open
from wallet_sim.self_initiated import Wanted, check_harmless, choose_to_show

TYPE = "self_assessment_result"
HARMLESS = "family_name,given_name,assessment_date"


@pytest.fixture
def at(tmp_path):
    terminal = Terminal(tmp_path)
    terminal.with_card()
    terminal.world.network.handlers.clear()
    terminal.world.network.calls.clear()
    return terminal


@pytest.fixture
def desk(at):
    return DeskSimulator(at.world.clock)


def shown(at: Terminal, *args: str) -> dict[str, Any]:
    return at.json("qr", "--type", TYPE, "--claims", HARMLESS, "--approve", *args)


def pictures(at: Terminal) -> list[str]:
    return sorted(one.name for one in at.folder.rglob("*.png"))


@pytest.mark.usefixtures("socket_disabled")
def test_a_code_of_ones_own_accord(at, desk):
    out = at.folder / "mine.png"
    done = shown(at, "--out", str(out))
    assert set(done) == {
        "outcome", "showing", "pictures", "animation", "frames", "open_until"
    }  # fmt: skip
    assert done["outcome"] == "shown_on_screen"
    assert done["open_until"] == "2026-11-22T10:01:00Z"
    assert [one["path"] for one in done["showing"]["shows"]] == HARMLESS.split(",")
    assert "work_ability_score" in done["showing"]["stays"]
    version, level = version_of(out)
    assert (version <= 32, level) == (True, "L")
    seen = desk.look_at([read_picture(out)])
    assert seen.claims["family_name"] == "Mallikas"
    assert "work_ability_score" not in seen.claims
    assert at.world.network.calls == []


def test_it_says_before_what_it_means(at):
    for lang, words in {
        "fi": ("VAROITUS", "ei ole salattu", "ei voi vahvistaa"),
        "sv": ("VARNING", "inte krypterad", "kan inte bekräfta"),
        "en": ("WARNING", "not encrypted", "cannot confirm"),
    }.items():
        page = at.page("--lang", lang, "qr", "--type", TYPE, "--claims", HARMLESS, typed="2\n")
        assert all(word in page for word in words)
        assert "Mallikas" in page
    assert pictures(at) == []
    page = at.page("--lang", "en", "qr", "--type", TYPE, "--claims", HARMLESS, typed="1\n")
    assert "Show the code now. It works for one minute" in page
    assert "Delete the picture" in page
    assert pictures(at) == ["answer.png"]


@pytest.mark.parametrize(("args", "outcome"), [(("--decline",), "declined"), ((), "not_answered")])
def test_without_a_yes_nothing_is_written_or_logged(at, args, outcome):
    before = at.json("log")
    done = at.json("qr", "--type", TYPE, "--claims", HARMLESS, *args)
    assert (done["outcome"], done["frames"], done["open_until"]) == (outcome, [], None)
    assert pictures(at) == []
    assert at.json("log") == before


def test_each_showing_has_a_nonce_of_its_own_and_lives_a_minute(at, desk):
    first, second = shown(at)["frames"], shown(at)["frames"]
    nonces = {
        read_self_initiated(collected(frames), at=desk.clock.now()).key_binding.nonce
        for frames in (first, second)
    }
    assert len(nonces) == 2
    assert all(len(nonce) >= 22 for nonce in nonces)
    desk.look_at(first)
    with pytest.raises(Replayed):
        desk.look_at(first)
    at.world.clock.pass_by(timedelta(seconds=61))
    with pytest.raises(KbStale):
        desk.look_at(second)


def test_several_frames(at, desk):
    done = shown(at, "--frames", "2")
    assert pictures(at) == ["answer-1-of-2.png", "answer-2-of-2.png"]
    assert desk.look_at(reversed(done["frames"])).claims["given_name"]


@pytest.mark.req("ARF-18")
def test_the_log_holds_names_and_no_values(at):
    shown(at)
    entry = at.json("log")["entries"][-1]
    assert entry["outcome"] == "shown_on_screen"
    assert entry["party"]["id"] == ""
    assert entry["cards"] == [{"type": TYPE, "asked": [], "shown": HARMLESS.split(",")}]
    assert "Mallikas" not in str(entry)
    assert "Whoever read the code" in at.page("--lang", "en", "log")


# --- never health data ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "label"),
    [
        ("work_ability_score", "Work ability score"),  # yes
        ("domain_scores.skills", None),
        ("support_needs.*", None),
        ("recommended_next_step", None),  # indirect
        ("assessment_instrument", None),
    ],
)
def test_health_data_is_refused_by_name(at, claim, label):
    args = ("qr", "--type", TYPE, "--claims", f"family_name,{claim}", "--approve")
    assert at.fails(*args) == "health_data_in_the_open"
    message = str(at.json("--lang", "en", *args, code=1)["message"])
    words = at.world.tools.catalogue.types[TYPE].claims[claim.partition(".")[0]].label.en
    assert words in message
    assert "Family name" not in message
    assert label is None or label in message
    assert pictures(at) == []


def test_it_is_refused_even_without_such_a_card(at):
    args = ("--claims", "grounds", "--approve")
    assert at.fails("qr", "--type", "authority_decision", *args) == "health_data_in_the_open"


@pytest.mark.parametrize("profile", ["te_initial_interview", "te_benefit_coordination"])
def test_a_task_that_needs_health_data_needs_a_challenge(at, profile):
    assert at.fails("qr", "--profile", profile, "--approve") == "health_data_in_the_open"


def test_no_claim_but_the_harmless_may_be_shown():
    """Of every type, exactly the claims that the catalogue marks `no` pass."""
    catalogue = load_catalogue()
    for credential_type in catalogue.types.values():
        for name, claim in credential_type.claims.items():
            if claim.art9 == "no":
                check_harmless([(name,)], credential_type)
                continue
            with pytest.raises(HealthDataInTheOpen) as refused:
                check_harmless([(name,)], credential_type)
            assert refused.value.names == (name,)


def test_a_type_that_always_shows_health_data_is_never_shown(at):
    catalogue = at.world.tools.catalogue
    found = catalogue.types[TYPE]
    always = replace(found.claims["information_source"], art9="indirect")
    changed = replace(found, claims={**found.claims, "information_source": always})
    types = {**catalogue.types, TYPE: changed}
    at.world.tools = replace(at.world.tools, catalogue=replace(catalogue, types=types))
    args = ("qr", "--type", TYPE, "--claims", "family_name", "--approve")
    assert at.fails(*args) == "health_data_in_the_open"


# --- cards and claims ----------------------------------------------------------------------------


def test_a_card_may_be_named(at, desk):
    card = at.json("list")["cards"][0]["id"]
    done = at.json("qr", "--card", card[:4], "--claims", "birthdate", "--approve")
    assert done["showing"]["card"] == card
    assert desk.look_at(done["frames"]).claims["birthdate"]
    assert at.fails("qr", "--card", "ffff", "--claims", "birthdate") == "card_not_found"


@pytest.mark.parametrize("claim", ["no_such_claim", "family_name.x", "wai_category_scheme", "."])
def test_claims_that_the_card_does_not_hold(at, claim):
    args = ("qr", "--type", TYPE, "--claims", f"given_name,{claim}", "--approve")
    assert at.fails(*args) == "claim_not_on_card"
    assert pictures(at) == []


def test_no_such_card_or_an_expired_one(at):
    args = ("--claims", "family_name", "--approve")
    assert at.fails("qr", "--type", "authority_decision", *args) == "no_matching_card"
    card = at.json("list")["cards"][0]["id"]
    at.world.clock.pass_by(timedelta(days=200))
    assert at.fails("qr", "--type", TYPE, *args) == "no_matching_card"
    assert at.fails("qr", "--card", card, *args) == "no_matching_card"


def test_a_task_without_health_data_may_be_shown(at, desk):
    """None of today's tasks is one; a task that asks for names alone would be."""
    catalogue = at.world.tools.catalogue
    names = replace(
        catalogue.profiles["te_initial_interview"],
        identity_claims=(("family_name",), ("given_name",)),
        required_claims=(),
        required_if_held=(("own_goals",), ("wai_category_scheme",)),
        optional_claims=(),
    )
    profiles = {**catalogue.profiles, "te_initial_interview": names}
    at.world.tools = replace(at.world.tools, catalogue=replace(catalogue, profiles=profiles))
    done = at.json("qr", "--profile", "te_initial_interview", "--approve")
    seen = desk.look_at(done["frames"]).claims
    assert {"family_name", "given_name", "own_goals"} <= set(seen)
    assert "wai_category_scheme" not in seen


def test_the_choice_itself(at):
    catalogue = at.world.tools.catalogue
    now = at.world.clock.now()
    for wanted, failure in (
        (Wanted(type_id="nothing", names=("x",)), NoMatchingCard),
        (Wanted(card_id="00000000", names=("x",)), NoMatchingCard),
        (Wanted(type_id=TYPE, names=("x",)), ClaimNotOnCard),
        (Wanted(type_id=TYPE, names=("given_name",)), NoMatchingCard),
    ):
        with pytest.raises(failure):
            choose_to_show(wanted, (), catalogue=catalogue, at=now)


@pytest.mark.parametrize(
    "args",
    [
        ("--type", TYPE),
        ("--claims", "a"),
        ("--type", TYPE, "--card", "ab", "--claims", "a"),
        ("--type", TYPE, "--claims", ","),
        ("--type", "nonsense", "--claims", "a"),
        ("--profile", "nonsense"),
        ("--profile", "te_service_need", "--claims", "a"),
        ("--profile", "te_service_need", "--type", TYPE),
        ("--type", TYPE, "--claims", "a", "--misbehave", "over-disclose"),
    ],
)
def test_a_wrong_command_line(at, args):
    at.run("qr", *args, code=2)


# --- mischief ------------------------------------------------------------------------------------

IN_THE_OPEN = misbehaviours_in_the_open(SoftwareSigner.generate())


@pytest.mark.parametrize("name", sorted(set(IN_THE_OPEN) - {"replay"}))
def test_the_named_check_catches_each_misbehaviour(at, desk, name):
    frames = shown(at, "--misbehave", name)["frames"]
    with pytest.raises(CheckFailed) as caught:
        desk.look_at(frames)
    assert caught.value.code == IN_THE_OPEN[name].code


def test_a_second_showing_is_the_desks_to_refuse(at, desk):
    frames = shown(at, "--misbehave", "replay")["frames"]
    desk.look_at(frames)
    with pytest.raises(Replayed):
        desk.look_at(frames)
    assert set(IN_THE_OPEN) == {
        "tamper-disclosure", "drop-disclosure", "wrong-holder-key", "wrong-audience",
        "stale-key-binding", "replay",
    }  # fmt: skip
