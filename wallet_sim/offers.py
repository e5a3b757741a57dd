"""An offer that has been read, and what the wallet needs to act on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from credential_schemas.model import CredentialType
from keys.trust import TrustedIssuer
from openid4vc.openid4vci.encryption import IssuerEncryption
from openid4vc.openid4vci.offer import CredentialOffer, TxCodeSpec
from wallet_sim.calls import Shown
from wallet_sim.flow_failures import PinMalformed, PinMissing
from wallet_sim.instances import Instance
from wallet_sim.issued_card import IssuedCard
from wallet_sim.key_proofs import ProofKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where the issuer takes requests; those that may be None are so when it has none."""

    token: str
    credential: str
    nonce: str | None
    notification: str | None
    deferred: str | None = None
    challenge: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How the issuer's authorization server lets a person sign in (RFC 9126, RFC 9207).

    Attributes:
        pushed: where the request is pushed to.
        page: where the browser goes.
        names_itself: its answers say by `iss` whose they are.
        scopes: by configuration id, how to ask for it; by authorization details without one.
        location: what authorization details have to name as `locations`; None when nothing.
    """

    pushed: str
    page: str
    names_itself: bool
    scopes: Mapping[str, str]
    location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOffer:
    """An offer with its issuer's metadata, or an issuer that the person named by herself.

    Nothing has been fetched with its code.

    Attributes:
        code: its pre-authorised code; what it is called without one.
        issuer_names: the issuer's names by language as it gives them itself: unchecked.
        batch_size: how many copies of a card the issuer gives at once.
        encryption: how requests for its cards are encrypted, and their answers.
        wanted: configuration ids to the types of our catalogue; those unknown to us are left out.
        server: the authorization server's issuer identifier.
        sign_in: how to get a card without a pre-authorised code; None when one is there.
        is_attested: the authorization server wants to know whose wallet this is.
        binds_tokens: it binds tokens to a key of the wallet.
        proofs: by configuration id, how keys are proved.
        signer: who of the trust list signed the metadata; None when nobody did.
    """

    offer: CredentialOffer
    code: str = field(repr=False)
    endpoints: Endpoints
    issuer_names: Mapping[str, str]
    wanted: Mapping[str, CredentialType]
    encryption: IssuerEncryption = field(default_factory=IssuerEncryption)
    batch_size: int = 1
    server: str
    sign_in: SignIn | None = None
    is_attested: bool = False
    binds_tokens: bool = False
    proofs: Mapping[str, ProofKind] = field(default_factory=dict)
    signer: TrustedIssuer | None = None

    def only(self, configuration_id: str) -> "OpenOffer":
        """Return the offer of one card alone, to be had by signing in."""
        wanted = {configuration_id: self.wanted[configuration_id]}
        return replace(self, wanted=wanted, code=code_of(configuration_id))

    def shown(self, grant: "Grant") -> Shown:
        """Return what a call at the credential issuer shows."""
        return Shown(server=self.server, instance=grant.instance, access_token=grant.access_token)

    def shown_for_token(self, instance: Instance | None) -> Shown:
        """Return what a call at the authorization server shows."""
        return Shown(
            server=self.server,
            instance=instance,
            is_attested=self.is_attested and self.sign_in is not None,
            challenge_endpoint=self.endpoints.challenge,
        )

    @property
    def types(self) -> tuple[CredentialType, ...]:
        """What is offered."""
        return tuple(self.wanted.values())

    @property
    def host(self) -> str:
        """The host that offers, with its port when it has one."""
        return urlsplit(self.offer.issuer).netloc

    @property
    def pin(self) -> TxCodeSpec | None:
        """What PIN is needed; None when none is."""
        return self.offer.tx_code

    def fingerprint(self) -> str:
        """Return a name by which the wallet knows the same offer again."""
        return sha256(f"{self.offer.issuer}\0{self.code}".encode()).hexdigest()

    def check_pin(self, pin: str | None) -> str | None:
        """Return the PIN to send; a slip of the finger must not cost an attempt at the issuer.

        Raises:
            PinMissing: one is needed.
            PinMalformed: it has another length or other signs than the offer says.
        """
        if self.pin is None:
            return None
        plain = "".join((pin or "").split())
        if not plain:
            raise PinMissing
        wrong_length = self.pin.length is not None and len(plain) != self.pin.length
        digits = plain.isascii() and plain.isdigit()
        if wrong_length or (self.pin.input_mode == "numeric" and not digits):
            raise PinMalformed
        return plain


@dataclass(frozen=True, slots=True)
class Grant:
    """The right to fetch what was offered, until ``expires_at``.

    ``identifiers`` are to be used instead of the configuration ids they stand for. With
    ``refresh_token`` another access token can be had. ``instance`` holds the keys that both are
    bound to, None when nothing binds them.
    """

    access_token: str = field(repr=False)
    expires_at: datetime
    identifiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refresh_token: str | None = field(default=None, repr=False)
    instance: Instance | None = None


@dataclass(frozen=True, slots=True)
class FetchedCard:
    """A verified card and the handle by which the issuer hears what became of it."""

    issued: IssuedCard
    notification_id: str | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """Verified cards waiting for the person's word.

    ``replaces`` is the id of the card whose place they take; None for new ones.
    """

    offer: OpenOffer
    grant: Grant = field(repr=False)
    cards: tuple[FetchedCard, ...]
    replaces: str | None = None


def code_of(configuration_id: str) -> str:
    """Return what a card is called that comes without an offer's code."""
    return f"sign-in {configuration_id}"
