"""Every operation of the verifier, called as it is meant to be called."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

from openid4vc.openid4vp.response import encrypt_response, response_form
from tests.openapi.kit import Call
from tests.verifier.codes import challenge_of, phone
from tests.verifier.places import Place
from tests.verifier.receipts import given, invited, path_of
from tests.verifier.test_verifier_privacy_page import SHOWN, asked
from tests.verifier.test_verifier_same_device import BACK, SESSION, Client, code_in
from tests.verifier.world import Asked, World, make_card

PROFILE: Final = "te_initial_interview"
ONE: Final = "/api/v1/verifications/{verification_id}"
_JSON: Final = "application/json"
_numbers = count(1)


def _of_system(world: World, **call: Any) -> Call:
    return Call(**{"caller": world.bearer, **call})


def _about(asked: Asked, **call: Any) -> Call:
    return _of_system(asked.world, path={"verification_id": asked.id}, **call)


def _asked(place: Place, **call: Any) -> Call:
    return _about(place.world.start(), **call)


def _ref(place: Place) -> Call:
    return Call(path={"ref": place.world.start().ref})


def _shown(place: Place) -> Asked:
    """A verification that is answered, its code not yet typed."""
    return place.world.start().answer(read_out=False)


def _answer(place: Place) -> Call:
    asked = place.world.start()
    request = asked.fetch()
    token = {request.query.credentials[0].id: [asked.present(make_card(), request)]}
    ref = request.response_uri.rsplit("/", 1)[1]
    return Call(path={"ref": ref}, body=response_form(encrypt_response(request, token)))


def _code(place: Place) -> Call:
    asked = _shown(place)
    return _about(asked, body={"code": asked.code})


def _return(place: Place) -> Call:
    client = Client(place.world)
    code = code_in(client.answers())
    return _about(client.asked, body={"response_code": code, "session": SESSION})


def _closed(place: Place) -> Call:
    asked = place.world.start()
    assert asked.close().status_code == 200
    return _about(asked)


def _read(place: Place) -> Call:
    asked = place.world.start().answer()
    asked.identity()
    return _about(asked, headers={"Kyky-Result-Key": asked.started["result_key"]})


def _scan(place: Place) -> Call:
    asked = place.world.start()
    frames = phone().answer(challenge_of(asked), at=place.world.clock.now())
    body = {"verification": asked.id, "frames": list(frames)}
    return _of_system(place.world, body=body, media_type=_JSON)


def half_scan(place: Place) -> Call:
    """One frame of two."""
    asked = place.world.start()
    frames = phone().answer(challenge_of(asked), at=place.world.clock.now(), total=2)
    body = {"verification": asked.id, "frames": list(frames)[:1]}
    return _of_system(place.world, body=body, media_type=_JSON, status=202)


def _own_request(place: Place) -> Call:
    return Call(path={"ref": asked(place).response_uri.rsplit("/", 1)[1]})


def _own_answer(place: Place) -> Call:
    receipt = given(place, place.accepted())
    request = asked(place)
    shown = receipt.bound(
        place.world, audience=request.client_id, nonce=request.nonce, wanted=SHOWN
    )
    token = {request.query.credentials[0].id: [shown]}
    ref = request.response_uri.rsplit("/", 1)[1]
    return Call(path={"ref": ref}, body=response_form(encrypt_response(request, token)))


def _invitation(place: Place) -> Call:
    receipt = given(place, place.accepted())
    return Call(path={"named": urlsplit(path_of(receipt)).path.rsplit("/", 1)[1]})


def _withdrawal(place: Place) -> Call:
    receipt = given(place, place.accepted())
    told = invited(place.world, receipt)
    shown = receipt.bound(place.world, audience=told["aud"], nonce=told["nonce"])
    named = urlsplit(path_of(receipt)).path.rsplit("/", 1)[1]
    return Call(path={"named": named}, body={"vp_token": shown, "request": "withdrawal"})


def _report(place: Place) -> Call:
    body = {"report_id": f"report-{next(_numbers)}", "reason": "over_asked", "profile": PROFILE}
    # So many from one place are let through, and then 429 tells nothing of what is sent.
    callers = place.world.parts.services.client_side.report._callers
    return Call(body=body, status=204, before=lambda: callers.forget("127.0.0.1"))


CALLS: Final[Mapping[str, Callable[[Place], Call]]] = {
    "GET /healthz": lambda _: Call(),
    "GET /requests/{ref}": _ref,
    "POST /requests/{ref}": lambda place: Call(
        path=_ref(place).path, body={"wallet_nonce": "qPmxiNFCR3QTm19POc8u"}
    ),
    "POST /responses/{ref}": _answer,
    "POST /privacy/reports": _report,
    "GET /privacy/requests/{ref}": _own_request,
    "POST /privacy/responses/{ref}": _own_answer,
    "GET /privacy/withdrawals/{named}": _invitation,
    "POST /privacy/withdrawals/{named}": _withdrawal,
    "POST /api/v1/verifications": lambda place: _of_system(
        place.world,
        body={"profile": PROFILE, "lang": "sv", "return_to": BACK, "session": SESSION},
        status=201,
    ),
    f"GET {ONE}": _read,
    f"POST {ONE}/code": _code,
    f"POST {ONE}/return": _return,
    f"POST {ONE}/identity": lambda place: _about(
        place.world.start().answer(), body={"identity": "compared"}
    ),
    f"POST {ONE}/close": _asked,
    f"GET {ONE}/qr.svg": _asked,
    f"GET {ONE}/qr.png": _asked,
    f"GET {ONE}/events": _closed,
    f"GET {ONE}/challenge": _asked,
    f"GET {ONE}/challenge/qr.svg": _asked,
    f"GET {ONE}/challenge/qr.png": _asked,
    "POST /api/v1/scans": _scan,
}
