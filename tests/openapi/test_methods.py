"""What a method that an address does not take is answered: 405, with every method that it takes."""

from collections.abc import Iterator

import pytest

from tests.issuer.world import World as IssuerWorld
from tests.verifier.world import World as VerifierWorld

NO_ID = "0" * 31


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IssuerWorld]:
    world = IssuerWorld(f"sqlite:///{tmp_path_factory.mktemp('issuer')}/issuer.db")
    yield world
    world.close()


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VerifierWorld]:
    world = VerifierWorld(tmp_path_factory.mktemp("verifier"))
    yield world
    world.close()


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/type-metadata/urn:x", "GET, HEAD"),
        ("POST", "/mallimaa/status-lists", "GET, HEAD"),
        # Neither is the address of an offer or letter named so.
        ("GET", "/api/v1/mallimaa/offers/batch", "POST"),
        ("GET", "/api/v1/mallimaa/letters/renew", "POST"),
        ("DELETE", "/l", "GET, POST"),
    ],
)
def test_the_issuer_names_all_of_them(
    issuer: IssuerWorld, method: str, path: str, allowed: str
) -> None:
    answer = issuer.run(issuer.client.request(method, path))
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_what_is_no_id_is_no_address(issuer: IssuerWorld) -> None:
    for place in (f"offers/{NO_ID}", f"letters/{NO_ID}/message?lang=fi", f"credentials/{NO_ID}"):
        answer = issuer.get(f"/api/v1/mallimaa/{place}", headers=issuer.auth())
        assert (answer.status_code, answer.json()["code"]) == (404, "address_unknown")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/requests/x", "GET, POST"),
        ("/api/v1/verifications", "POST"),
        ("/desk/sign-in", "GET, POST"),
        ("/privacy/withdrawals/x", "GET, POST"),
    ],
)
def test_the_verifier_names_all_of_them(verifier: VerifierWorld, path: str, allowed: str) -> None:
    answer = verifier.run(verifier.client.delete(path))
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
