"""The things of this room: credential types, request profiles, organisations, roles, code lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from credential_schemas.claim_checks import ClaimRules
from credential_schemas.claim_model import (
    LANGS,
    ClaimDefinition,
    DeskView,
    Disclosure,
    Kind,
    Label,
    Lang,
    Path,
    Reading,
    Saying,
    Scale,
    Sensitivity,
)
from credential_schemas.problems import ClaimsRejected

__all__ = [
    "LANGS",
    "AskedCard",
    "Catalogue",
    "ClaimDefinition",
    "CredentialType",
    "DeskView",
    "Disclosure",
    "Kind",
    "Label",
    "Lang",
    "Organisation",
    "Path",
    "Reading",
    "RequestProfile",
    "Role",
    "Saying",
    "Scale",
    "Sensitivity",
]


@dataclass(frozen=True, slots=True, eq=False)
class CredentialType:
    """A credential type: who issues it, how long it is valid, which claims it may hold.

    Attributes:
        status: how official the definition is, in English.
        validity_days: the longest technical validity, in days from the day of issue.
        validity_claims: claims whose date ends the validity earlier, when present.
        validity_days_after: claims whose date ends the validity that many days later.
        schema: JSON Schema 2020-12 of the claims.
        desk: what an official reads first.
        taken_in_by: organisations that may act on such a card and mark it as used.
    """

    id: str
    vct: str
    version: int
    status: str
    title: Label
    claims: Mapping[str, ClaimDefinition]
    schema: Mapping[str, object]
    issuers: frozenset[str]
    validity_days: int
    validity_claims: tuple[str, ...]
    rules: ClaimRules
    desk: DeskView
    validity_days_after: Mapping[str, int] = field(default_factory=dict)
    taken_in_by: frozenset[str] = frozenset()

    @property
    def validity_claim(self) -> str | None:
        """The first of the claims that end the validity, None when there is none."""
        return self.validity_claims[0] if self.validity_claims else None

    @property
    def holds_health_data(self) -> bool:
        """Whether it may hold health data, not only what may reveal health (GDPR Article 9)."""
        return any(claim.art9 in {"yes", "yes-clinical"} for claim in self.claims.values())

    def always_disclosed(self) -> frozenset[str]:
        """Names of the claims that every presentation shows."""
        return frozenset(n for n, claim in self.claims.items() if claim.disclosure == "always")

    def check_claims(
        self, claims: Mapping[str, object], *, allow_real_identity_codes: bool = False
    ) -> None:
        """Check claims before they are offered or issued.

        Args:
            claims: parsed JSON, claim names to values.
            allow_real_identity_codes: accept individual numbers 002-899. Off in every demo.

        Raises:
            ClaimsRejected: with every problem found, by place and code, never with a value.
        """
        problems = self.rules.problems(claims, allow_real_identity_codes=allow_real_identity_codes)
        if problems:
            raise ClaimsRejected(problems)


@dataclass(frozen=True, slots=True, eq=False)
class AskedCard:
    """One card that a profile asks for.

    Attributes:
        values: paths whose value must be one of these, or the card does not answer the request.
        if_held: a client without such a card answers the request without it.
        several: more than one such card may be shown, such as the plans of two offices.
    """

    credential_type: str
    identity_claims: tuple[Path, ...]
    required_claims: tuple[Path, ...]
    required_if_held: tuple[Path, ...]
    optional_claims: tuple[Path, ...]
    values: Mapping[Path, tuple[str, ...]] = field(default_factory=dict)
    if_held: bool = False
    several: bool = False

    def all_paths(self) -> tuple[Path, ...]:
        """Every path that is asked: identity, required, required if held, optional."""
        required = self.identity_claims + self.required_claims
        return required + self.required_if_held + self.optional_claims


@dataclass(frozen=True, slots=True, eq=False)
class RequestProfile:
    """What a role asks for in one task, why, and what the client gains.

    `credential_type` and the claims beside it are the first card's; `credentials` has all.

    Attributes:
        credential_type: the type of the card that the task cannot do without; its claims follow.
        status_max_age_hours: from revocation data older than that nothing is confirmed; 1 to 24.
        retention: whether the receiver keeps what it sees.
        retention_days: for how long, None when nothing is kept.
        hand_on: how a copy may leave the desk for the receiver's own case system: not at all, as
            a file, or sent there (as a file where nothing is set up for sending).
        several: of the first card, as in `AskedCard`.
        on_behalf: whether somebody may show the data for the client; staff then see who.
    """

    id: str
    roles: frozenset[str]
    credential_type: str
    title: Label
    purpose: Label
    gain: Label
    legal_basis: Label
    approval_kind: Literal["showing_only", "gdpr_consent"]
    identity_claims: tuple[Path, ...]
    required_claims: tuple[Path, ...]
    required_if_held: tuple[Path, ...]
    optional_claims: tuple[Path, ...]
    retention: Literal["view_only", "store_with_stated_date"]
    retention_days: int | None
    hand_on: Literal["none", "download", "webhook"]
    identity_check: Literal["compare", "not_needed"]
    status_max_age_hours: int = 24
    values: Mapping[Path, tuple[str, ...]] = field(default_factory=dict)
    several: bool = False
    further: tuple[AskedCard, ...] = ()
    on_behalf: bool = True

    @property
    def credentials(self) -> tuple[AskedCard, ...]:
        """Every card that is asked for, the one that the task cannot do without first."""
        first = AskedCard(
            credential_type=self.credential_type,
            identity_claims=self.identity_claims,
            required_claims=self.required_claims,
            required_if_held=self.required_if_held,
            optional_claims=self.optional_claims,
            values=self.values,
            several=self.several,
        )
        return (first, *self.further)

    def all_paths(self) -> tuple[Path, ...]:
        """Every path that is asked of the card that the task cannot do without."""
        return self.credentials[0].all_paths()


@dataclass(frozen=True, slots=True)
class Organisation:
    """An issuing organisation (a tenant), with the ids of the types that name it as an issuer."""

    id: str
    names: Label
    contact: Label
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of receiver.

    Attributes:
        denied: patterns of what it never gets: `type.claim`, `type.*`, `*.claim`.
        denied_art9: how sensitive a claim may not be, whatever its type.
        first_tasks: ids of the profiles that are offered first, in this order.
    """

    id: str
    names: Label
    denied: tuple[str, ...]
    denied_art9: frozenset[Sensitivity] = frozenset()
    first_tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Everything that can be said and asked.

    Attributes:
        real_identity_codes: whether personal identity codes of real people (individual numbers
            002-899) may be issued. Off in every demo.
    """

    types: Mapping[str, CredentialType]
    profiles: Mapping[str, RequestProfile]
    code_lists: Mapping[str, Mapping[str, Label]]
    organisations: Mapping[str, Organisation]
    roles: Mapping[str, Role]
    refused_types: Mapping[str, Label]
    real_identity_codes: bool = False

    def type_for_vct(self, vct: str) -> CredentialType | None:
        """The type with this `vct`, or None."""
        return next((t for t in self.types.values() if t.vct == vct), None)

    def profiles_for(self, role: str) -> tuple[RequestProfile, ...]:
        """The profiles of a role, in the order of their ids; none for an unknown role."""
        return tuple(profile for profile in self.profiles.values() if role in profile.roles)

    def may_take_in(self, organisation: str, type_id: str) -> bool:
        """Whether an organisation may act on cards of a type and mark them as used."""
        found = self.types.get(type_id)
        return found is not None and organisation in found.taken_in_by

    def may_issue(self, organisation: str, type_id: str) -> bool:
        """Whether the organisation is an issuer of the type."""
        credential_type = self.types.get(type_id)
        return credential_type is not None and organisation in credential_type.issuers

    def may_ask(self, role: str, type_id: str, path: Path) -> bool:
        """Whether a role may ask for a path of a type: in a profile of its own, and not denied.

        A path below an allowed one is allowed (one element of a list); a path above is not.
        """
        allowed = any(
            _starts_with(path, own)
            for profile in self.profiles_for(role)
            for card in profile.credentials
            if card.credential_type == type_id
            for own in card.all_paths()
        )
        return allowed and not self.is_denied(role, type_id, path)

    def is_denied(self, role: str, type_id: str, path: Path) -> bool:
        """Whether the role's deny-list forbids the path, or something above or below it.

        By pattern, or by how sensitive the claim is (GDPR Article 9). An unknown role is denied
        everything.
        """
        if role not in self.roles:
            return True
        if any(_matches(pattern, type_id, path) for pattern in self.roles[role].denied):
            return True
        credential_type = self.types.get(type_id)
        claim = None if credential_type is None else credential_type.claims.get(str(path[0]))
        return claim is not None and claim.art9 in self.roles[role].denied_art9

    def forbidden(self, role: str) -> frozenset[tuple[str, str]]:
        """Every (type, claim) that the role's deny-list forbids whole; all for an unknown role."""
        return frozenset(
            (one.id, name)
            for one in self.types.values()
            for name in one.claims
            if self.is_denied(role, one.id, (name,))
        )


def _starts_with(path: Path, start: Path) -> bool:
    return bool(start) and path[: len(start)] == start


def _matches(pattern: str, type_id: str, path: Path) -> bool:
    """Whether a deny pattern touches the path. None in a path stands for every element."""
    wanted_type, _, rest = pattern.partition(".")
    if wanted_type not in {"*", type_id}:
        return False
    names = rest.split(".")
    return all(
        name == "*" or part is None or name == part for name, part in zip(names, path, strict=False)
    )
