"""Type metadata of SD-JWT VCs: one document, and a type with all that it extends (SD-JWT VC 5).

Nothing here fetches. A type that extends another, or a credential that names more types, proves
nothing about who may issue it (7.7): that stays with the trust list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from keys import strict_json
from keys.checks import MalformedJson
from openid4vc import limits
from openid4vc.sd_jwt.type_metadata_claims import ClaimMetadata, extend_claims, read_claims
from openid4vc.sd_jwt.type_metadata_display import TypeDisplay, read_display
from openid4vc.sd_jwt.type_metadata_errors import (
    TypeChainTooLong,
    TypeExtendsInCircle,
    TypeMetadataForOtherType,
    TypeMetadataMalformed,
    TypeMetadataUnavailable,
)
from openid4vc.sd_jwt.type_metadata_integrity import check_integrity
from openid4vc.sd_jwt.type_metadata_shapes import SHAPE, optional_words
from openid4vc.sd_jwt.vc import read_vct

_EXTENDS: Final = "extends"


@dataclass(frozen=True, slots=True)
class TypeReference:
    """Which document is meant: of this type and, with `integrity`, with these very bytes."""

    vct: str
    integrity: str | None = None


Documents = Callable[[TypeReference], bytes | None]
"""Gives the bytes of a document, None for one that is not at hand."""


@dataclass(frozen=True, slots=True)
class TypeDocument:
    """One document. `name` and `description` are for developers; `display` None is inherited."""

    vct: str
    name: str | None
    description: str | None
    extends: TypeReference | None
    display: tuple[TypeDisplay, ...] | None
    claims: tuple[ClaimMetadata, ...]


@dataclass(frozen=True, slots=True)
class ResolvedType:
    """A type with everything that it inherits; only this may be used (5.7).

    `extended` are the types that it extends, nearest first.
    """

    vct: str
    name: str | None
    description: str | None
    display: tuple[TypeDisplay, ...] = ()
    claims: tuple[ClaimMetadata, ...] = ()
    extended: tuple[str, ...] = ()


def reference_of(claims: Mapping[str, object]) -> TypeReference:
    """Return which document the payload of a verified credential refers to.

    Raises:
        VctMissing, OtherTypesMalformed: as `openid4vc.sd_jwt.vc.read_vct`.
        TypeMetadataMalformed: `vct#integrity` is no text.
    """
    return TypeReference(read_vct(claims), _integrity(claims, "vct#integrity"))


def read_type_document(data: bytes, reference: TypeReference) -> TypeDocument:
    """Read one document; members that we do not know are ignored (5.2).

    Raises:
        IntegrityMismatch, IntegrityNotUnderstood: not the bytes that the reference means.
        TypeMetadataForOtherType: another `vct` than the reference's.
        TypeMetadataMalformed: no JSON object, or not of the shape that is laid down.
    """
    if reference.integrity is not None:
        check_integrity(data, reference.integrity)
    try:
        document = strict_json.loads_object(data, max_bytes=limits.MAX_TYPE_METADATA_BYTES)
    except MalformedJson as failure:
        raise TypeMetadataMalformed(failure.detail) from None
    vct = SHAPE.text(document.get("vct"), "vct")
    if vct != reference.vct:
        raise TypeMetadataForOtherType
    return TypeDocument(
        vct=vct,
        name=optional_words(document, "name"),
        description=optional_words(document, "description"),
        extends=_extends(document),
        display=read_display(document["display"]) if "display" in document else None,
        claims=read_claims(document.get("claims", [])),
    )


def resolve_type(reference: TypeReference, documents: Documents) -> ResolvedType:
    """Read a type and all the types that it extends, and put them together (5.4, 5.7).

    Args:
        reference: the document that the credential means, see `reference_of`.
        documents: gives the documents at hand. For one that is missing, the failure says which,
            so that a caller can fetch it and call again.

    Raises:
        TypeMetadataUnavailable: a document is not at hand.
        TypeExtendsInCircle, TypeChainTooLong: the chain of types has no end, or is too long.
        TypeExtensionNotAllowed: a type changes what it must not change.
        CheckFailed: as `read_type_document`, for any of the documents.
    """
    chain: list[TypeDocument] = []
    wanted: TypeReference | None = reference
    while wanted is not None:
        # 7.4. No type extends itself, by whatever detour.
        if wanted.vct in [document.vct for document in chain]:
            raise TypeExtendsInCircle
        if len(chain) == limits.MAX_TYPE_CHAIN:
            raise TypeChainTooLong
        data = documents(wanted)
        if data is None:
            raise TypeMetadataUnavailable(wanted.vct, wanted.integrity)
        document = read_type_document(data, wanted)
        chain.append(document)
        wanted = document.extends
    # 5.4. The extended type is processed before the one that extends it.
    display: tuple[TypeDisplay, ...] = ()
    claims: tuple[ClaimMetadata, ...] = ()
    for document in reversed(chain):
        display = display if document.display is None else document.display
        claims = extend_claims(claims, document.claims)
    own, *extended = chain
    return ResolvedType(
        vct=own.vct,
        name=own.name,
        description=own.description,
        display=display,
        claims=claims,
        extended=tuple(document.vct for document in extended),
    )


def _extends(document: Mapping[str, object]) -> TypeReference | None:
    integrity = _integrity(document, f"{_EXTENDS}#integrity")
    if _EXTENDS not in document:
        return None
    return TypeReference(SHAPE.text(document[_EXTENDS], _EXTENDS), integrity)


def _integrity(members: Mapping[str, object], name: str) -> str | None:
    if name not in members:
        return None
    return SHAPE.text(members[name], name, max_chars=limits.MAX_INTEGRITY_CHARS)
