"""Describe a credential type to whoever meets a credential of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from credential_schemas.model import Catalogue
from openid4vc.sd_jwt.type_metadata_integrity import integrity_of
from openid4vc.sd_jwt.type_metadata_own import write_type_document


@dataclass(frozen=True, slots=True)
class TypeDescription:
    """A type metadata document as it is served, and its integrity metadata (SD-JWT VC 6)."""

    document: bytes
    integrity: str


class DescribeType:
    """Gives the type metadata of the catalogue's types; written once, as they do not change."""

    def __init__(self, *, catalogue: Catalogue) -> None:
        documents = {
            one.vct: write_type_document(catalogue, one) for one in catalogue.types.values()
        }
        self._descriptions: Mapping[str, TypeDescription] = {
            vct: TypeDescription(document, integrity_of(document))
            for vct, document in documents.items()
        }

    def __call__(self, vct: str) -> TypeDescription | None:
        """Return the description of a type, None for a type that is not ours."""
        return self._descriptions.get(vct)
