"""How an issuing system's calls find what they are about: their own organisation's, in scope."""

from issuer.model import Caller, Credential, Offer
from issuer.ports import Records
from issuer.usecases.failures import CredentialNotFound, OfferNotFound, TypeNotInScope


def offer_of(records: Records, caller: Caller, offer_id: str) -> Offer:
    """Return an offer of the caller's organisation.

    Raises:
        OfferNotFound: the organisation has no such offer.
        TypeNotInScope: it has, but the caller is not for its type.
    """
    found = records.offers.get(caller.organisation, offer_id)
    if found is None:
        raise OfferNotFound("no such offer")
    if found.type_id not in caller.types:
        raise TypeNotInScope("the caller is not for this type")
    return found


def credential_of(records: Records, caller: Caller, credential_id: str) -> Credential:
    """Return a credential of the caller's organisation.

    Raises:
        CredentialNotFound: the organisation has no such credential.
        TypeNotInScope: it has, but the caller is not for its type.
    """
    found = records.credentials.get(caller.organisation, credential_id)
    if found is None:
        raise CredentialNotFound("no such credential")
    if found.type_id not in caller.status_types:
        raise TypeNotInScope("the caller is not for this type")
    return found
