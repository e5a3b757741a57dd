"""The `kyky-keys` command: what people read, and that nothing makes it fall over."""

import json
import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from keys import checks
from keys import cli_texts as words
from keys.checks import CheckFailed, KeyStoreFailure
from keys.cli import run
from keys.key_directory import create_key_directory, operator_anchor
from keys.opener import ScryptCost, open_keys
from keys.settings import now
from keys.trust import TrustList, read_trust_list
from tests.keys.certificate_kit import AUTHORITY, Draft, name
from tests.keys.keys_kit import AT, pki

PASSPHRASE = "a passphrase for tests"
CHEAP = ScryptCost(log2_n=10, r=8, p=1)

ASK = "import sys; from keys.cli import main; main(['trust-list', *sys.argv[1:]])"

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KYKY_LANG", raising=False)
    monkeypatch.delenv("KYKY_KEYS_DIR", raising=False)
    monkeypatch.setenv("KYKY_KEYS_PASSPHRASE", PASSPHRASE)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key directory that tests only read."""
    home = tmp_path_factory.mktemp("made")
    create_key_directory(home, pki(), passphrase=PASSPHRASE, cost=CHEAP)
    return home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A key directory of a test's own."""
    create_key_directory(tmp_path / "home", pki(), passphrase=PASSPHRASE, cost=CHEAP)
    return tmp_path / "home"


