"""A presentation holds the wanted places, their parents, what is below, and nothing else."""

import pytest

from openid4vc.checks import ClaimAbsent, DisclosureUnreferenced
from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.issue import issue
from openid4vc.sd_jwt.model import DisclosedClaims, Path, WantedPath
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from tests.openid4vc.sd_jwt.kit import ISSUER, bound, counting_salts, encoded, hiding

CLAIMS: dict[str, object] = {
    "vct": "urn:example:1",
    "name": "Aino",
    "address": {"city": "Mallila", "country": "FI"},
    "actions": [
        {"title": "a", "who": "x"},
        {"title": "b"},
        {"who": "y"},
    ],
    "matrix": [["a", "b"], ["c"]],
}


def clear(place: Path) -> bool:
    return place != ("vct",)


ISSUED = issue(
    CLAIMS, hide=clear, header={"typ": "dc+sd-jwt"}, signer=ISSUER, random_bytes=counting_salts()
)


def shown(*wanted: WantedPath) -> DisclosedClaims:
    presented = select(parse(ISSUED), wanted)
    assert presented.endswith("~")
    return disclose(parse(presented))


WANTED: dict[str, tuple[tuple[WantedPath, ...], dict[str, object]]] = {
    "nothing": ((), {}),
    "everything": (((),), CLAIMS),
    "one member": ((("name",),), {"name": "Aino"}),
    "clear ones cost nothing": ((("vct",),), {}),
    "a child brings its parent": ((("address", "city"),), {"address": {"city": "Mallila"}}),
    "a parent brings its children": ((("address",),), {"address": CLAIMS["address"]}),
    "an element": ((("actions", 1),), {"actions": [{"title": "b"}]}),
    "an element's member": ((("actions", 0, "who"),), {"actions": [{"who": "x"}]}),
    "every element": ((("actions", None),), {"actions": CLAIMS["actions"]}),
    "a member of every element that has it": (
        (("actions", None, "title"),),
        {"actions": [{"title": "a"}, {"title": "b"}]},
    ),
    "elements of elements": ((("matrix", None, 1),), {"matrix": [["b"]]}),
    "several": ((("name",), ("matrix", 1)), {"name": "Aino", "matrix": [["c"]]}),
}


@pytest.mark.req("SDJWT-09", "SDJWT-17")
@pytest.mark.parametrize("case", WANTED)
def test_just_the_wanted_is_shown(case: str) -> None:
    wanted, claims = WANTED[case]
    assert shown(*wanted).claims == {"vct": CLAIMS["vct"], **claims}


def test_what_is_shown_in_part_is_reported() -> None:
    assert shown(("actions", 1)).partial_arrays == {("actions",)}
    assert not shown(("actions",)).partial_arrays
    assert shown(("address", "city")).partial_objects == {(), ("address",)}


@pytest.mark.parametrize(
    "path",
    [
        ("shoe_size",),
        ("address", "street"),
        ("address", 0),
        ("address", None),
        ("actions", 3),
        ("actions", -1),
        ("actions", "title"),
        ("actions", None, "shoe_size"),
        ("name", "given"),
    ],
)
def test_wanting_what_is_not_there_shows_nothing(path: WantedPath) -> None:
    with pytest.raises(ClaimAbsent):
        shown(("name",), path)


def test_disclosures_keep_the_issuers_order() -> None:
    texts = ISSUED.split("~")[1:-1]
    chosen = select(parse(ISSUED), [("matrix",), ("name",)]).split("~")[1:-1]
    assert chosen == [text for text in texts if text in chosen]


@pytest.mark.req("SDJWT-17")
def test_foreign_disclosures_are_never_passed_on() -> None:
    foreign = encoded("salt", "role", "doctor")
    with pytest.raises(DisclosureUnreferenced):
        select(parse(ISSUED + foreign + "~"), [("name",)])


@pytest.mark.req("SDJWT-19")
def test_a_key_binding_is_not_carried_over() -> None:
    presented = bound(hiding(encoded("salt", "name", "Aino")))
    assert select(parse(presented), [("name",)]) == parse(presented).without_key_binding
