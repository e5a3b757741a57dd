"""Who asks, and where wallets reach it."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from keys.ports import Signer
from openid4vc.openid4vp.client_id import check_certificate
from openid4vc.openid4vp.request import (
    Method,
    Prefix,
    request_link,
    x509_hash,
    x509_san_dns,
)

_TIMES_LONGER = 3
_ASKS_FOR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who asks.

    Attributes:
        base_url: where wallets reach this service.
        signer: the key that signs its requests.
        request_life: how long a request may be answered.
        prefix: how it names itself in its requests; in all else it is the hash.
        method: how wallets fetch its requests.
    """

    base_url: str
    signer: Signer
    request_life: timedelta = timedelta(minutes=5)
    prefix: Prefix = Prefix.X509_HASH
    method: Method = "get"

    @property
    def client_id(self) -> str:
        """The receiver's client identifier, prefix included."""
        return x509_hash(self.signer.certificate_chain[0])

    def asks_as(self, prefix: Prefix | None = None) -> str:
        """Return the client identifier of its requests, in its own way or in another.

        Raises:
            ClientIdNotOfCertificate: its certificate does not carry the host of its address.
        """
        if (prefix or self.prefix) is Prefix.X509_HASH:
            return self.client_id
        named = x509_san_dns(urlsplit(self.base_url).hostname or "")
        check_certificate(named, self.signer.certificate_chain[0])
        return named

    def request_uri(self, ref: str) -> str:
        """Return where a wallet reads the request."""
        return f"{self.base_url}/requests/{ref}"

    def response_uri(self, ref: str) -> str:
        """Return where a wallet posts its answer."""
        return f"{self.base_url}/responses/{ref}"

    def request_link(
        self, ref: str, *, client_id: str | None = None, method: Method | None = None
    ) -> str:
        """Return what the QR code holds; its own way where nothing else is said."""
        return request_link(
            client_id or self.asks_as(), self.request_uri(ref), method=method or self.method
        )

    @property
    def typed_page(self) -> str:
        """Where a client types the code that stands beside the QR code."""
        return f"{self.base_url}/k"

    @property
    def privacy_page(self) -> str:
        """Where a client comes back with a receipt."""
        return f"{self.base_url}/privacy"

    def code_page(self, address: str) -> str:
        """Return where a client reads the confirmation code."""
        return f"{self.base_url}/c/{address}"

    def life(self, *, assisted: bool) -> timedelta:
        """Return how long one request lives: longer where the client needs more time."""
        return self.request_life * (_TIMES_LONGER if assisted else 1)

    def asks_for(self, *, assisted: bool) -> timedelta:
        """Return how long a desk keeps asking before staff must ask again."""
        return max(_ASKS_FOR, self.life(assisted=assisted)) * (2 if assisted else 1)
