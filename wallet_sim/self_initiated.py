"""What a person may show without being asked: never health data, because nothing is encrypted.

A claim that is health data, or from which health may be read, is refused by its name: of the
catalogue's sensitivities only ``no`` may be shown in the open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from credential_schemas.model import Catalogue, CredentialType, Path
from openid4vc.dcql.match import answer
from openid4vc.dcql.model import SD_JWT_VC, ClaimsQuery, CredentialQuery
from openid4vc.dcql.paths import path_text, select
from wallet_sim.consent import Choice, Part
from wallet_sim.flow_failures import ClaimNotOnCard, HealthDataInTheOpen, NoMatchingCard
from wallet_sim.held import HeldCard

HARMLESS = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the person wants to show.

    Attributes:
        type_id: the type of the card; None when ``card_id`` names one.
        card_id: the full id of the card; None for the newest that fits.
        names: dotted names of claims; empty when ``profile_id`` says which.
        profile_id: a task of the catalogue, all of whose claims are wanted.
    """

    type_id: str | None = None
    card_id: str | None = None
    names: tuple[str, ...] = ()
    profile_id: str | None = None


def choose_to_show(
    wanted: Wanted, cards: Sequence[HeldCard], *, catalogue: Catalogue, at: datetime
) -> Choice:
    """Return the card and the claims that leave.

    Raises:
        HealthDataInTheOpen: health data is wanted, or shows with every showing of such a card.
        ClaimNotOnCard: the type has no such claim, or no card that holds them all.
        NoMatchingCard: there is no such card, or it has expired.
    """
    type_id = wanted.type_id or _type_of(wanted, cards)
    credential_type = catalogue.types.get(type_id)
    if credential_type is None:
        raise NoMatchingCard
    paths, if_held = _paths(wanted, catalogue)
    # 1. Every claim is known, 2. and none is health data, also of those that always show.
    check_known((*paths, *if_held), credential_type)
    check_harmless((*paths, *if_held), credential_type)
    # 3. A valid card holds them.
    fitting = [
        held
        for held in cards
        if held.card.type_id == type_id
        and wanted.card_id in (None, held.card.id)
        and not held.expired(at)
    ]
    if not fitting:
        raise NoMatchingCard
    newest_first = sorted(fitting, key=lambda held: held.made_at, reverse=True)
    held = next((one for one in newest_first if not _lacking(one, paths)), newest_first[0])
    if lacking := _lacking(held, paths):
        raise ClaimNotOnCard(type_id, lacking)
    held_too = tuple(path for path in if_held if select(held.claims, path))
    return _choice(held, credential_type, (*paths, *held_too))


def check_known(paths: Iterable[Path], credential_type: CredentialType) -> None:
    """Check that the type defines these claims; raises ``ClaimNotOnCard``."""
    unknown = [path_text(path) for path in paths if path[0] not in credential_type.claims]
    if unknown:
        raise ClaimNotOnCard(credential_type.id, unknown)


def check_harmless(paths: Iterable[Path], credential_type: CredentialType) -> None:
    """Check that neither these claims nor those that always show are health data.

    Raises:
        HealthDataInTheOpen: it names those that are, or may reveal it.
    """
    always = ((name,) for name in sorted(credential_type.always_disclosed()))
    health = [
        path_text(path)
        for path in dict.fromkeys((*paths, *always))
        if credential_type.claims[str(path[0])].art9 != HARMLESS
    ]
    if health:
        raise HealthDataInTheOpen(credential_type.id, health)


def _type_of(wanted: Wanted, cards: Sequence[HeldCard]) -> str:
    return next((held.card.type_id for held in cards if held.card.id == wanted.card_id), "")


def _paths(wanted: Wanted, catalogue: Catalogue) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Return the paths that must be there, and those that are shown when the card holds them."""
    profile = catalogue.profiles.get(wanted.profile_id or "")
    if profile is None:
        return tuple(dict.fromkeys(_path(name) for name in wanted.names)), ()
    needed = tuple(dict.fromkeys(profile.identity_claims + profile.required_claims))
    rest = dict.fromkeys(profile.required_if_held + profile.optional_claims)
    return needed, tuple(path for path in rest if path not in needed)


def _path(name: str) -> Path:
    return tuple(None if part == "*" else part for part in name.split("."))


def _lacking(held: HeldCard, paths: Iterable[Path]) -> list[str]:
    return [path_text(path) for path in paths if not select(held.claims, path)]


def _choice(held: HeldCard, credential_type: CredentialType, paths: Sequence[Path]) -> Choice:
    query = CredentialQuery(
        id=credential_type.id,
        format=SD_JWT_VC,
        vct_values=(credential_type.vct,),
        claims=tuple(ClaimsQuery(path) for path in paths),
    )
    found = answer(query, vct=held.card.vct, claims=held.claims, holder_bound=held.bound())
    if found is None:
        raise NoMatchingCard
    part = Part(query, credential_type, fitting=(held,), passed_over=())
    return Choice(part=part, held=held, answer=found, optional=(), left_out=())
