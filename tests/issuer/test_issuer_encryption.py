"""Encrypted credential requests and responses at the issuer's endpoints."""

from typing import Any

import httpx2
import pytest

from keys import strict_json
from keys.jose import EncryptionKey, b64url_decode, b64url_encode, encrypt_jwe
from openid4vc.openid4vci.credential import read_credential_response
from openid4vc.openid4vci.deferred import deferred_request_json, read_deferral
from openid4vc.openid4vci.encryption import (
    IssuerEncryption,
    open_response,
    read_issuer_encryption,
    response_encryption_json,
)
from openid4vc.openid4vci.errors import (
    InvalidCredentialRequest,
    InvalidEncryptionParameters,
    RequestNotDecrypted,
    ResponseEncryptionInTheClear,
)
from openid4vc.openid4vci.wallet_errors import EncryptionNotSupported, MalformedMetadata
from openid4vc.status_list.bits import Status
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World, claims_of, offer_body

TYPE = "statement_feedback"
METADATA = "/.well-known/openid-credential-issuer/mallimaa"


class Sealed:
    """A wallet with a token that encrypts."""

    def __init__(self, world: World, body: Any = None) -> None:
        self.world, self.wallet = world, TinyWallet(world)
        self.made = world.offer(body)
        self.token = self.wallet.token(self.wallet.open_link(self.made["offer_link"]))
        self.metadata: dict[str, Any] = world.get(METADATA).json()
        (self.issuer_key,) = self.metadata["credential_request_encryption"]["jwks"]["keys"]
        self.key = EncryptionKey.generate()

    def body(self, **asked: object) -> dict[str, object]:
        wanted = {**response_encryption_json(self.key, "A256GCM"), **asked}
        return {**self.wallet.request(TYPE), "credential_response_encryption": wanted}

    def post(
        self, content: str | bytes, *, to: str = "credential", media_type: str = "application/jwt"
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": media_type}
        return self.world.post(f"/mallimaa/{to}", content=content, headers=headers)

    def seal(self, body: object, *, enc: str = "A128GCM") -> str:
        return encrypt_jwe(strict_json.dumps(body), self.issuer_key, enc=enc)

    def opened(self, answer: httpx2.Response) -> dict[str, object]:
        assert answer.headers["content-type"] == "application/jwt"
        return open_response(answer.text, self.key)


@pytest.fixture
def sealed(world: World) -> Sealed:
    return Sealed(world)


def refused(answer: httpx2.Response) -> tuple[int, str, str]:
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    return answer.status_code, body["error"], body["error_description"].partition(":")[0]


def parameters(failure: type[InvalidEncryptionParameters]) -> tuple[int, str, str]:
    return 400, "invalid_encryption_parameters", failure.code


@pytest.mark.req("VCI-11")
def test_the_metadata_say_how_to_encrypt_both_ways(world: World, sealed: Sealed) -> None:
    request = sealed.metadata["credential_request_encryption"]
    assert {"kid", "alg", "use", "kty", "crv", "x", "y"} == set(sealed.issuer_key)
    assert request["enc_values_supported"] == ["A128GCM", "A256GCM"]
    assert sealed.metadata["credential_response_encryption"] == {
        "alg_values_supported": ["ECDH-ES"],
        "enc_values_supported": ["A128GCM", "A256GCM"],
        "encryption_required": False,
    }
    other = world.get(METADATA.replace("mallimaa", "kela")).json()
    (key,) = other["credential_request_encryption"]["jwks"]["keys"]
    assert key["kid"] != sealed.issuer_key["kid"]
    read = read_issuer_encryption(sealed.metadata)
    assert (read.request_required, read.response_required) == (False, False)
    assert (read.response_enc, read.request is not None) == ("A256GCM", True)


@pytest.mark.req("VCI-58", "VCI-59", "VCI-60")
@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
@pytest.mark.parametrize("beside", [{}, {"alg": "ECDH-ES"}])
def test_request_and_response_travel_encrypted(
    sealed: Sealed, enc: str, beside: dict[str, object]
) -> None:
    answer = sealed.post(sealed.seal(sealed.body(enc=enc, **beside), enc=enc))
    assert answer.status_code == 200
    header = strict_json.loads_object(b64url_decode(answer.text.split(".")[0]))
    assert {name: header[name] for name in ("alg", "enc", "kid")} == {
        "alg": "ECDH-ES",
        "enc": enc,
        "kid": sealed.key.kid,
    }
    issued = read_credential_response(sealed.opened(answer))
    assert sealed.wallet.status_of(issued.credentials[0]) is Status.VALID


@pytest.mark.req("VCI-58")
def test_an_encrypted_request_may_have_an_answer_in_the_clear(sealed: Sealed) -> None:
    answer = sealed.post(sealed.seal(sealed.wallet.request(TYPE)))
    assert answer.headers["content-type"] == "application/json"
    assert read_credential_response(answer.json()).credentials


@pytest.mark.req("VCI-59", "VCI-64")
def test_an_encrypted_answer_is_not_asked_for_in_the_clear(sealed: Sealed) -> None:
    answer = sealed.post(strict_json.dumps(sealed.body()), media_type="application/json")
    assert refused(answer) == parameters(ResponseEncryptionInTheClear)
    assert sealed.world.offer_state(sealed.made["offer_id"])["credentials"] == []


@pytest.mark.req("VCI-58", "VCI-60", "VCI-64")
@pytest.mark.parametrize(
    "asked",
    [
        {"enc": "A128CBC-HS256"},
        {"enc": None},
        {"zip": "DEF"},
        {"alg": "RSA-OAEP"},
        {"alg": {}},
        {"jwk": {**EncryptionKey.generate().public_jwk, "alg": ["ECDH-ES"]}},
        {"jwk": {}},
        {"jwk": None},
        {"jwk": {**EncryptionKey.generate().public_jwk, "alg": "ECDH-ES+A256KW"}},
        {"jwk": {**EncryptionKey.generate().public_jwk, "use": "sig"}},
        {"jwk": {**EncryptionKey.generate().public_jwk, "kid": 1}},
        {"jwk": {**EncryptionKey.generate().public_jwk, "y": "AAAA"}},
        {"jwk": {k: v for k, v in EncryptionKey.generate().public_jwk.items() if k != "alg"}},
    ],
)
def test_encryption_in_another_way_is_refused(sealed: Sealed, asked: dict[str, object]) -> None:
    answer = sealed.post(sealed.seal(sealed.body(**asked)))
    assert refused(answer) == parameters(InvalidEncryptionParameters)


@pytest.mark.req("VCI-60", "VCI-64")
def test_a_request_that_does_not_open_is_refused(sealed: Sealed) -> None:
    good = sealed.seal(sealed.body())
    other = EncryptionKey.generate().public_jwk
    header, _, rest = good.partition(".")
    zipped = {**strict_json.loads_object(b64url_decode(header)), "zip": "DEF"}
    for text in (
        "",
        "a.b.c",
        good[:-4] + "AAAA",
        encrypt_jwe(b"{}", other, enc="A128GCM"),
        encrypt_jwe(b"{}", {**other, "kid": sealed.issuer_key["kid"]}, enc="A128GCM"),
        f"{b64url_encode(strict_json.dumps(zipped))}.{rest}",
    ):
        assert refused(sealed.post(text)) == parameters(RequestNotDecrypted)
    contents: tuple[object, ...] = ([], "x", {})
    for content in contents:
        answer = refused(sealed.post(sealed.seal(content)))
        assert answer == (400, "invalid_credential_request", InvalidCredentialRequest.code)
    assert sealed.post(good, media_type="text/plain").status_code == 415


@pytest.mark.req("VCI-60")
def test_errors_are_never_encrypted(sealed: Sealed) -> None:
    body = {**sealed.body(), "credential_configuration_id": "authority_decision"}
    answer = refused(sealed.post(sealed.seal(body)))
    assert answer[:2] == (400, "unknown_credential_configuration")
    sealed.token = "guess"
    assert refused(sealed.post(sealed.seal(body)))[:2] == (401, "invalid_token")


@pytest.mark.req("VCI-60", "VCI-66")
def test_the_keys_of_a_deferred_request_take_the_place_of_earlier_ones(world: World) -> None:
    body = offer_body()
    del body["claims"]
    sealed = Sealed(world, body)
    later = sealed.post(sealed.seal(sealed.body()))
    assert later.status_code == 202
    transaction_id = read_deferral(sealed.opened(later)).transaction_id

    def ask(*, key: EncryptionKey | None) -> httpx2.Response:
        request: dict[str, object] = dict(deferred_request_json(transaction_id))
        if key is not None:
            request["credential_response_encryption"] = response_encryption_json(key, "A128GCM")
        return sealed.post(sealed.seal(request), to="deferred-credential")

    sealed.key = EncryptionKey.generate()
    again = ask(key=sealed.key)
    assert (again.status_code, sealed.opened(again)["transaction_id"]) == (202, transaction_id)
    assert ask(key=None).json()["transaction_id"] == transaction_id
    path = f"/api/v1/mallimaa/offers/{sealed.made['offer_id']}/claims"
    put = world.client.put(path, json={"claims": claims_of(TYPE)}, headers=world.auth())
    assert world.run(put).status_code == 200
    assert read_credential_response(sealed.opened(ask(key=sealed.key))).credentials


@pytest.mark.req("VCI-11", "VCI-59")
def test_a_wallet_reads_how_an_issuer_encrypts(sealed: Sealed) -> None:
    request = sealed.metadata["credential_request_encryption"]
    response = sealed.metadata["credential_response_encryption"]
    key = sealed.issuer_key

    def read(**members: object) -> IssuerEncryption:
        return read_issuer_encryption(
            {f"credential_{name}_encryption": member for name, member in members.items()}
        )

    assert read() == IssuerEncryption()
    # What neither side needs does not matter
    rsa = {**request, "jwks": {"keys": [{"kty": "RSA", "kid": "1", "alg": "RSA-OAEP"}, key]}}
    found = read(request=rsa, response=response)
    assert found.request is not None
    assert found.request.jwk == key
    assert read(request={**request, "enc_values_supported": ["A128CBC-HS256"]}).request is None
    assert read(response={**response, "alg_values_supported": ["RSA-OAEP"]}).response_enc is None
    # What is required and unknown ends it, and so does what breaks a rule
    needed = {"encryption_required": True}
    for members in (
        {"response": {**response, **needed}},
        {"request": {**request, **needed, "enc_values_supported": ["A128CBC-HS256"]}},
        {"request": request, "response": {**response, **needed, "alg_values_supported": ["x"]}},
    ):
        with pytest.raises(EncryptionNotSupported):
            read(**members)
    broken: list[object] = [[], [{**key, "kid": None}], [key, key], None]
    for jwks in [None, *({"keys": keys} for keys in broken)]:
        with pytest.raises(MalformedMetadata):
            read(request={**request, "jwks": jwks})
    no_alg = {name: value for name, value in key.items() if name != "alg"}
    with pytest.raises(MalformedMetadata):
        read(request={**request, "jwks": {"keys": [no_alg]}})
    with pytest.raises(MalformedMetadata):
        read(response={**response, "encryption_required": "no"})
