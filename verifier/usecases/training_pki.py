"""A small world of its own for training: authorities, a trust list and status lists, in memory.

Nothing in it leads to an authority of the real trust list, and nothing real leads into it.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from credential_schemas.model import Catalogue
from keys.certificates import Authority, Subject, make_authority, make_leaf, start_of_validity
from keys.ports import KeyStore, Signer
from keys.trust import RelyingParty, TrustedIssuer, TrustList, sign_trust_list
from keys.x509 import LeafProfile
from openid4vc.status_list.bits import Status, StatusList
from openid4vc.status_list.token import sign_status_list
from verifier.usecases.training_scenarios import CARDS, REVOKED, SUSPENDED

HOST: Final = "https://training.invalid"
"""An address that no network ever answers (RFC 2606 2)."""
TRUST_LIST: Final = f"{HOST}/trust-list"
_FRESH, _STALE = "fresh", "stale"
_IDENTIFIER: Final = "NTRFI-0000006-0"  # a business identity code that is never given to anybody
_WORDS: Final = {"fi": "HARJOITUS", "sv": "ÖVNING", "en": "TRAINING"}
_ENTRIES: Final = 128
_LIST_LIFE: Final = timedelta(days=30)
_STALE_AGE: Final = timedelta(days=2)
_CONTEXT: Final = b"kykylompakko training 1"


@dataclass(frozen=True)
class MadeUpIssuer:
    """An organisation of training: its authority, what it may issue, its two signers."""

    authority: Authority
    vcts: frozenset[str]
    credential: Signer
    status_list: Signer


@dataclass(frozen=True)
class TrainingPki:
    """Everybody in training.

    Attributes:
        operator: by whom the training trust list is known.
        list_signer: signs it.
        access_ca: issued the desk's training certificate.
        access: signs the desk's training requests.
        issuers: in whose names the cards are made, by the organisation's id.
        issuer_of: which of them issues a type.
        foreign: signs cards as well, but is on no list.
        roles: in which the desk may ask.
    """

    operator: Authority
    list_signer: Signer
    access_ca: Authority
    access: Signer
    issuers: Mapping[str, MadeUpIssuer]
    issuer_of: Mapping[str, str]
    foreign: Signer
    roles: frozenset[str]

    def trust_list(self, *, at: datetime) -> TrustList:
        """Return the training trust list; each one has a higher number than those before."""
        return TrustList(
            sequence=int(at.timestamp() * 1_000),
            issued_at=at.replace(microsecond=0),
            next_update=at.replace(microsecond=0) + _LIST_LIFE,
            issuers=tuple(
                TrustedIssuer(
                    id=name,
                    names=_WORDS,
                    issuing_anchors=(issuer.authority.certificate,),
                    status_anchors=(issuer.authority.certificate,),
                    vcts=issuer.vcts,
                    valid_from=start_of_validity(at),
                )
                for name, issuer in self.issuers.items()
            ),
            access_anchors=(self.access_ca.certificate,),
            relying_parties=(RelyingParty(_IDENTIFIER, _WORDS, self.roles),),
        )

    def signed_trust_list(self, *, at: datetime) -> str:
        """Return the same, signed."""
        return sign_trust_list(self.trust_list(at=at), self.list_signer)

    def status_uri(self, organisation: str, *, stale: bool) -> str:
        """Return the address of a training status list."""
        return f"{HOST}/status-lists/{organisation}/{_STALE if stale else _FRESH}"

    def signed_status_list(self, uri: str, *, at: datetime) -> str:
        """Return the status list at an address that `status_uri` gave.

        Raises:
            KeyError: another address.
        """
        issuer = self.issuers[uri.removeprefix(HOST).split("/")[2]]
        made_at = at - _STALE_AGE if uri.endswith(_STALE) else at
        entries = StatusList(_ENTRIES)
        entries.set(REVOKED, Status.INVALID)
        entries.set(SUSPENDED, Status.SUSPENDED)
        return sign_status_list(
            entries,
            uri=uri,
            issued_at=made_at,
            expires_at=made_at + _LIST_LIFE,
            ttl=timedelta(minutes=15),
            signer=issuer.status_list,
        )


class TrainingKeys:
    """`keys.ports.KeyStore` of training: one signer, and secrets that open nothing real.

    Args:
        signer: the desk's training key.
        real: the real keys, from whose secrets those of training are derived one way, so that
            several processes have the same.
    """

    def __init__(self, signer: Signer, real: KeyStore) -> None:
        self._signer = signer
        self._real = real

    def signer(self, org: str, purpose: str) -> Signer:
        """Return the desk's training key, whoever is named."""
        del org, purpose
        return self._signer

    def names(self) -> list[tuple[str, str]]:
        """Return nothing: these keys are nobody's."""
        return []

    def secret(self, name: str) -> bytes:
        """Return 32 bytes that stay the same for this name, and differ from the real ones.

        Raises:
            KeyNotFound: there is no real secret of that name.
        """
        return hmac.digest(self._real.secret(name), _CONTEXT, hashlib.sha256)


def make_training_pki(catalogue: Catalogue, *, at: datetime) -> TrainingPki:
    """Draw all keys of training.

    Args:
        catalogue: what can be said and asked.
        at: now; everything is valid from the day before, for two years and more.
    """
    subject = Subject(name=_WORDS["en"], identifier=_IDENTIFIER, site=f"{HOST}/")

    def authority(use: str) -> Authority:
        return make_authority(subject, use=use, at=at)

    def leaf(above: Authority, profile: LeafProfile, use: str) -> Signer:
        return make_leaf(above, subject, profile=profile, use=use, at=at)

    operator, access_ca = authority("training operator"), authority("training access")
    kinds = {name: catalogue.types[name] for name in CARDS if name in catalogue.types}
    issuer_of = {name: min(kind.issuers) for name, kind in kinds.items()}
    issuers = {}
    for organisation in sorted(set(issuer_of.values())):
        issuing = authority(f"training issuer {organisation}")
        issuers[organisation] = MadeUpIssuer(
            authority=issuing,
            vcts=frozenset(kinds[t].vct for t, by in issuer_of.items() if by == organisation),
            credential=leaf(issuing, LeafProfile.CREDENTIAL_SIGNER, "credential"),
            status_list=leaf(issuing, LeafProfile.STATUS_LIST_SIGNER, "status-list"),
        )
    stranger = authority("training stranger")
    return TrainingPki(
        operator=operator,
        list_signer=leaf(operator, LeafProfile.TRUST_LIST_SIGNER, "trust-list"),
        access_ca=access_ca,
        access=leaf(access_ca, LeafProfile.ACCESS, "access"),
        issuers=issuers,
        issuer_of=issuer_of,
        foreign=leaf(stranger, LeafProfile.CREDENTIAL_SIGNER, "credential"),
        roles=frozenset(catalogue.roles),
    )
