"""Say what an organisation issues and how, plain or signed (OpenID4VCI 1.0, 12.2)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from credential_schemas.model import Catalogue
from issuer.ports import Clock, Signers
from issuer.usecases.addresses import Addresses
from issuer.usecases.failures import OrganisationUnknown
from issuer.usecases.proving.demands import Demands
from issuer.usecases.request_keys import RequestKeys
from openid4vc.openid4vci.metadata import authorization_server_metadata, issuer_metadata
from openid4vc.openid4vci.signed_metadata import sign_metadata

FRESH_FOR = timedelta(minutes=5)


class DescribeIssuer:
    """Makes issuer metadata; a signature is made at most every five minutes, however many ask."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        addresses: Addresses,
        signers: Signers,
        clock: Clock,
        request_keys: RequestKeys,
        demands: Demands,
    ) -> None:
        self._catalogue = catalogue
        self._addresses = addresses
        self._signers = signers
        self._clock = clock
        self._request_keys = request_keys
        self._demands = demands
        self._signed: dict[str, tuple[datetime, str]] = {}

    def plain(self, organisation: str) -> Mapping[str, object]:
        """Return the metadata.

        Raises:
            OrganisationUnknown: there is none of this name, or it issues nothing.
        """
        found = self._catalogue.organisations.get(organisation)
        if found is None or not found.types:
            raise OrganisationUnknown("issues nothing")
        return issuer_metadata(
            self._addresses.issuer(organisation),
            names=found.names,
            types=[self._catalogue.types[one] for one in sorted(found.types)],
            request_key=self._request_keys.of(organisation).public_jwk,
            demands=self._demands.of_issuer(organisation),
        )

    def server(self, organisation: str) -> dict[str, object]:
        """Return the metadata of its authorization server (RFC 8414).

        Raises:
            OrganisationUnknown: as `plain`.
        """
        self.plain(organisation)
        return authorization_server_metadata(
            self._addresses.issuer(organisation), offers=self._demands.of_server(organisation)
        )

    def signed(self, organisation: str) -> str:
        """Return the same as a JWS that the organisation's credential signer made.

        Raises:
            OrganisationUnknown: as `plain`.
        """
        now = self._clock.now()
        made_at, text = self._signed.get(organisation, (None, ""))
        if made_at is None or not timedelta(0) <= now - made_at < FRESH_FOR:
            signer = self._signers.signer(organisation, "credential")
            text = sign_metadata(self.plain(organisation), signer=signer, at=now)
            self._signed[organisation] = (now, text)
        return text
