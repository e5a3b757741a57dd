"""Examples of what is sent are what is sent: in the OpenAPI documents and in docs/wire-forms.md."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from keys import cbor, cose
from keys.jose import b64url_decode
from openid4vc.openid4vp.response import encrypt_response
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import status_reference
from tests.issuer.system_client import SystemClient
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World as IssuerWorld
from tests.openapi.issuer_calls import CALLS as ISSUER_CALLS
from tests.openapi.issuer_calls import awaited_credential, encrypted_credential, encrypted_parts
from tests.openapi.kit import Call, Described
from tests.verifier.places import HOOK, ISSUER, SECRET, Place, place_of
from tests.verifier.receipts import given, invited
from tests.verifier.world import make_card

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "wire-forms.md").read_text("utf-8")
METADATA = "/.well-known/openid-credential-issuer/mallimaa"
OTHERS = "…"
Parts = tuple[Mapping[str, Any], Mapping[str, Any]]


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IssuerWorld]:
    world = IssuerWorld(f"sqlite:///{tmp_path_factory.mktemp('issuer')}/issuer.db")
    yield world
    world.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = place_of(
        tmp_path_factory.mktemp("verifier"),
        webhook_url=HOOK,
        webhook_secret=SECRET,
        receipt_issuer_url=ISSUER,
        receipt_api_key="kyky_key",
    )
    yield place
    place.world.run(place.desk.client.aclose())
    place.world.close()


@pytest.fixture(scope="module")
def described(issuer: IssuerWorld, place: Place) -> tuple[Described, Described]:
    return (
        Described(issuer.app, "/openapi.json"),
        Described(place.world.app, "/api/v1/openapi.json"),
    )


def examples_in(node: object) -> Iterator[tuple[Mapping[str, Any], object]]:
    """Every schema that has examples, with each of them."""
    if isinstance(node, dict):
        for example in node.get("examples", []):
            yield node, example
        for value in node.values():
            yield from examples_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from examples_in(value)


def test_every_example_of_the_documents_fits_its_schema(
    described: tuple[Described, Described],
) -> None:
    for service in described:
        found = list(examples_in(service.document))
        assert len(found) >= 7
        for schema, example in found:
            service.fits(schema, example)


def test_no_body_and_no_answer_is_left_undescribed(
    described: tuple[Described, Described],
) -> None:
    for service in described:
        for label in service.operations:
            method, path = label.split(" ")
            operation = service.document["paths"][path][method.lower()]
            bodies = [operation.get("requestBody", {"content": {}})["content"]]
            bodies += [answer.get("content", {}) for answer in operation["responses"].values()]
            for content in bodies:
                assert [kind for kind, of in content.items() if not any(of.values())] == [], label
                assert "text/html" not in content, "pages are left out"
            assert all(
                "content" in answer
                for status, answer in operation["responses"].items()
                if status not in {"204", "304"}
            ), label


def test_a_card_travels_in_an_envelope_or_later_and_metadata_are_signed(
    issuer: IssuerWorld, described: tuple[Described, Described]
) -> None:
    service, _ = described
    answer = service.succeed("POST /{org}/credential", encrypted_credential(issuer))
    assert answer.headers["content-type"] == ["application/jwt"]
    service.succeed("POST /{org}/credential", awaited_credential(issuer))
    signed = Call(path={"org": "mallimaa"}, caller={"Accept": "application/jwt"})
    answer = service.succeed("GET /.well-known/openid-credential-issuer/{org}", signed)
    assert answer.headers["content-type"] == ["application/jwt"]


def test_each_line_of_a_batch_and_of_its_answer_is_described(
    issuer: IssuerWorld, described: tuple[Described, Described]
) -> None:
    service, _ = described
    label = "POST /api/v1/{org}/offers/batch"
    answer = service.succeed(label, ISSUER_CALLS[label](issuer))
    lines = [json.loads(line) for line in answer.text.splitlines()]
    for line in lines:
        service.fits({"$ref": "#/components/schemas/BatchLine"}, line)
    assert [set(line) for line in lines] == [{"line", "offer"}, {"line", "problem"}, {"end"}]


# docs/wire-forms.md ------------------------------------------------------------------------------


def blocks() -> list[tuple[str, Parts]]:
    """Each example of the page, under its heading."""
    found: list[tuple[str, Parts]] = []
    for section in PAGE.split("\n## ")[1:]:
        heading = section.split("\n", 1)[0]
        for block in re.findall(r"^```json\n(.*?)\n```$", section, re.MULTILINE | re.DOTALL):
            header, payload = (json.loads(line) for line in block.splitlines())
            found.append((heading, (header, payload)))
    return found


def decoded(jwt: str) -> Parts:
    header, payload = (json.loads(b64url_decode(part)) for part in jwt.split(".")[:2])
    return header, payload


def assert_like(told: Any, sent: Any, at: str) -> None:
    """Check that an example has the form of what was sent, and says the same where it is exact."""
    if isinstance(told, dict):
        assert isinstance(sent, dict), at
        named = set(told) - {OTHERS}
        assert named <= set(sent) if OTHERS in told else named == set(sent), (at, set(sent))
        for name in named:
            assert_like(told[name], sent[name], f"{at}/{name}")
    elif isinstance(told, list):
        assert isinstance(sent, list), at
        for one, other in zip(told, sent, strict=False):
            assert_like(one, other, f"{at}/")
    elif isinstance(told, str) and OTHERS in told:
        assert isinstance(sent, str), at
        assert sent.startswith(told.split(OTHERS)[0]), (at, sent)
    elif isinstance(told, str):
        assert told == sent, at
    else:
        assert type(told) is type(sent), at


def _status_list(issuer: IssuerWorld) -> str:
    card = TinyWallet(issuer).receive(issuer.offer()["offer_link"])
    reference = status_reference(parse(card).claims)
    assert reference is not None
    return urlsplit(reference.uri).path


def _presented(place: Place) -> str:
    asked = place.world.start()
    return asked.present(make_card(), asked.fetch()).rsplit("~", 1)[1]


def _answered(place: Place) -> Parts:
    asked = place.world.start()
    request = asked.fetch()
    token = {"self_assessment_result": [asked.present(make_card(), request)]}
    header = json.loads(b64url_decode(encrypt_response(request, token).split(".")[0]))
    assert isinstance(header, dict)
    return header, {"vp_token": token, "state": request.state}


def _withdrawn(place: Place) -> str:
    receipt = given(place, place.accepted())
    told = invited(place.world, receipt)
    return receipt.bound(place.world, audience=told["aud"], nonce=told["nonce"]).rsplit("~", 1)[1]


SENT: list[tuple[str, Callable[[IssuerWorld, Place], Parts]]] = [
    ("Key proof", lambda issuer, _: decoded(TinyWallet(issuer).proof())),
    ("Encrypted messages", lambda issuer, _: encrypted_parts(issuer)),
    (
        "Card",
        lambda issuer, _: decoded(
            TinyWallet(issuer).receive(issuer.offer()["offer_link"]).split("~")[0]
        ),
    ),
    (
        "Signed metadata",
        lambda issuer, _: decoded(issuer.get(METADATA, headers={"Accept": "application/jwt"}).text),
    ),
    ("Status list", lambda issuer, _: decoded(issuer.get(_status_list(issuer)).text)),
    ("Client assertion", lambda issuer, _: decoded(SystemClient(issuer).assertion())),
    (
        "Request object",
        lambda _, place: decoded(place.world.get(f"/requests/{place.world.start().ref}").text),
    ),
    ("Answer to a request", lambda _, place: _answered(place)),
    ("Answer to a request", lambda _, place: decoded(_presented(place))),
    ("Withdrawal", lambda _, place: decoded(_withdrawn(place))),
]


def test_the_page_has_an_example_of_each_form() -> None:
    assert [heading for heading, _ in blocks()] == [heading for heading, _ in SENT]


@pytest.mark.parametrize("number", range(len(SENT)), ids=[f"{name}" for name, _ in SENT])
def test_an_example_of_the_page_is_what_is_sent(
    issuer: IssuerWorld, place: Place, number: int
) -> None:
    heading, told = blocks()[number]
    for one, other in zip(told, SENT[number][1](issuer, place), strict=True):
        assert_like(one, other, heading)


def test_the_keys_of_a_status_list_as_cwt(issuer: IssuerWorld) -> None:
    accept = {"Accept": "application/statuslist+cwt"}
    body = issuer.get(_status_list(issuer), headers=accept).content
    keys = cbor.loads_map(cose.parse_sign1(body).payload).keys()
    assert keys == {2, 4, 6, 65_533, 65_534}
    assert all(f"{key} (`" in PAGE for key in keys)


def test_the_page_leads_somewhere() -> None:
    found = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    headings = {name.lower().replace(" ", "-") for name in found}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= headings
    for name in re.findall(r"\]\(([a-z-]+\.md)", PAGE):
        assert (DOCS / name).exists(), name
