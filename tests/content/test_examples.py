"""Every example, issued, received, shown for every task that it can satisfy, and read by staff.

The table says what the sources say: which task may be met with which example. What a task takes out
of a card is held to the profile claim by claim, in the bytes that left the wallet.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from credential_schemas.i18n import Texts
from credential_schemas.loader import load_catalogue
from credential_schemas.model import LANGS, AskedCard, Catalogue, Lang, Path
from credential_schemas.render import label_for_path, value_text
from openid4vc.sd_jwt.model import DisclosedClaims
from tests.content.world import PROTOCOL, RECEIVERS, Everybody, everybody, example
from verifier.parts import HERE
from wallet_sim.consent import Wish
from wallet_sim.flow_failures import NoMatchingCard
from wallet_sim.pages import card_page
from wallet_sim.wallet import Wallet
from wallet_sim.words import Words

TASKS: Mapping[str, tuple[str, ...]] = {
    "01": (
        "te_initial_interview",
        "hc_unemployed_health_check",
        "te_follow_up",
        "te_combined_first_visit",
    ),
    "02": ("te_service_need", "te_job_matching", "te_employment_support"),
    "03": ("te_benefit_coordination", "hc_rehabilitation_follow_up"),
    "04": ("shared_situation_picture", "te_plan_check"),
    "05": ("hc_receive_referral", "hc_booking_desk", "network_consultation"),
    "06": ("link_person_first_contact", "hc_wellbeing_follow_up"),
    "07": ("hc_lifestyle_guidance", "te_local_services"),
    "08": ("te_statement_exists", "kela_rehabilitation_guidance", "hc_continuity_of_care"),
    "09": ("te_competence_mapping", "employer_qualification_check"),
    "10": ("staff_consent_check",),
    "12": ("employer_partial_work_ability",),
}
"""Examples to the tasks that they satisfy alone. 12 is a certificate of partial work ability."""

NOT_AT_A_DESK = {"client_consent_overview", "client_own_receipt"}
"""The wallet's own view, and the client's page at the receiver."""

TITLES: Mapping[Lang, str] = {
    "fi": "Tiedot kelpaavat",
    "sv": "Uppgifterna godkänns",
    "en": "The data can be used",
}


ROWS = [
    pytest.param(number, profile_id, role, id=f"{number}-{profile_id}-{role}")
    for number, profiles in TASKS.items()
    for profile_id in profiles
    for role in sorted(load_catalogue().profiles[profile_id].roles)
]


@pytest.fixture(scope="module")
def all_of_them(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    with everybody(tmp_path_factory.mktemp("content")) as made:
        yield made


@pytest.fixture(scope="module")
def wallets(all_of_them: Everybody) -> Mapping[str, Wallet]:
    """A wallet for each example that holds nothing else."""
    return {number: all_of_them.wallet(number) for number in TASKS}


def put(into: dict[str, Any], claims: Mapping[str, Any], path: Path) -> None:
    """Copy what stands at a path, if anything does; the test's own way of saying 'exactly'."""
    name, rest = str(path[0]), path[1:]
    if name not in claims:
        return
    if not rest:
        into[name] = claims[name]
        return
    part: dict[str, Any] = {}
    put(part, claims[name], rest)
    if part:
        into[name] = {**into.get(name, {}), **part}


