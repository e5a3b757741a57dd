"""The page of the endpoints' errors is what its data say, and names requirements that exist."""

from pathlib import Path

from tools.endpoint_errors import PAGE, endpoints, page

CONFORMANCE = Path(__file__).parents[2] / "docs" / "conformance.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m tools.endpoint_errors"


def test_each_case_is_there_once_and_cites_requirements_that_exist() -> None:
    known = CONFORMANCE.read_text("utf-8")
    for endpoint in endpoints():
        names = [case.name for case in endpoint.cases]
        assert len(set(names)) == len(names), endpoint.name
        for case in endpoint.cases:
            assert case.ids, case.id
            assert [one for one in case.ids if f" {one} " not in known] == [], case.id


def test_every_kind_of_endpoint_is_there() -> None:
    assert [one.name for one in endpoints()] == [
        "token", "pushed", "challenge", "nonce", "credential", "deferred", "notification",
        "request", "response",
    ]  # fmt: skip
