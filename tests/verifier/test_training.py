"""Training: every scenario comes to what it promises, and nothing of it is real or looks so."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keys.checks import ChainNotTrusted
from openid4vc.openid4vp.request import parse_request_link, read_request
from openid4vc.openid4vp.response import encrypt_response, response_form
from tests.verifier.world import Browser, World, demo_pki, make_card
from verifier.adapters.verifications import SqlVerifications
from verifier.model import Identity, Outcome, State, Verification, scenario_in
from verifier.usecases.failures import RequestUnknown, VerificationUnknown
from verifier.usecases.training_desk import TrainingDesk, _read
from verifier.usecases.training_scenarios import SCENARIOS, Scenario, ScenarioUnknown, scenario_of
from verifier.web.services import Services
from verifier.web.training_room import TrainingRoom

ASKING = [scenario for scenario in SCENARIOS.values() if not scenario.over_asks]
WORDS = {"fi": "HARJOITUS", "sv": "ÖVNING", "en": "TRAINING"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    room = world.app.state.training
    assert isinstance(room, TrainingRoom)
    room.close()
    world.close()


def practise(desk: Browser, scenario: Scenario) -> str:
    """Go through a scenario as it is meant, up to the outcome; return that page."""
    desk.open("/desk/training")
    page = desk.submit("/desk/training/start", scenario=scenario.id)
    assert desk.path.startswith(f"/desk/ask/training.{scenario.id}.")
    verification_id = desk.path.rsplit("/", 1)[1]
    page = desk.submit(f"/desk/training/answer/{verification_id}")
    if desk.path.startswith("/desk/code/"):
        said = re.search(r'class="training-said">([\d ]+)<', page)
        assert said is not None, page
        page = desk.submit(desk.path, code=said.group(1))
    if desk.path.startswith("/desk/identity/"):
        page = desk.submit(desk.path, identity=scenario.identity.value)
    assert desk.path == f"/desk/outcome/{verification_id}", page
    return page


def stored(world: World, verification_id: str) -> Verification:
    """What training holds of a verification."""
    found = world.run(training(world).read._verifications.find(verification_id))
    assert found is not None
    return found


def training(world: World) -> Services:
    """The services of training."""
    services = world.app.state.training.services
    assert isinstance(services, Services)
    return services


# Every scenario ------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", ASKING, ids=lambda scenario: scenario.id)
def test_a_scenario_comes_to_what_it_promises(
    world: World, desk: Browser, scenario: Scenario
) -> None:
    desk.sign_in()
    page = practise(desk, scenario)
    found = stored(world, desk.path.rsplit("/", 1)[1])
    assert (found.outcome, found.code) == (scenario.outcome, scenario.code)
    assert len(found.checks) == (0 if scenario.declines else 9), "the real pipeline ran"
    if scenario.outcome in {Outcome.REJECT, Outcome.NOT_SHOWN}:
        main = page.split("<main", 1)[1]
        assert "Kykyviisari" not in main, "no value at a reject"
    missed = "Tulos ei ollut se"
    assert missed not in page
    assert ("osittain" in page) or not scenario.in_part


def test_over_asking_is_refused_before_anybody_sees_anything(world: World, desk: Browser) -> None:
    desk.sign_in()
    desk.open("/desk/training")
    page = desk.submit("/desk/training/start", scenario="over_asked")
    assert desk.path == "/desk/training/start"
    assert "Pyyntöä ei lähetetty" in page
    assert "HARJOITUS" in page
    assert "openid4vp" not in page


@pytest.mark.parametrize("role", ["te_office"])
def test_the_list_says_what_is_learnt(world: World, desk: Browser, role: str) -> None:
    desk.sign_in()
    page = desk.open("/desk/training")
    assert set(re.findall(r'name="scenario" value="([a-z_]+)"', page)) == set(SCENARIOS)
    assert len(SCENARIOS) == 11
    assert page.count('id="learn-') == 11


def test_a_wrong_click_is_told(world: World, desk: Browser) -> None:
    desk.sign_in()
    scenario = SCENARIOS["wrong_person"]
    page = practise(desk, replace(scenario, identity=Identity.COMPARED))
    assert "Tulos ei ollut se" in page
    assert stored(world, desk.path.rsplit("/", 1)[1]).outcome is Outcome.ACCEPT


def test_what_is_no_scenario_is_refused(world: World, desk: Browser) -> None:
    with pytest.raises(ScenarioUnknown):
        scenario_of("no_such_thing")
    desk.sign_in()
    desk.open("/desk/training")
    desk.submit("/desk/training/start", scenario="no_such_thing")
    assert desk.page is not None
    assert desk.page.status_code == 404
    desk.open("/desk/training")
    desk.submit("/desk/training/start")
    assert desk.page.status_code == 400
    for path in ("training.valid.x", "training.x", "training.", "training.valid"):
        desk.open(f"/desk/outcome/{path}")
        assert desk.page.status_code == 404, path


def test_a_role_without_made_up_cards_has_nothing_to_practise(world: World) -> None:
    room = world.app.state.training
    desk = world.run(room.open()).desk
    assert isinstance(desk, TrainingDesk)
    assert desk.scenarios("employer") == ()
    with pytest.raises(ScenarioUnknown):
        world.run(desk.start("valid", role="employer", owner="somebody"))


# The mark ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_every_page_says_that_it_is_training(world: World, lang: str) -> None:
    desk = Browser(world, lang)
    desk.sign_in()
    assert WORDS[lang] not in desk.open("/desk")
    scenario = SCENARIOS["valid"]
    pages = [desk.open("/desk/training"), practise(desk, scenario)]
    verification_id = desk.path.rsplit("/", 1)[1]
    pages += [desk.open(f"/desk/print/{verification_id}")]
    desk.open("/desk/training")
    pages += [desk.submit("/desk/training/start", scenario="valid")]
    asking = desk.path.rsplit("/", 1)[1]
    pages += [
        desk.open(f"/desk/ask/{asking}/offline"),
        desk.open(f"/desk/scan/{asking}"),
        desk.open(f"/desk/paper/{asking}"),
        desk.open(f"/desk/customer/{asking}"),
        desk.open("/desk/outcome/training.valid.gone"),
    ]
    for page in pages:
        assert re.search(rf"<title>{WORDS[lang]}: ", page), page
        assert f"<strong>{WORDS[lang]}</strong>" in page
    world.run(desk.client.aclose())


def test_the_window_of_the_client_has_the_mark_and_nothing_to_click(
    world: World, desk: Browser
) -> None:
    desk.sign_in()
    desk.open("/desk/training")
    desk.submit("/desk/training/start", scenario="valid")
    asking = desk.path.rsplit("/", 1)[1]
    page = desk.open(f"/desk/customer/{asking}")
    assert desk.path == f"/desk/customer/{asking}"
    assert "<strong>HARJOITUS</strong>" in page
    assert "/desk/training" not in page
    assert desk.open("/desk/customer")
    assert desk.path == f"/desk/customer/{asking}", "the window that stood open turns to it"


def test_leaving_training_leads_to_training_and_never_asks_anybody(
    world: World, desk: Browser
) -> None:
    desk.sign_in()
    page = practise(desk, SCENARIOS["revoked"])
    assert 'action="/desk/start"' not in page
    verification_id = desk.path.rsplit("/", 1)[1]
    desk.submit("/desk/training/again")
    assert desk.path == "/desk/training"
    desk.submit(f"/desk/close/{verification_id}")
    assert desk.path == "/desk/training"
    assert stored(world, verification_id).state is State.CLOSED
    desk.open(f"/desk/outcome/{verification_id}")
    assert desk.path == "/desk/training"


# Two worlds ----------------------------------------------------------------------------------


@pytest.mark.req("DESK-07")
def test_nothing_of_training_is_put_on_record(world: World, desk: Browser) -> None:
    desk.sign_in()
    for name in ("valid", "wrong_person", "tampered", "declined"):
        practise(desk, SCENARIOS[name])
    assert world.evidence() == []
    standing = world.run(world.parts.evidence.store.standing())
    assert (standing.recorded, standing.waiting) == (0, 0)
    looks = world.run(world.parts.staff.log.entries())
    assert list(looks) == []
    assert b"training." not in world.bytes_on_disk().replace(b"evidence_chain", b"")


def test_a_real_wallet_cannot_answer_a_training_request(world: World, desk: Browser) -> None:
    desk.sign_in()
    desk.open("/desk/training")
    desk.submit("/desk/training/start", scenario="valid")
    verification_id = desk.path.rsplit("/", 1)[1]
    found = stored(world, verification_id)
    link = training(world).receiver.request_link(found.ref)
    assert "https%3A%2F%2Ftraining.invalid%2F" in link, "no network answers there"
    for path in (f"/requests/{found.ref}", f"/responses/{found.ref}"):
        assert world.get(path).status_code in {404, 405}
    reply = world.post(f"/responses/{found.ref}", data={"response": "x.x.x.x.x"})
    assert (reply.status_code, reply.json()["error_description"]) == (404, RequestUnknown.code)
    link_read = parse_request_link(link)
    with pytest.raises(ChainNotTrusted):  # a wallet that was handed the request all the same
        read_request(
            world.run(training(world).serve(found.ref)),
            link=link_read,
            trust=demo_pki().trust_list,
            at=world.clock.now(),
        )


def test_the_interface_knows_nothing_of_training(world: World, desk: Browser) -> None:
    desk.sign_in()
    practise(desk, SCENARIOS["valid"])
    verification_id = desk.path.rsplit("/", 1)[1]
    reply = world.get(f"/api/v1/verifications/{verification_id}", headers=world.bearer)
    assert (reply.status_code, reply.json()["code"]) == (404, VerificationUnknown.code)


def test_a_training_answer_cannot_answer_a_real_request(world: World, desk: Browser) -> None:
    desk.sign_in()
    practise(desk, SCENARIOS["valid"])  # so that training is open
    client = world.run(world.app.state.training.open()).desk._client
    asked = world.start()
    request = asked.fetch()
    profile = client.catalogue.profiles["te_initial_interview"]
    shown = client.presentation(SCENARIOS["valid"], request, profile, world.clock.now())
    asked.send(request, shown)
    if asked.stored().state is State.CODE_PENDING:
        asked.read_out()
    assert asked.verdict() == ("reject", "chain_not_trusted", "issuer_trusted")


def test_a_real_card_is_worth_nothing_in_training(world: World, desk: Browser) -> None:
    desk.sign_in()
    desk.open("/desk/training")
    desk.submit("/desk/training/start", scenario="valid")
    found = stored(world, desk.path.rsplit("/", 1)[1])
    services = training(world)
    request = _read(world.run(services.serve(found.ref)))
    shown = world.start().present(make_card(), request)
    token = {request.query.credentials[0].id: [shown]}
    form = response_form(encrypt_response(request, token))
    assert world.post(f"/responses/{found.ref}", data=form).status_code == 404
    world.run(services.accept(found.ref, list(form.items())))  # as if it had arrived
    after = stored(world, found.id)
    assert (after.outcome, after.code) == (Outcome.REJECT, "chain_not_trusted")


def test_real_and_training_do_not_stay_open_side_by_side(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked = desk.ask()
    desk.open("/desk/training")
    desk.submit("/desk/training/start", scenario="valid")
    practised = desk.path.rsplit("/", 1)[1]
    assert asked.stored().state is State.CLOSED
    desk.ask()
    assert stored(world, practised).state is State.CLOSED
    assert scenario_in(desk.path.rsplit("/", 1)[1]) is None
    desk.open("/desk/training")
    desk.submit("/desk/training/start", scenario="valid")
    practised = desk.path.rsplit("/", 1)[1]
    desk.submit("/desk/sign-out")
    assert stored(world, practised).state is State.CLOSED


def test_training_leaves_no_file_behind(world: World, desk: Browser) -> None:
    desk.sign_in()
    practise(desk, SCENARIOS["valid"])
    room = world.app.state.training
    read = training(world).read
    assert isinstance(read._verifications, SqlVerifications)
    file = Path(str(read._verifications._database._engine.url.database))
    assert file.is_file()
    room.close()
    assert not file.parent.exists()
