"""Take a self-initiated answer that no verification waited for: one is made for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from openid4vc.qr.answer import read_self_initiated
from openid4vc.qr.frames import Progress
from verifier.ports import Clock
from verifier.usecases.certificate_book import CertificateBook
from verifier.usecases.scan_presentation import ScanPresentation, collect
from verifier.usecases.start_request import StartRequest


@dataclass(frozen=True, slots=True)
class Uninvited:
    """How many frames were there and, when all were, the verification made for them.

    `result_key` is told once, here; without it nobody sees the values.
    """

    progress: Progress
    verification_id: str | None = None
    result_key: str | None = field(default=None, repr=False)


class ScanUninvited:
    """See the module text."""

    def __init__(
        self,
        *,
        start: StartRequest,
        scan: ScanPresentation,
        certificates: CertificateBook,
        clock: Clock,
    ) -> None:
        self._start = start
        self._scan = scan
        self._certificates = certificates
        self._clock = clock

    async def __call__(
        self, texts: Sequence[str], *, profile_id: str, role: str, owner: str
    ) -> Uninvited:
        """Look at what a client shows by itself. It is never confirmed by that.

        Args:
            texts: what a scanner read.
            profile_id: the task that it is looked at for.
            role: the role of the caller's key.
            owner: public id of the caller's key.

        Raises:
            ProfileNotAllowed: the role has no such profile.
            MessageOfAnotherKind: an answer to a challenge: it belongs to that verification.
            CheckFailed: of `openid4vc.qr`: it cannot be read; nothing is made.
        """
        self._start.profile(profile_id, role)
        progress, message = collect(texts)
        if message is None:
            return Uninvited(progress)
        held = await self._certificates.held()
        read_self_initiated(message, at=self._clock.now(), certificates=held.get)
        started = await self._start(profile_id=profile_id, role=role, owner=owner)
        verification_id = started.verification.id
        await self._scan(texts, verification_id=verification_id, owner=owner)
        return Uninvited(progress, verification_id, started.result_key)
