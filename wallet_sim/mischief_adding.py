"""Named misbehaviours of a wallet that signs in at an issuer, for tests.

Each changes one step of an honest flow and names the check that must catch it. Nothing here helps a
real attack: each is caught by an issuer that checks. Codes of the issuer's own are named as they
come over the wire, for no role knows another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from keys.ports import Signer
from openid4vc.oauth import attestation_errors as attesting
from openid4vc.oauth import dpop_errors as dpop
from openid4vc.oauth import errors as oauth
from openid4vc.oauth.client_attestation import MAX_AGE as POP_MAX_AGE
from openid4vc.oauth.client_attestation import MAX_LIFETIME
from openid4vc.oauth.dpop import MAX_AGE, MAX_AHEAD, token_hash
from openid4vc.openid4vci.errors import InvalidGrant
from wallet_sim import mischief_calls as way
from wallet_sim.mischief_calls import ATTESTATION, LIFETIME, POP, Step
from wallet_sim.mischief_calls import AddingManners as Manners

A_MOMENT: Final = timedelta(seconds=61)
"""More than clocks may differ by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddingMisbehaviour:
    """One way to misbehave at one step, and the code of the check that must catch it."""

    name: str
    step: Step
    manners: Manners
    code: str


_Listed = Mapping[str, tuple[Manners, str]]


def _of_attestations(stranger: Signer, other_provider: Signer) -> _Listed:
    return {
        "no-attestation": (
            Manners(headers=way.without(ATTESTATION, POP)),
            attesting.ClientAttestationMissing.code,
        ),
        "attestation-twice": (
            Manners(headers=way.twice(ATTESTATION)),
            attesting.ClientAttestationRepeated.code,
        ),
        "proof-of-attestation-twice": (
            Manners(headers=way.twice(POP)),
            attesting.ClientAttestationRepeated.code,
        ),
        "attestation-without-proof": (
            Manners(headers=way.without(POP, "DPoP")),
            attesting.AttestationProofMissing.code,
        ),
        "attestation-proved-by-another-key-only": (
            Manners(headers=way.without(POP)),
            attesting.AttestationProofOfOtherKey.code,
        ),
        "attestation-of-another-key": (
            Manners(pop=way.signed_by(stranger)),
            attesting.AttestationProofOfOtherKey.code,
        ),
        "attestation-of-no-provider": (
            Manners(place=way.by(other_provider)),
            attesting.ClientAttesterNotTrusted.code,
        ),
        "attestation-forged": (
            Manners(attestation=way.signed_by(stranger)),
            attesting.ClientAttestationSignatureInvalid.code,
        ),
        "attestation-expired": (
            Manners(attestation=way.moved(-LIFETIME - A_MOMENT, "iat", "exp")),
            attesting.ClientAttestationStale.code,
        ),
        "attestation-from-the-future": (
            Manners(attestation=way.moved(A_MOMENT, "iat", "exp")),
            attesting.ClientAttestationNotYetValid.code,
        ),
        "attestation-for-ever": (
            Manners(attestation=way.moved(MAX_LIFETIME, "exp")),
            attesting.ClientAttestationLivesTooLong.code,
        ),
        "attestation-without-a-name": (
            Manners(attestation=way.claims(sub=None)),
            attesting.ClientAttestationMalformed.code,
        ),
        "attestation-with-a-private-key": (
            Manners(attestation=way.attesting_private_part),
            attesting.ClientAttestationKeyNotAllowed.code,
        ),
        "proof-for-another-server": (
            Manners(pop=way.claims(aud="https://other.example")),
            attesting.AttestationProofForOtherServer.code,
        ),
        "proof-of-another-wallet": (
            Manners(pop=way.claims(iss="another-wallet")),
            attesting.AttestationProofOfOtherClient.code,
        ),
        "proof-without-an-id": (
            Manners(pop=way.claims(jti=None)),
            attesting.AttestationProofMalformed.code,
        ),
        "proof-gone-stale": (
            Manners(pop=way.moved(-POP_MAX_AGE - A_MOMENT, "iat")),
            attesting.AttestationProofStale.code,
        ),
        "proof-with-a-made-up-challenge": (
            Manners(pop=way.claims(challenge="made-up")),
            attesting.AttestationChallengeNeeded.code,
        ),
    }


