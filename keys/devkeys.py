"""The demo's certificates, keys and trust lists, made in memory in one go."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from cryptography import x509

from keys.backends.memory import InsecureMemoryKeys
from keys.certificates import Authority, Subject, make_authority, make_leaf, start_of_validity
from keys.demo_plan import (
    DemoPlan,
    PlannedAuthority,
    PlannedIssuer,
    PlannedReceiver,
    PlannedWalletProvider,
    default_plan,
)
from keys.software_signer import SoftwareSigner
from keys.trust import RelyingParty, TrustedIssuer, TrustList, sign_trust_list
from keys.wallet_providers import WalletProvider, WalletProviders, sign_wallet_providers
from keys.x509 import LeafProfile

__all__ = ["DemoPki", "DemoPlan", "InsecureMemoryKeys", "Purpose", "make_demo_pki"]

Purpose = Literal[
    "issuing-ca",
    "credential",
    "status-list",
    "access-ca",
    "access",
    "privacy",
    "operator-ca",
    "trust-list",
    "wallet-ca",
    "wallet-attestation",
]
Signers = dict[tuple[str, str], SoftwareSigner]

LIST_LIFE: Final = timedelta(days=180)


@dataclass(frozen=True)
class DemoPki:
    """Everything that the demo's organisations need, unprotected.

    Attributes:
        keys: every signer and secret; an organisation has the purposes "issuing-ca",
            "credential" and "status-list", a receiver "access" and "privacy", a wallet provider
            "wallet-ca", "wallet-attestation" and "status-list".
        trust_list: who may do what.
        trust_list_jws: the same, signed by the operator.
        wallet_providers: who may attest wallets.
        wallet_providers_jws: the same, signed by the operator.
        operator_anchor: by which the signed lists are trusted.
    """

    keys: InsecureMemoryKeys
    trust_list: TrustList
    trust_list_jws: str
    wallet_providers: WalletProviders
    wallet_providers_jws: str
    operator_anchor: x509.Certificate

    def signer(self, org: str, purpose: Purpose) -> SoftwareSigner:
        """Return the signer that an organisation uses for a purpose.

        Raises:
            KeyNotFound: no such key.
        """
        return self.keys.signer(org, purpose)


def make_demo_pki(
    plan: DemoPlan | None = None, *, at: datetime, status_lists: str | None = None
) -> DemoPki:
    """Draw all keys, issue all certificates and sign the trust list.

    Args:
        plan: who is who; the plan in this package when left out.
        at: now, with a time zone; everything is valid from the day before.
        status_lists: where issuers name their status lists (`TrustList.with_status_lists_at`).
    """
    plan = plan or default_plan()
    signers: Signers = {}
    operator = _authority(plan.operator, "operator-ca", signers, at)
    access = _authority(plan.access, "access-ca", signers, at)
    list_signer = make_leaf(
        operator,
        _subject(plan.operator),
        profile=LeafProfile.TRUST_LIST_SIGNER,
        use="trust-list",
        at=at,
    )
    signers[plan.operator.id, "trust-list"] = list_signer
    trust_list = TrustList(
        sequence=1,
        issued_at=at.replace(microsecond=0),
        next_update=at.replace(microsecond=0) + LIST_LIFE,
        issuers=tuple(_issuer(issuer, signers, at) for issuer in plan.issuers),
        access_anchors=(access.certificate,),
        relying_parties=tuple(
            _receiver(receiver, access, signers, at) for receiver in plan.receivers
        ),
    )
    if status_lists is not None:
        trust_list = trust_list.with_status_lists_at(status_lists)
    providers = WalletProviders(
        sequence=1,
        issued_at=trust_list.issued_at,
        next_update=trust_list.next_update,
        providers=tuple(_wallet_provider(one, signers, at) for one in plan.wallet_providers),
    )
    return DemoPki(
        keys=InsecureMemoryKeys(signers, plan.secrets),
        trust_list=trust_list,
        trust_list_jws=sign_trust_list(trust_list, list_signer),
        wallet_providers=providers,
        wallet_providers_jws=sign_wallet_providers(providers, list_signer),
        operator_anchor=operator.certificate,
    )


def _authority(
    planned: PlannedAuthority, purpose: Purpose, signers: Signers, at: datetime
) -> Authority:
    authority = make_authority(_subject(planned), use=purpose, at=at)
    signers[planned.id, purpose] = authority.signer
    return authority


def _issuer(planned: PlannedIssuer, signers: Signers, at: datetime) -> TrustedIssuer:
    subject = _subject(planned)
    issuing = make_authority(subject, use="issuing-ca", at=at)
    signers[planned.id, "issuing-ca"] = issuing.signer
    signers[planned.id, "credential"] = make_leaf(
        issuing, subject, profile=LeafProfile.CREDENTIAL_SIGNER, use="credential", at=at
    )
    signers[planned.id, "status-list"] = make_leaf(
        issuing, subject, profile=LeafProfile.STATUS_LIST_SIGNER, use="status-list", at=at
    )
    return TrustedIssuer(
        id=planned.id,
        names=planned.names,
        issuing_anchors=(issuing.certificate,),
        status_anchors=(issuing.certificate,),
        vcts=planned.vcts,
        valid_from=start_of_validity(at),
    )


def _receiver(
    planned: PlannedReceiver, access: Authority, signers: Signers, at: datetime
) -> RelyingParty:
    for use, hosts in (("access", planned.hosts), ("privacy", ())):
        subject = replace(_subject(planned), hosts=hosts)
        signers[planned.id, use] = make_leaf(
            access, subject, profile=LeafProfile.ACCESS, use=use, at=at
        )
    return RelyingParty(identifier=planned.identifier, names=planned.names, roles=planned.roles)


def _wallet_provider(
    planned: PlannedWalletProvider, signers: Signers, at: datetime
) -> WalletProvider:
    subject = _subject(planned)
    authority = make_authority(subject, use="wallet-ca", at=at)
    signers[planned.id, "wallet-ca"] = authority.signer
    signers[planned.id, "wallet-attestation"] = make_leaf(
        authority,
        subject,
        profile=LeafProfile.WALLET_ATTESTATION_SIGNER,
        use="wallet-attestation",
        at=at,
    )
    signers[planned.id, "status-list"] = make_leaf(
        authority, subject, profile=LeafProfile.STATUS_LIST_SIGNER, use="status-list", at=at
    )
    return WalletProvider(
        id=planned.id,
        names=planned.names,
        anchors=(authority.certificate,),
        valid_from=start_of_validity(at),
    )


def _subject(
    planned: PlannedAuthority | PlannedIssuer | PlannedReceiver | PlannedWalletProvider,
) -> Subject:
    name = planned.name if isinstance(planned, PlannedAuthority) else planned.names["fi"]
    return Subject(name=name, identifier=planned.identifier, site=f"https://{planned.id}.example/")
