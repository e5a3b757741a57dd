"""Ask the organisation's own system for claims, and make an offer of them."""

from dataclasses import dataclass
from datetime import datetime

from credential_schemas.i18n import HELSINKI
from credential_schemas.model import Lang
from credential_schemas.problems import ClaimsRejected
from issuer.model import AuditEntry, Channel, Offer, OfferState, SealedClaims
from issuer.ports import Records
from issuer.ports.authorization import Authorization
from issuer.ports.claims_source import Later, Nothing, Ready
from issuer.usecases import secrets_of_offer
from issuer.usecases.authorization import secrets_of_authorization as secret
from issuer.usecases.authorization.tools import CODE_LIFETIME, AuthorizationTools
from issuer.usecases.claims_source_failures import ClaimsSourceAnswerInvalid
from issuer.usecases.failures import OrganisationClosed
from issuer.usecases.offered_claims import check_offered
from keys import strict_json

_ACTOR = "wallet"


@dataclass(frozen=True, slots=True)
class FetchedOffer:
    """An offer that is not kept yet, with its claims if they are there."""

    offer: Offer
    sealed: SealedClaims | None


async def fetch_offer(
    tools: AuthorizationTools, authorization: Authorization, offer_id: str, language: Lang
) -> FetchedOffer | None:
    """Return an offer of what the system says; None when it has nothing for the person.

    Args:
        tools: what the steps share.
        authorization: by which somebody has signed in.
        offer_id: the id of the offer, which is the request's.
        language: what the person reads.

    Raises:
        ClaimsSourceMissing, ClaimsSourceUnavailable, ClaimsSourceAnswerInvalid: as the port says.
    """
    if authorization.person is None:
        raise ValueError("nobody has signed in")
    organisation, type_id = authorization.organisation, authorization.type_id
    answer = await tools.claims_source.fetch(
        organisation,
        type_id,
        secret.unseal_person(tools.vault, authorization.id, authorization.person),
        request_id=offer_id,
        language=language,
    )
    if isinstance(answer, Nothing):
        return None
    now = tools.clock.now()
    offer = Offer(
        id=offer_id,
        organisation=organisation,
        type_id=type_id,
        schema_version=tools.catalogue.types[type_id].version,
        state=OfferState.OFFERED,
        channel=Channel.WALLET,
        has_pin=False,
        attempts=0,
        subject_mac=tools.vault.mac("subject", organisation, answer.subject_ref),
        # No link leads to it.
        reference_mac=tools.vault.mac("no-offer-reference", offer_id),
        code_mac=secret.code_mac(tools.vault, secret.code_of(tools.vault, offer_id)),
        created_at=now,
        expires_at=now + CODE_LIFETIME,
    )
    return FetchedOffer(offer, _sealed(tools, offer, answer))


def keep_offer(records: Records, fetched: FetchedOffer, *, action: str, at: datetime) -> None:
    """Keep an offer, and who made it.

    Raises:
        OrganisationClosed: the organisation issues nothing any more.
    """
    offer = fetched.offer
    if records.closings.get(offer.organisation) is not None:
        raise OrganisationClosed("closed")
    records.offers.add(offer, fetched.sealed)
    records.audit.add(
        AuditEntry(
            at=at,
            organisation=offer.organisation,
            actor=_ACTOR,
            action=action,
            object_id=offer.id,
        )
    )


def _sealed(tools: AuthorizationTools, offer: Offer, answer: Ready | Later) -> SealedClaims | None:
    if isinstance(answer, Later):
        return None
    try:
        check_offered(
            tools.catalogue,
            answer.claims,
            organisation=offer.organisation,
            type_id=offer.type_id,
            today=offer.created_at.astimezone(HELSINKI).date(),
        )
    except ClaimsRejected:
        raise ClaimsSourceAnswerInvalid("claims that do not fit the type") from None
    binding = secrets_of_offer.binding_of(
        offer.organisation, offer.id, offer.type_id, offer.schema_version
    )
    return tools.vault.seal(strict_json.dumps(dict(answer.claims)), binding=binding)
