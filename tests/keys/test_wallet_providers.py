"""The signed list of wallet providers: what it says, and every reason to refuse one."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from keys.certificates import Subject, make_authority
from keys.checks import (
    CheckFailed,
    TrustListMalformed,
    TrustListNotYetValid,
    TrustListOperatorNotTrusted,
    TrustListRolledBack,
    TrustListSignatureInvalid,
    TrustListStale,
    TrustListWrongType,
)
from keys.cli import run
from keys.jose import b64url_encode
from keys.key_directory import create_key_directory, operator_anchor
from keys.lote_writer import write_wallet_providers
from keys.opener import ScryptCost
from keys.signed_lote import sign_lote
from keys.software_signer import SoftwareSigner
from keys.trust import read_trust_list
from keys.wallet_providers import (
    WalletProvider,
    WalletProviders,
    read_wallet_providers,
    renew_wallet_providers,
    sign_wallet_providers,
)
from tests.keys.keys_kit import AT, pki

ANCHORS = [pki().operator_anchor]
OPERATOR = pki().signer("trust-operator", "trust-list")
TEXT = pki().wallet_providers_jws
PROVIDERS = pki().wallet_providers
PASSPHRASE = "a passphrase for tests"
CHEAP = ScryptCost(log2_n=10, r=8, p=1)


def read(text: str, *, at_least_sequence: int = 0) -> WalletProviders:
    return read_wallet_providers(
        text, operator_anchors=ANCHORS, at=AT, at_least_sequence=at_least_sequence
    )


def changed(change: Callable[[Any], object], signer: SoftwareSigner = OPERATOR) -> str:
    lote = json.loads(json.dumps(write_wallet_providers(PROVIDERS)))
    change(lote["LoTE"])
    return sign_lote(lote, signer, at=AT)


def information(lote: Any) -> Any:
    return lote["TrustedEntitiesList"][0]["TrustedEntityServices"][0]["ServiceInformation"]


@pytest.mark.req("TRUST-01", "TRUST-03")
def test_it_is_read_as_it_was_written() -> None:
    assert read(TEXT) == PROVIDERS
    (provider,) = PROVIDERS.providers
    assert provider.names["en"] == "Mallimaa wallet provider (TESTI)"
    assert PROVIDERS.anchors is PROVIDERS.anchors


@pytest.mark.req("TRUST-04")
def test_neither_list_passes_for_the_other() -> None:
    with pytest.raises(TrustListWrongType):
        read(pki().trust_list_jws)
    with pytest.raises(TrustListWrongType):
        read_trust_list(TEXT, operator_anchors=ANCHORS, at=AT)


@pytest.mark.req("TRUST-04")
@pytest.mark.parametrize(
    ("replaced", "failure"),
    [
        ({"next_update": AT}, TrustListStale),
        ({"issued_at": AT + timedelta(minutes=6)}, TrustListNotYetValid),
    ],
)
def test_one_at_the_wrong_time(replaced: Any, failure: type[CheckFailed]) -> None:
    with pytest.raises(failure):
        read(sign_wallet_providers(replace(PROVIDERS, **replaced), OPERATOR))


@pytest.mark.req("TRUST-04")
def test_one_rolled_back() -> None:
    assert read(TEXT, at_least_sequence=1) == PROVIDERS
    with pytest.raises(TrustListRolledBack):
        read(TEXT, at_least_sequence=2)


@pytest.mark.req("TRUST-04")
def test_one_signed_by_somebody_else() -> None:
    forger = pki().signer("lompakontarjoaja-malli", "wallet-attestation")
    with pytest.raises(TrustListOperatorNotTrusted):
        read(sign_wallet_providers(PROVIDERS, forger))


@pytest.mark.req("TRUST-04")
def test_one_changed_after_signing() -> None:
    header, _, signature = TEXT.split(".")
    payload = b64url_encode(json.dumps(write_wallet_providers(PROVIDERS)).encode() + b" ")
    with pytest.raises(TrustListSignatureInvalid):
        read(f"{header}.{payload}.{signature}")


@pytest.mark.parametrize(
    "change",
    [
        lambda lote: lote["TrustedEntitiesList"].append(lote["TrustedEntitiesList"][0]),
        lambda lote: lote["TrustedEntitiesList"][0]["TrustedEntityInformation"].pop(
            "TEInformationExtensions"
        ),
        lambda lote: information(lote).pop("ServiceDigitalIdentity"),
        lambda lote: information(lote)["ServiceDigitalIdentity"].update(X509Certificates=[]),
        lambda lote: information(lote).pop("ServiceStatus"),
        lambda lote: information(lote).update(ServiceStatus="urn:somebody:else"),
        lambda lote: lote.pop("ListAndSchemeInformation"),
    ],
)
def test_one_of_another_shape(change: Callable[[Any], object]) -> None:
    with pytest.raises(TrustListMalformed):
        read(changed(change))


def test_a_provider_of_the_past_and_other_services_grant_nothing() -> None:
    past = "urn:kykylompakko:trust:svc-status:withdrawn"
    assert read(changed(lambda lote: information(lote).update(ServiceStatus=past))).anchors == ()
    other = changed(lambda lote: information(lote).update(ServiceTypeIdentifier="urn:other"))
    assert read(other).providers == ()


def test_a_provider_to_come_grants_nothing_yet_and_is_not_lost() -> None:
    (provider,) = PROVIDERS.providers
    to_come = replace(provider, valid_from=AT.replace(microsecond=0) + timedelta(seconds=1))
    text = sign_wallet_providers(replace(PROVIDERS, providers=(to_come,)), OPERATOR)
    assert (read(text).providers, read(text).anchors) == ((), ())
    renewed = renew_wallet_providers(
        text, operator_anchors=ANCHORS, at=AT, valid_for=timedelta(days=7)
    )
    assert renewed.providers == (to_come,)


def test_renewing() -> None:
    later = AT + timedelta(days=400)
    overdue = sign_wallet_providers(replace(PROVIDERS, next_update=AT), OPERATOR)
    renewed = renew_wallet_providers(
        overdue, operator_anchors=ANCHORS, at=later, valid_for=timedelta(days=7)
    )
    assert (renewed.sequence, renewed.next_update) == (2, later + timedelta(days=7))
    assert renewed.providers == PROVIDERS.providers


def test_the_command_renews_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYKY_KEYS_PASSPHRASE", PASSPHRASE)
    create_key_directory(tmp_path, pki(), passphrase=PASSPHRASE, cost=CHEAP)
    assert (tmp_path / "wallet-providers.jws").read_text() == TEXT
    code = run(["wallet-providers", "--dir", str(tmp_path), "--days", "7", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (code, told["sequence"]) == (0, 2)
    renewed = read_wallet_providers(
        (tmp_path / "wallet-providers.jws").read_text(),
        operator_anchors=[operator_anchor(tmp_path)],
        at=AT + timedelta(days=3),
        at_least_sequence=2,
    )
    assert renewed.providers == PROVIDERS.providers


def test_the_command_adds_a_provider_and_takes_one_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYKY_KEYS_PASSPHRASE", PASSPHRASE)
    create_key_directory(tmp_path, pki(), passphrase=PASSPHRASE, cost=CHEAP)
    subject = Subject("Toisen lompakko (TESTI)", "NTRFI-0000170-0", "https://vendor.example/")
    authority = make_authority(subject, use="wallet CA", at=AT)
    pem = tmp_path / "vendor.pem"
    pem.write_bytes(authority.certificate.public_bytes(Encoding.PEM))

    def after(*arguments: str) -> dict[str, WalletProvider]:
        assert run(["wallet-providers", "--dir", str(tmp_path), *arguments]) == 0
        listed = read_wallet_providers(
            (tmp_path / "wallet-providers.jws").read_text(),
            operator_anchors=[operator_anchor(tmp_path)],
            at=AT + timedelta(days=3),
        )
        return {one.id: one for one in listed.providers}

    (known,) = (one.id for one in PROVIDERS.providers)
    both = after("--add", "vendor", subject.name, str(pem))
    assert set(both) == {known, "vendor"}
    assert both["vendor"].anchors == (authority.certificate,)
    assert set(both["vendor"].names.values()) == {subject.name}
    # Once more by the same id: with other words, and not twice
    assert after("--add", "vendor", "Vendor Oy", str(pem))["vendor"].names["fi"] == "Vendor Oy"
    assert set(after("--remove", known)) == {"vendor"}
    assert run(["wallet-providers", "--dir", str(tmp_path), "--remove", known]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_what_is_no_provider_is_not_added(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYKY_KEYS_PASSPHRASE", PASSPHRASE)
    create_key_directory(tmp_path, pki(), passphrase=PASSPHRASE, cost=CHEAP)
    leaf = pki().signer(PROVIDERS.providers[0].id, "wallet-attestation").certificate_chain[0]
    files = {
        "leaf.pem": x509.load_der_x509_certificate(leaf).public_bytes(Encoding.PEM),
        "text.pem": b"nothing",
        "operator.pem": pki().operator_anchor.public_bytes(Encoding.PEM),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    for provider, name, file in (
        ("vendor", "Vendor", "leaf.pem"),
        ("vendor", "Vendor", "text.pem"),
        ("vendor", "Vendor", "missing.pem"),
        ("Vendor Oy", "Vendor", "operator.pem"),
        ("vendor", " ", "operator.pem"),
    ):
        added = ["--add", provider, name, str(tmp_path / file)]
        assert run(["wallet-providers", "--dir", str(tmp_path), *added]) == 2
    assert (tmp_path / "wallet-providers.jws").read_text() == TEXT
    assert "--add" in capsys.readouterr().err


@given(st.text(max_size=60))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(TrustListMalformed):
        read(text)
