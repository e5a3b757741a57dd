"""Named misbehaviours of a wallet that asks an issuer for a card, for tests.

Each changes one step of an honest request and names the check that must catch it. Nothing here
helps a real attack: each is caught by an issuer that checks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from keys import strict_json
from keys.jose import EncryptionKey, public_jwk, sign_jws
from keys.ports import Signer
from openid4vc.openid4vci.credential import MAX_PROOFS, request_json
from openid4vc.openid4vci.encryption import Recipient, encrypt_message, response_encryption_json
from openid4vc.openid4vci.errors import (
    InvalidCredentialRequest,
    InvalidEncryptionParameters,
    InvalidNonce,
    MalformedProof,
    ProofForOtherIssuer,
    ProofKeyNotAllowed,
    ProofKeyRepeated,
    ProofMissing,
    ProofNonceMissing,
    ProofOfOtherClient,
    ProofSignatureInvalid,
    ProofStale,
    ProofTypeNotSupported,
    RequestNotDecrypted,
    ResponseEncryptionInTheClear,
    TooManyProofs,
    UnknownCredentialConfiguration,
    UnknownCredentialIdentifier,
)
from openid4vc.openid4vci.proof import MAX_AGE, MAX_AHEAD, PROOF_TYPE

Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class Proof:
    """What a key proof is made from; `signer` proves the key in `header`, if it is honest."""

    signer: Signer
    header: Mapping[str, object]
    claims: Mapping[str, object]

    def with_header(self, **changes: object) -> "Proof":
        """Return the proof with other members in its header; None takes one out."""
        return replace(self, header=_changed(self.header, changes))

    def with_claims(self, **changes: object) -> "Proof":
        """Return the proof with other claims; None takes one out."""
        return replace(self, claims=_changed(self.claims, changes))

    def text(self) -> str:
        """Return it signed."""
        return sign_jws(self.header, strict_json.dumps(self.claims), self.signer)


@dataclass(frozen=True, slots=True)
class Situation:
    """What a wallet knows when it asks for a card.

    Attributes:
        signers: its keys, one for each copy.
        issuer: the credential issuer identifier.
        request_key: whom requests are encrypted to.
    """

    signers: tuple[Signer, ...]
    issuer: str
    configuration_id: str
    nonce: str
    at: datetime
    request_key: Recipient

    def proof(self, signer: Signer) -> Proof:
        """Return an honest proof of one key."""
        header = {"typ": PROOF_TYPE, "jwk": public_jwk(signer.public_key)}
        claims = {"aud": self.issuer, "iat": int(self.at.timestamp()), "nonce": self.nonce}
        return Proof(signer, header, claims)


@dataclass(frozen=True, slots=True)
class Sent:
    """What goes to the credential endpoint: JSON, or an encrypted text."""

    body: Body | None = None
    jwt: str | None = None


def _in_the_clear(body: Body, _situation: Situation) -> Sent:
    return Sent(body=body)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingManners:
    """How a wallet asks; the defaults are the honest way.

    Attributes:
        keys: which keys it proves.
        proof: changes one proof before it is signed.
        body: changes the request.
        send: encrypts it, or not.
        times_sent: how often the same request is sent.
    """

    keys: Callable[[tuple[Signer, ...]], tuple[Signer, ...]] = field(default=lambda keys: keys)
    proof: Callable[[Proof], Proof] = field(default=lambda proof: proof)
    body: Callable[[Body], Body] = field(default=lambda body: body)
    send: Callable[[Body, Situation], Sent] = _in_the_clear
    times_sent: int = 1

    def request(self, situation: Situation) -> Sent:
        """Return one request (OpenID4VCI 8.2)."""
        proofs = [self.proof(situation.proof(one)).text() for one in self.keys(situation.signers)]
        body = request_json(proofs=proofs, configuration_id=situation.configuration_id)
        return self.send(self.body(body), situation)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingMisbehaviour:
    """One way to misbehave, and the stable code of the issuer's check that must catch it."""

    name: str
    manners: AskingManners
    code: str


def _changed(members: Mapping[str, object], changes: Mapping[str, object]) -> Mapping[str, object]:
    whole = {**members, **changes}
    return {name: value for name, value in whole.items() if value is not None}


def _with(**members: object) -> Callable[[Body], Body]:
    return lambda body: dict(_changed(body, members))


def _dated(by: timedelta) -> Callable[[Proof], Proof]:
    def moved(proof: Proof) -> Proof:
        made_at = proof.claims["iat"]
        if not isinstance(made_at, int):
            raise TypeError("an honest proof has a date")
        return proof.with_claims(iat=made_at + int(by.total_seconds()))

    return moved


