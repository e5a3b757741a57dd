"""What a presentation brings about: said in the signed request, bound by hash, never ignored."""

import json
from typing import Any

import pytest

from keys.jose import b64url_encode
from openid4vc.openid4vp.errors import (
    TransactionDataMalformed,
    TransactionDataNotSupported,
    WalletErrorCode,
    error_code_for,
)
from openid4vc.openid4vp.read_request import (
    TrustedRequest,
    authenticate_request,
    read_parameters,
)
from openid4vc.openid4vp.request import sign_request
from openid4vc.openid4vp.transaction_data import (
    KNOWN,
    REVOKE_CARD,
    read_transactions,
    transaction_text,
)
from openid4vc.sd_jwt.hashes import digest_of
from tests.openid4vc.openid4vp import kit

DETAILS = {"organisation": "mallimaa", "card_type": kit.VCT}
TEXT = transaction_text(REVOKE_CARD, credential_ids=["card"], details=DETAILS)
CONTENT = {"type": REVOKE_CARD, "credential_ids": ["card"], **DETAILS}


def encoded(content: object) -> str:
    return b64url_encode(json.dumps(content).encode())


def bent(**changes: object) -> str:
    return encoded({name: value for name, value in {**CONTENT, **changes}.items() if value != ()})


def asked(*texts: str, confirms: bool = True) -> TrustedRequest:
    """Sign a request with these transactions, and read it as a wallet does."""
    request = kit.request(transaction_data=texts)
    signed = sign_request(request, signer=kit.desk(), issued_at=kit.AT)
    known = authenticate_request(signed, link=kit.link(), trust=kit.pki().trust_list, at=kit.AT)
    return read_parameters(known, confirms_transactions=confirms)


@pytest.mark.req("VP-19", "VP-20")
def test_a_transaction_is_said_in_the_request_and_read_from_it() -> None:
    text = transaction_text(REVOKE_CARD, credential_ids=["statement_feedback"], details=DETAILS)
    (found,) = asked(text).transactions
    assert (found.text, found.type, found.credential_ids) == (
        text,
        REVOKE_CARD,
        ("statement_feedback",),
    )
    assert found.details == DETAILS
    assert KNOWN[REVOKE_CARD] == DETAILS.keys()


@pytest.mark.req("VP-19", "VP-42")
def test_a_wallet_that_confirms_nothing_refuses_and_never_ignores() -> None:
    with pytest.raises(TransactionDataNotSupported) as caught:
        asked(TEXT, confirms=False)
    assert error_code_for(caught.value) is WalletErrorCode.INVALID_TRANSACTION_DATA
    assert asked().transactions == ()


@pytest.mark.req("VP-19")
@pytest.mark.parametrize(
    "text",
    [
        bent(type="urn:example:pay:1"),
        bent(amount="100"),
        bent(transaction_data_hashes_alg=["sha3-512"]),
    ],
)
def test_what_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(TransactionDataNotSupported):
        read_transactions([text], query_ids=["card"])


MALFORMED: list[Any] = [
    None,
    [],
    TEXT,
    [7],
    [TEXT] * 5,
    ["e30"],
    ["%%%"],
    [TEXT + "="],
    ["\N{GREEK SMALL LETTER NU}"],
    [encoded([])],
    [encoded({**CONTENT, "type": 7})],
    [bent(credential_ids=[])],
    [bent(credential_ids=["another"])],
    [bent(credential_ids="card")],
    [bent(organisation=())],
    [bent(organisation=["mallimaa"])],
    [bent(card_type="")],
    [bent(transaction_data_hashes_alg="sha-256")],
    [b64url_encode(b'{"type":"a","type":"b"}')],
    [b64url_encode(b" " * 5_000)],
]


@pytest.mark.req("VP-19")
@pytest.mark.parametrize("value", MALFORMED)
def test_broken_transactions_are_refused(value: Any) -> None:
    with pytest.raises(TransactionDataMalformed) as caught:
        read_transactions(value, query_ids=["card"])
    assert error_code_for(caught.value) is WalletErrorCode.INVALID_TRANSACTION_DATA


@pytest.mark.req("VP-20")
def test_sha_256_may_be_asked_by_name() -> None:
    text = bent(transaction_data_hashes_alg=["sha-512", "sha-256"])
    assert read_transactions([text], query_ids=["card"])[0].details == DETAILS


@pytest.mark.req("VP-20")
def test_what_is_hashed_is_the_text_as_it_travels() -> None:
    """The specification's example: the hash in its key binding JWT is over base64url text."""
    shown = kit.vector("response-kb_jwt_unsecured.json")["transaction_data_hashes"]
    assert len(shown[0]) == len(digest_of(TEXT))
    assert digest_of(TEXT) != digest_of(TEXT + "A")
