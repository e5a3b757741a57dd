"""Take the person's answer; after a yes the wallet gets a code."""

import hmac
from dataclasses import dataclass, field

from credential_schemas.model import Lang
from issuer.model import UNDELIVERED, OfferState
from issuer.ports import Records
from issuer.ports.authorization import Authorization, AuthorizationState
from issuer.usecases.authorization import secrets_of_authorization as secret
from issuer.usecases.authorization.claims import FetchedOffer, fetch_offer, keep_offer
from issuer.usecases.authorization.failures import FormForged, NothingForPerson
from issuer.usecases.authorization.leaving import Leaving, leaving_with, left_with
from issuer.usecases.authorization.tools import AuthorizationTools
from issuer.usecases.claims_source_failures import (
    ClaimsSourceAnswerInvalid,
    ClaimsSourceMissing,
    ClaimsSourceUnavailable,
)
from issuer.usecases.ending import end_offer, revoke_copies
from openid4vc.oauth.redirects import success_redirect


@dataclass(frozen=True, slots=True)
class Decision:
    """What the form of the consent page carries, and in which language it was shown."""

    form_token: str = field(repr=False)
    approves: bool
    language: Lang


class Decide:
    """Sends the browser back to its wallet: with a code for a card, or without.

    The same answer twice, from an impatient finger, gives the same code.
    """

    def __init__(self, tools: AuthorizationTools) -> None:
        self._tools = tools

    async def __call__(self, organisation: str, cookie: str, decision: Decision) -> Leaving:
        """Return the way back to the wallet.

        Raises:
            BrowserUnknown: nobody has signed in here, or it is over.
            FormForged: the answer is not from the page that this browser was shown.
            OrganisationClosed: the organisation issues nothing any more.
        """
        tools = self._tools
        # 1. The answer comes from the page that this browser was shown.
        found = await tools.in_browser(
            organisation, cookie, AuthorizationState.ASKED, AuthorizationState.CODE_GIVEN
        )
        ours = secret.form_token(tools.vault, found, cookie)
        if not hmac.compare_digest(ours.encode(), decision.form_token.encode()):
            raise FormForged("the form's token")
        # 2. It is a yes; a no counts after a yes, too, while the code has not been redeemed.
        if not decision.approves:
            await tools.store.write(lambda records: self._take_back(records, found))
            return leaving_with(tools, found, "access_denied")
        if found.state is AuthorizationState.CODE_GIVEN:
            return self._with_code(found)
        # 3. The organisation's own system has something for the person.
        try:
            fetched = await fetch_offer(tools, found, found.id, decision.language)
        except ClaimsSourceUnavailable as failure:
            # Nothing ends: the person may try again.
            return leaving_with(tools, found, "temporarily_unavailable", failure)
        except (ClaimsSourceMissing, ClaimsSourceAnswerInvalid) as failure:
            return await left_with(tools, found, "server_error", failure)
        if fetched is None:
            return await left_with(tools, found, "access_denied", NothingForPerson("nothing"))
        # 4. An offer is made of it, once.
        if not await tools.store.write(lambda records: self._give(records, found, fetched)):
            await tools.in_browser(organisation, cookie, AuthorizationState.CODE_GIVEN)
        return self._with_code(found)

    def _give(self, records: Records, found: Authorization, fetched: FetchedOffer) -> bool:
        now, offer = self._tools.clock.now(), fetched.offer
        if not records.authorizations.give_code(
            found.id,
            offer_id=offer.id,
            subject_mac=offer.subject_mac,
            now=now,
            until=offer.expires_at,
        ):
            return False
        keep_offer(records, fetched, action="ask_for_offer", at=now)
        return True

    def _take_back(self, records: Records, found: Authorization) -> None:
        now = self._tools.clock.now()
        if found.state is AuthorizationState.CODE_GIVEN:
            end_offer(records, found.id, OfferState.WITHDRAWN, at=now)
            revoke_copies(records, found.id, in_delivery=UNDELIVERED, at=now)
        records.authorizations.end(found.id)

    def _with_code(self, found: Authorization) -> Leaving:
        tools = self._tools
        return Leaving(
            success_redirect(
                found.redirect_uri,
                code=secret.code_of(tools.vault, found.id),
                state=found.wallet_state,
                issuer=tools.addresses.issuer(found.organisation),
            )
        )