def said(capsys: Capture, *arguments: object) -> tuple[int, str, str]:
    code = run([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    assert PASSPHRASE not in out + err
    assert "PRIVATE" not in out + err
    return code, out, err


def told(capsys: Capture, *arguments: object) -> Any:
    code, out, err = said(capsys, *arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


# init -------------------------------------------------------------------------------------


def test_init(tmp_path: Path, capsys: Capture) -> None:
    home = tmp_path / "deep" / "home"
    code, out, err = said(capsys, "init", "--dir", home, "--lang", "en")
    assert (code, err) == (0, "")
    assert f"ready in {home}" in out
    assert "Do not use them for real people's data." in out
    trust = read_trust_list(
        (home / "trust-list.jws").read_text(), operator_anchors=[operator_anchor(home)], at=now()
    )
    assert len(trust.issuers) == 8
    assert ("kela", "credential") in open_keys(home, passphrase=PASSPHRASE).names()


def test_init_in_json(tmp_path: Path, capsys: Capture) -> None:
    found = told(capsys, "init", "--dir", tmp_path)
    assert found["trust_list"] == str(tmp_path / "trust-list.jws")
    assert "mallimaa/credential" in found["keys"]


def test_init_does_not_overwrite(home: Path, capsys: Capture) -> None:
    before = (home / "trust-list.jws").read_bytes()
    code, out, err = said(capsys, "init", "--dir", home, "--lang", "sv")
    assert (code, out) == (1, "")
    assert "--force" in err
    assert (home / "trust-list.jws").read_bytes() == before
    assert said(capsys, "init", "--dir", home, "--force")[0] == 0
    assert (home / "trust-list.jws").read_bytes() != before


@pytest.mark.parametrize("passphrase", ["", "short"])
def test_init_with_a_poor_passphrase(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, passphrase: str
) -> None:
    monkeypatch.setenv("KYKY_KEYS_PASSPHRASE", passphrase)
    code, _out, err = said(capsys, "init", "--dir", tmp_path, "--lang", "en")
    assert code == 1
    assert "shorter than 8 characters" in err
    assert not (tmp_path / "keys").exists()


def test_init_where_nothing_can_be_written(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "file").write_text("")
    code, _out, err = said(capsys, "init", "--dir", tmp_path / "file" / "home")
    assert code == 1
    assert "Tarkista polku" in err


# list and show ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "use", "validity"),
    [
        ("fi", "allekirjoittaa kortteja", "voimassa 20.11.2028 asti"),
        ("sv", "undertecknar kort", "gäller till 20.11.2028"),
        ("en", "signs cards", "valid until 20.11.2028"),
    ],
)
def test_list(made: Path, capsys: Capture, lang: str, use: str, validity: str) -> None:
    code, out, _err = said(capsys, "list", "--dir", made, "--lang", lang)
    assert code == 0
    (line,) = [line for line in out.splitlines() if line.startswith("kela/credential ")]
    assert re.fullmatch(f"kela/credential +{use} +{re.escape(validity)}", line)
    assert len(out.splitlines()) == 2 + len(pki().keys.names())


def test_list_needs_no_passphrase(
    made: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KYKY_KEYS_PASSPHRASE")
    monkeypatch.setenv("KYKY_KEYS_DIR", str(made))
    monkeypatch.setenv("KYKY_LANG", "en")
    code, out, _err = said(capsys, "list")
    assert code == 0
    assert "signs revocation data" in out


def test_list_in_json(made: Path, capsys: Capture) -> None:
    found = told(capsys, "list", "--dir", made)
    assert [each["name"] for each in found] == [
        f"{org}/{purpose}" for org, purpose in pki().keys.names()
    ]


def test_an_empty_store(home: Path, capsys: Capture) -> None:
    for path in (home / "keys/orgs").rglob("*.key.pem"):
        path.unlink()
    assert said(capsys, "list", "--dir", home)[0] == 0


def test_show(made: Path, capsys: Capture) -> None:
    code, out, _err = said(capsys, "show", "mallimaa/credential", "--dir", made, "--lang", "en")
    assert code == 0
    assert "Organisation identifier: NTRFI-0000030-0" in out
    assert "Use: signs cards" in out
    found = told(capsys, "show", "mallimaa/credential", "--dir", made)
    assert found["key_thumbprint"] in out
    assert found["certificate_sha256"] in out


@pytest.mark.parametrize("wanted", ["", "mallimaa", "mallimaa/", "../x", "x" * 5_000, "ä/ö"])
def test_show_what_is_not_there(made: Path, capsys: Capture, wanted: str) -> None:
    code, _out, err = said(capsys, "show", wanted, "--dir", made, "--lang", "en")
    assert code == 1
    assert "There is no key of this name" in err


def test_validity_in_words() -> None:
    certificate = Draft(name("a"), AUTHORITY).issue()
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    for at, key in (
        (begins - timedelta(seconds=1), "valid.not_yet"),
        (begins, "valid.until"),
        (ends - timedelta(days=29), "valid.soon"),
        (ends, "valid.soon"),
        (ends + timedelta(seconds=1), "valid.expired"),
    ):
        date = words.date_text(begins if key == "valid.not_yet" else ends)
        for lang in words.LANGS:
            expected = words.text(key, lang, date=date)
            assert words.validity_text(certificate, lang, at=at) == expected
    assert words.validity_text(None, "en", at=AT) == "no certificate"
    assert words.purpose_text("no-such", "en") == "another use"


def test_days_are_finnish_days() -> None:
    assert words.date_text(AT.replace(hour=22, minute=30)) == "23.11.2026"


# trust-list -------------------------------------------------------------------------------


def test_the_next_trust_list(home: Path, capsys: Capture) -> None:
    code, out, _err = said(capsys, "trust-list", "--dir", home, "--days", "30", "--lang", "en")
    assert code == 0
    assert "Trust list number 2" in out
    trust = read_trust_list(
        (home / "trust-list.jws").read_text(),
        operator_anchors=[operator_anchor(home)],
        at=now(),
        at_least_sequence=2,
    )
    assert trust.next_update - trust.issued_at == timedelta(days=30)
    assert trust.issuers == pki().trust_list.issuers


def trust_of(home: Path) -> TrustList:
    return read_trust_list(
        (home / "trust-list.jws").read_text(), operator_anchors=[operator_anchor(home)], at=now()
    )


def places(home: Path) -> set[str | None]:
    issuers = trust_of(home).issuers
    return {one.status_lists_at for one in issuers if one.id in {"kela", "elake"}}


def test_an_issuer_is_let_issue_one_more_type(tmp_path: Path, capsys: Capture) -> None:
    home, vct = tmp_path / "home", "urn:kykylompakko:work-trial-certificate:1"
    assert said(capsys, "init", "--dir", home)[0] == 0
    before = {one.id: one.vcts for one in trust_of(home).issuers}
    assert said(capsys, "trust-list", "--dir", home, "--may-issue", "kela", vct)[0] == 0
    after = {one.id: one.vcts for one in trust_of(home).issuers}
    assert after == {**before, "kela": before["kela"] | {vct}}
    assert said(capsys, "trust-list", "--dir", home)[0] == 0
    assert {one.id: one.vcts for one in trust_of(home).issuers} == after
    assert said(capsys, "trust-list", "--dir", home, "--may-issue", "nobody", vct)[0] == 1
    assert said(capsys, "trust-list", "--dir", home, "--may-issue", "kela", "a b")[0] == 2


def test_an_issuer_that_has_closed_stays_on_the_list(tmp_path: Path, capsys: Capture) -> None:
    home, day = tmp_path / "closing", now().date()
    assert said(capsys, "init", "--dir", home)[0] == 0
    before = {one.id: one for one in trust_of(home).issuers}
    closing = ("trust-list", "--dir", home, "--closed")
    assert said(capsys, *closing, "kela", day.isoformat())[0] == 0
    after = {one.id: one for one in trust_of(home).issuers}
    assert after == {**before, "kela": replace(before["kela"], closed_on=day)}
    # The next issue remembers it.
    assert said(capsys, "trust-list", "--dir", home)[0] == 0
    assert trust_of(home).issuers == tuple(after.values())
    assert said(capsys, *closing, "nobody", day.isoformat())[0] == 1
    assert said(capsys, *closing, "kela", "soon")[0] == 2


def test_where_issuers_name_their_status_lists(tmp_path: Path, capsys: Capture) -> None:
    home, template = tmp_path / "home", "https://issuer.example/{org}/status-lists"
    assert said(capsys, "init", "--dir", home, "--status-lists", template)[0] == 0
    named = {f"https://issuer.example/{org}/status-lists" for org in ("kela", "elake")}
    assert places(home) == named
    assert said(capsys, "trust-list", "--dir", home)[0] == 0
    assert places(home) == named
    elsewhere = "https://other.example/{org}"
    assert said(capsys, "trust-list", "--dir", home, "--status-lists", elsewhere)[0] == 0
    assert places(home) == {"https://other.example/kela", "https://other.example/elake"}


@pytest.mark.parametrize(
    "template",
    ["", "https://issuer.example/kela", "ftp://a/{org}", "https://a/{org}/{id}", "{org}"],
)
def test_an_address_that_fits_no_issuer_is_not_understood(
    tmp_path: Path, capsys: Capture, template: str
) -> None:
    code, _out, err = said(
        capsys, "init", "--dir", tmp_path, "--status-lists", template, "--lang", "en"
    )
    assert code == 2
    assert "--status-lists" in err


def test_a_trust_list_elsewhere(made: Path, tmp_path: Path, capsys: Capture) -> None:
    before = (made / "trust-list.jws").read_bytes()
    found = told(capsys, "trust-list", "--dir", made, "--out", tmp_path / "list.jws")
    assert found["sequence"] == 2
    assert (tmp_path / "list.jws").read_text().count(".") == 2
    assert (made / "trust-list.jws").read_bytes() == before
    code, _out, err = said(
        capsys, "trust-list", "--dir", made, "--out", tmp_path / "no" / "list", "--lang", "en"
    )
    assert code == 1
    assert "Check the path" in err


def test_a_wrong_passphrase_is_a_sentence(
    made: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYKY_KEYS_PASSPHRASE", "some other passphrase")
    for lang, sentence in (
        ("fi", "Tunnuslause on väärä. Avaimia ei avattu.\n"),
        ("sv", "Lösenfrasen är fel. Nycklarna öppnades inte.\n"),
        ("en", "The passphrase is wrong. The keys were not opened.\n"),
    ):
        assert said(capsys, "trust-list", "--dir", made, "--lang", lang) == (1, "", sentence)


def test_no_passphrase_and_nobody_to_ask(
    made: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KYKY_KEYS_PASSPHRASE")
    code, _out, err = said(capsys, "trust-list", "--dir", made, "--lang", "en")
    assert code == 1
    assert "KYKY_KEYS_PASSPHRASE" in err


def test_the_passphrase_is_asked_without_echo(made: Path, tmp_path: Path) -> None:
    controller, terminal = pty.openpty()
    environment = {name: each for name, each in os.environ.items() if "PASSPHRASE" not in name}
    with subprocess.Popen(
        [sys.executable, "-c", ASK, "--dir", str(made), "--out", str(tmp_path / "list.jws")],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=environment,
        start_new_session=True,
    ) as process:
        os.close(terminal)
        shown = b""
        while b": " not in shown:
            shown += os.read(controller, 1_000)
        os.write(controller, PASSPHRASE.encode() + b"\n")
        assert process.wait(30) == 0
        shown += os.read(controller, 10_000)
    os.close(controller)
    assert PASSPHRASE.encode() not in shown
    assert b"Luottamuslista numero 2" in shown
    assert (tmp_path / "list.jws").exists()


@pytest.mark.parametrize("file", ["trust-list.jws", "trust-operator.pem"])
@pytest.mark.parametrize("data", [None, b"", b"a.b.c", b"\xff"])
def test_a_damaged_directory(home: Path, capsys: Capture, file: str, data: bytes | None) -> None:
    (home / file).unlink()
    if data is not None:
        (home / file).write_bytes(data)
    code, out, _err = said(capsys, "trust-list", "--dir", home, "--json")
    assert code == 1
    error = json.loads(out)["error"]
    assert error == "key_store_missing" if data is None else error != "files"


def test_without_the_operators_key(home: Path, capsys: Capture) -> None:
    (home / "keys/orgs/trust-operator/trust-list.key.pem").unlink()
    code, out, _err = said(capsys, "trust-list", "--dir", home, "--json")
    assert (code, json.loads(out)["error"]) == (1, "key_not_found")


# what is not understood -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "init, list, show"),
        (["nonsense"], "init, list, show"),
        (["--nonsense"], "--nonsense"),
        (["list"], "--dir"),
        (["list", "--dir"], "--dir"),
        (["list", "--dir", ""], "--dir"),
        (["list", "--dir", "a\0b"], "--dir"),
        (["list", "--dir", "\ud800"], "--dir"),
        (["list", "--dir", "x", "--nonsense"], "--nonsense"),
        (["list", "--dir", "x", "extra"], "init, list, show"),
        (["list", "--dir", "x", "--lang", "de"], "--lang"),
        (["show", "--dir", "x"], "name"),
        (["trust-list", "--dir", "x", "--days", "0"], "--days"),
        (["trust-list", "--dir", "x", "--days", "many"], "--days"),
        (["trust-list", "--dir", "x", "--out", ""], "--out"),
    ],
)
def test_not_understood(capsys: Capture, arguments: list[str], named: str) -> None:
    code, out, err = said(capsys, *arguments)
    assert (code, out) == (2, "")
    assert named in err
    assert "kyky-keys --help" in err


def test_not_understood_in_the_environments_language(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYKY_LANG", "sv")
    assert said(capsys, "nonsense")[2].startswith("Jag förstod inte")
    assert said(capsys, "nonsense", "--lang=en")[2].startswith("I did not understand")
    monkeypatch.setenv("KYKY_LANG", "de")
    assert said(capsys, "list", "--dir", "x")[0] == 2


def test_not_understood_in_json(capsys: Capture) -> None:
    code, out, err = said(capsys, "nonsense", "--json")
    assert (code, err) == (2, "")
    assert json.loads(out)["error"] == "usage"


@pytest.mark.parametrize("directory", ["/nonexistent/place", "/etc/hostname", "x" * 5_000, "."])
def test_no_keys_here(capsys: Capture, directory: str) -> None:
    code, _out, err = said(capsys, "list", "--dir", directory, "--lang", "en")
    assert code == 1
    assert "DIRECTORY" in err or "Check the path" in err


@pytest.mark.parametrize("lang", words.LANGS)
@pytest.mark.parametrize("command", [[], ["init"], ["list"], ["show"], ["trust-list"]])
def test_help(capsys: Capture, lang: str, command: list[str]) -> None:
    code, out, err = said(capsys, "--lang", lang, *command, "--help")
    assert (code, err) == (0, "")
    key = f"help.{command[0]}" if command else "help.group"
    assert " ".join(words.text(key, lang).split()) in " ".join(out.split())


ARGUMENTS = st.lists(
    st.sampled_from(["init", "list", "show", "trust-list", "--dir", "--json", "--lang", "en"])
    | st.text(max_size=8),
    max_size=5,
)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ARGUMENTS)
def test_garbage_is_answered_in_words(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KYKY_KEYS_PASSPHRASE", "short")
    assert said(capsys, *arguments)[0] in {0, 1, 2}


# the words --------------------------------------------------------------------------------


def test_every_text_is_in_three_languages() -> None:
    for key, by_lang in words._texts().items():
        assert set(by_lang) == set(words.LANGS), key
        places = {lang: re.findall(r"{\w+}", text) for lang, text in by_lang.items()}
        assert places["fi"] == places["sv"] == places["en"], key
        assert all(by_lang.values())


def test_every_failure_has_words() -> None:
    said_of: dict[str, str] = {}
    for each in vars(checks).values():
        if isinstance(each, type) and issubclass(each, CheckFailed):
            said_of[each.code] = words.failure_text(each(), "en")
            assert issubclass(each, KeyStoreFailure) <= words.has_text(f"fail.{each.code}") or (
                each is KeyStoreFailure
            )
    assert "Restore the directory from a backup" in said_of["trust_list_stale"]
    assert said_of["bad_signature"] == "This did not work (bad_signature). Nothing was changed."