def _of_pushed_requests(stranger: Signer) -> _Listed:
    return {
        "another-wallets-name": (
            Manners(form=way.form(client_id="another-wallet")),
            attesting.ClientIdDiffers.code,
        ),
        "request-sent-twice": (Manners(times_sent=2), dpop.DpopReplayed.code),
        "attestation-proved-once-for-two-requests": (
            Manners(headers=way.without("DPoP"), form=way.form(dpop_jkt=None), times_sent=2),
            attesting.AttestationProofReplayed.code,
        ),
        "downgraded-challenge": (
            Manners(form=way.form(code_challenge_method="plain")),
            oauth.CodeChallengeMethodNotTaken.code,
        ),
        "challenge-without-method": (
            Manners(form=way.form(code_challenge_method=None)),
            oauth.CodeChallengeMethodNotTaken.code,
        ),
        "no-challenge": (
            Manners(form=way.form(code_challenge=None, code_challenge_method=None)),
            oauth.CodeChallengeMissing.code,
        ),
        "request-by-reference": (
            Manners(form=way.form(request_uri="urn:ietf:params:oauth:request_uri:1")),
            oauth.RequestByReference.code,
        ),
        "token-through-the-browser": (
            Manners(form=way.form(response_type="token")),
            oauth.ResponseTypeNotTaken.code,
        ),
        "redirect-into-script": (
            Manners(form=way.form(redirect_uri="javascript:alert(1)")),
            oauth.RedirectUriNotAllowed.code,
        ),
        "redirect-without-encryption": (
            Manners(form=way.form(redirect_uri="http://wallet.example/callback")),
            oauth.RedirectUriNotAllowed.code,
        ),
        "key-of-somebody-else-named": (
            Manners(form=way.form(dpop_jkt="x" * 43)),
            "proof_of_other_key",
        ),
        "key-proved-by-somebody-else": (
            Manners(dpop=way.signed_by(stranger)),
            dpop.DpopSignatureInvalid.code,
        ),
        "nothing-asked-for": (Manners(form=way.form(scope=None)), "nothing_asked_for"),
        "made-up-card": (Manners(form=way.form(scope="made_up")), "nothing_asked_for"),
    }


def _of_codes(stranger: Signer) -> _Listed:
    return {
        "code-of-another-instance": (
            Manners(place=way.with_instance(stranger)),
            "code_of_other_instance",
        ),
        "code-with-another-key": (Manners(place=way.with_key(stranger)), "code_of_other_key"),
        "made-up-code": (Manners(form=way.form(code="made-up")), "code_refused"),
        "code-used-twice": (Manners(times_made=2), "code_used_before"),
        "code-without-verifier": (
            Manners(form=way.form(code_verifier=None)),
            oauth.CodeVerifierMissing.code,
        ),
        "code-with-another-verifier": (
            Manners(form=way.form(code_verifier="w" * 43)),
            oauth.CodeVerifierWrong.code,
        ),
        "code-for-another-redirect": (
            Manners(form=way.form(redirect_uri="http://127.0.0.1:1/callback")),
            "code_redirect_differs",
        ),
        "code-without-redirect": (
            Manners(form=way.form(redirect_uri=None)),
            "code_redirect_differs",
        ),
        "code-without-attestation": (
            Manners(headers=way.without(ATTESTATION, POP)),
            attesting.ClientAttestationMissing.code,
        ),
        "code-without-key": (Manners(headers=way.without("DPoP")), dpop.DpopMissing.code),
    }


