"""Keeps the trust list fresh: a newer one from its source, else the stored one while valid."""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from keys.checks import CheckFailed
from keys.trust import TrustList, read_trust_list
from wallet_sim.failures import OperatorCertificateUnreadable
from wallet_sim.ports import Clock, Store, TrustSource
from wallet_sim.trust_settings import TrustSettings


def first_settings(
    *, location: str, jws: str, operator_pem: bytes, clock: Clock
) -> tuple[TrustSettings, TrustList]:
    """Return the settings of a new wallet, and its trust list after verifying it.

    Raises:
        OperatorCertificateUnreadable: no certificate in the PEM.
        CheckFailed: as ``keys.trust.read_trust_list``.
    """
    try:
        anchors = x509.load_pem_x509_certificates(operator_pem)
    except ValueError:
        raise OperatorCertificateUnreadable from None
    trust = read_trust_list(jws.strip(), operator_anchors=anchors, at=clock.now())
    settings = TrustSettings(
        location=location,
        jws=jws.strip(),
        sequence=trust.sequence,
        operator_anchors=tuple(_der(anchor) for anchor in anchors),
    )
    return settings, trust


class TrustKeeper:
    """The wallet's view of whom to trust."""

    def __init__(self, *, store: Store, source: TrustSource, clock: Clock) -> None:
        self._store = store
        self._source = source
        self._clock = clock

    async def current(self) -> TrustList:
        """Return the newest valid trust list.

        A list that cannot be had, does not verify or is older than the stored one is passed over:
        the stored one then serves as long as it is valid.

        Raises:
            CheckFailed: neither is valid; as ``keys.trust.read_trust_list``.
        """
        settings = self._store.load().trust
        newer = await self._newer(settings)
        if newer is not None:
            return newer
        return stored_list(settings, at=self._clock.now())

    async def _newer(self, settings: TrustSettings) -> TrustList | None:
        try:
            text = (await self._source.read(settings.location)).strip()
            trust = _read(text, settings, self._clock.now())
        except CheckFailed:
            return None
        if trust.sequence > settings.sequence:
            self._store.change(lambda contents: contents.with_trust_list(text, trust.sequence))
        return trust


def stored_list(settings: TrustSettings, *, at: datetime) -> TrustList:
    """Return the trust list in the store, without any network.

    Raises:
        CheckFailed: it is not valid any more; as ``keys.trust.read_trust_list``.
    """
    return _read(settings.jws, settings, at)


def _read(text: str, settings: TrustSettings, at: datetime) -> TrustList:
    return read_trust_list(
        text,
        operator_anchors=_certificates(settings.operator_anchors),
        at=at,
        at_least_sequence=settings.sequence,
    )


def _certificates(ders: Sequence[bytes]) -> list[x509.Certificate]:
    return [x509.load_der_x509_certificate(der) for der in ders]


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
