"""The operator's commands."""

import json
import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding

from keys import opener
from tests.verifier.world import World, demo_pki
from verifier.cli import main

PASSPHRASE = "nelja-sanaa-ilman-mitaan-jarkea"


@pytest.fixture(scope="module")
def key_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `kyky-keys init` leaves behind, at the smallest cost."""
    directory = tmp_path_factory.mktemp("keys")
    pki = demo_pki()
    opener.create_keys(
        directory,
        signers={("te-toimisto-malli", "access"): pki.signer("te-toimisto-malli", "access")},
        secrets=pki.keys.secrets,
        passphrase=PASSPHRASE,
        cost=opener.ScryptCost(log2_n=14, r=8, p=1),
    )
    (directory / "trust-list.jws").write_text(pki.trust_list_jws)
    anchor = pki.operator_anchor.public_bytes(Encoding.PEM)
    (directory / "trust-operator.pem").write_bytes(anchor)
    return directory


@pytest.fixture
def run(key_directory: Path, tmp_path: Path):
    def run(*arguments: str, stdin: str = "", **environment: str):
        settings = {
            "KYKY_VERIFIER_BASE_URL": "https://desk.example",
            "KYKY_VERIFIER_DATABASE": f"sqlite:///{tmp_path}/verifier.db",
            "KYKY_VERIFIER_KEYS_DIR": str(key_directory),
            "KYKY_VERIFIER_TRUST_LIST": str(key_directory / "trust-list.jws"),
            "KYKY_VERIFIER_OPERATOR_ANCHOR": str(key_directory / "trust-operator.pem"),
            "KYKY_KEYS_PASSPHRASE": PASSPHRASE,
        }
        return CliRunner().invoke(main, arguments, input=stdin, env={**settings, **environment})

    return run


def test_a_key_is_made_listed_and_revoked(run) -> None:
    made = run("--json", "api-key", "create", "--role", "te_office", "--label", "Tiski 1")
    assert made.exit_code == 0, made.output
    key = json.loads(made.output)
    assert key["key"].startswith(f"kyky_{key['id']}_")
    listed = run("--json", "api-key", "list")
    assert [json.loads(line)["id"] for line in listed.output.splitlines()] == [key["id"]]
    assert key["key"] not in listed.output
    assert run("api-key", "revoke", key["id"]).exit_code == 0
    assert run("api-key", "revoke", key["id"]).exit_code == 1
    assert "peruttu" in run("api-key", "list").output


def test_a_key_of_another_role_is_refused(run) -> None:
    refused = run("--lang", "en", "api-key", "create", "--role", "employer")
    assert refused.exit_code == 1
    assert "te_office" in refused.output


def test_migrate_says_so_in_three_languages(run) -> None:
    said = {lang: run("--lang", lang, "migrate").output for lang in ("fi", "sv", "en")}
    assert len(set(said.values())) == 3


def test_the_database_is_nobody_elses_to_read(run, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        assert run("migrate").exit_code == 0
    finally:
        os.umask(before)
    files = list(tmp_path.glob("verifier.db*"))
    assert files
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_unsafe_settings_stop_every_command(run) -> None:
    refused = run("--lang", "en", "migrate", KYKY_VERIFIER_BASE_URL="http://desk.example")
    assert refused.exit_code == 1
    assert "base_url" in refused.output or "plain http" in refused.output


def test_a_wrong_passphrase_stops_and_is_not_repeated(run) -> None:
    refused = run("migrate", KYKY_KEYS_PASSPHRASE="aivan-toinen-salalause")
    assert refused.exit_code == 1
    assert "Tunnuslause on väärä" in refused.output
    assert "aivan" not in refused.output


def test_the_evidence_log_is_printed_without_anybody_in_it(run, tmp_path: Path) -> None:
    world = World(tmp_path)
    asked = world.start().answer()
    asked.identity()
    world.close()
    printed = run("evidence")
    assert printed.exit_code == 0, printed.output
    (record,) = [json.loads(line) for line in printed.output.splitlines()]
    assert (record["profile"], record["outcome"]) == ("te_initial_interview", "accept")
    assert len(record["checks"]) == 9
    for part in (asked.id, asked.ref, "Mallikas", "1988", "status-lists"):
        assert part not in printed.output
