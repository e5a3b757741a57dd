"""`kyky-verifier staff`: people added, listed, given a new password, shut out."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from keys.devkeys import make_demo_pki
from tests.verifier.test_verifier_cli import key_directory, run

__all__ = ["key_directory", "run"]

PASSWORD = "kuusi hiljaista polkua"
ADD = ("staff", "add", "liisa.virkailija", "--display", "Liisa Virkailija", "--role", "te_office")


def test_a_person_is_added_listed_and_shut_out(run) -> None:
    made = run("--json", *ADD, stdin=f"{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    person = json.loads(made.output)
    assert person["name"] == "liisa.virkailija"
    assert person["roles"] == ["te_office"]
    assert person["id"].startswith("staff_")
    assert len(person["id"]) > 20
    (listed,) = run("--json", "staff", "list").output.splitlines()
    assert json.loads(listed) == person
    assert run("staff", "disable", "Liisa.Virkailija").exit_code == 0
    assert run("staff", "disable", "liisa.virkailija").exit_code == 1
    assert "suljettu" in run("staff", "list").output


def test_a_person_is_shut_out_by_id(run) -> None:
    person = json.loads(run("--json", *ADD, stdin=f"{PASSWORD}\n").output)
    assert run("staff", "disable", person["id"]).exit_code == 0
    assert json.loads(run("--json", "staff", "list").output)["disabled"] is True


def test_passwords_are_never_told(run) -> None:
    told = run(*ADD, stdin=f"{PASSWORD}\n").output + run("staff", "list").output
    told += run("staff", "password", "liisa.virkailija", stdin="kahdeksan uutta ovea\n").output
    assert "Salasana on vaihdettu." in told
    assert PASSWORD not in told
    assert "kahdeksan" not in told
    assert "$argon2" not in told


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
@pytest.mark.parametrize(
    ("command", "stdin"),
    [
        (ADD, "short\n"),
        (ADD, ""),
        (("staff", "add", "a b", "--role", "te_office"), f"{PASSWORD}\n"),
        (("staff", "add", "liisa", "--role", "te_offic"), f"{PASSWORD}\n"),
        (("staff", "password", "nobody.here"), f"{PASSWORD}\n"),
        (("staff", "disable", "nobody.here"), ""),
    ],
)
def test_what_cannot_be_done_is_said(run, lang: str, command: tuple[str, ...], stdin: str) -> None:
    done = run("--lang", lang, *command, stdin=stdin)
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert done.output.startswith("Error: ")
    assert PASSWORD not in done.output


def test_a_name_is_taken_once(run) -> None:
    assert run(*ADD, stdin=f"{PASSWORD}\n").exit_code == 0
    again = run("--lang", "en", *ADD, stdin=f"{PASSWORD}\n")
    assert again.exit_code == 1
    assert "liisa.virkailija is taken" in again.output


def test_a_role_that_is_no_use_here_is_noted(run, tmp_path: Path) -> None:
    now = make_demo_pki(at=datetime.now(UTC))
    (tmp_path / "list.jws").write_text(now.trust_list_jws)
    (tmp_path / "operator.pem").write_bytes(now.operator_anchor.public_bytes(Encoding.PEM))
    said = run(
        *("--lang", "en", "staff", "add", "nelli"),
        *("--role", "health_centre", "--role", "te_office"),
        stdin=f"{PASSWORD}\n",
        KYKY_VERIFIER_TRUST_LIST=str(tmp_path / "list.jws"),
        KYKY_VERIFIER_OPERATOR_ANCHOR=str(tmp_path / "operator.pem"),
    )
    assert said.exit_code == 0, said.output
    assert "does not give the organisation the role health_centre" in said.output
    assert "role te_office" not in said.output
