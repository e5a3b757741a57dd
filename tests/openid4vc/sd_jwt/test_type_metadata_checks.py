"""Credentials measured by the claims of their type, in a wallet and at a desk."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from msgspec import structs

from openid4vc import limits
from openid4vc.checks import SdJwtTooLarge
from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.issue import issue
from openid4vc.sd_jwt.model import Path, UnverifiedSdJwt
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.type_metadata import TypeReference, read_type_document
from openid4vc.sd_jwt.type_metadata_checks import check_claims
from openid4vc.sd_jwt.type_metadata_errors import (
    ClaimDisclosureMismatch,
    ClaimPathMismatch,
    MandatoryClaimMissing,
)
from tests.openid4vc.sd_jwt.kit import ISSUER, VCT, counting_salts

CLAIMS: Mapping[str, object] = {
    "name": "Aino",
    "city": "Mallila",
    "address": {"street": "Kuja 3", "number": 3},
    "langs": ["fi", "sv"],
    "degrees": [{"field": "wood"}, {"field": "steel", "year": 2019}],
    "empty": [],
}
HIDDEN: frozenset[Path] = frozenset(
    {
        ("name",),
        ("address",),
        ("address", "street"),
        ("langs", 1),
        ("degrees", 0),
        ("degrees", 1, "field"),
    }
)


def made(hide: Callable[[Path], bool] = HIDDEN.__contains__) -> UnverifiedSdJwt:
    return parse(
        issue(CLAIMS, hide=hide, header={"typ": "x"}, signer=ISSUER, random_bytes=counting_salts())
    )


def showing(*names_or_values: object) -> UnverifiedSdJwt:
    """The credential with only these disclosures, by the claim's name or the element."""
    sd_jwt = made()
    shown = structs.replace(
        sd_jwt,
        disclosures=tuple(
            each
            for each in sd_jwt.disclosures
            if (each.name if each.name is not None else each.value) in names_or_values
        ),
    )
    disclose(shown)
    return shown


def check(sd_jwt: UnverifiedSdJwt, *path: str | int | None, **says: Any) -> None:
    """Measure by one claim: as a wallet when everything is disclosed, else as a desk."""
    document = json.dumps({"vct": VCT, "claims": [{"path": path, **says}]}).encode()
    check_claims(
        sd_jwt,
        read_type_document(document, TypeReference(VCT)).claims,
        everything_disclosed=len(sd_jwt.disclosures) == len(HIDDEN),
    )


@pytest.mark.req("VCT-15")
@pytest.mark.parametrize(
    ("path", "hidden"),
    [
        (("name",), True),
        (("city",), False),
        (("address",), True),
        (("address", "street"), True),
        # What contains it is hidden, it itself is not.
        (("address", "number"), False),
        (("langs",), False),
        (("langs", 0), False),
        (("langs", 1), True),
        (("degrees", 0), True),
        (("degrees", 1), False),
        (("degrees", 0, "field"), False),
        (("degrees", 1, "field"), True),
        (("degrees", None, "year"), False),
    ],
)
def test_a_claim_is_disclosable_itself_or_not(path: tuple[Any, ...], hidden: bool) -> None:
    kept, broken = ("always", "never") if hidden else ("never", "always")
    check(made(), *path, sd=kept)
    check(made(), *path, sd="allowed")
    check(made(), *path)
    with pytest.raises(ClaimDisclosureMismatch):
        check(made(), *path, sd=broken)


@pytest.mark.req("VCT-15")
@pytest.mark.parametrize("path", [("langs", None), ("degrees", None), ("degrees", None, "field")])
def test_every_claim_that_a_path_selects_counts(path: tuple[Any, ...]) -> None:
    for broken in ("always", "never"):
        with pytest.raises(ClaimDisclosureMismatch):
            check(made(), *path, sd=broken)


