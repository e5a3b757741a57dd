"""Several copies of one card: each is shown in its turn, so that receivers cannot link them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from credential_schemas.model import Catalogue
from keys.jose import public_jwk, thumbprint
from keys.software_signer import SoftwareSigner
from keys.trust import TrustList
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import status_reference
from wallet_sim.flow_failures import CopiesDiffer, CopiesLinked, NotBoundToOurKey
from wallet_sim.issued_card import Asked, IssuedCard, check_issued


def check_copies(
    texts: Sequence[str], asked: Asked, *, trust: TrustList, catalogue: Catalogue, at: datetime
) -> IssuedCard:
    """Check every copy as it came, and that they say the same with nothing in common (3.3.2).

    Returns:
        The first copy, with the others as its spares.

    Raises:
        NotBoundToOurKey: a copy is for none of our keys.
        CopiesDiffer: they say different things, or end at different times.
        CopiesLinked: two share a key, a status entry or a disclosure, and so can be linked.
        CheckFailed: a copy by itself does not pass; see ``check_issued``.
    """
    if not asked.more:
        (text,) = texts
        return check_issued(text, asked, trust=trust, catalogue=catalogue, at=at)
    holders = {thumbprint(public_jwk(one.public_key)): one for one in (asked.holder, *asked.more)}
    copies = [
        check_issued(
            text,
            Asked(asked.type, _holder(text, holders)),
            trust=trust,
            catalogue=catalogue,
            at=at,
        )
        for text in texts
    ]
    first, *others = copies
    # 1. One card: the same content, and the same end
    if any((one.claims, one.expires_at) != (first.claims, first.expires_at) for one in others):
        raise CopiesDiffer
    # 2. Nothing by which receivers could tell that they have seen the same card
    marks = [mark for one in copies for mark in _marks(one)]
    if len(set(marks)) != len(marks):
        raise CopiesLinked
    return replace(first, spares=tuple(others))


def _holder(text: str, holders: Mapping[str, SoftwareSigner]) -> SoftwareSigner:
    """Return which of our keys a copy names; that it is bound to it is checked afterwards."""
    cnf = parse(text).claims.get("cnf")
    jwk = cnf.get("jwk") if isinstance(cnf, dict) else None
    holder = holders.get(thumbprint(jwk)) if isinstance(jwk, dict) else None
    if holder is None:
        raise NotBoundToOurKey
    return holder


def _marks(copy: IssuedCard) -> list[object]:
    sd_jwt = parse(copy.sd_jwt)
    key = thumbprint(public_jwk(copy.holder.public_key))
    status = status_reference(sd_jwt.claims)
    marks: list[object] = [key, *(disclosure.text for disclosure in sd_jwt.disclosures)]
    return marks if status is None else [*marks, (status.uri, status.index)]
