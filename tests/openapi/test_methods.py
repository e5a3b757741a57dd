"""What a method that an address does not take is answered: 405, with every method that it takes."""

from pathlib import Path

import pytest

from tests.issuer.world import World as IssuerWorld
from tests.verifier.world import World as VerifierWorld

NO_ID = "0" * 31


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
def test_the_issuer_names_all_of_them(tmp_path: Path, method: str, path: str, allowed: str) -> None:
    world = IssuerWorld(f"sqlite:///{tmp_path}/issuer.db")
    answer = world.run(world.client.request(method, path))
    world.close()
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_what_is_no_id_is_no_address(tmp_path: Path) -> None:
    world = IssuerWorld(f"sqlite:///{tmp_path}/issuer.db")
    for place in (f"offers/{NO_ID}", f"letters/{NO_ID}/message?lang=fi", f"credentials/{NO_ID}"):
        answer = world.get(f"/api/v1/mallimaa/{place}", headers=world.auth())
        assert (answer.status_code, answer.json()["code"]) == (404, "address_unknown")
    world.close()


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/requests/x", "GET, POST"),
        ("/api/v1/verifications", "POST"),
        ("/desk/sign-in", "GET, POST"),
        ("/privacy/withdrawals/x", "GET, POST"),
    ],
)
def test_the_verifier_names_all_of_them(tmp_path: Path, path: str, allowed: str) -> None:
    world = VerifierWorld(tmp_path)
    answer = world.run(world.client.delete(path))
    world.close()
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
