"""The issuer does what its OpenAPI document says, operation by operation."""

from collections.abc import Iterator

import pytest

from tests.issuer.asking import AskingWorld
from tests.issuer.world import World
from tests.openapi.issuer_calls import CALLS
from tests.openapi.kit import Described

# By an API key or a system's access token; by a wallet's access token.
GUARDED = [
    *(label for label in CALLS if " /api/v1/" in label),
    "POST /{org}/credential",
    "POST /{org}/deferred-credential",
    "POST /{org}/notification",
]
every = pytest.mark.parametrize("label", CALLS, ids=list(CALLS))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("issuer")
    world = AskingWorld(f"sqlite:///{folder}/issuer.db", folder, status_list_size=4_096)
    yield world
    world.close()


@pytest.fixture(scope="module")
def issuer(world: World) -> Described:
    return Described(world.app, "/openapi.json")


def test_every_operation_is_called(issuer: Described) -> None:
    assert issuer.operations == set(CALLS)


@every
def test_a_call_as_it_is_meant_succeeds_as_described(
    world: World, issuer: Described, label: str
) -> None:
    issuer.succeed(label, CALLS[label](world))


@every
def test_whatever_is_called_is_answered_as_described(
    world: World, issuer: Described, label: str
) -> None:
    issuer.exercise(label, CALLS[label](world))


def test_every_operation_that_needs_to_know_the_caller_says_so(issuer: Described) -> None:
    assert issuer.guarded == set(GUARDED)


@pytest.mark.parametrize("label", GUARDED, ids=GUARDED)
def test_nobody_gets_in_without_a_key_or_token(world: World, issuer: Described, label: str) -> None:
    issuer.refuse(label, CALLS[label](world))