@pytest.mark.req("VCT-15")
def test_elements_that_are_not_shown_keep_their_place_and_are_disclosable() -> None:
    shown = showing({"field": "wood"})
    check(shown, "langs", 1, sd="always")
    with pytest.raises(ClaimDisclosureMismatch):
        check(shown, "langs", 1, sd="never")
    with pytest.raises(ClaimDisclosureMismatch):
        check(shown, "langs", None, sd="never")
    first_hidden = showing("field")
    check(first_hidden, "degrees", 1, "field", sd="always")
    check(first_hidden, "degrees", 0, sd="always")
    # Nothing is known of what an element that is not shown holds.
    check(first_hidden, "degrees", 0, "field", sd="always", mandatory=True)
    check(first_hidden, "degrees", None, "year", sd="never", mandatory=True)


@pytest.mark.req("VCT-15")
@pytest.mark.parametrize(
    "path",
    [
        ("city", "district"),
        ("city", 0),
        ("city", None),
        ("address", 0),
        ("address", None),
        ("langs", "fi"),
        ("langs", None, "code"),
        ("degrees", 0, 0),
    ],
)
def test_a_path_through_a_value_of_another_kind_is_an_error(path: tuple[Any, ...]) -> None:
    with pytest.raises(ClaimPathMismatch):
        check(made(), *path)


@pytest.mark.req("VCT-15")
@pytest.mark.parametrize(
    "path",
    [
        ("email",),
        ("address", "country"),
        ("langs", 2),
        ("degrees", 5, "field"),
        ("empty", None),
        ("empty", 0, "x"),
        ("_sd",),
        ("_sd_alg",),
    ],
)
def test_a_wallet_knows_what_is_missing(path: tuple[Any, ...]) -> None:
    check(made(), *path)
    check(made(), *path, mandatory=False)
    with pytest.raises(MandatoryClaimMissing):
        check(made(), *path, mandatory=True)


@pytest.mark.req("VCT-15")
def test_what_is_there_is_not_missing() -> None:
    for path in (("name",), ("city",), ("address", "street"), ("degrees", None, "year")):
        check(made(), *path, mandatory=True)


@pytest.mark.req("VCT-15")
def test_a_desk_does_not_take_what_is_not_shown_for_missing() -> None:
    shown = showing("name")
    check(shown, "name", mandatory=True, sd="always")
    for path in (("email",), ("address",), ("address", "street"), ("address", "number")):
        check(shown, *path, mandatory=True)
    check(shown, "address", "country", mandatory=True, sd="never")


@pytest.mark.req("VCT-15")
def test_a_desk_knows_what_can_only_stand_in_clear_or_not_at_all() -> None:
    shown = showing("name", "address")
    with pytest.raises(MandatoryClaimMissing):
        check(shown, "email", mandatory=True, sd="never")
    with pytest.raises(MandatoryClaimMissing):
        check(shown, "address", "country", mandatory=True, sd="never")
    check(shown, "address", "country", mandatory=True, sd="always")
    # Everything that this object ever hid is shown: there is nowhere left for it to be.
    whole = showing("name", "address", "street")
    for sd in ("always", "allowed", "never"):
        with pytest.raises(MandatoryClaimMissing):
            check(whole, "address", "country", mandatory=True, sd=sd)
    with pytest.raises(MandatoryClaimMissing):
        check(shown, "langs", 7, mandatory=True)


@pytest.mark.req("VCT-15")
def test_decoys_do_not_excuse_an_issuer_towards_a_wallet() -> None:
    sd_jwt = parse(
        issue(
            CLAIMS,
            hide=HIDDEN.__contains__,
            header={"typ": "x"},
            signer=ISSUER,
            random_bytes=counting_salts(),
            decoys=3,
        )
    )
    with pytest.raises(MandatoryClaimMissing):
        check(sd_jwt, "email", mandatory=True)


@pytest.mark.req("VCT-15")
def test_a_path_selects_only_so_many_claims() -> None:
    def listing(count: int) -> UnverifiedSdJwt:
        claims = {"langs": ["fi"] * count}
        return parse(
            issue(
                claims,
                hide=lambda _place: False,
                header={"typ": "x"},
                signer=ISSUER,
                random_bytes=counting_salts(),
            )
        )

    check(listing(limits.MAX_CLAIMS_OF_A_PATH), "langs", None, sd="never")
    with pytest.raises(SdJwtTooLarge):
        check(listing(limits.MAX_CLAIMS_OF_A_PATH + 1), "langs", None)
