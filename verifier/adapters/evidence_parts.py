"""Wiring of what keeps, checks and exports the evidence."""

from dataclasses import dataclass
from datetime import timedelta

from cryptography import x509

from keys.ports import Signer
from service_kit.sql import Database
from verifier.adapters.evidence_chain import SqlEvidence
from verifier.adapters.evidence_heads import HeadDirectory
from verifier.ports import Clock
from verifier.settings import Settings
from verifier.usecases.evidence_audit import ExportEvidence
from verifier.usecases.evidence_keep import KeepEvidence


@dataclass(frozen=True, slots=True)
class EvidenceParts:
    """Everything about evidence but the recording itself."""

    store: SqlEvidence
    keep: KeepEvidence
    export: ExportEvidence
    heads: HeadDirectory | None


def evidence_parts(
    settings: Settings, *, database: Database, signer: Signer, clock: Clock
) -> EvidenceParts:
    """Make them.

    Raises:
        OSError: the file of former certificates cannot be read.
        ValueError: it holds no certificates.
    """
    store = SqlEvidence(database)
    former = settings.evidence_certificates
    heads = None if settings.evidence_heads is None else HeadDirectory(settings.evidence_heads)
    keep = KeepEvidence(
        store=store,
        signer=signer,
        clock=clock,
        former=() if former is None else x509.load_pem_x509_certificates(former.read_bytes()),
        place=heads,
        keep=None
        if settings.evidence_keep_days is None
        else timedelta(days=settings.evidence_keep_days),
    )
    return EvidenceParts(
        store=store,
        keep=keep,
        export=ExportEvidence(store=store, signer=signer, clock=clock),
        heads=heads,
    )
