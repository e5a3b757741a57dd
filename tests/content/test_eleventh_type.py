"""An eleventh type and a task for it, from files that are new: nothing else is changed.

The files are those of `docs/new-credential-type.md`, put into an empty directory while this runs.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from credential_schemas.data_files import BrokenCatalogue
from credential_schemas.loader import load_catalogue
from credential_schemas.model import LANGS
from tests.content.world import NOW, PROTOCOL, Everybody, everybody, page_text
from wallet_sim.pages import card_page
from wallet_sim.words import Words

FILES = Path(__file__).parents[2] / "docs" / "examples" / "work-trial"
GUIDE = Path(__file__).parents[2] / "docs" / "new-credential-type.md"
TYPE, PROFILE, ORG = "work_trial_certificate", "employer_work_trial", "tyollisyysalue"
CLAIMS: dict[str, Any] = {
    "family_name": "Mallikas",
    "given_name": "Maija Testi",
    "birthdate": "1988-04-12",
    "issuing_authority": "Mallimaan työllisyysalue (TESTI)",
    "issuing_country": "FI",
    "date_of_issuance": "2026-11-20",
    "trial_place": "Kahvila Malli",
    "trial_started": "2026-09-01",
    "trial_ended": "2026-11-13",
    "weekly_hours": 20,
    "trial_outcome": "suits_with_changes",
    "tasks_done": ["Asiakaspalvelu", "Kassatyö"],
}


@pytest.fixture(scope="module")
def extra(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The new files, alone in a directory of their own."""
    return Path(shutil.copytree(FILES, tmp_path_factory.mktemp("extra") / "catalogue"))


@pytest.fixture(scope="module")
def all_of_them(tmp_path_factory: pytest.TempPathFactory, extra: Path) -> Iterator[Everybody]:
    with everybody(tmp_path_factory.mktemp("eleven"), extra=extra) as made:
        yield made


def body(**changes: Any) -> dict[str, Any]:
    return {
        "type": TYPE,
        "claims": {**CLAIMS, **changes},
        "subject_ref": "client-11",
        "delivery": {"channel": "screen", "pin": False},
    }


def test_without_the_files_nobody_knows_it(extra: Path) -> None:
    ours, more = load_catalogue(), load_catalogue(extra=extra)
    assert more.types.keys() - ours.types.keys() == {TYPE}
    assert more.profiles.keys() - ours.profiles.keys() == {PROFILE}
    assert more.code_lists.keys() - ours.code_lists.keys() == {"work_trial_outcome"}
    assert not ours.may_issue(ORG, TYPE)


def test_the_issuer_offers_and_describes_it(all_of_them: Everybody) -> None:
    issuer = all_of_them.issuer
    metadata = issuer.get(f"/.well-known/openid-credential-issuer/{ORG}").json()
    offered = metadata["credential_configurations_supported"][TYPE]
    assert offered["vct"] == "urn:kykylompakko:work-trial-certificate:1"
    titles = {one["locale"]: one["name"] for one in offered["credential_metadata"]["display"]}
    assert titles["sv"] == "Intyg över arbetsprövning"
    document = issuer.get("/type-metadata/urn:kykylompakko:work-trial-certificate:1").json()
    assert {one["path"][0] for one in document["claims"]} >= {"trial_outcome", "tasks_done"}


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"trial_outcome": "bored"}, "/claims/trial_outcome", "not_in_code_list"),
        ({"trial_started": "2026-12-01"}, "/claims/trial_ended", "date_order"),
        ({"tasks_done": ["Kassa (F32.1)"]}, "/claims/tasks_done/0", "diagnosis_in_text"),
        ({"attachment": "x"}, "/claims/attachment", "unknown_item"),
    ],
)
def test_bad_content_of_it_is_refused(all_of_them: Everybody, changes, pointer, code) -> None:
    issuer = all_of_them.issuer
    answer = issuer.post(
        f"/api/v1/{ORG}/offers", json=body(**changes), headers=issuer.auth(ORG, TYPE)
    )
    assert answer.status_code == 422
    (fault,) = answer.json()["problems"]
    assert (fault["pointer"], fault["code"]) == (pointer, code)
    assert set(fault["words"]) == set(LANGS)