def wanted(asked: AskedCard, claims: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path in asked.all_paths():
        put(made, claims, path)
    return made


def shown_of(disclosed: DisclosedClaims, always: frozenset[str]) -> dict[str, Any]:
    return {
        name: value
        for name, value in disclosed.claims.items()
        if name not in PROTOCOL and name not in always
    }


def words_of(
    catalogue: Catalogue, asked: AskedCard, claims: Mapping[str, Any], lang: Lang
) -> Iterator[str]:
    """Labels and values that staff must be able to read."""
    kind = catalogue.types[asked.credential_type]
    for path in asked.all_paths():
        held: Any = claims
        for step in path:
            held = held.get(step) if isinstance(held, Mapping) else None
        if held is None:
            continue
        yield label_for_path(catalogue, kind, path, lang)
        said = value_text(catalogue, kind, path, held, lang)
        yield from [said] if isinstance(said, str) else said


def test_the_table_names_every_task_and_every_example(all_of_them: Everybody) -> None:
    named = {profile for profiles in TASKS.values() for profile in profiles}
    assert named == all_of_them.catalogue.profiles.keys() - NOT_AT_A_DESK
    for number, profiles in TASKS.items():
        for profile in profiles:
            main = all_of_them.catalogue.profiles[profile].credential_type
            assert main == example(number).type_id, profile
    assert {example(number).type_id for number in TASKS} == {
        one.credential_type for one in all_of_them.catalogue.profiles.values()
    }


@pytest.mark.req("ARF-06", "DCQL-16")
@pytest.mark.parametrize(("number", "profile_id", "role"), ROWS)
def test_an_example_is_accepted_and_read(
    all_of_them: Everybody,
    wallets: Mapping[str, Wallet],
    number: str,
    profile_id: str,
    role: str,
) -> None:
    catalogue = all_of_them.catalogue
    showing = all_of_them.desk(role).ask(profile_id).answer(wallets[number]).compare()
    asked = catalogue.profiles[profile_id].credentials[0]
    kind, claims = catalogue.types[asked.credential_type], example(number).claims

    # 1. Exactly the task's claims left the wallet, with what such a card always shows.
    ((query_id, disclosed),) = showing.sent()
    assert query_id == kind.id
    assert shown_of(disclosed, kind.always_disclosed()) == wanted(asked, claims)
    assert not disclosed.partial_arrays

    # 2. The outcome is to accept, and everything of it can be read in three languages.
    stored = showing.asked.stored()
    assert (stored.outcome and stored.outcome.value, stored.code) == ("accept", None)
    together = bool(showing.profile.further)
    for lang in LANGS:
        page = showing.outcome(lang)
        assert page.startswith(showing.profile.title[lang] if together else TITLES[lang])
        for said in words_of(catalogue, asked, claims, lang):
            assert " ".join(said.split()) in page, said
    showing.close()


@pytest.mark.parametrize("lang", LANGS)
def test_the_clients_own_overview_is_the_wallets_own_page(
    all_of_them: Everybody, wallets: Mapping[str, Wallet], lang: Lang
) -> None:
    """`client_consent_overview` asks nobody: the wallet shows the receipt to its holder."""
    catalogue, wallet = all_of_them.catalogue, wallets["10"]
    (card,) = wallet.cards()
    page = " ".join(
        " ".join(card_page(Words(lang, catalogue), wallet.card(card.id), wallet.now())).split()
    )
    overview = catalogue.profiles["client_consent_overview"]
    assert overview.roles == {"holder"}
    for said in words_of(catalogue, overview.credentials[0], example("10").claims, lang):
        assert " ".join(said.split()) in page, said


@pytest.mark.parametrize("role", sorted(RECEIVERS))
def test_each_role_sees_its_own_tasks_and_no_other(all_of_them: Everybody, role: str) -> None:
    page = all_of_them.desk(role).browser.open("/desk")
    offered = {
        profile.id
        for profile in all_of_them.catalogue.profiles.values()
        if f'value="{profile.id}"' in page
    }
    assert offered == {profile.id for profile in all_of_them.catalogue.profiles_for(role)}
    assert offered
    assert offered.issuperset(all_of_them.catalogue.roles[role].first_tasks)


def test_a_desk_that_was_not_used_begins_with_the_beginning(all_of_them: Everybody) -> None:
    """The initial interview stands first for the employment office, a referral for a nurse."""
    for role, first in (
        ("te_office", "te_initial_interview"),
        ("health_centre", "hc_receive_referral"),
    ):
        desk = all_of_them.desk(role)
        desk.browser.client.cookies.delete("kyky_last")
        tasks = re.findall(r'name="profile" value="(\w+)"', desk.browser.open("/desk"))
        assert tasks[0] == first


def test_a_decision_of_another_kind_does_not_make_a_certificate(
    all_of_them: Everybody, wallets: Mapping[str, Wallet]
) -> None:
    """Example 03 is a decision on rehabilitation: the value that the task needs is not in it."""
    showing = all_of_them.desk("employer").ask("employer_partial_work_ability")
    opened = showing.open(wallets["03"])
    assert not opened.can_be_answered()
    with pytest.raises(NoMatchingCard):
        showing.answer(wallets["03"])
    showing.close()


@pytest.mark.parametrize("left_out", ["own_goals", "self_assessment_result.own_goals"])
def test_what_is_optional_stays_at_home_when_the_client_says_so(
    all_of_them: Everybody, wallets: Mapping[str, Wallet], left_out: str
) -> None:
    showing = all_of_them.desk("te_office").ask("te_initial_interview")
    showing.answer(wallets["01"], Wish(leave_out=(left_out,))).compare()
    ((_, disclosed),) = showing.sent()
    assert "own_goals" not in disclosed.claims
    assert "Omat tavoitteet ja toiveet Vapaaehtoinen \N{EN DASH} Ei näytetty" in showing.outcome()
    showing.close()


def test_no_page_shows_the_name_of_a_text(
    all_of_them: Everybody, wallets: Mapping[str, Wallet]
) -> None:
    showing = all_of_them.desk("te_office").ask("shared_situation_picture")
    page = showing.answer(wallets["04"]).compare().outcome("sv")
    keys = Texts.load(HERE / "web" / "locales").keys()
    assert keys.isdisjoint(page.split())
    showing.close()
