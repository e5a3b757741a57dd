"""Whether a request profile agrees with the types it asks for and the deny-lists of its roles."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from credential_schemas import model as m
from credential_schemas.catalogue_checks import members
from credential_schemas.data_files import BrokenCatalogue

_JOINED_BY: Final = frozenset({("given_name",), ("family_name",), ("birthdate",)})


def check_profile(file: Path, profile: m.RequestProfile, catalogue: m.Catalogue) -> None:
    """Hold a profile to the types it asks for and to the deny-lists of its roles.

    Raises:
        BrokenCatalogue: naming the profile.
    """
    asked = [card.credential_type for card in profile.credentials]
    if len(set(asked)) != len(asked):
        raise BrokenCatalogue(file, "a type is asked for twice")
    if profile.further and any(
        not frozenset(card.identity_claims) >= _JOINED_BY for card in profile.credentials
    ):
        raise BrokenCatalogue(file, "cards are joined by name and birthdate only")
    for card in profile.credentials:
        for fault in _asked_faults(card, profile.roles, catalogue):
            raise BrokenCatalogue(file, fault)


def _asked_faults(
    card: m.AskedCard, roles: frozenset[str], catalogue: m.Catalogue
) -> Iterator[str]:
    credential_type = catalogue.types.get(card.credential_type)
    if credential_type is None:
        yield f"no such type: {card.credential_type}"
        return
    paths = card.all_paths()
    if len(set(paths)) != len(paths):
        yield "a claim is asked twice"
    for path in paths:
        if not _in_schema(credential_type.schema, path):
            yield f"no such claim: {path}"
    yield from _value_faults(card, credential_type, catalogue)
    for role in sorted(roles):
        denied = [p for p in paths if catalogue.is_denied(role, card.credential_type, p)]
        if denied:
            yield f"the role {role} is unknown or may not ask {denied}"


def _value_faults(
    card: m.AskedCard, credential_type: m.CredentialType, catalogue: m.Catalogue
) -> Iterator[str]:
    for path, values in card.values.items():
        if path not in card.required_claims:
            yield "a value is fixed of a claim that is not required"
            continue
        code_list = credential_type.claims[str(path[0])].code_list
        if not set(values) <= catalogue.code_lists.get(code_list or "", {}).keys():
            yield f"a value is fixed that is no code: {path}"


def _in_schema(schema: Mapping[str, object], path: m.Path) -> bool:
    for step in path:
        properties = members(schema, "properties")
        if not isinstance(step, str) or step not in properties:
            return False
        schema = members(properties, step)
    return True
