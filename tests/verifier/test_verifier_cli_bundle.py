"""The operator's two commands for a desk without network."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding

from keys import opener
from keys.devkeys import make_demo_pki
from keys.settings import now
from keys.trust import sign_trust_list
from verifier.cli import main

PASSPHRASE = "nelja-sanaa-ilman-mitaan-jarkea"
OFFICES = ("te-toimisto-malli", "sote-keskus-malli")


class Machine:
    """A machine with settings, keys and a database of its own, and no network at all."""

    def __init__(self, keys: Path, directory: Path, organisation: str = OFFICES[0]) -> None:
        directory.mkdir()
        self.environment = {
            "KYKY_VERIFIER_BASE_URL": "https://desk.example",
            "KYKY_VERIFIER_DATABASE": f"sqlite:///{directory}/verifier.db",
            "KYKY_VERIFIER_KEYS_DIR": str(keys),
            "KYKY_VERIFIER_ORGANISATION": organisation,
            "KYKY_VERIFIER_TRUST_LIST": str(keys / "trust-list.jws"),
            "KYKY_VERIFIER_OPERATOR_ANCHOR": str(keys / "trust-operator.pem"),
            "KYKY_KEYS_PASSPHRASE": PASSPHRASE,
        }

    def run(self, *arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(main, arguments, env={**self.environment, **environment})


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("keys")
    pki = make_demo_pki(at=now())
    opener.create_keys(
        directory,
        signers={(org, "access"): pki.signer(org, "access") for org in OFFICES},
        secrets=pki.keys.secrets,
        passphrase=PASSPHRASE,
        cost=opener.ScryptCost(log2_n=14, r=8, p=1),
    )
    placed = pki.trust_list.with_status_lists_at("http://issuer.invalid/{org}")  # is not asked
    signer = pki.signer("trust-operator", "trust-list")
    (directory / "trust-list.jws").write_text(sign_trust_list(placed, signer))
    anchor = pki.operator_anchor.public_bytes(Encoding.PEM)
    (directory / "trust-operator.pem").write_bytes(anchor)
    return directory


@pytest.fixture
def made(keys: Path, tmp_path: Path) -> Path:
    out = tmp_path / "bundle.jws"
    done = Machine(keys, tmp_path / "connected").run("bundle", "make", "--out", str(out))
    assert done.exit_code == 0, done.output
    return out


def test_a_bundle_is_made_of_what_can_be_had_and_says_what_cannot(
    keys: Path, tmp_path: Path
) -> None:
    out = tmp_path / "bundle.jws"
    machine = Machine(keys, tmp_path / "one")
    done = machine.run("--json", "bundle", "make", "--out", str(out))
    facts = json.loads(done.output)
    assert (facts["status_lists"], facts["certificates"]) == (0, 0)
    assert facts["missed"] == ["fetch_url_forbidden"]
    assert out.read_text().count(".") == 2
    said = machine.run("--lang", "en", "bundle", "make", "--out", str(out)).output
    assert "Nothing can be confirmed with it" in said
    assert "fetch_url_forbidden" in said


def test_it_is_loaded_on_another_machine_of_the_same_office(
    keys: Path, tmp_path: Path, made: Path
) -> None:
    desk = Machine(keys, tmp_path / "desk")
    missing = {"KYKY_VERIFIER_TRUST_LIST": str(tmp_path / "none")}
    done = desk.run("--lang", "en", "bundle", "load", str(made), **missing)
    assert done.exit_code == 0, done.output
    assert "is in use" in done.output
    again = json.loads(desk.run("--json", "bundle", "load", str(made), **missing).output)
    assert again["file"] == str(made)


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_a_refusal_says_what_to_do(keys: Path, tmp_path: Path, made: Path, lang: str) -> None:
    broken = tmp_path / "broken.jws"
    broken.write_bytes(b"\xff")
    said = set()
    for machine, file in (
        (Machine(keys, tmp_path / "other", OFFICES[1]), made),
        (Machine(keys, tmp_path / "desk"), broken),
        (Machine(keys, tmp_path / "third"), tmp_path / "none.jws"),
    ):
        done = machine.run("--lang", lang, "bundle", "load", str(file))
        assert done.exit_code == 1
        said.add(done.output)
    assert len(said) == 3


def test_a_trust_list_of_another_operator_is_refused(
    keys: Path, tmp_path: Path, made: Path
) -> None:
    other = make_demo_pki(at=now())
    anchor = tmp_path / "other-operator.pem"
    anchor.write_bytes(other.operator_anchor.public_bytes(Encoding.PEM))
    desk = Machine(keys, tmp_path / "desk")
    done = desk.run("bundle", "load", str(made), KYKY_VERIFIER_OPERATOR_ANCHOR=str(anchor))
    assert done.exit_code == 1
    assert "trust_list_operator_not_trusted" in done.output


def test_a_place_where_nothing_can_be_written(keys: Path, tmp_path: Path) -> None:
    out = tmp_path / "no" / "bundle.jws"
    done = Machine(keys, tmp_path / "one").run("bundle", "make", "--out", str(out))
    assert done.exit_code == 1
    assert str(out) in done.output
