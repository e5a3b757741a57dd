"""Load a bundle into a desk that has no network. All of it is verified before any of it is kept.

1. It is a bundle, and its trust list is the operator's and no older than the one held.
2. This desk's own organisation signed it, with a key for asking.
3. It was made before now, and not before the last one that was loaded.
4. Every status list is what its issuer signed, every certificate leads to an issuing authority.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from keys.checks import CheckFailed
from keys.jose import UnverifiedJws, verify_jws, x5c_from
from keys.trust import TrustedIssuer, TrustList
from keys.x509 import LeafProfile, load_certificate, organisation_identifier, validate_chain
from openid4vc.limits import LEEWAY
from openid4vc.status_list.forms import read_token
from verifier.ports import Certificates, Clock, KeptLists
from verifier.usecases.bundle_failures import (
    BundleFromFuture,
    BundleNotOurs,
    BundleOlder,
    BundlePartRefused,
)
from verifier.usecases.bundle_format import TYPE, Bundle, BundledList, read_bundle
from verifier.usecases.bundle_parts import leads_to_an_issuer
from verifier.usecases.list_shelf import ListShelf
from verifier.usecases.receiver import Receiver
from verifier.usecases.trust_keeper import TrustKeeper


@dataclass(frozen=True, slots=True)
class Holders:
    """Who keeps the parts."""

    trust: TrustKeeper
    shelf: ListShelf
    kept: KeptLists
    certificates: Certificates


class LoadBundle:
    """See the module text."""

    def __init__(self, *, holders: Holders, receiver: Receiver, clock: Clock) -> None:
        self._holders = holders
        self._receiver = receiver
        self._clock = clock

    async def __call__(self, text: str) -> Bundle:
        """Verify a bundle and keep what is in it; a newer status list that is held stays.

        Raises:
            BundleMalformed: it is none.
            TrustListRolledBack, TrustListStale, TrustListOperatorNotTrusted, ...: its trust list.
            ChainNotTrusted, SignatureInvalid, WrongTokenType, ...: its signature.
            BundleNotOurs, BundleFromFuture, BundleOlder, BundlePartRefused: as their classes say.
        """
        now = self._clock.now()
        # 1. It is a bundle, and its trust list is the operator's and no older than the one held.
        jws, bundle = read_bundle(text)
        trust_list = await self._holders.trust.read(bundle.trust_list)
        # 2. This desk's own organisation signed it, with a key for asking.
        self._check_signer(jws, trust_list, now)
        # 3. It was made before now, and not before the last one that was loaded.
        if bundle.made_at > now + LEEWAY:
            raise BundleFromFuture("iat")
        last = await self._holders.kept.bundle_made_at()
        if last is not None and bundle.made_at < last:
            raise BundleOlder("iat")
        # 4. Every status list is what its issuer signed, every certificate leads to an authority.
        issuers = {issuer.id: issuer for issuer in trust_list.issuers}
        for one in bundle.status_lists:
            _check_list(one, issuers, bundle)
        for der in bundle.certificates:
            if not leads_to_an_issuer(der, bundle.certificates, trust_list, at=now):
                raise BundlePartRefused("certificate")
        await self._keep(bundle, trust_list, now)
        return bundle

    def _check_signer(self, jws: UnverifiedJws, trust_list: TrustList, now: datetime) -> None:
        chain = validate_chain(
            x5c_from(jws.header), trust_list.access_anchors, at=now, profile=LeafProfile.ACCESS
        )
        verify_jws(jws, chain.public_key, typ=TYPE)
        own = load_certificate(self._receiver.signer.certificate_chain[0])
        identifier = organisation_identifier(own)
        if identifier is None or organisation_identifier(chain.leaf) != identifier:
            raise BundleNotOurs("organizationIdentifier")
        if trust_list.relying_party(identifier) is None:
            raise BundleNotOurs("not registered")

    async def _keep(self, bundle: Bundle, trust_list: TrustList, now: datetime) -> None:
        holders = self._holders
        await holders.trust.keep(bundle.trust_list, trust_list)
        issuers = {issuer.id: issuer for issuer in trust_list.issuers}
        for one in bundle.status_lists:
            issuer = issuers[one.issuer]
            await holders.shelf.take(
                one.token, uri=one.uri, issuer=issuer, fetched_at=one.fetched_at
            )
        for der in bundle.certificates:
            await holders.certificates.add(sha256(der).digest(), der, at=now)
        await holders.kept.note_bundle(bundle.made_at)


def _check_list(one: BundledList, issuers: dict[str, TrustedIssuer], bundle: Bundle) -> None:
    issuer = issuers.get(one.issuer)
    if issuer is None:
        raise BundlePartRefused("status list of nobody on the trust list")
    if one.fetched_at > bundle.made_at:
        raise BundleFromFuture("fetched_at")
    try:
        read_token(one.token, uri=one.uri, issuer=issuer, at=one.fetched_at)
    except CheckFailed as failure:
        raise BundlePartRefused(failure.code) from failure
