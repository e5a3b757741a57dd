"""The lives of offers and credentials, put together."""

from credential_schemas.model import Catalogue
from issuer.parts.base import Parts
from issuer.usecases.change_status import FourEyes
from issuer.usecases.deferred.collect_credential import CollectCredential
from issuer.usecases.deferred.give_claims import GiveClaims
from issuer.usecases.failures import OrganisationUnknown, TypeNotIssuedHere
from issuer.usecases.find_grant import FindGrant
from issuer.usecases.make_copy import IssuingTools, MakeCopy
from issuer.usecases.reoffer import Reoffer, ReofferTools
from issuer.usecases.sweep_expired import SweepExpired
from issuer.usecases.take_in import TakeIn
from issuer.web.services import Lives


def make_lives(
    parts: Parts,
    *,
    find_grant: FindGrant,
    make_copy: MakeCopy,
    tools: IssuingTools,
    reoffer_tools: ReofferTools,
) -> Lives:
    """Return the use cases."""
    store, vault, clock = parts.store, parts.vault, parts.clock
    return Lives(
        give_claims=GiveClaims(store=store, vault=vault, clock=clock, catalogue=parts.catalogue),
        collect_credential=CollectCredential(
            store=store, find_grant=find_grant, make_copy=make_copy, tools=tools
        ),
        reoffer=Reoffer(store=store, tools=reoffer_tools),
        take_in=TakeIn(
            store=store, clock=clock, catalogue=parts.catalogue, addresses=tools.addresses
        ),
    )


def make_sweep_expired(parts: Parts) -> SweepExpired:
    """Return the chore that carries out what time has decided."""
    four_eyes = make_four_eyes(parts.settings.four_eyes, parts.catalogue)
    return SweepExpired(store=parts.store, clock=parts.clock, four_eyes=four_eyes)


def make_four_eyes(places: frozenset[str], catalogue: Catalogue) -> FourEyes:
    """Return where a revocation needs two pairs of eyes.

    Raises:
        OrganisationUnknown, TypeNotIssuedHere: a place that is not there; a slip of the pen must
            not leave a revocation to one pair.
    """
    for place in places:
        organisation, _, type_id = place.partition("/")
        known = catalogue.organisations.get(organisation)
        if known is None:
            raise OrganisationUnknown("four_eyes names no organisation")
        if type_id and type_id not in known.types:
            raise TypeNotIssuedHere("four_eyes names a type that is not issued there")
    return FourEyes(places)
