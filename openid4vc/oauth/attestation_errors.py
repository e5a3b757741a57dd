"""Why a wallet's attestation is refused; each failure names the error code on the wire (ABCA)."""

from typing import ClassVar

from openid4vc.oauth.errors import AuthorizationRefused
from openid4vc.specs import Section


class ClientAttestationRefused(AuthorizationRefused):
    """An attestation of a wallet, or the proof that comes with it, does not hold."""

    code: ClassVar[str] = "client_attestation_refused"
    spec: ClassVar[str] = Section.ABCA_7_1
    error: ClassVar[str] = "invalid_client_attestation"


class ClientAttestationMissing(ClientAttestationRefused):
    """The request does not say which wallet it comes from."""

    code: ClassVar[str] = "client_attestation_missing"
    error: ClassVar[str] = "invalid_client"


class ClientAttestationRepeated(ClientAttestationRefused):
    """There is more than one attestation, or more than one proof of it."""

    code: ClassVar[str] = "client_attestation_repeated"


class ClientAttestationMalformed(ClientAttestationRefused):
    """The attestation is no JWT, or a claim of it is missing or of the wrong JSON type."""

    code: ClassVar[str] = "client_attestation_malformed"
    spec: ClassVar[str] = Section.ABCA_4


class ClientAttesterNotTrusted(ClientAttestationRefused):
    """No chain of certificates leads from the attestation to a wallet provider that we trust."""

    code: ClassVar[str] = "client_attester_not_trusted"


class ClientAttestationSignatureInvalid(ClientAttestationRefused):
    """Wrong type or algorithm, or not signed with the wallet provider's key."""

    code: ClassVar[str] = "client_attestation_signature_invalid"


class ClientAttestationKeyNotAllowed(ClientAttestationRefused):
    """`cnf` does not hold a public P-256 key."""

    code: ClassVar[str] = "client_attestation_key_not_allowed"


class ClientAttestationNotYetValid(ClientAttestationRefused):
    """`nbf` or `iat` lies ahead of our clock."""

    code: ClassVar[str] = "client_attestation_not_yet_valid"


class ClientAttestationLivesTooLong(ClientAttestationRefused):
    """The attestation lives longer than our policy allows."""

    code: ClassVar[str] = "client_attestation_lives_too_long"
    spec: ClassVar[str] = Section.TS3_2_2


class ClientAttestationStale(ClientAttestationRefused):
    """The attestation is over; the wallet is to get a fresh one."""

    code: ClassVar[str] = "client_attestation_stale"
    spec: ClassVar[str] = Section.ABCA_7_4
    error: ClassVar[str] = "use_fresh_attestation"


class ClientIdDiffers(ClientAttestationRefused):
    """The request's `client_id` is not the wallet that the attestation is about."""

    code: ClassVar[str] = "client_id_differs"
    error: ClassVar[str] = "invalid_client"


class AttestationProofMissing(ClientAttestationRefused):
    """The attestation came without a proof that the sender is the one attested."""

    code: ClassVar[str] = "attestation_proof_missing"
    spec: ClassVar[str] = Section.ABCA_7_2


class AttestationProofMalformed(ClientAttestationRefused):
    """The proof is no JWT, or a claim of it is missing or of the wrong JSON type."""

    code: ClassVar[str] = "attestation_proof_malformed"
    spec: ClassVar[str] = Section.ABCA_5_1


class AttestationProofOfOtherKey(ClientAttestationRefused):
    """The proof, of whatever kind, was not made with the key that the attestation names."""

    code: ClassVar[str] = "attestation_proof_of_other_key"
    spec: ClassVar[str] = Section.ABCA_7_2


class AttestationProofOfOtherClient(ClientAttestationRefused):
    """The proof's `iss` is not the wallet that the attestation is about."""

    code: ClassVar[str] = "attestation_proof_of_other_client"
    spec: ClassVar[str] = Section.ABCA_7_2


class AttestationProofForOtherServer(ClientAttestationRefused):
    """The proof's `aud` is not this authorization server."""

    code: ClassVar[str] = "attestation_proof_for_other_server"
    spec: ClassVar[str] = Section.ABCA_7_2


class AttestationProofStale(ClientAttestationRefused):
    """The proof was made too long ago, lies ahead of our clock, or is over."""

    code: ClassVar[str] = "attestation_proof_stale"
    spec: ClassVar[str] = Section.ABCA_7_2


class AttestationProofReplayed(ClientAttestationRefused):
    """The proof was used before."""

    code: ClassVar[str] = "attestation_proof_replayed"
    spec: ClassVar[str] = Section.ABCA_9_7


class AttestationChallengeNeeded(ClientAttestationRefused):
    """The proof has no challenge of ours, or one that is over; a new one comes with this answer."""

    code: ClassVar[str] = "attestation_challenge_needed"
    spec: ClassVar[str] = Section.ABCA_7_4
    error: ClassVar[str] = "use_attestation_challenge"