def test_it_is_issued_shown_in_the_wallet_and_asked_at_a_desk(all_of_them: Everybody) -> None:
    # 1. The issuer offers it and the wallet takes it.
    wallet = all_of_them.wallet()
    issuer = all_of_them.issuer
    offer = issuer.post(f"/api/v1/{ORG}/offers", json=body(), headers=issuer.auth(ORG, TYPE))
    assert offer.status_code == 201, offer.text
    (card,) = all_of_them.runner.run(wallet.receive(offer.json()["offer_link"]))
    assert card.type_id == TYPE
    # 2. The wallet shows it in three languages.
    page = card_page(Words("fi", all_of_them.catalogue), wallet.card(card.id), NOW)
    assert page[0] == "Todistus työkokeilusta"
    assert "Tulos: Työ sopii muutoksin" in "\n".join(page)
    # 3. The employer asks, the client shows, and staff read it.
    showing = all_of_them.desk("employer").ask(PROFILE)
    showing.answer(wallet).compare()
    (sent,) = [disclosed.claims for _, disclosed in showing.sent()]
    hidden = {"issuing_authority", "issuing_country"} | PROTOCOL
    asked = {str(path[0]) for path in all_of_them.catalogue.profiles[PROFILE].all_paths()}
    assert sent.keys() - hidden == asked & CLAIMS.keys()
    said = {
        "fi": ("Mitä työkokeilussa tehtiin", "Työ sopii muutoksin", "20 tuntia viikossa"),
        "sv": ("Vad som gjordes i arbetsprövningen", "Arbetet passar med ändringar"),
        "en": ("What was done in the work trial", "The work suits with changes"),
    }
    for lang in LANGS:
        outcome = showing.outcome(lang)
        assert all(words in outcome for words in said[lang]), outcome
    # 4. The desk's start page has the task.
    start = page_text(all_of_them.desk("employer").browser.open("/desk?lang=fi"))
    assert "Työkokeilun todistus" in start


@pytest.mark.parametrize(
    ("file", "change", "fault"),
    [
        ("types/work_trial_certificate/type.json", {"vct": "urn:kykylompakko:service-plan:1"},
         "another type has the same vct"),
        ("types/work_trial_certificate/type.json", {"issuers": ["nobody"]}, "organisations"),
        ("profiles/employer_work_trial.json", {"required_claims": ["shoe_size"]}, "no such claim"),
        ("profiles/employer_work_trial.json", {"credential_type": "statement_feedback",
         "required_claims": ["max_weekly_hours"], "required_if_held": [], "optional_claims": []},
         "may not ask"),
    ],
)  # fmt: skip
def test_files_that_do_not_fit_are_refused_by_name(tmp_path, file, change, fault) -> None:
    home = Path(shutil.copytree(FILES, tmp_path / "extra"))
    data = json.loads((home / file).read_text("utf-8"))
    (home / file).write_text(json.dumps(data | change), "utf-8")
    with pytest.raises(BrokenCatalogue, match=fault) as caught:
        load_catalogue(extra=home)
    assert str(caught.value.file).endswith(file) or "vct" in fault


@pytest.mark.parametrize("file", ["code_lists/finality.json", "profiles/te_plan_check.json"])
def test_what_is_there_is_not_changed_from_outside(tmp_path, file) -> None:
    home = Path(shutil.copytree(FILES, tmp_path / "extra"))
    product = Path(load_catalogue.__code__.co_filename).parent
    shutil.copy(product / file, home / file)
    with pytest.raises(BrokenCatalogue, match="there is one already"):
        load_catalogue(extra=home)
    (home / file).unlink()
    (home / "roles.json").write_text((product / "roles.json").read_text("utf-8"), "utf-8")
    with pytest.raises(BrokenCatalogue, match="there already"):
        load_catalogue(extra=home)


def test_the_guide_names_every_file_and_setting() -> None:
    guide = GUIDE.read_text("utf-8")
    for file in FILES.rglob("*.json"):
        assert str(file.relative_to(FILES)) in guide
    for setting in ("KYKY_ISSUER_EXTRA_CATALOGUE", "KYKY_VERIFIER_EXTRA_CATALOGUE"):
        assert setting in guide
