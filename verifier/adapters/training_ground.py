"""Where training takes place: settings, keys, addresses and a database that nothing real shares.

The database is a file in a directory of its own, which goes with the process.
"""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.serialization import Encoding

from credential_schemas.model import Catalogue, RequestProfile
from keys.checks import FetchFailed
from keys.fetch import Reply
from keys.ports import KeyStore
from openid4vc.status_list.token import MEDIA_TYPE
from verifier.ports import Clock
from verifier.settings import Settings
from verifier.usecases.training_pki import (
    HOST,
    TRUST_LIST,
    TrainingKeys,
    TrainingPki,
    make_training_pki,
)
from verifier.usecases.training_scenarios import CARDS

_OK = 200


class TrainingHost:
    """Answers like the addresses of the training trust list and status lists, without network."""

    def __init__(self, pki: TrainingPki, clock: Clock) -> None:
        self._pki = pki
        self._clock = clock

    async def get(self, url: str, *, accept: str, max_bytes: int | None = None) -> Reply:
        """Return what stands at a training address.

        Raises:
            FetchFailed: any other address: nothing of training goes out.
        """
        del accept, max_bytes
        at = self._clock.now()
        if url == TRUST_LIST:
            return _reply("application/jose", self._pki.signed_trust_list(at=at))
        if not url.startswith(f"{HOST}/status-lists/"):
            raise FetchFailed("not of training")
        return _reply(MEDIA_TYPE, self._pki.signed_status_list(url, at=at))


@dataclass(frozen=True, slots=True)
class TrainingGround:
    """What the service is built from once more, for training."""

    directory: Path
    settings: Settings
    keys: TrainingKeys
    host: TrainingHost
    pki: TrainingPki
    catalogue: Catalogue

    @classmethod
    def make(
        cls, settings: Settings, *, keys: KeyStore, catalogue: Catalogue, clock: Clock
    ) -> Self:
        """Draw the keys, and make the directory; `remove` ends it."""
        pki = make_training_pki(catalogue, at=clock.now())
        directory = Path(tempfile.mkdtemp(prefix="kyky-training-"))
        anchor = directory / "operator.pem"
        anchor.write_bytes(pki.operator.certificate.public_bytes(Encoding.PEM))
        return cls(
            directory=directory,
            # Nothing else of what the operator set: no case system, no receipts, no log.
            settings=Settings.model_construct(
                base_url=HOST,
                database=f"sqlite:///{directory}/training.db",
                trust_list=TRUST_LIST,
                operator_anchor=anchor,
                role=settings.role,
                request_minutes=settings.request_minutes,
                identity_minutes=settings.identity_minutes,
                values_minutes=settings.values_minutes,
            ),
            keys=TrainingKeys(pki.access, keys),
            host=TrainingHost(pki, clock),
            pki=pki,
            catalogue=replace(catalogue, profiles=_practised(catalogue)),
        )

    def remove(self) -> None:
        """Delete the directory with all that is in it."""
        shutil.rmtree(self.directory, ignore_errors=True)


def _practised(catalogue: Catalogue) -> Mapping[str, RequestProfile]:
    """Return the tasks that have made-up cards; nothing of them is handed on or kept."""
    return {
        name: replace(profile, hand_on="none", retention="view_only", retention_days=None)
        for name, profile in catalogue.profiles.items()
        if profile.credential_type in CARDS
    }


def _reply(media_type: str, text: str) -> Reply:
    return Reply(_OK, media_type, {}, text.encode("ascii"))
