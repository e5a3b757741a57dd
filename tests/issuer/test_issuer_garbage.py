"""Whatever is thrown at an endpoint gives a clear error and changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World, offer_body

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
DEEP = b'{"a":' * 50 + b"1" + b"}" * 50


@dataclass
class Scene:
    """A world with something in it to break, and where to throw."""

    world: World
    targets: dict[str, tuple[str, str, dict[str, str]]]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder: Path = tmp_path_factory.mktemp("garbage")
    world = World(f"sqlite:///{folder}/issuer.db")
    wallet = TinyWallet(world)
    made = world.offer()
    wallet.receive(world.offer()["offer_link"])
    token = wallet.token(wallet.open_link(made["offer_link"]))
    wallet.credential(token)
    (card,) = world.offer_state(made["offer_id"])["credentials"]
    world.offer()
    bearer = {"Authorization": f"Bearer {token}"}
    yield Scene(
        world,
        {
            "token": ("/mallimaa/token", FORM, {}),
            "system_token": ("/mallimaa/system-token", FORM, {}),
            "credential": ("/mallimaa/credential", JSON, bearer),
            "notification": ("/mallimaa/notification", JSON, bearer),
            "create_offer": ("/api/v1/mallimaa/offers", JSON, world.auth()),
            "change_status": (
                f"/api/v1/mallimaa/credentials/{card['credential_id']}/status",
                JSON,
                world.auth(),
            ),
        },
    )
    world.close()


BODIES: dict[str, bytes] = {
    "empty": b"",
    "not json": b"{",
    "truncated": b'{"type":"statement_fee',
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "a string": b'"text"',
    "empty object": b"{}",
    "bad utf-8": b'{"type":"\xff"}',
    "lone surrogate": b'{"type":"\\ud800"}',
    "nan": b'{"type":NaN}',
    "repeated name": b'{"type":"a","type":"b"}',
    "deep": DEEP,
    "nul bytes": b"\x00" * 40,
    "form": b"a=b&c=d",
    "many fields": b"&".join(b"f%d=1" % number for number in range(100)),
    "bad escape": b"grant_type=%zz&%",
}


@pytest.mark.req("VCI-64", "VCI-65")
@pytest.mark.parametrize("name", sorted(BODIES))
@pytest.mark.parametrize(
    "target",
    ["token", "system_token", "credential", "notification", "create_offer", "change_status"],
)
def test_a_body_that_makes_no_sense(scene: Scene, target: str, name: str) -> None:
    path, media_type, headers = scene.targets[target]
    before = scene.world.dump()

    answer = scene.world.post(
        path, content=BODIES[name], headers={**headers, "Content-Type": media_type}
    )

    assert answer.status_code in {400, 422}
    told = answer.json()
    if path.startswith("/api/"):
        assert answer.headers["content-type"] == "application/problem+json"
        assert told["code"]
        assert told["detail"]
    else:
        assert told["error"]
        description = told["error_description"]
        assert all(" " <= letter <= "~" and letter not in '"\\' for letter in description)
    assert scene.world.dump() == before


@pytest.mark.parametrize("media_type", ["text/plain", "", "application/xml", "multipart/form-data"])
@pytest.mark.parametrize(
    "target",
    ["token", "system_token", "credential", "notification", "create_offer", "change_status"],
)
def test_another_media_type_is_415(scene: Scene, target: str, media_type: str) -> None:
    path, _, headers = scene.targets[target]
    before = scene.world.dump()
    answer = scene.world.post(path, content=b"{}", headers={**headers, "Content-Type": media_type})
    assert answer.status_code == 415
    assert scene.world.dump() == before


@pytest.mark.parametrize(
    "target",
    ["token", "system_token", "credential", "notification", "create_offer", "change_status"],
)
def test_too_large_is_413_with_or_without_a_length(scene: Scene, target: str) -> None:
    path, media_type, headers = scene.targets[target]
    headers = {**headers, "Content-Type": media_type}
    large = b"x" * (scene.world.settings.body_bytes + 1)
    before = scene.world.dump()

    async def pieces() -> Any:
        yield large[:100]
        yield large[100:]

    for content in (large, pieces()):
        answer = scene.world.post(path, content=content, headers=headers)
        assert answer.status_code == 413
        assert "content-type" in answer.headers
    assert scene.world.dump() == before


WRONG_OFFERS: dict[str, dict[str, Any]] = {
    "type number": {"type": 5},
    "type odd": {"type": "../x"},
    "claims list": {"claims": []},
    "claims null": {"claims": None},
    "subject empty": {"subject_ref": ""},
    "subject long": {"subject_ref": "x" * 201},
    "subject number": {"subject_ref": 4711},
    "delivery text": {"delivery": "screen"},
    "delivery odd": {"delivery": {"channel": "pigeon"}},
    "delivery extra": {"delivery": {"channel": "screen", "sms": "yes"}},
    "pin text": {"delivery": {"channel": "screen", "pin": "true"}},
    "pin number": {"delivery": {"channel": "screen", "pin": 1}},
    "extra member": {"Salainen nimi": 1},
    "no delivery": {"delivery": ...},
    "deep claims": {"claims": {"a": {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}}}},
}


@pytest.mark.parametrize("name", sorted(WRONG_OFFERS))
def test_an_offer_of_the_wrong_shape(scene: Scene, name: str) -> None:
    body = {k: v for k, v in {**offer_body(), **WRONG_OFFERS[name]}.items() if v is not ...}
    before = scene.world.dump()
    answer = scene.world.post("/api/v1/mallimaa/offers", json=body, headers=scene.world.auth())
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert answer.json()["problems"]
    assert "Salainen" not in answer.text
    assert scene.world.dump() == before


@pytest.mark.parametrize(
    "body",
    [
        {"action": "delete"},
        {"action": "revoke", "reason": 5},
        {"action": "revoke", "reason": "Ihan oma syy"},
        {"action": "revoke", "reason": "used", "note": "x"},
        {"reason": "used"},
    ],
)
def test_a_status_change_of_the_wrong_shape(scene: Scene, body: dict[str, Any]) -> None:
    path, _, headers = scene.targets["change_status"]
    before = scene.world.dump()
    answer = scene.world.post(path, json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert scene.world.dump() == before


@pytest.mark.parametrize("odd", ["0", "x" * 32, "0" * 31, "A" * 32, "%00" * 8, "..%2f..", "ä"])
@pytest.mark.parametrize(
    "path", ["offers/{}", "offers/{}/qr.svg", "offers/{}/qr.png", "credentials/{}"]
)
def test_an_id_of_the_wrong_shape(scene: Scene, path: str, odd: str) -> None:
    answer = scene.world.get(f"/api/v1/mallimaa/{path.format(odd)}", headers=scene.world.auth())
    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/mallimaa/token", 405),
        ("GET", "/mallimaa/credential", 405),
        ("PUT", "/mallimaa/nonce", 405),
        ("DELETE", "/api/v1/mallimaa/offers", 405),
        ("PATCH", "/api/v1/mallimaa/offers", 405),
        ("POST", "/mallimaa/status-lists/1", 405),
        ("GET", "/api/v1/mallimaa", 404),
        ("GET", "/", 404),
        ("GET", "/docs", 404),
        ("POST", "/mallimaa/token/", 404),
        ("GET", "/%00/offers/x", 404),
        ("GET", "/mallimaa/offers/%00", 404),
    ],
)
def test_wrong_methods_and_addresses(scene: Scene, method: str, path: str, status: int) -> None:
    before = scene.world.dump()
    answer = scene.world.run(scene.world.client.request(method, path))
    assert answer.status_code == status
    assert answer.json().get("error") or answer.json().get("code")
    if status == 405:
        assert answer.headers["allow"]
        body = answer.json()
        assert (body.get("code") or body["error_description"]) == "method_not_allowed"
    assert scene.world.dump() == before


def test_two_authorization_headers_are_none(scene: Scene) -> None:
    key = scene.world.auth()["Authorization"]
    headers = [("Authorization", key), ("Authorization", key)]
    answer = scene.world.get(f"/api/v1/mallimaa/offers/{'0' * 32}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "api_key_missing")
    answer = scene.world.post("/mallimaa/credential", json={}, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (
        401,
        'Bearer, DPoP algs="ES256"',
    )