def _asking_for_encryption(body: Body, **changes: object) -> Body:
    wanted = response_encryption_json(EncryptionKey.generate(), "A256GCM")
    return {**body, "credential_response_encryption": {**wanted, **changes}}


def _encryption_in_the_clear(body: Body, _situation: Situation) -> Sent:
    return Sent(body=_asking_for_encryption(body))


def _compressed_answer(body: Body, situation: Situation) -> Sent:
    asking = _asking_for_encryption(body, zip="DEF")
    return Sent(jwt=encrypt_message(asking, situation.request_key))


def _sealed_for_somebody_else(body: Body, situation: Situation) -> Sent:
    stranger = {**EncryptionKey.generate().public_jwk, "kid": situation.request_key.jwk["kid"]}
    return Sent(jwt=encrypt_message(body, Recipient(stranger, situation.request_key.enc)))


def asking_misbehaviours(stranger: Signer) -> Mapping[str, AskingMisbehaviour]:
    """Return every misbehaviour by name. ``stranger`` is a key that is not proved."""
    manners = AskingManners
    header = manners(proof=lambda proof: proof.with_header(kid="1"))
    listed: dict[str, tuple[AskingManners, str]] = {
        "no-proof": (manners(body=_with(proofs=None)), ProofMissing.code),
        "old-single-proof": (
            manners(body=_with(proofs=None, proof={"proof_type": "jwt"})),
            ProofMissing.code,
        ),
        "other-proof-type": (
            manners(body=_with(proofs={"attestation": ["e.e.e"]})),
            ProofTypeNotSupported.code,
        ),
        "proof-is-no-jwt": (manners(body=_with(proofs={"jwt": ["e.e"]})), MalformedProof.code),
        "too-many-proofs": (
            manners(keys=lambda keys: keys[:1] * (MAX_PROOFS + 1)),
            TooManyProofs.code,
        ),
        "same-key-twice": (manners(keys=lambda keys: keys[:1] * 2), ProofKeyRepeated.code),
        "two-keys-in-a-proof": (header, ProofKeyNotAllowed.code),
        "other-token-as-proof": (
            manners(proof=lambda proof: proof.with_header(typ="JWT")),
            ProofSignatureInvalid.code,
        ),
        "key-of-somebody-else": (
            manners(proof=lambda proof: replace(proof, signer=stranger)),
            ProofSignatureInvalid.code,
        ),
        "proof-for-other-issuer": (
            manners(proof=lambda proof: proof.with_claims(aud="https://other.example")),
            ProofForOtherIssuer.code,
        ),
        "proof-for-the-endpoint": (
            manners(proof=lambda proof: proof.with_claims(aud=f"{proof.claims['aud']}/credential")),
            ProofForOtherIssuer.code,
        ),
        "anonymous-with-a-name": (
            manners(proof=lambda proof: proof.with_claims(iss="somebody")),
            ProofOfOtherClient.code,
        ),
        "stale-proof": (
            manners(proof=_dated(-MAX_AGE - timedelta(seconds=1))),
            ProofStale.code,
        ),
        "proof-from-the-future": (
            manners(proof=_dated(MAX_AHEAD + timedelta(seconds=1))),
            ProofStale.code,
        ),
        "no-nonce": (
            manners(proof=lambda proof: proof.with_claims(nonce=None)),
            ProofNonceMissing.code,
        ),
        "made-up-nonce": (
            manners(proof=lambda proof: proof.with_claims(nonce="made-up")),
            InvalidNonce.code,
        ),
        "used-nonce": (manners(times_sent=2), InvalidNonce.code),
        "other-card": (
            manners(body=_with(credential_configuration_id="authority_decision")),
            UnknownCredentialConfiguration.code,
        ),
        "old-format-alone": (
            manners(body=_with(credential_configuration_id=None, format="vc+sd-jwt")),
            InvalidCredentialRequest.code,
        ),
        "identifier-and-configuration": (
            manners(body=_with(credential_identifier="1")),
            InvalidCredentialRequest.code,
        ),
        "made-up-identifier": (
            manners(body=_with(credential_configuration_id=None, credential_identifier="1")),
            UnknownCredentialIdentifier.code,
        ),
        "encryption-asked-in-the-clear": (
            manners(send=_encryption_in_the_clear),
            ResponseEncryptionInTheClear.code,
        ),
        "compressed-answer": (
            manners(send=_compressed_answer),
            InvalidEncryptionParameters.code,
        ),
        "sealed-for-somebody-else": (
            manners(send=_sealed_for_somebody_else),
            RequestNotDecrypted.code,
        ),
    }
    return MappingProxyType(
        {
            name: AskingMisbehaviour(name=name, manners=how, code=code)
            for name, (how, code) in listed.items()
        }
    )
