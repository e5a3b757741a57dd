"""Every way in which type metadata, or a credential measured by them, fails."""

from typing import ClassVar

from openid4vc.checks import CheckFailed
from openid4vc.specs import Section


class TypeMetadataFailure(CheckFailed):
    """The type metadata cannot be used; where they are required, the credential is refused."""

    code: ClassVar[str] = "type_metadata_failure"
    spec: ClassVar[str] = Section.SD_JWT_VC_5_7


class TypeMetadataMalformed(TypeMetadataFailure):
    """The document, or a member that we understand, is not of the shape that is laid down."""

    code: ClassVar[str] = "type_metadata_malformed"
    spec: ClassVar[str] = Section.SD_JWT_VC_5_2


class TypeMetadataForOtherType(TypeMetadataFailure):
    """The document's `vct` is not the one that was asked for."""

    code: ClassVar[str] = "type_metadata_for_other_type"
    spec: ClassVar[str] = Section.SD_JWT_VC_5_3


class TypeMetadataUnavailable(TypeMetadataFailure):
    """A document that is needed is not at hand: the type's own, or one that it extends."""

    code: ClassVar[str] = "type_metadata_unavailable"
    spec: ClassVar[str] = Section.SD_JWT_VC_5_7

    def __init__(self, vct: str, integrity: str | None) -> None:
        """Say which document, so that the caller can fetch it and try again."""
        super().__init__("a document is not at hand")
        self.vct = vct
        self.integrity = integrity


class TypeExtendsInCircle(TypeMetadataFailure):
    """A type extends itself, directly or through others."""

    code: ClassVar[str] = "type_extends_in_circle"
    spec: ClassVar[str] = Section.SD_JWT_VC_7_4


class TypeChainTooLong(TypeMetadataFailure):
    """More types extend one another than `openid4vc.limits` allows."""

    code: ClassVar[str] = "type_chain_too_long"
    spec: ClassVar[str] = Section.SD_JWT_VC_5_4


class TypeExtensionNotAllowed(TypeMetadataFailure):
    """A type loosens or turns around what the type that it extends fixed for a claim."""

    code: ClassVar[str] = "type_extension_not_allowed"
    spec: ClassVar[str] = Section.SD_JWT_VC_5_6_5_1


class IntegrityNotUnderstood(TypeMetadataFailure):
    """Integrity metadata hold no digest of a hash function that we know."""

    code: ClassVar[str] = "integrity_not_understood"
    spec: ClassVar[str] = Section.SD_JWT_VC_6


class IntegrityMismatch(TypeMetadataFailure):
    """The document's bytes are not those that the reference names."""

    code: ClassVar[str] = "integrity_mismatch"
    spec: ClassVar[str] = Section.SD_JWT_VC_6


class ClaimPathMismatch(TypeMetadataFailure):
    """A path of the type metadata leads through a value of another kind."""

    code: ClassVar[str] = "claim_path_mismatch"
    spec: ClassVar[str] = Section.SD_JWT_VC_5_6


class ClaimDisclosureMismatch(TypeMetadataFailure):
    """A claim is selectively disclosable and must not be, or is not and must be."""

    code: ClassVar[str] = "claim_disclosure_mismatch"
    spec: ClassVar[str] = Section.SD_JWT_VC_5_6


class MandatoryClaimMissing(TypeMetadataFailure):
    """A claim that every credential of the type has is certainly not in this one."""

    code: ClassVar[str] = "mandatory_claim_missing"
    spec: ClassVar[str] = Section.SD_JWT_VC_5_6


class SvgTemplateRefused(TypeMetadataFailure):
    """A template is no plain drawing with placeholders in its texts that the type knows."""

    code: ClassVar[str] = "svg_template_refused"
    spec: ClassVar[str] = Section.SD_JWT_VC_5_5_1_2
