"""Failures that the wallet finds in what an issuer says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from openid4vc.checks import CheckFailed
from openid4vc.shapes import Shape
from openid4vc.specs import Section

_ERROR: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,64}", re.ASCII)


class MalformedOffer(CheckFailed):
    """The offer lacks something, or a member has the wrong JSON type."""

    code: ClassVar[str] = "malformed_offer"
    spec: ClassVar[str] = Section.VCI_4_1_1


class MalformedOfferLink(CheckFailed):
    """The link is no credential offer, or holds not exactly one of value and reference."""

    code: ClassVar[str] = "malformed_offer_link"
    spec: ClassVar[str] = Section.VCI_4_1


class IssuerIdentifierInvalid(CheckFailed):
    """The issuer identifier is no https URL without query and fragment."""

    code: ClassVar[str] = "issuer_identifier_invalid"
    spec: ClassVar[str] = Section.VCI_12_2_1


class MalformedMetadata(CheckFailed):
    """The issuer's or authorization server's metadata break a rule of their own."""

    code: ClassVar[str] = "malformed_metadata"
    spec: ClassVar[str] = Section.VCI_12_2_4


class MetadataOfOtherIssuer(CheckFailed):
    """The metadata name another issuer than the one they were fetched for."""

    code: ClassVar[str] = "metadata_of_other_issuer"
    spec: ClassVar[str] = Section.VCI_12_2_4


class SignedMetadataMalformed(MalformedMetadata):
    """The payload of signed metadata is no JSON object, or lacks `sub` or `iat`."""

    code: ClassVar[str] = "signed_metadata_malformed"
    spec: ClassVar[str] = Section.VCI_12_2_3


class SignedMetadataStale(CheckFailed):
    """Signed metadata were made ahead of our clock, or their end has passed."""

    code: ClassVar[str] = "signed_metadata_stale"
    spec: ClassVar[str] = Section.VCI_12_2_3


class ClaimDescriptionsContradict(MalformedMetadata):
    """A claim is described twice, or once as an array and once as an object."""

    code: ClassVar[str] = "claim_descriptions_contradict"
    spec: ClassVar[str] = Section.VCI_B_3


class ConfigurationNotOffered(CheckFailed):
    """The offer names a credential that the issuer's metadata do not have."""

    code: ClassVar[str] = "configuration_not_offered"
    spec: ClassVar[str] = Section.VCI_4_1_1


class AuthorizationServerMismatch(CheckFailed):
    """The offer's authorization server is not one of several in the metadata."""

    code: ClassVar[str] = "authorization_server_mismatch"
    spec: ClassVar[str] = Section.VCI_4_1_1


class GrantNotSupported(CheckFailed):
    """The offer or the authorization server has no pre-authorised code for anonymous wallets."""

    code: ClassVar[str] = "grant_not_supported"
    spec: ClassVar[str] = Section.VCI_12_3


class MalformedTokenResponse(CheckFailed):
    """The token response lacks something, or its token is no Bearer token."""

    code: ClassVar[str] = "malformed_token_response"
    spec: ClassVar[str] = Section.RFC6749_5_1


class MalformedNonceResponse(CheckFailed):
    """The nonce response has no `c_nonce`."""

    code: ClassVar[str] = "malformed_nonce_response"
    spec: ClassVar[str] = Section.VCI_7_2


class MalformedCredentialResponse(CheckFailed):
    """The credential response holds no credentials, or more than keys were sent."""

    code: ClassVar[str] = "malformed_credential_response"
    spec: ClassVar[str] = Section.VCI_8_3


class EncryptionNotSupported(CheckFailed):
    """The issuer requires an encryption that we do not have."""

    code: ClassVar[str] = "encryption_not_supported"
    spec: ClassVar[str] = Section.VCI_12_2_4


class CredentialResponseInTheClear(CheckFailed):
    """The response came in the clear although it was to be encrypted."""

    code: ClassVar[str] = "credential_response_in_the_clear"
    spec: ClassVar[str] = Section.VCI_10


class IssuanceDeferred(CheckFailed):
    """A transaction id came with the status of an issued credential; later has its own (202)."""

    code: ClassVar[str] = "issuance_deferred"
    spec: ClassVar[str] = Section.VCI_8_3


class MalformedErrorResponse(CheckFailed):
    """The error body has no error code."""

    code: ClassVar[str] = "malformed_error_response"
    spec: ClassVar[str] = Section.RFC6749_5_2


_ERROR_RESPONSE: Final = Shape(MalformedErrorResponse)


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """What an issuer answered instead of what was asked; `error` is the code on the wire."""

    error: str


def read_error(data: object) -> ErrorResponse:
    """Read an issuer's error body from parsed JSON; a description is not kept.

    Raises:
        MalformedErrorResponse: no object with an `error` code.
    """
    members: Mapping[str, object] = _ERROR_RESPONSE.members(data, "error response")
    code = _ERROR_RESPONSE.text(members.get("error"), "error", max_chars=64)
    if not _ERROR.fullmatch(code):
        raise MalformedErrorResponse("error is no error code")
    return ErrorResponse(code)
