"""The names that a query asks for, as the log keeps them of requests that were refused."""

from credential_schemas.model import Catalogue
from openid4vc.dcql.paths import path_text
from openid4vc.dcql.query import Query
from wallet_sim.model import LoggedCard


def asked_of(query: Query, catalogue: Catalogue) -> tuple[LoggedCard, ...]:
    """Return the names that a query asks, by card type; a type that we do not know by its vct."""
    asked = []
    for one in query.credentials:
        vct = next(iter(one.vct_values), "")
        known = catalogue.type_for_vct(vct)
        names = tuple(path_text(claim.path) for claim in one.claims)
        asked.append(LoggedCard(type_id=known.id if known else vct, asked=names))
    return tuple(asked)