def _of_keys() -> _Listed:
    """What is wrong with proofs of the key wherever they go."""
    return {
        "key-proved-twice": (Manners(headers=way.twice("DPoP")), dpop.DpopRepeated.code),
        "key-proved-for-another-method": (
            Manners(dpop=way.claims(htm="GET")),
            dpop.DpopForOtherRequest.code,
        ),
        "key-proved-for-another-address": (
            Manners(dpop=way.claims(htu="https://other.example/token")),
            dpop.DpopForOtherRequest.code,
        ),
        "key-proof-gone-stale": (
            Manners(dpop=way.moved(-MAX_AGE - A_MOMENT, "iat")),
            dpop.DpopStale.code,
        ),
        "key-proof-from-the-future": (
            Manners(dpop=way.moved(MAX_AHEAD + A_MOMENT, "iat")),
            dpop.DpopStale.code,
        ),
        "key-proof-without-nonce": (
            Manners(dpop=way.claims(nonce=None)),
            dpop.DpopNonceNeeded.code,
        ),
        "key-proof-with-a-made-up-nonce": (
            Manners(dpop=way.claims(nonce="made-up")),
            dpop.DpopNonceNeeded.code,
        ),
        "key-proof-without-an-id": (Manners(dpop=way.claims(jti=None)), dpop.DpopMalformed.code),
        "other-token-as-key-proof": (
            Manners(dpop=lambda proof: proof.with_header(typ="JWT")),
            dpop.DpopSignatureInvalid.code,
        ),
        "key-proof-with-a-private-key": (
            Manners(dpop=way.with_private_part),
            dpop.DpopKeyNotAllowed.code,
        ),
    }


def _of_tokens(stranger: Signer) -> _Listed:
    return {
        "token-of-another-key": (Manners(place=way.with_key(stranger)), "token_of_another_key"),
        "token-as-bearer": (Manners(headers=way.as_bearer), "token_bound_to_key"),
        "token-without-key": (Manners(headers=way.without("DPoP")), dpop.DpopMissing.code),
        "key-proof-of-another-token": (
            Manners(dpop=way.claims(ath=token_hash("another"))),
            dpop.DpopForOtherToken.code,
        ),
        "key-proof-of-no-token": (Manners(dpop=way.claims(ath=None)), dpop.DpopForOtherToken.code),
        "key-proof-used-twice": (Manners(times_sent=2), dpop.DpopReplayed.code),
        **_of_keys(),
    }


def _of_refreshing(stranger: Signer) -> _Listed:
    return {
        "refresh-by-another-instance": (
            Manners(place=way.with_instance(stranger)),
            "refresh_of_other_wallet",
        ),
        "refresh-with-another-key": (
            Manners(place=way.with_key(stranger)),
            "refresh_of_other_wallet",
        ),
        "refresh-without-attestation": (
            Manners(headers=way.without(ATTESTATION, POP)),
            attesting.ClientAttestationMissing.code,
        ),
        "made-up-refresh-token": (
            Manners(form=way.form(refresh_token="made-up")),  # noqa: S106 - no secret
            InvalidGrant.code,
        ),
    }


def adding_misbehaviours(
    stranger: Signer, other_provider: Signer
) -> Mapping[str, AddingMisbehaviour]:
    """Return every misbehaviour by name.

    Args:
        stranger: a key that nobody vouches for.
        other_provider: a key with certificates, of a provider on no list.
    """
    listed: Mapping[Step, _Listed] = {
        Step.PUSH: {
            **_of_attestations(stranger, other_provider),
            **_of_pushed_requests(stranger),
        },
        Step.REDEEM: _of_codes(stranger),
        Step.ASK: _of_tokens(stranger),
        Step.REFRESH: _of_refreshing(stranger),
    }
    return MappingProxyType(
        {
            name: AddingMisbehaviour(name=name, step=step, manners=how, code=code)
            for step, ways in listed.items()
            for name, (how, code) in ways.items()
        }
    )
