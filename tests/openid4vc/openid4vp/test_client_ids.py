"""Verifiers that are known by a DNS name of their certificate."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openid4vc.checks import CheckFailed
from openid4vc.openid4vp import errors
from openid4vc.openid4vp.client_id import check_certificate
from openid4vc.openid4vp.errors import WalletErrorCode, error_code_for
from openid4vc.openid4vp.request import (
    RequestLink,
    authenticate_request,
    read_request,
    sign_request,
    x509_san_dns,
)
from tests.openid4vc.openid4vp import kit
from tests.openid4vc.openid4vp.kit import bent, request

HOST = "te-toimisto-malli.example"
NAMED = x509_san_dns(HOST)
ANSWER = f"https://{HOST}/responses/7"


def link(client_id: str = NAMED) -> RequestLink:
    return RequestLink(client_id, f"https://{HOST}/requests/7")


def named(**changes: Any) -> str:
    return bent(**{"client_id": NAMED, "response_uri": ANSWER, **changes})


@pytest.mark.req("VP-07", "VP-08")
def test_a_verifier_known_by_its_name_is_read_and_keeps_the_whole_identifier() -> None:
    asked = request(client_id=NAMED, response_uri=ANSWER)
    text = sign_request(asked, signer=kit.desk(), issued_at=kit.AT)
    trusted = read_request(text, link=link(), trust=kit.pki().trust_list, at=kit.AT)
    assert trusted.request == asked
    assert trusted.request.client_id == f"x509_san_dns:{HOST}"


@pytest.mark.req("VP-08")
def test_names_differ_in_nothing_but_capitals() -> None:
    assert x509_san_dns("TE-Toimisto-Malli.example") == NAMED
    text = named(client_id=f"x509_san_dns:{HOST.upper()}")
    told = link(f"x509_san_dns:{HOST.upper()}")
    read_request(text, link=told, trust=kit.pki().trust_list, at=kit.AT)


@pytest.mark.req("VP-08", "VP-34")
@pytest.mark.parametrize(
    "name",
    [
        "te.example",
        f"www.{HOST}",
        "malli.example",
        "*",
        "",
        f"{HOST}.",
        f"https://{HOST}",
        f"x509_san_dns:{HOST}",
    ],
)
def test_a_name_that_the_certificate_does_not_carry_is_refused(name: str) -> None:
    client_id = f"x509_san_dns:{name}"
    with pytest.raises(errors.ClientIdNotOfCertificate) as caught:
        read_request(
            named(client_id=client_id),
            link=link(client_id),
            trust=kit.pki().trust_list,
            at=kit.AT,
        )
    assert error_code_for(caught.value) is WalletErrorCode.INVALID_REQUEST


@pytest.mark.req("VP-08")
def test_a_certificate_without_names_is_nobody_by_name() -> None:
    other = kit.pki().signer("sote-keskus-malli", "access")
    with pytest.raises(errors.ClientIdNotOfCertificate):
        read_request(named(signer=other), link=link(), trust=kit.pki().trust_list, at=kit.AT)


@pytest.mark.req("VP-08", "VP-24")
@pytest.mark.parametrize(
    "uri",
    [
        "https://elsewhere.example/responses/7",
        f"https://{HOST}.elsewhere.example/responses/7",
        f"https://sub.{HOST}/responses/7",
    ],
)
def test_the_answer_goes_to_that_host_only_and_an_error_no_less(uri: str) -> None:
    trust = kit.pki().trust_list
    with pytest.raises(errors.ResponseUriOfAnotherHost):
        read_request(named(response_uri=uri), link=link(), trust=trust, at=kit.AT)
    known = authenticate_request(named(response_uri=uri), link=link(), trust=trust, at=kit.AT)
    assert known.reply_to() is None


@pytest.mark.req("VP-06", "VP-07")
@pytest.mark.parametrize(
    ("scanned", "signed"),
    [
        (NAMED, kit.client_id()),
        (kit.client_id(), NAMED),
        ("x509_san_dns:localhost", NAMED),
    ],
)
def test_one_name_in_the_code_and_another_in_the_request(scanned: str, signed: str) -> None:
    with pytest.raises(errors.ClientIdMismatch):
        read_request(
            named(client_id=signed), link=link(scanned), trust=kit.pki().trust_list, at=kit.AT
        )


@pytest.mark.req("VP-08")
@pytest.mark.parametrize(
    ("failure", "changes"),
    [
        (errors.ClientIdNotOfCertificate, {"client_id": x509_san_dns("desk.example.fi")}),
        (errors.ResponseUriOfAnotherHost, {"client_id": NAMED}),
    ],
)
def test_the_verifier_signs_for_no_name_but_its_own(
    failure: type[CheckFailed], changes: dict[str, str]
) -> None:
    with pytest.raises(failure):
        sign_request(request(**changes), signer=kit.desk(), issued_at=kit.AT)


@given(name=st.text(max_size=30))
def test_no_other_name_belongs_to_the_certificate(name: str) -> None:
    with pytest.raises(errors.ClientIdNotOfCertificate):
        check_certificate(f"x509_san_dns:{name}", kit.desk().certificate_chain[0])
