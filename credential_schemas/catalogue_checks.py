"""Whether the files of a catalogue agree with one another."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, cast

from credential_schemas import model as m
from credential_schemas.data_files import BrokenCatalogue
from credential_schemas.scale_checks import reading_faults
from credential_schemas.schema_checks import KEYWORDS

_LONGEST_TEXT: Final = 500
_DESCRIBING: Final = frozenset(
    {"$schema", "$id", "$comment", "title", "description", "properties", "items",
     "allOf", "if", "then", "else", "not", "contains"}
)  # fmt: skip
_PROTOCOL_CLAIMS: Final = frozenset(
    {"iss", "sub", "aud", "iat", "nbf", "exp", "jti", "cnf", "vct", "status", "aka_vcts"}
)
"""Names that the token itself uses: no claim of a person may take one (SD-JWT VC 2.2.2.3)."""

_JSON_TYPES: Final[Mapping[m.Kind, frozenset[str]]] = {
    "text": frozenset({"string"}),
    "texts": frozenset({"array"}),
    "date": frozenset({"string"}),
    "code": frozenset({"string"}),
    "codes": frozenset({"array"}),
    "integer": frozenset({"integer"}),
    "number": frozenset({"number", "integer"}),
    "boolean": frozenset({"boolean"}),
    "score": frozenset({"number", "integer"}),
    "scores": frozenset({"object"}),
    "scale": frozenset({"object"}),
    "euros": frozenset({"number"}),
    "hours": frozenset({"integer"}),
    "hetu": frozenset({"string"}),
    "moment": frozenset({"string"}),
    "words": frozenset({"object"}),
    "task": frozenset({"string"}),
    "claim_name": frozenset({"string"}),
    "claim_names": frozenset({"array"}),
    "record": frozenset({"object"}),
    "records": frozenset({"array"}),
    "identifier": frozenset({"string"}),
}
Schema = Mapping[str, object]


def check_type(folder: Path, credential_type: m.CredentialType, catalogue: m.Catalogue) -> None:
    """Hold a type to its schema, the code lists and the organisations.

    Raises:
        BrokenCatalogue: naming the file of the type that disagrees.
    """
    for fault in _type_faults(credential_type, catalogue):
        raise BrokenCatalogue(folder / "type.json", fault)
    for fault in reading_faults(credential_type, catalogue):
        raise BrokenCatalogue(folder / "type.json", fault)
    for fault in _desk_faults(credential_type):
        raise BrokenCatalogue(folder / "type.json", fault)
    for fault in _schema_faults(credential_type, catalogue):
        raise BrokenCatalogue(folder / "schema.json", fault)


def _type_faults(credential_type: m.CredentialType, catalogue: m.Catalogue) -> Iterator[str]:
    named = credential_type.issuers | credential_type.taken_in_by
    strangers = named - catalogue.organisations.keys()
    if strangers:
        yield f"no such organisations: {sorted(strangers)}"
    if credential_type.id in catalogue.refused_types:
        yield "this type may not be issued to a wallet (refused_types.json)"
    if credential_type.claims.keys() & _PROTOCOL_CLAIMS:
        yield "a claim has the name of a protocol claim"
    if sum(t.vct == credential_type.vct for t in catalogue.types.values()) > 1:
        yield "another type has the same vct"
    yield from _rule_faults(credential_type)
    yield from _text_rule_faults(credential_type)


def _rule_faults(credential_type: m.CredentialType) -> Iterator[str]:
    rules = credential_type.rules
    ends = {*credential_type.validity_claims, *credential_type.validity_days_after}
    named = {name for pair in rules.date_order + rules.scores_within for name in pair}
    named |= rules.no_diagnosis_text | {name for name, *_ in rules.item_date_order}
    unknown = (named | ends) - credential_type.claims.keys()
    if unknown:
        yield f"a rule names unknown claims: {sorted(unknown)}"
    dates = {name for pair in rules.date_order for name in pair} | ends
    undated = {n for n in dates & credential_type.claims.keys() if not _is_date(credential_type, n)}
    if undated:
        yield f"not dates: {sorted(undated)}"


def _text_rule_faults(credential_type: m.CredentialType) -> Iterator[str]:
    rules, claims = credential_type.rules, credential_type.claims
    if not rules.no_diagnosis_text <= rules.texts:
        yield f"no texts: {sorted(rules.no_diagnosis_text - rules.texts)}"
    for name, *dates in rules.item_date_order:
        members = claims[name].members if name in claims else {}
        if any(one not in members or members[one].kind != "date" for one in dates):
            yield f"not dates of {name}: {dates}"


def _desk_faults(credential_type: m.CredentialType) -> Iterator[str]:
    view, claims = credential_type.desk, credential_type.claims
    unknown = {*view.quotes, *(one.claim for one in view.says)} - claims.keys()
    if unknown:
        yield f"desk: unknown claims: {sorted(unknown)}"
        return
    if view.quotes and view.voice != "client":
        yield "desk: only a client is quoted"
    strange = [name for name in view.quotes if claims[name].kind not in {"text", "texts"}]
    if strange:
        yield f"desk: these are no words of a client: {strange}"
    for one in view.says:
        if any(one.words[lang].count("{value}") != 1 for lang in m.LANGS):
            yield f"desk: {one.claim}: each sentence has {{value}} once"
        if one.age and not _is_date(credential_type, one.claim):
            yield f"desk: {one.claim}: only a date has an age"


def _is_date(credential_type: m.CredentialType, name: str) -> bool:
    return credential_type.claims[name].kind == "date"


def _schema_faults(credential_type: m.CredentialType, catalogue: m.Catalogue) -> Iterator[str]:
    schema = credential_type.schema
    properties = members(schema, "properties")
    if properties.keys() != credential_type.claims.keys():
        yield f"claims differ from type.json: {sorted(properties.keys() ^ credential_type.claims)}"
        return
    required = cast("list[str]", schema.get("required", []))
    if not credential_type.always_disclosed() <= set(required):
        yield "a claim that is always disclosed is not required"
    yield from _keyword_faults("$", schema)
    yield from _bound_faults("$", schema)
    for name, claim in credential_type.claims.items():
        yield from _claim_faults(name, claim, members(properties, name), catalogue)


def _claim_faults(
    name: str, claim: m.ClaimDefinition, part: Schema, catalogue: m.Catalogue
) -> Iterator[str]:
    if part.get("type") not in _JSON_TYPES[claim.kind]:
        yield f"{name}: type does not fit kind {claim.kind}"
    yield from _form_faults(name, claim, part)
    yield from _code_faults(name, claim, part, catalogue)
    if not claim.members:
        return
    item = members(part, "items") if claim.kind == "records" else part
    properties = members(item, "properties")
    if properties.keys() != claim.members.keys():
        yield f"{name}: members differ: {sorted(properties.keys() ^ claim.members.keys())}"
        return
    for member, described in claim.members.items():
        yield from _claim_faults(
            f"{name}.{member}", described, members(properties, member), catalogue
        )


def _keyword_faults(place: str, schema: Schema) -> Iterator[str]:
    unknown = schema.keys() - KEYWORDS - _DESCRIBING
    if unknown:
        yield f"{place}: keywords without a problem code: {sorted(unknown)}"
    for step, part in _parts(schema):
        yield from _keyword_faults(f"{place}.{step}", part)


def _bound_faults(place: str, schema: Schema) -> Iterator[str]:
    """Objects closed, lists bounded, texts short: nothing that holds a document."""
    kind = schema.get("type")
    if kind == "object" and schema.get("additionalProperties") is not False:
        yield f"{place}: additionalProperties must be false"
    if kind == "array" and not isinstance(schema.get("maxItems"), int):
        yield f"{place}: maxItems is missing"
    if kind in {"number", "integer"} and not {"minimum", "maximum"} <= schema.keys():
        yield f"{place}: minimum or maximum is missing"
    if kind == "string" and not _is_short(schema):
        yield f"{place}: maxLength of at most {_LONGEST_TEXT}, enum, const or a date is missing"
    parts = [*members(schema, "properties").items(), ("items", schema.get("items"))]
    for step, part in parts:
        if isinstance(part, Mapping):
            if "type" not in part:
                yield f"{place}.{step}: type is missing"
            yield from _bound_faults(f"{place}.{step}", part)


def _is_short(schema: Schema) -> bool:
    longest = schema.get("maxLength")
    closed = {"enum", "const"} & schema.keys() or schema.get("format") == "date"
    return bool(closed) or (isinstance(longest, int) and longest <= _LONGEST_TEXT)


def _form_faults(name: str, claim: m.ClaimDefinition, part: Schema) -> Iterator[str]:
    if claim.kind == "date" and part.get("format") != "date":
        yield f"{name}: format date is missing"
    if claim.kind == "score" and claim.scale is None:
        yield f"{name}: a score needs its scale in type.json"


def _code_faults(
    name: str, claim: m.ClaimDefinition, part: Schema, catalogue: m.Catalogue
) -> Iterator[str]:
    if claim.code_list is None:
        return
    labelled = catalogue.code_lists[claim.code_list].keys()
    used = _codes(claim.kind, part)
    if not used:
        yield f"{name}: no enum or const"
    if used - labelled:
        yield f"{name}: codes without labels: {sorted(used - labelled)}"


def _codes(kind: m.Kind, part: Schema) -> set[str]:
    """The codes that a claim of a coded kind may hold, as its schema says."""
    if kind == "scores":
        return set(members(part, "properties"))
    if kind == "scale":
        part = members(members(part, "properties"), "direction")
    if kind == "codes":
        part = members(part, "items")
    fixed = [part["const"]] if "const" in part else []
    return {str(code) for code in [*cast("list[object]", part.get("enum", [])), *fixed]}


def members(schema: Schema, name: str) -> Schema:
    """A part of a schema that is an object; empty when there is none."""
    part = schema.get(name, {})
    return part if isinstance(part, Mapping) else {}


def _parts(schema: Schema) -> Iterator[tuple[str, Schema]]:
    yield from (
        (name, part)
        for name, part in members(schema, "properties").items()
        if isinstance(part, Mapping)
    )
    for keyword in ("items", "if", "then", "else", "not", "contains"):
        part = schema.get(keyword)
        if isinstance(part, Mapping):
            yield keyword, part
    for number, part in enumerate(cast("list[Schema]", schema.get("allOf", []))):
        yield f"allOf[{number}]", part
