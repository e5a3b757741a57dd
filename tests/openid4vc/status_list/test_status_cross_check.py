"""`openvc-core` reads our status lists and writes ones that we read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from openvc.keys import P256SigningKey
from openvc.status.issue import build_status_list_token, verify_status_list_token
from openvc.status.token_status_list import (
    check_token_status,
    decode_status_list,
    encode_status_list,
    get_status,
    new_status_list,
    set_status,
)

from keys.jose import public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.status_list.bits import Status, StatusList
from openid4vc.status_list.token import PinnedListKey, read_status_list, sign_status_list

AT = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
URI = "https://issuer.example/mallimaa/status-lists/1"
VALUES = {0: Status.SUSPENDED, 7: Status.INVALID, 8: Status.INVALID, 39: Status.SUSPENDED}
KEY = SoftwareSigner.generate()


class WithChain(SoftwareSigner):
    """A signer that has something to put into `x5c`; nobody here looks at it."""

    @property
    def certificate_chain(self) -> tuple[bytes, ...]:
        return (b"certificate",)


@pytest.mark.req("TSL-01", "TSL-02")
@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_both_pack_alike(bits: int) -> None:
    ours, theirs = StatusList(40, bits=bits), new_status_list(40, bits=bits)
    for index in range(0, 40, 3):
        value = index % (1 << bits)
        ours.set(index, value)
        set_status(theirs, index, value, bits=bits)
    assert decode_status_list(ours.lst()) == ours.packed() == bytes(theirs)
    read = StatusList.from_lst(encode_status_list(bytes(theirs)), bits=bits)
    assert [read.get(i) for i in range(40)] == [
        get_status(bytes(theirs), i, bits=bits) for i in range(40)
    ]


@pytest.mark.req("TSL-03", "TSL-05", "TSL-07")
def test_they_believe_our_token() -> None:
    status_list = StatusList(40)
    for index, status in VALUES.items():
        status_list.set(index, status)
    text = sign_status_list(
        status_list,
        uri=URI,
        issued_at=AT,
        expires_at=AT + timedelta(hours=1),
        ttl=timedelta(minutes=5),
        signer=WithChain(KEY.private_key),
    )

    def resolve(uri: str) -> Any:
        jwk = public_jwk(KEY.public_key)
        return verify_status_list_token(text, public_key_jwk=jwk, expected_uri=uri, now=AT)

    for index in range(40):
        claims = {"status": {"status_list": {"idx": index, "uri": URI}}}
        found = check_token_status(claims, resolve_status_list_token=resolve)
        assert found is not None
        assert found.status == VALUES.get(index, Status.VALID)


@pytest.mark.req("TSL-03", "TSL-08", "TSL-10")
def test_we_believe_their_token() -> None:
    pem = KEY.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    theirs = new_status_list(40, bits=2)
    for index, status in VALUES.items():
        set_status(theirs, index, status, bits=2)
    text = build_status_list_token(
        signing_key=P256SigningKey.from_pem(pem, kid="1"),
        uri=URI,
        status_list=theirs,
        bits=2,
        issued_at=AT,
        expires=AT + timedelta(hours=1),
        ttl=300,
    )
    read = read_status_list(text, uri=URI, issuer=PinnedListKey(KEY.public_key), at=AT)
    assert [read.status_at(index) for index in range(40)] == [
        VALUES.get(index, Status.VALID) for index in range(40)
    ]
