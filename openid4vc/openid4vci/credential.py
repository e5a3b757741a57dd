"""Credential requests and responses (OpenID4VCI 1.0, 8)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from openid4vc.openid4vci.errors import (
    InvalidCredentialRequest,
    MalformedProof,
    ProofMissing,
    ProofTypeNotSupported,
    TooManyProofs,
)
from openid4vc.openid4vci.key_attestation import MAX_ATTESTATION_CHARS, MAX_KEYS
from openid4vc.openid4vci.proof import MAX_PROOF_CHARS
from openid4vc.openid4vci.wallet_errors import IssuanceDeferred, MalformedCredentialResponse
from openid4vc.shapes import Shape

MAX_ID_CHARS: Final = 256
MAX_CREDENTIAL_CHARS: Final = 131_072
MAX_PROOFS: Final = MAX_KEYS
"""The `batch_size` of our metadata (12.2.4): as many copies as one request can ask for."""

JWT: Final = "jwt"
ATTESTATION: Final = "attestation"
_MOST: Final = {JWT: MAX_PROOFS, ATTESTATION: 1}

_REQUEST: Final = Shape(InvalidCredentialRequest)
_PROOFS: Final = Shape(MalformedProof)
_RESPONSE: Final = Shape(MalformedCredentialResponse)


@dataclass(frozen=True, slots=True)
class CredentialRequest:
    """What a wallet asks for, with its key proofs; these are still to be checked.

    Exactly one of `configuration_id` and `identifier` is there, and either `proofs` of type `jwt`
    or one `attestation` of the keys, which comes without a proof of any of them (F.3).
    """

    configuration_id: str | None
    proofs: tuple[str, ...]
    identifier: str | None = None
    attestation: str | None = None


@dataclass(frozen=True, slots=True)
class CredentialResponse:
    """The credentials as issued, unchecked, and the handle for the notification."""

    credentials: tuple[str, ...]
    notification_id: str | None = None


def read_credential_request(
    data: object, *, proof_types: Collection[str] = (JWT,)
) -> CredentialRequest:
    """Read a credential request from parsed JSON; unknown members are ignored (8.2).

    What it says of encryption is for `encryption.read_response_encryption`.

    Args:
        data: the body.
        proof_types: those that our metadata name, of `JWT` and `ATTESTATION`.

    Raises:
        InvalidCredentialRequest: not exactly one of `credential_configuration_id` and
            `credential_identifier`; the `format` of old drafts does not count.
        ProofMissing: no `proofs`; the `proof` of old drafts does not count.
        ProofTypeNotSupported: not exactly one proof type, or another than ours.
        TooManyProofs: more than `MAX_PROOFS`, or more than one attestation.
        MalformedProof: `proofs` has another shape.
    """
    members = _REQUEST.members(data, "credential request")
    # 1. One way to say what is wanted
    by_identifier = "credential_identifier" in members
    if by_identifier and "credential_configuration_id" in members:
        raise InvalidCredentialRequest("identifier and configuration id at once")
    name = "credential_identifier" if by_identifier else "credential_configuration_id"
    wanted = _REQUEST.text(members.get(name), name, max_chars=MAX_ID_CHARS)
    # 2. Key proofs, one for each copy, or one attestation for all
    proof_type, proofs = _read_proofs(members, proof_types)
    by_attestation = proof_type == ATTESTATION
    return CredentialRequest(
        configuration_id=None if by_identifier else wanted,
        proofs=() if by_attestation else proofs,
        identifier=wanted if by_identifier else None,
        attestation=proofs[0] if by_attestation else None,
    )


def request_json(
    *,
    proofs: Sequence[str] = (),
    attestation: str | None = None,
    configuration_id: str | None = None,
    credential_identifier: str | None = None,
) -> dict[str, object]:
    """Return a credential request.

    Args:
        proofs: key proofs of type `jwt`.
        attestation: instead of them, a key attestation.
        configuration_id: what the offer named.
        credential_identifier: instead of it, when the token response gave identifiers (8.2).

    Raises:
        ValueError: not exactly one of the two ids, or not exactly one of proofs and attestation.
    """
    if (attestation is None) == (not proofs):
        raise ValueError("exactly one of proofs and attestation")
    if (configuration_id is None) == (credential_identifier is None):
        raise ValueError("exactly one of configuration id and credential identifier")
    wanted = (
        {"credential_configuration_id": configuration_id}
        if credential_identifier is None
        else {"credential_identifier": credential_identifier}
    )
    shown = {JWT: list(proofs)} if attestation is None else {ATTESTATION: [attestation]}
    return {**wanted, "proofs": shown}


def credential_response(
    credentials: Sequence[str], *, notification_id: str | None = None
) -> dict[str, object]:
    """Return the body of a credential response (8.3); SD-JWT VCs go out as they are."""
    body: dict[str, object] = {"credentials": [{"credential": one} for one in credentials]}
    return body if notification_id is None else {**body, "notification_id": notification_id}


def read_credential_response(data: object, *, keys: int = 1) -> CredentialResponse:
    """Read a credential response from parsed JSON; unknown members are ignored (8.3).

    Args:
        data: the body.
        keys: how many keys the request proved; no more credentials may come.

    Raises:
        IssuanceDeferred: a `transaction_id`, which belongs to an answer of its own (`deferred`).
        MalformedCredentialResponse: no credentials, too many, or not strings in objects.
    """
    members = _RESPONSE.members(data, "credential response")
    if "transaction_id" in members:
        if "credentials" in members:
            raise MalformedCredentialResponse("credentials and transaction_id at once")
        raise IssuanceDeferred("transaction_id")
    entries = _RESPONSE.array(members.get("credentials"), "credentials", max_items=keys)
    return CredentialResponse(
        credentials=tuple(_credential(entry) for entry in entries),
        notification_id=_RESPONSE.optional_text(
            members.get("notification_id"), "notification_id", max_chars=MAX_ID_CHARS
        ),
    )


def _read_proofs(
    members: Mapping[str, object], proof_types: Collection[str]
) -> tuple[str, tuple[str, ...]]:
    """Return the one proof type, and what is there of it."""
    if "proofs" not in members:
        raise ProofMissing("no proofs")
    proofs = _PROOFS.members(members["proofs"], "proofs")
    if len(proofs) != 1 or not proofs.keys() <= set(proof_types):
        raise ProofTypeNotSupported("not exactly one proof type that we take")
    ((proof_type, entries),) = proofs.items()
    if isinstance(entries, list) and len(entries) > _MOST[proof_type]:
        raise TooManyProofs("more than batch_size, or more than one attestation")
    longest = MAX_PROOF_CHARS if proof_type == JWT else MAX_ATTESTATION_CHARS
    return proof_type, _PROOFS.texts(entries, f"proofs {proof_type}", max_chars=longest)


def _credential(entry: object) -> str:
    members = _RESPONSE.members(entry, "credentials element")
    return _RESPONSE.text(members.get("credential"), "credential", max_chars=MAX_CREDENTIAL_CHARS)
