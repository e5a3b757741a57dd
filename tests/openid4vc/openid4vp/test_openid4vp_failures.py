"""Every failure of this package has a case that meets it."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from keys import strict_json
from keys.checks import SignatureInvalid
from openid4vc.checks import CheckFailed
from openid4vc.openid4vp import errors
from openid4vc.openid4vp.client_id import check_prefix
from openid4vc.openid4vp.errors import RequestRefused, WalletErrorCode, error_code_for
from openid4vc.openid4vp.request import parse_request_link
from openid4vc.openid4vp.response import read_response
from openid4vc.openid4vp.transaction_data import read_transactions
from openid4vc.openid4vp.withdrawal import invitation_json, read_invitation
from tests.openid4vc.openid4vp import kit
from tests.openid4vc.openid4vp.kit import bent, read


def answer(*pairs: tuple[str, str]) -> object:
    return read_response(pairs, key=kit.KEY, state=kit.STATE, unsafe_allow_unencrypted=True)


def metadata(**changes: object) -> dict[str, Any]:
    return {**kit.payload()["client_metadata"], **changes}


CASES: dict[type[CheckFailed], Callable[[], object]] = {
    errors.MalformedRequestLink: lambda: parse_request_link("openid4vp://"),
    errors.RequestUriMethodInvalid: lambda: parse_request_link(
        "openid4vp://?client_id=x509_hash:a&request_uri=https://a.example&request_uri_method=Get"
    ),
    errors.MalformedRequest: lambda: read(bent(client_id=7)),
    errors.ClientIdPrefixNotSupported: lambda: check_prefix("origin:https://a.example"),
    errors.ClientIdMismatch: lambda: read(bent(client_id="x509_hash:a")),
    errors.ClientIdNotOfCertificate: lambda: read(
        bent(signer=kit.pki().signer("sote-keskus-malli", "access"))
    ),
    errors.RelyingPartyUnknown: lambda: read(
        kit.signed(), trust=replace(kit.pki().trust_list, relying_parties=())
    ),
    errors.WalletNonceMismatch: lambda: read(kit.signed(), wallet_nonce="w"),
    errors.RequestForSomebodyElse: lambda: read(bent(aud="https://wallet.example")),
    errors.RequestExpired: lambda: read(kit.signed(), at=kit.AT + kit.LIFE),
    errors.RequestFromFuture: lambda: read(bent(iat=kit.NOW + 3_600)),
    errors.TransactionDataNotSupported: lambda: read(bent(transaction_data=["e30"])),
    errors.TransactionDataMalformed: lambda: read_transactions([], query_ids=()),
    errors.ResponseTypeNotSupported: lambda: read(bent(response_type="code")),
    errors.ResponseModeNotSupported: lambda: read(bent(response_mode="fragment")),
    errors.RedirectUriPresent: lambda: read(bent(redirect_uri="https://a.example")),
    errors.ResponseUriInvalid: lambda: read(bent(response_uri="a.example")),
    errors.NonceMalformed: lambda: read(bent(nonce="")),
    errors.QueryMissing: lambda: read(bent(without=("dcql_query",))),
    errors.ScopeAndQuery: lambda: read(bent(scope="x")),
    errors.ClientMetadataMalformed: lambda: read(bent(client_metadata={})),
    errors.EncryptionNotPossible: lambda: read(
        bent(client_metadata=metadata(encrypted_response_enc_values_supported=["A192GCM"]))
    ),
    errors.FormatsNotSupported: lambda: read(
        bent(client_metadata=metadata(vp_formats_supported={"mso_mdoc": {}}))
    ),
    errors.MalformedResponse: lambda: answer(("x", "y")),
    errors.MalformedVpToken: lambda: answer(("vp_token", "[]"), ("state", kit.STATE)),
    errors.ResponseNotEncrypted: lambda: read_response(
        [("vp_token", "{}")], key=kit.KEY, state=kit.STATE
    ),
    errors.MalformedInvitation: lambda: read_invitation(b"{}", client_id="x509_hash:a"),
    errors.InvitationForSomebodyElse: lambda: read_invitation(
        strict_json.dumps(
            invitation_json("x509_hash:b", nonce="n" * 16, lifetime=timedelta(minutes=1))
        ),
        client_id="x509_hash:a",
    ),
    errors.StateMismatch: lambda: answer(("error", "access_denied"), ("state", "another")),
}


def failures() -> set[type[CheckFailed]]:
    return {
        one
        for _, one in inspect.getmembers(errors, inspect.isclass)
        if issubclass(one, CheckFailed) and one.__module__ == errors.__name__
    }


def test_every_failure_has_a_case_and_a_code_and_a_clause_of_its_own() -> None:
    assert failures() == set(CASES) | {RequestRefused}
    assert len({one.code for one in failures()}) == len(failures())
    assert all(one.spec for one in CASES)


@pytest.mark.parametrize("failure", CASES, ids=lambda one: one.code)
def test_each_failure_is_met(failure: type[CheckFailed]) -> None:
    with pytest.raises(failure) as caught:
        CASES[failure]()
    assert type(caught.value) is failure
    for secret in (kit.NONCE, kit.STATE):
        assert secret not in str(caught.value)


@pytest.mark.req("VP-34")
def test_every_refusal_has_a_code_that_a_wallet_may_send() -> None:
    refusals = [one for one in failures() if issubclass(one, RequestRefused)]
    assert {one.error for one in refusals} <= set(WalletErrorCode)
    assert error_code_for(SignatureInvalid()) is WalletErrorCode.INVALID_REQUEST
