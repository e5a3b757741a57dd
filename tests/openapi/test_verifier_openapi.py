"""The verifier does what its OpenAPI document says, operation by operation."""

from collections.abc import Iterator

import pytest

from tests.openapi.kit import Described
from tests.openapi.verifier_calls import CALLS, half_scan
from tests.verifier.places import HOOK, ISSUER, SECRET, Place, place_of
from tests.verifier.test_verifier_same_device import SITE

GUARDED = [label for label in CALLS if " /api/v1/" in label]
every = pytest.mark.parametrize("label", CALLS, ids=list(CALLS))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = place_of(
        tmp_path_factory.mktemp("verifier"),
        webhook_url=HOOK,
        webhook_secret=SECRET,
        receipt_issuer_url=ISSUER,
        receipt_api_key="kyky_key",
        return_origins=(SITE,),
    )
    yield place
    place.world.run(place.desk.client.aclose())
    place.world.close()


@pytest.fixture(scope="module")
def verifier(place: Place) -> Described:
    return Described(place.world.app, "/api/v1/openapi.json")


def test_every_operation_is_called(verifier: Described) -> None:
    assert verifier.operations == set(CALLS)


@every
def test_a_call_as_it_is_meant_succeeds_as_described(
    place: Place, verifier: Described, label: str
) -> None:
    verifier.succeed(label, CALLS[label](place))


def test_frames_that_are_missing_are_described_too(place: Place, verifier: Described) -> None:
    verifier.succeed("POST /api/v1/scans", half_scan(place))


@every
def test_whatever_is_called_is_answered_as_described(
    place: Place, verifier: Described, label: str
) -> None:
    verifier.exercise(label, CALLS[label](place))


def test_every_operation_that_needs_to_know_the_caller_says_so(verifier: Described) -> None:
    assert verifier.guarded == set(GUARDED)


@pytest.mark.parametrize("label", GUARDED, ids=GUARDED)
def test_nobody_gets_in_without_a_key(place: Place, verifier: Described, label: str) -> None:
    verifier.refuse(label, CALLS[label](place))
