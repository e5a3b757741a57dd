"""Type metadata of our own types, as the catalogue has them and as we issue them."""

from collections.abc import Iterator, Mapping
from typing import Final

from credential_schemas.model import LANGS, Catalogue, ClaimDefinition, CredentialType, Path
from credential_schemas.render import label_for_path
from keys import strict_json

_HIDDEN_ITSELF: Final = 2  # a claim, and its elements or members; as `vc.issue_vc` hides them


def write_type_document(catalogue: Catalogue, credential_type: CredentialType) -> bytes:
    """Return the document of a type (SD-JWT VC 5.2): the same bytes for the same catalogue.

    Every claim is named in three languages. What may be hidden, and each part of it, is issued
    behind a disclosure of its own (`sd` is `always`), everything else in clear (`never`): what a
    part itself consists of is shown with it.
    """
    return strict_json.dumps(
        {
            "vct": credential_type.vct,
            "name": credential_type.title.en,
            "display": [{"locale": lang, "name": credential_type.title[lang]} for lang in LANGS],
            "claims": [
                entry
                for claim in credential_type.claims.values()
                for entry in _entries(catalogue, credential_type, claim)
            ],
        }
    )


def _entries(
    catalogue: Catalogue, credential_type: CredentialType, claim: ClaimDefinition
) -> Iterator[dict[str, object]]:
    required = credential_type.schema.get("required")
    mandatory = isinstance(required, list) and claim.name in required
    in_clear = claim.disclosure == "always"
    for path in _paths(credential_type, claim):
        label = {lang: label_for_path(catalogue, credential_type, path, lang) for lang in LANGS}
        entry: dict[str, object] = {
            "path": list(path),
            "display": [{"locale": lang, "label": label[lang]} for lang in LANGS],
            "sd": "never" if in_clear or len(path) > _HIDDEN_ITSELF else "always",
        }
        if mandatory and len(path) == 1:
            entry["mandatory"] = True
        help_ = claim.help
        if help_ is not None and len(path) == 1:
            entry["display"] = [
                {"locale": lang, "label": label[lang], "description": help_[lang]} for lang in LANGS
            ]
        yield entry


def _paths(credential_type: CredentialType, claim: ClaimDefinition) -> Iterator[Path]:
    """Return the claim itself and then its parts: every element, or each member by its name."""
    schema = _member(_member(credential_type.schema, "properties"), claim.name)
    yield from _parts((claim.name,), schema)


def _parts(path: Path, schema: Mapping[str, object]) -> Iterator[Path]:
    yield path
    if schema.get("type") == "array":
        yield from _parts((*path, None), _member(schema, "items"))
    members = _member(schema, "properties")
    for name in members:
        yield from _parts((*path, name), _member(members, name))


def _member(schema: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = schema.get(name)
    return value if isinstance(value, Mapping) else {}
