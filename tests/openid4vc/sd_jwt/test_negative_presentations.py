"""Sixteen presentations, one sound and fifteen each broken in one way."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keys.checks import AlgorithmNotAllowed, CheckFailed
from openid4vc.checks import (
    ClaimNameClash,
    CredentialExpired,
    CredentialWrongType,
    DigestRepeated,
    DisclosureUnreferenced,
    DisclosureWrongShape,
    KbAudienceMismatch,
    KbNonceMismatch,
    KbSdHashMismatch,
    KbSignatureInvalid,
    KbStale,
    KbWrongType,
    KeyBindingMissing,
    ProtectedClaimDisclosed,
)
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding
from openid4vc.sd_jwt.model import VerifiedSdJwt
from openid4vc.sd_jwt.verify import Expected, PinnedIssuerKey, Step, verify
from tests.openid4vc.sd_jwt.kit import (
    bound,
    encoded,
    expected,
    expected_binding,
    hiding,
    key,
    vector,
)

SAID = vector("negative/sd-jwt-vc-presentations.json")
CASES = {case["case"]: case for case in SAID["cases"]}

REFUSED: dict[str, tuple[type[CheckFailed], Step]] = {
    "kb-missing": (KeyBindingMissing, Step.KEY_BINDING),
    "kb-wrong-nonce": (KbNonceMismatch, Step.KEY_BINDING),
    "kb-aud-without-prefix": (KbAudienceMismatch, Step.KEY_BINDING),
    "kb-typ-jwt": (KbWrongType, Step.KEY_BINDING),
    "kb-other-key": (KbSignatureInvalid, Step.KEY_BINDING),
    "kb-sd-hash-before-removal": (KbSdHashMismatch, Step.KEY_BINDING),
    "kb-iat-future": (KbStale, Step.KEY_BINDING),
    "issuer-alg-none": (AlgorithmNotAllowed, Step.SIGNATURE),
    "typ-vc-sd-jwt": (CredentialWrongType, Step.FORM),
    "expired": (CredentialExpired, Step.DATES),
    "exp-in-disclosure": (ProtectedClaimDisclosed, Step.DISCLOSURES),
    "disclosure-unreferenced": (DisclosureUnreferenced, Step.DISCLOSURES),
    "digest-twice": (DigestRepeated, Step.DISCLOSURES),
    "object-disclosure-four-elements": (DisclosureWrongShape, Step.FORM),
    "claim-name-clash": (ClaimNameClash, Step.DISCLOSURES),
}


def presented(case: str, **more: Any) -> tuple[str, Expected]:
    at = datetime.fromtimestamp(SAID["verification_time"], UTC)
    binding = ExpectedKeyBinding(
        audience=SAID["expected_aud"],
        nonce=SAID["expected_nonce"],
        at=at,
        max_age=timedelta(seconds=SAID["kb_iat_window_seconds"]),
    )
    issuer = PinnedIssuerKey(key(SAID["issuer_public_jwk"]))
    return CASES[case]["sd_jwt"], Expected(issuer=issuer, at=at, key_binding=binding, **more)


def test_every_case_is_known() -> None:
    assert {"ok", *REFUSED} == set(CASES)


@pytest.mark.req("SDJWT-21", "VP-32")
def test_the_sound_presentation_is_accepted() -> None:
    result = verify(*presented("ok"))
    assert isinstance(result, VerifiedSdJwt)
    assert result.checks == tuple(Step)
    assert result.holder_jwk
    assert result.unchecked == {"iss"}


@pytest.mark.req("SDJWT-11", "SDJWT-12", "SDJWT-13", "SDJWT-15", "SDJWT-16", "SDJWT-18", "SDJWT-19")
@pytest.mark.req("SDJWT-20", "SDJWT-21", "VCT-01", "VCT-03", "VP-07", "VP-32")
@pytest.mark.parametrize("case", REFUSED)
def test_broken_presentations_are_refused_for_the_right_reason(case: str) -> None:
    failure, step = REFUSED[case]
    passed: list[Step] = []
    with pytest.raises(failure) as caught:
        verify(*presented(case), passed=passed.append)
    assert type(caught.value) is failure
    assert passed == list(Step)[: len(passed)]
    assert list(Step)[len(passed)] is step


@pytest.mark.req("VCT-01")
def test_the_old_type_is_taken_only_when_a_setting_says_so() -> None:
    result = verify(*presented("typ-vc-sd-jwt", accept_vc_sd_jwt=True))
    assert result.vct == "urn:example:desk:1"


@pytest.mark.req("SDJWT-12")
def test_an_ordinary_claim_that_is_there_already_is_a_clash_too() -> None:
    """In the case `claim-name-clash` the claim is `vct`, which breaks another rule as well."""
    hidden = encoded("salt", "given_name", "Eino")
    policy = expected(key_binding=expected_binding())
    assert verify(bound(hiding(hidden)), policy).claims["given_name"] == "Eino"
    passed: list[Step] = []
    with pytest.raises(ClaimNameClash) as caught:
        verify(bound(hiding(hidden, given_name="Aino")), policy, passed=passed.append)
    assert type(caught.value) is ClaimNameClash
    assert passed == [Step.FORM, Step.ISSUER, Step.SIGNATURE]
