"""The catalogue from its files. Adding a type, profile or code list is adding files.

Layout of a catalogue directory: `types/<id>/type.json` and `schema.json`, `profiles/<id>.json`,
`code_lists/<name>.json`, `common_claims.json`, `organisations.json`, `roles.json`,
`refused_types.json`. Every file is held to `shapes.json` and to the others when it is loaded.
An extra directory may hold the same, but for the common claims and the refused types.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

from jsonschema.exceptions import SchemaError

from credential_schemas import data_files
from credential_schemas import model as m
from credential_schemas.catalogue_checks import check_type
from credential_schemas.claim_checks import ClaimRules
from credential_schemas.data_files import HOME, BrokenCatalogue, CatalogueFiles
from credential_schemas.labels import texts
from credential_schemas.profile_checks import check_profile
from credential_schemas.schema_checks import make_validator

_TEXT_KINDS: Final = frozenset({"text", "texts", "words", "record", "records"})
CodeLists = Mapping[str, Mapping[str, m.Label]]


def load_catalogue(
    directory: Path | None = None,
    *,
    extra: Path | None = None,
    real_identity_codes: bool = False,
) -> m.Catalogue:
    """The catalogue of a directory, read once per process.

    Args:
        directory: laid out as this module says; None is the product's own data.
        extra: a directory of the same layout that adds types, profiles, code lists and
            organisations. What is there already cannot be changed by it.
        real_identity_codes: accept personal identity codes of real people.

    Raises:
        BrokenCatalogue: naming the first file that cannot be used, and why.
    """
    homes = [(directory or HOME).resolve(), *([extra.resolve()] if extra else [])]
    catalogue = _load(tuple(homes))
    return replace(catalogue, real_identity_codes=True) if real_identity_codes else catalogue


@cache
def _load(homes: tuple[Path, ...]) -> m.Catalogue:
    files = CatalogueFiles(homes)
    code_lists = {
        name: _codes(data_files.read(file, "codes"))
        for name, file in files.named("code_lists/*.json").items()
    }
    common = data_files.read(homes[0] / "common_claims.json", "claims")
    type_files = files.named("types/*/type.json")
    profile_files = files.named("profiles/*.json")
    types = {name: _read_type(file, common, code_lists) for name, file in type_files.items()}
    catalogue = m.Catalogue(
        types=MappingProxyType(types),
        profiles=MappingProxyType({n: _read_profile(file) for n, file in profile_files.items()}),
        code_lists=MappingProxyType(code_lists),
        organisations=_read_organisations(files.merged("organisations.json"), types),
        roles=_read_roles(files.merged("roles.json")),
        refused_types=_labels(data_files.read(homes[0] / "refused_types.json", "labels")),
    )
    for name, file in type_files.items():
        check_type(file.parent, types[name], catalogue)
    for name, file in profile_files.items():
        check_profile(file, catalogue.profiles[name], catalogue)
    return catalogue


def _label(data: object) -> m.Label:
    return m.Label(**cast("dict[str, str]", data))


def _labels(data: Mapping[str, object]) -> Mapping[str, m.Label]:
    return MappingProxyType({name: _label(words) for name, words in data.items()})


def _codes(data: Mapping[str, Any]) -> Mapping[str, m.Label]:
    """The labels of a code list; what is the national choice among its codes says so."""
    said = {}
    for code, entry in data.items():
        label = _label({lang: entry[lang] for lang in m.LANGS})
        if entry.get("national"):
            label = m.Label(
                *(texts().text("code.national", lang, name=label[lang]) for lang in m.LANGS)
            )
        said[code] = label
    return MappingProxyType(said)


def _read_type(file: Path, common: Mapping[str, object], code_lists: CodeLists) -> m.CredentialType:
    data = cast("dict[str, Any]", data_files.read(file, "type"))
    unknown = set(data["common_claims"]) - set(common)
    if unknown:
        raise BrokenCatalogue(file, f"no such common claims: {sorted(unknown)}")
    if set(data["claims"]) & set(common):
        raise BrokenCatalogue(file, "a common claim is defined again")
    described = {name: common[name] for name in data["common_claims"]} | data["claims"]
    claims = {name: _claim(name, described[name]) for name in described}
    for claim in claims.values():
        for one in (claim, *claim.members.values()):
            if one.code_list is not None and one.code_list not in code_lists:
                raise BrokenCatalogue(file, f"no such code list: {one.code_list}")
    schema = data_files.read_plain(file.with_name("schema.json"))
    return m.CredentialType(
        id=file.parent.name,
        vct=data["vct"],
        version=data["version"],
        status=data["status"],
        title=_label(data["title"]),
        claims=MappingProxyType(claims),
        schema=MappingProxyType(schema),
        issuers=frozenset(data["issuers"]),
        validity_days=data["validity"]["days"],
        validity_claims=tuple(data["validity"]["claims"]),
        rules=_rules(file.with_name("schema.json"), schema, claims, data["rules"]),
        desk=_desk(data["desk"]),
        taken_in_by=frozenset(data.get("taken_in_by", ())),
        validity_days_after=MappingProxyType(data["validity"].get("days_after", {})),
    )


def _desk(data: Mapping[str, Any]) -> m.DeskView:
    return m.DeskView(
        title=_label(data["title"]),
        voice=data["voice"],
        quotes=tuple(data["quotes"]),
        says=tuple(
            m.Saying(one["claim"], _label(one["words"]), one.get("age", False))
            for one in data["says"]
        ),
        note=_label(data["note"]),
    )


def _claim(name: str, data: Mapping[str, Any]) -> m.ClaimDefinition:
    return m.ClaimDefinition(
        name=name,
        label=_label(data["label"]),
        help=_label(data["help"]) if "help" in data else None,
        disclosure=data["disclosure"],
        art9=data["art9"],
        code_list=data.get("code_list"),
        kind=data["kind"],
        scale=_scale(data["scale"]) if "scale" in data else None,
        members=MappingProxyType(
            {
                member: _claim(
                    member, {**said, "disclosure": data["disclosure"], "art9": data["art9"]}
                )
                for member, said in data.get("members", {}).items()
            }
        ),
    )


def _scale(data: Mapping[str, Any]) -> m.Scale:
    readings = tuple(
        m.Reading(
            when=next(iter(one["when"].items())) if "when" in one else None,
            lowest=one["range"][0],
            highest=one["range"][1],
            code_list=one.get("code_list"),
            limits=MappingProxyType({c: (a, b) for c, (a, b) in one.get("limits", {}).items()}),
            source=_label(one["source"]),
        )
        for one in data.get("readings", ())
    )
    return m.Scale(data["lowest"], data["highest"], data["direction"], readings)


def _rules(
    file: Path,
    schema: Mapping[str, object],
    claims: Mapping[str, m.ClaimDefinition],
    rules: Mapping[str, Any],
) -> ClaimRules:
    try:
        validator = make_validator(schema)
    except SchemaError as fault:
        raise BrokenCatalogue(file, fault.message) from fault
    texts = frozenset(n for n, claim in claims.items() if claim.kind in _TEXT_KINDS)
    return ClaimRules(
        validator=validator,
        texts=texts,
        identity_codes=frozenset(n for n, claim in claims.items() if claim.kind == "hetu"),
        no_diagnosis_text=_named(rules.get("no_diagnosis_text", False), texts),
        date_order=tuple((first, second) for first, second in rules.get("date_order", ())),
        item_date_order=tuple((n, a, b) for n, a, b in rules.get("item_date_order", ())),
        scores_within=tuple((s, scale) for s, scale in rules.get("scores_within", ())),
    )


def _named(said: bool | list[str], texts: frozenset[str]) -> frozenset[str]:
    """The claims that a rule is for: all with text, none, or those named."""
    if isinstance(said, bool):
        return texts if said else frozenset()
    return frozenset(said)


def _paths(dotted: list[str]) -> tuple[m.Path, ...]:
    return tuple(tuple(path.split(".")) for path in dotted)


def _read_profile(file: Path) -> m.RequestProfile:
    data = cast("dict[str, Any]", data_files.read(file, "profile"))
    return m.RequestProfile(
        id=file.stem,
        roles=frozenset(data["roles"]),
        credential_type=data["credential_type"],
        title=_label(data["title"]),
        purpose=_label(data["purpose"]),
        gain=_label(data["gain"]),
        legal_basis=_label(data["legal_basis"]),
        approval_kind=data["approval_kind"],
        identity_claims=_paths(data["identity_claims"]),
        required_claims=_paths(data["required_claims"]),
        required_if_held=_paths(data["required_if_held"]),
        optional_claims=_paths(data["optional_claims"]),
        retention=data["retention"],
        retention_days=data.get("retention_days"),
        hand_on=data["hand_on"],
        identity_check=data["identity_check"],
        status_max_age_hours=data.get("status_max_age_hours", 24),
        values=_values(data),
        several=data.get("several", False),
        further=tuple(_asked(card) for card in data.get("further", ())),
        on_behalf=data.get("on_behalf", True),
    )


def _values(data: Mapping[str, Any]) -> Mapping[m.Path, tuple[str, ...]]:
    said = data.get("values", {})
    return MappingProxyType({tuple(path.split(".")): tuple(said[path]) for path in said})


def _asked(data: Mapping[str, Any]) -> m.AskedCard:
    return m.AskedCard(
        credential_type=data["credential_type"],
        identity_claims=_paths(data["identity_claims"]),
        required_claims=_paths(data["required_claims"]),
        required_if_held=_paths(data["required_if_held"]),
        optional_claims=_paths(data["optional_claims"]),
        values=_values(data),
        if_held=data["if_held"],
        several=data.get("several", False),
    )


def _read_organisations(
    data: Mapping[str, Any], types: Mapping[str, m.CredentialType]
) -> Mapping[str, m.Organisation]:
    return MappingProxyType(
        {
            name: m.Organisation(
                id=name,
                names=_label(organisation["names"]),
                contact=_label(organisation["contact"]),
                types=frozenset(t.id for t in types.values() if name in t.issuers),
            )
            for name, organisation in data.items()
        }
    )


def _read_roles(data: Mapping[str, Any]) -> Mapping[str, m.Role]:
    return MappingProxyType(
        {
            name: m.Role(
                id=name,
                names=_label(role["names"]),
                denied=tuple(role["denied"]),
                denied_art9=frozenset(role.get("denied_art9", ())),
                first_tasks=tuple(role.get("first_tasks", ())),
            )
            for name, role in data.items()
        }
    )
