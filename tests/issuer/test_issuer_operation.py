"""Settings, commands, logs and words."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

import issuer.web.errors as web_errors
from credential_schemas.i18n import Texts
from issuer.app import create_app
from issuer.cli import main
from issuer.settings import Settings
from issuer.usecases import failures
from issuer.web.requests import JsonLines
from keys.checks import CheckFailed
from keys.demo_plan import default_plan
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World, claims_of, offer_body

LOCALES = Path(web_errors.__file__).parent / "locales"


def refused(**changes: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Settings(**{"base_url": "https://issuer.example", **changes})
    return str(caught.value)


@pytest.mark.req("VCI-76")
@pytest.mark.parametrize(
    "base_url",
    [
        "https://issuer.example/",
        "https://issuer.example/path",
        "https://issuer.example?x",
        "https://issuer.example#x",
        "https://user@issuer.example",
        "issuer.example",
        "ftp://issuer.example",
        "",
    ],
)
def test_a_base_url_is_an_origin(base_url: str) -> None:
    assert "base_url" in refused(base_url=base_url)


@pytest.mark.req("ARF-21")
def test_a_card_is_one_among_many_on_its_status_list() -> None:
    assert Settings(base_url="https://issuer.example").status_list_size >= 10_000
    assert "status_list_size" in refused(status_list_size=63)


def test_unsafe_choices_are_refused_unless_asked_for_on_this_machine() -> None:
    assert "UNSAFE_PLAIN_HTTP" in refused(base_url="http://127.0.0.1:8001")
    assert "plain http" in refused(base_url="http://issuer.example", unsafe_plain_http=True)
    for name in ("unsafe_memory_keys", "unsafe_plain_http"):
        assert name in refused(**{name: True})
    assert Settings(base_url="https://issuer.example").unsafe_choices() == ()
    for base_url in ("http://127.0.0.1:8001", "http://localhost:1", "http://[::1]:8001"):
        demo = Settings(base_url=base_url, unsafe_plain_http=True, unsafe_memory_keys=True)
        assert len(demo.unsafe_choices()) == 2


def test_unsafe_is_loud(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(
        base_url="http://127.0.0.1:8001",
        database=f"sqlite:///{tmp_path}/i.db",
        unsafe_plain_http=True,
        unsafe_memory_keys=True,
    )
    app = create_app(settings)
    app.state.parts.database.close()
    warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [text.startswith("UNSAFE") for text in warned] == [True, True]


def command(*words: str) -> Any:
    return CliRunner().invoke(main, list(words))


@pytest.mark.usefixtures("environment")
def test_the_operator_makes_lists_and_ends_keys() -> None:
    assert command("migrate").exit_code == 0
    made = command("api-key", "create", "--org", "mallimaa", "--type", "statement_feedback")
    assert made.exit_code == 0, made.output
    key = made.stdout.strip()
    key_id = key.split("_")[1]

    (line,) = command("api-key", "list", "--org", "mallimaa").stdout.splitlines()
    assert line.split("\t")[:4] == [key_id, "mallimaa", "default", "live"]
    assert key not in line
    assert command("api-key", "revoke", key_id).exit_code == 0
    assert "ended" in command("api-key", "list").stdout
    again = command("api-key", "revoke", key_id)
    assert (again.exit_code, "api_key_not_found" in again.output) == (1, True)
    wrong = command("api-key", "create", "--org", "kela", "--type", "statement_feedback")
    assert (wrong.exit_code, "type_not_issued_here" in wrong.output) == (1, True)


@pytest.mark.usefixtures("environment")
def test_check_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert command("migrate").exit_code == 0
    fine = command("check")
    assert fine.exit_code == 0, fine.output
    assert "UNSAFE" in fine.output
    monkeypatch.setenv("KYKY_ISSUER_UNSAFE_MEMORY_KEYS", "false")
    monkeypatch.setenv("KYKY_ISSUER_KEYS_DIR", str(tmp_path / "nothing"))
    missing = command("check")
    assert (missing.exit_code, "has no keys" in missing.output) == (1, True)
    monkeypatch.setenv("KYKY_ISSUER_UNSAFE_PLAIN_HTTP", "false")
    unsafe = command("check")
    assert (unsafe.exit_code, "UNSAFE_PLAIN_HTTP" in unsafe.output) == (2, True)


def test_the_demo_plan_has_every_secret_that_we_ask_for() -> None:
    wanted = {"issuer-sealing", "issuer-tokens", "issuer-offers", "issuer-api-keys", "issuer-nonce"}
    assert wanted <= set(default_plan().secrets)


def subclasses(kind: type[CheckFailed], module: str) -> list[type[CheckFailed]]:
    found = [each for each in kind.__subclasses__() if each.__module__ == module]
    deeper = [each for sub in kind.__subclasses__() for each in subclasses(sub, module)]
    return found + deeper


def test_every_failure_of_the_api_has_its_words_and_its_status() -> None:
    keys = Texts.load(LOCALES).keys()
    own = subclasses(CheckFailed, failures.__name__)
    command_line_only = {
        failures.TooManyApiKeys,
        failures.ApiKeyNotFound,
        failures.TooManyClientKeys,
        failures.ClientKeyTaken,
        failures.ClientKeyNotFound,
    }
    wallets_only = {failures.StatusListNotFound}
    assert len(own) > 10
    assert len({kind.code for kind in own}) == len(own)
    for kind in own:
        assert kind.code != CheckFailed.code
        assert kind.spec
        if kind in command_line_only | wallets_only:
            continue
        assert f"{kind.code}.title" in keys, kind
        assert f"{kind.code}.detail" in keys, kind
        assert any(base in web_errors._STATUS for base in kind.__mro__), kind


def test_the_log_says_what_happened_and_to_nobody(
    world: World, wallet: TinyWallet, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = world.offer(offer_body(delivery={"channel": "screen", "pin": True}))
    offer = wallet.open_link(made["offer_link"])
    wallet.ask_token(offer, "000000")
    token = wallet.token(offer, made["pin"])
    wallet.credential(token)
    world.post("/api/v1/mallimaa/offers", json=offer_body(claims={"x": 1}), headers=world.auth())

    own = [record for record in caplog.records if record.name.startswith("issuer")]
    lines = [JsonLines().format(record) for record in own]
    routes = {json.loads(line)["route"] for line in lines}
    assert {"/{org}/offers/{reference}", "/{org}/token", "/api/v1/{org}/offers"} <= routes
    assert all(len(json.loads(line)["request_id"]) == 12 for line in lines)
    everything = "\n".join(lines) + caplog.text
    secrets = [token, made["pin"], offer.pre_authorized_code, world.api_key(), "client-4711"]
    reference = made["offer_link"].rsplit("%2F", 1)[1]
    claims = claims_of("statement_feedback")
    for secret in [*secrets, reference, claims["family_name"], claims["given_name"]]:
        assert secret not in "\n".join(lines), secret
    assert claims["family_name"] not in everything


def test_what_nobody_foresaw_is_told_by_kind_only(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.parts.database.close()
    for path, form in (("/healthz", "error"), (f"/api/v1/mallimaa/offers/{'0' * 32}", "code")):
        answer = world.get(path, headers={"Authorization": f"Bearer kyky_{'a' * 16}_{'b' * 43}"})
        assert answer.status_code == 500
        assert answer.json()[form] in {"server_error", "service_failed"}
    failed = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [json.loads(JsonLines().format(record))["failure"] for record in failed]
    assert "Traceback" not in caplog.text
