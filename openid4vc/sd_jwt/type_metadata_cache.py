"""Type metadata documents kept for the next credential of the type (SD-JWT VC 5.3.4)."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from openid4vc import limits
from openid4vc.sd_jwt.type_metadata import TypeReference, read_type_document


@dataclass(frozen=True, slots=True)
class _Kept:
    data: bytes
    until: datetime | None


class TypeMetadataCache:
    """Keeps a number of documents; the one not asked for longest makes room.

    A document of given integrity is kept for good: it cannot change. Others are kept as long as
    their server said.
    """

    def __init__(self, *, max_documents: int) -> None:
        self._max_documents = max_documents
        self._kept: OrderedDict[TypeReference, _Kept] = OrderedDict()

    def put(
        self, reference: TypeReference, data: bytes, *, at: datetime, max_age: timedelta
    ) -> None:
        """Keep a document that was retrieved just now, if it is what the reference means.

        Args:
            reference: what was asked for.
            data: the bytes as they came.
            at: now.
            max_age: freshness that is left by HTTP's rules, zero for `no-store`; it counts only
                where the reference gives no integrity.

        Raises:
            CheckFailed: as `openid4vc.sd_jwt.type_metadata.read_type_document`.
        """
        read_type_document(data, reference)
        if reference.integrity is not None:
            self._keep(reference, _Kept(data, None))
        elif max_age > timedelta(0):
            self._keep(reference, _Kept(data, at + min(max_age, limits.MAX_TYPE_METADATA_AGE)))
        else:
            self._kept.pop(reference, None)

    def get(self, reference: TypeReference, *, at: datetime) -> bytes | None:
        """Return the document's bytes, None when it was never kept or is no longer fresh."""
        kept = self._kept.get(reference)
        if kept is None:
            return None
        if kept.until is not None and at >= kept.until:
            del self._kept[reference]
            return None
        self._kept.move_to_end(reference)
        return kept.data

    def _keep(self, reference: TypeReference, kept: _Kept) -> None:
        self._kept[reference] = kept
        self._kept.move_to_end(reference)
        while len(self._kept) > self._max_documents:
            self._kept.popitem(last=False)
