"""What each organisation asks of wallets; its metadata say this, no more and no less."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from credential_schemas.model import Catalogue
from openid4vc.openid4vci.credential import ATTESTATION, JWT
from openid4vc.openid4vci.key_attestation import KeyPolicy
from openid4vc.openid4vci.metadata import IssuerDemands, ServerOffers


@dataclass(frozen=True, slots=True)
class Demands:
    """What wallets have to show, and how answers reach them.

    Attributes:
        catalogue: what the organisations issue.
        takes_attestations: there is a list of wallet providers to judge attestations by.
        key_policies: by type id, how the keys have to be kept that cards are bound to.
        health_in_the_clear: UNSAFE: health data go out without encryption of their own.
        sign_in_at: organisations whose cards wallets can ask for by themselves.
    """

    catalogue: Catalogue
    takes_attestations: bool = False
    key_policies: Mapping[str, KeyPolicy] = field(default_factory=dict)
    health_in_the_clear: bool = False
    sign_in_at: frozenset[str] = frozenset()

    def encrypted(self, organisation: str) -> bool:
        """Whether an organisation's answers have to be encrypted: one of its types needs it."""
        found = self.catalogue.organisations.get(organisation)
        types = () if found is None else found.types
        holds = any(self.catalogue.types[one].holds_health_data for one in types)
        return holds and not self.health_in_the_clear

    def proof_types(self, type_id: str) -> frozenset[str]:
        """Return how wallets may prove the keys that a card of this type is bound to."""
        if self.takes_attestations or type_id in self.key_policies:
            return frozenset({JWT, ATTESTATION})
        return frozenset({JWT})

    def of_issuer(self, organisation: str) -> IssuerDemands:
        """Return what the credential issuer metadata say of it."""
        return IssuerDemands(
            takes_key_attestations=self.takes_attestations,
            key_policies=self.key_policies,
            encrypted=self.encrypted(organisation),
        )

    def of_server(self, organisation: str) -> ServerOffers:
        """Return what the authorization server metadata say of it."""
        return ServerOffers(
            codes=self.takes_attestations and organisation in self.sign_in_at,
            attestations=self.takes_attestations,
            dpop=True,
        )
