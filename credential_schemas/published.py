"""The definitions as others may read them: schemas and code lists under names that stay.

Each has a URN, so that a national code server can name the same codes, or take them over.
"""

from collections.abc import Iterator, Mapping

from credential_schemas.model import LANGS, Catalogue, CredentialType

_STATUS = "draft: not an official definition"


def code_list_id(name: str) -> str:
    """The URN of a code list, by its name in the files."""
    return f"urn:kykylompakko:codes:{name.replace('_', '-')}:1"


def definitions(catalogue: Catalogue) -> Mapping[str, Mapping[str, object]]:
    """Every JSON Schema of claims and every code list, by URN."""
    schemas = {f"{one.vct}:schema": one for one in catalogue.types.values()}
    return {
        **{urn: _schema(urn, one) for urn, one in schemas.items()},
        **{code_list_id(name): _code_list(catalogue, name) for name in catalogue.code_lists},
    }


def _schema(urn: str, credential_type: CredentialType) -> Mapping[str, object]:
    """The schema, and which claim's codes are in which list."""
    return {
        **credential_type.schema,
        "$id": urn,
        "x-status": credential_type.status,
        "x-code-lists": dict(_lists(credential_type)),
    }


def _lists(credential_type: CredentialType) -> Iterator[tuple[str, str]]:
    for claim in credential_type.claims.values():
        members = [(f"{claim.name}.{name}", one) for name, one in claim.members.items()]
        for name, one in [(claim.name, claim), *members]:
            if one.code_list is not None:
                yield name, code_list_id(one.code_list)


def _code_list(catalogue: Catalogue, name: str) -> Mapping[str, object]:
    return {
        "id": code_list_id(name),
        "status": _STATUS,
        "codes": {
            code: {lang: label[lang] for lang in LANGS}
            for code, label in catalogue.code_lists[name].items()
        },
    }
