"""Say who asks, in the words of the trust list."""

from collections.abc import Mapping

from cryptography import x509

from keys.checks import CheckFailed
from keys.x509 import organisation_identifier
from verifier.ports import Clock
from verifier.usecases.receiver import Receiver
from verifier.usecases.trust_keeper import TrustKeeper


class WhoAsks:
    """See the module text."""

    def __init__(self, *, receiver: Receiver, trust: TrustKeeper, clock: Clock) -> None:
        certificate = x509.load_der_x509_certificate(receiver.signer.certificate_chain[0])
        self.identifier = organisation_identifier(certificate) or ""
        self._own_name = _name_in(certificate)
        self._trust = trust
        self._clock = clock

    async def __call__(self) -> Mapping[str, str]:
        """Return the receiver's name by language; its certificate's name while no list is held."""
        try:
            trust_list = await self._trust.current(at=self._clock.now())
        except CheckFailed:
            return dict.fromkeys(("fi", "sv", "en"), self._own_name)
        party = trust_list.relying_party(self.identifier)
        return dict.fromkeys(("fi", "sv", "en"), self._own_name) if party is None else party.names

    async def is_registered(self, role: str) -> bool:
        """Return whether the trust list lets this receiver ask in that role.

        Raises:
            TrustListMissing, TrustListStale: there is no list to go by.
        """
        trust_list = await self._trust.current(at=self._clock.now())
        party = trust_list.relying_party(self.identifier)
        return party is not None and role in party.roles

    async def roles(self) -> frozenset[str]:
        """Return the roles that the trust list gives this receiver; none while no list is held."""
        try:
            trust_list = await self._trust.current(at=self._clock.now())
        except CheckFailed:
            return frozenset()
        party = trust_list.relying_party(self.identifier)
        return frozenset() if party is None else party.roles


def _name_in(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    return str(names[0].value) if names else ""
