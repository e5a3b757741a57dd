"""What a task asks of a client's wallet: the profile's claims, from those who may issue them."""

from datetime import datetime
from typing import Final

from credential_schemas.model import Catalogue, RequestProfile
from keys.checks import TrustListStale
from openid4vc.dcql.profiles import accepting_only, check_may_ask, query_for
from openid4vc.dcql.query import Query
from verifier.usecases.failures import ProfileNotAllowed, TrustListMissing
from verifier.usecases.trust_keeper import TrustKeeper

PRIVACY_ROLE: Final = "privacy_page"
"""The role of the client's own page: no staff and no calling system ever asks in it."""


class ProfileQueries:
    """See the module text."""

    def __init__(self, *, catalogue: Catalogue, trust: TrustKeeper) -> None:
        self._catalogue = catalogue
        self._trust = trust

    def profile(self, profile_id: str, role: str) -> RequestProfile:
        """Return a profile of that role.

        Raises:
            ProfileNotAllowed: the role has no such profile, or nobody at a desk acts in it.
        """
        if role == PRIVACY_ROLE:
            raise ProfileNotAllowed("a role for clients' own pages")
        for profile in self._catalogue.profiles_for(role):
            if profile.id == profile_id:
                return profile
        raise ProfileNotAllowed("no such profile for this role")

    async def query(self, profile: RequestProfile, *, role: str, at: datetime) -> Query:
        """Return what is asked, with the authorities whose cards will do (HAIP 5).

        So cards that would be refused stay at home. Without a trust list in force no authority is
        named; then nothing will be confirmed anyway.

        Raises:
            OverAsked: the profile asks for more than the role may see.
        """
        query = query_for(profile, self._catalogue)
        check_may_ask(query, role=role, catalogue=self._catalogue)
        try:
            trust_list = await self._trust.current(at=at)
        except (TrustListMissing, TrustListStale):
            return query
        return accepting_only(query, trust_list.issuers)
