"""Every operation of the issuer, called as it is meant to be called."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

from keys import strict_json
from keys.jose import EncryptionKey, b64url_decode, encrypt_jwe
from openid4vc.oauth.authorization import pushed_request_form
from openid4vc.oauth.client_assertion import ASSERTION_TYPE
from openid4vc.openid4vci.deferred import deferred_request_json, read_deferral
from openid4vc.openid4vci.encryption import response_encryption_json
from openid4vc.openid4vci.notification import Event, Notification, notification_json
from openid4vc.openid4vci.token import token_request_form
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import status_reference
from tests.issuer.asking import AskingWallet
from tests.issuer.letters import letter_body
from tests.issuer.revoking import VCT, Revoking
from tests.issuer.system_client import SystemClient
from tests.issuer.test_issuer_lives import Referral
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import MALLIMAA_TYPE, World, claims_of, offer_body
from tests.openapi.kit import Call

ORG: Final = {"org": "mallimaa"}
_numbers = count(1)
_JSON: Final = "application/json"
_HOW: Final = {"channel": "screen", "pin": False}


def _client() -> str:
    """A name for a client that nobody has had."""
    return f"client-{next(_numbers)}"


def _once() -> dict[str, str]:
    return {"Idempotency-Key": f"call-{next(_numbers)}"}


def _by_system(world: World, **call: Any) -> Call:
    """A call by the system that has the API key."""
    path = {**ORG, **call.pop("path", {})}
    return Call(**{"path": path, "caller": world.auth(), **call})


def _offer(world: World, **changes: Any) -> dict[str, Any]:
    return world.offer(offer_body(subject_ref=_client(), **changes))


def _about_offer(world: World, **call: Any) -> Call:
    return _by_system(world, path={"offer_id": _offer(world)["offer_id"]}, **call)


def _about_letter(world: World, **call: Any) -> Call:
    path = "/api/v1/mallimaa/letters"
    made = world.post(path, json=letter_body(subject_ref=_client()), headers=world.auth())
    return _by_system(world, path={"letter_id": made.json()["letter_id"]}, **call)


def _card(world: World) -> tuple[str, str]:
    """The id of a card in a wallet, and whose it is."""
    subject = _client()
    made = world.offer(offer_body(subject_ref=subject))
    TinyWallet(world).receive(made["offer_link"])
    (card,) = world.offer_state(made["offer_id"])["credentials"]
    return card["credential_id"], subject


def _about_card(world: World, **call: Any) -> Call:
    return _by_system(world, path={"credential_id": _card(world)[0]}, **call)


def _renewal(world: World) -> Call:
    card, subject = _card(world)
    claims = claims_of(MALLIMAA_TYPE)
    body = {"subject_ref": subject, "credential_id": card, "claims": claims, "delivery": _HOW}
    return _by_system(world, body=body, headers=_once(), status=201)


def _late_claims(world: World) -> Call:
    body = offer_body(subject_ref=_client())
    claims = body.pop("claims")
    made = world.offer(body)
    return _by_system(world, path={"offer_id": made["offer_id"]}, body={"claims": claims})


def _letter_for_client(world: World) -> Call:
    subject = _client()
    path = "/api/v1/mallimaa/letters"
    made = world.post(path, json=letter_body(subject_ref=subject), headers=world.auth())
    assert made.status_code == 201, made.text
    return _by_system(world, body={"type": MALLIMAA_TYPE, "subject_ref": subject}, status=201)


def _lost_phone(world: World) -> Call:
    claims = claims_of(MALLIMAA_TYPE)
    wish = {"type": MALLIMAA_TYPE, "claims": claims, "delivery": _HOW}
    letter = {"pin_medium": "in_person", "recipient": ["Maija Testi Mallikas"]}
    by_letter = {"type": MALLIMAA_TYPE, "claims": claims, "letter": letter}
    body = {"subject_ref": _card(world)[1], "again": [wish, by_letter]}
    return _by_system(world, body=body, headers=_once())


def _system_token(world: World) -> Call:
    system = SystemClient(world, name=f"lifecare-{next(_numbers)}")
    system.register()
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": system.assertion(),
    }
    return Call(path=ORG, body=form)


def _taken_in(world: World) -> Call:
    return _by_system(world, body={"status_list": Referral(world).reference})


def _revocation(world: World) -> Call:
    reference = Revoking(world, TinyWallet(world)).asked.response_uri.split("/")[-2]
    return Call(path={**ORG, "reference": reference})


def _revocation_answer(world: World) -> Call:
    wallet = TinyWallet(world)
    card = wallet.receive(_offer(world)["offer_link"])
    revoking = Revoking(world, wallet)
    reference = revoking.asked.response_uri.split("/")[-2]
    return Call(
        path={**ORG, "reference": reference}, body=revoking.form(revoking.presentation(card))
    )


def _offer_by_reference(world: World) -> Call:
    made = _offer(world)
    link = urlsplit(made["offer_link"]).query
    reference = link.rsplit("%2F", 1)[1]
    return Call(path={**ORG, "reference": reference})


def _token(world: World) -> Call:
    offer = TinyWallet(world).open_link(_offer(world)["offer_link"])
    assert offer.pre_authorized_code is not None
    form = token_request_form(offer.pre_authorized_code, tx_code=None, details=[MALLIMAA_TYPE])
    return Call(path=ORG, body=form)


def _wallet(world: World, **changes: Any) -> tuple[TinyWallet, dict[str, str]]:
    """A wallet that has redeemed an offer, and its access."""
    body = offer_body(subject_ref=_client(), **changes)
    body = {name: value for name, value in body.items() if value is not None}
    wallet = TinyWallet(world)
    token = wallet.token(wallet.open_link(world.offer(body)["offer_link"]))
    return wallet, {"Authorization": f"Bearer {token}"}


def _credential(world: World) -> Call:
    wallet, caller = _wallet(world)
    return Call(path=ORG, caller=caller, body=wallet.request(MALLIMAA_TYPE), media_type=_JSON)


def _sealed(world: World) -> tuple[str, dict[str, object], dict[str, str]]:
    """A request in a JWE, what is in it, and the access."""
    wallet, caller = _wallet(world)
    metadata = world.get("/.well-known/openid-credential-issuer/mallimaa").json()
    (key,) = metadata["credential_request_encryption"]["jwks"]["keys"]
    wanted = response_encryption_json(EncryptionKey.generate(), "A256GCM")
    body = {**wallet.request(MALLIMAA_TYPE), "credential_response_encryption": wanted}
    return encrypt_jwe(strict_json.dumps(body), key, enc="A256GCM"), body, caller


def encrypted_credential(world: World) -> Call:
    """A credential asked for in a JWE, to be given in one."""
    sealed, _, caller = _sealed(world)
    return Call(path=ORG, caller=caller, body=sealed, media_type="application/jwt")


def encrypted_parts(world: World) -> tuple[dict[str, Any], dict[str, object]]:
    """The header of such a request, and what is inside."""
    sealed, body, _ = _sealed(world)
    return strict_json.loads_object(b64url_decode(sealed.split(".")[0])), body


def awaited_credential(world: World) -> Call:
    """A credential whose claims are missing."""
    wallet, caller = _wallet(world, claims=None)
    return Call(
        path=ORG, caller=caller, body=wallet.request(MALLIMAA_TYPE), media_type=_JSON, status=202
    )


def _deferred(world: World) -> Call:
    body = offer_body(subject_ref=_client())
    claims = body.pop("claims")
    made, wallet = world.offer(body), TinyWallet(world)
    token = wallet.token(wallet.open_link(made["offer_link"]))
    asked = wallet.ask_credential(token, wallet.request(MALLIMAA_TYPE))
    path = f"/api/v1/mallimaa/offers/{made['offer_id']}/claims"
    world.run(world.client.put(path, json={"claims": claims}, headers=world.auth()))
    transaction = read_deferral(asked.json()).transaction_id
    caller = {"Authorization": f"Bearer {token}"}
    return Call(path=ORG, caller=caller, body=deferred_request_json(transaction), media_type=_JSON)


def _notification(world: World) -> Call:
    wallet, caller = _wallet(world)
    _, notification_id = wallet.credential(caller["Authorization"].removeprefix("Bearer "))
    body = notification_json(Notification(notification_id, Event.ACCEPTED))
    return Call(path=ORG, caller=caller, body=body, status=204)


def _status_list(world: World) -> Call:
    card = TinyWallet(world).receive(_offer(world)["offer_link"])
    reference = status_reference(parse(card).claims)
    assert reference is not None
    return Call(path={**ORG, "number": int(reference.uri.rsplit("/", 1)[1])})


def _batch(world: World) -> Call:
    lines = [offer_body(subject_ref=_client()), offer_body(type="no_such_type")]
    body = b"".join(strict_json.dumps(line) + b"\n" for line in lines)
    return _by_system(world, body=body, media_type="application/x-ndjson", headers=_once())


def _pushed(world: World) -> Call:
    wallet = AskingWallet(world)
    headers = wallet.headers("par")
    del headers["DPoP"]  # without a nonce of ours
    return Call(path=ORG, headers=headers, body=pushed_request_form(wallet.request()), status=201)


API: Final = "/api/v1/{org}"
CALLS: Final[Mapping[str, Callable[[World], Call]]] = {
    "GET /healthz": lambda _: Call(),
    "GET /.well-known/openid-credential-issuer/{org}": lambda _: Call(path=ORG),
    "GET /.well-known/oauth-authorization-server/{org}": lambda _: Call(path=ORG),
    "GET /type-metadata/{vct}": lambda _: Call(path={"vct": VCT}),
    "GET /definitions": lambda _: Call(),
    "GET /definitions/{urn}": lambda world: Call(
        path={"urn": world.get("/definitions").json()["definitions"][0]}
    ),
    f"POST {API}/subjects/lost-phone": _lost_phone,
    f"POST {API}/subjects/renew": _renewal,
    f"POST {API}/subjects/erase": lambda world: _by_system(
        world, body={"subject_ref": _card(world)[1]}
    ),
    f"GET {API}/credentials/expiring": lambda world: _by_system(world, query={"days": 400}),
    f"PUT {API}/offers/{{offer_id}}/claims": _late_claims,
    f"POST {API}/offers/{{offer_id}}/reoffer": lambda world: _about_offer(
        world, body={}, headers=_once(), status=201
    ),
    f"GET {API}/revocation-requests": _by_system,
    f"POST {API}/taken-in": _taken_in,
    f"POST {API}/letters": lambda world: _by_system(
        world, body=letter_body(subject_ref=_client()), headers=_once(), status=201
    ),
    f"POST {API}/letters/{{letter_id}}/renew": lambda world: _about_letter(
        world, body={}, status=201
    ),
    f"POST {API}/letters/renew": _letter_for_client,
    f"POST {API}/letters/{{letter_id}}/withdraw": _about_letter,
    f"GET {API}/letters/{{letter_id}}": _about_letter,
    f"GET {API}/letters/{{letter_id}}/letter.pdf": lambda world: _about_letter(
        world, query={"lang": "fi"}
    ),
    f"GET {API}/letters/{{letter_id}}/message": lambda world: _about_letter(
        world, query={"lang": "sv"}
    ),
    f"POST {API}/offers": lambda world: _by_system(
        world, body=offer_body(subject_ref=_client()), headers=_once(), status=201
    ),
    f"POST {API}/offers/batch": _batch,
    f"GET {API}/offers/{{offer_id}}": _about_offer,
    f"POST {API}/offers/{{offer_id}}/withdraw": _about_offer,
    f"GET {API}/offers/{{offer_id}}/qr.svg": _about_offer,
    f"GET {API}/offers/{{offer_id}}/qr.png": _about_offer,
    f"GET {API}/credentials/{{credential_id}}": _about_card,
    f"POST {API}/credentials/{{credential_id}}/status": lambda world: _about_card(
        world, body={"action": "suspend", "reason": "under_review"}
    ),
    "GET /{org}/status-lists/{number}": _status_list,
    "GET /{org}/status-lists": lambda _: Call(path=ORG),
    "POST /{org}/system-token": _system_token,
    "POST /{org}/revocations": lambda _: Call(path=ORG, body={"vct": VCT}),
    "GET /{org}/revocations/{reference}": _revocation,
    "POST /{org}/revocations/{reference}/answer": _revocation_answer,
    "GET /{org}/offers/{reference}": _offer_by_reference,
    "POST /{org}/token": _token,
    "POST /{org}/par": _pushed,
    "POST /{org}/attestation-challenge": lambda _: Call(path=ORG),
    "POST /{org}/nonce": lambda _: Call(path=ORG),
    "POST /{org}/credential": _credential,
    "POST /{org}/deferred-credential": _deferred,
    "POST /{org}/notification": _notification,
}
