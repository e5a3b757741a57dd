"""Documents kept: for good where their bytes are fixed, else as long as their server said."""

from datetime import timedelta

import pytest

from openid4vc import limits
from openid4vc.sd_jwt.type_metadata import TypeReference, resolve_type
from openid4vc.sd_jwt.type_metadata_cache import TypeMetadataCache
from openid4vc.sd_jwt.type_metadata_errors import (
    IntegrityMismatch,
    TypeMetadataForOtherType,
    TypeMetadataUnavailable,
)
from openid4vc.sd_jwt.type_metadata_integrity import integrity_of
from tests.openid4vc.sd_jwt.kit import AT

HOUR = timedelta(hours=1)
NEVER = timedelta(0)
SECOND = timedelta(seconds=1)


def document(vct: str) -> bytes:
    return f'{{"vct":"{vct}"}}'.encode()


def fixed(vct: str) -> TypeReference:
    return TypeReference(vct, integrity_of(document(vct)))


@pytest.mark.req("VCT-21")
def test_a_document_of_fixed_bytes_is_kept_for_good() -> None:
    cache = TypeMetadataCache(max_documents=4)
    cache.put(fixed("a"), document("a"), at=AT, max_age=NEVER)
    assert cache.get(fixed("a"), at=AT + timedelta(days=5_000)) == document("a")
    # Nor does it stand in for the document of other bytes, or of any bytes.
    assert cache.get(TypeReference("a"), at=AT) is None
    assert cache.get(TypeReference("a", "sha256-other"), at=AT) is None


@pytest.mark.req("VCT-21")
def test_other_documents_are_kept_as_long_as_they_are_fresh() -> None:
    cache = TypeMetadataCache(max_documents=4)
    plain = TypeReference("a")
    cache.put(plain, document("a"), at=AT, max_age=HOUR)
    assert cache.get(plain, at=AT + HOUR - SECOND) == document("a")
    assert cache.get(plain, at=AT + HOUR) is None
    assert cache.get(plain, at=AT) is None


@pytest.mark.req("VCT-21")
def test_what_may_not_be_kept_is_not_and_replaces_what_was() -> None:
    cache = TypeMetadataCache(max_documents=4)
    plain = TypeReference("a")
    cache.put(plain, document("a"), at=AT, max_age=HOUR)
    cache.put(plain, document("a"), at=AT, max_age=NEVER)
    assert cache.get(plain, at=AT) is None


@pytest.mark.req("VCT-21")
def test_no_document_without_integrity_is_kept_for_ever() -> None:
    cache = TypeMetadataCache(max_documents=4)
    plain = TypeReference("a")
    cache.put(plain, document("a"), at=AT, max_age=timedelta.max)
    assert cache.get(plain, at=AT + limits.MAX_TYPE_METADATA_AGE - SECOND) is not None
    assert cache.get(plain, at=AT + limits.MAX_TYPE_METADATA_AGE) is None


@pytest.mark.req("VCT-21")
def test_the_one_not_asked_for_longest_makes_room() -> None:
    cache = TypeMetadataCache(max_documents=2)
    for vct in ("a", "b"):
        cache.put(fixed(vct), document(vct), at=AT, max_age=NEVER)
    assert cache.get(fixed("a"), at=AT) is not None
    cache.put(fixed("c"), document("c"), at=AT, max_age=NEVER)
    assert [cache.get(fixed(vct), at=AT) is None for vct in "abc"] == [False, True, False]


@pytest.mark.req("VCT-12", "VCT-21")
def test_only_what_was_meant_is_kept() -> None:
    cache = TypeMetadataCache(max_documents=2)
    with pytest.raises(IntegrityMismatch):
        cache.put(fixed("a"), document("b"), at=AT, max_age=HOUR)
    with pytest.raises(TypeMetadataForOtherType):
        cache.put(TypeReference("a"), document("b"), at=AT, max_age=HOUR)
    assert cache.get(fixed("a"), at=AT) is None


@pytest.mark.req("VCT-21", "VCT-24")
def test_a_type_is_resolved_out_of_what_is_kept() -> None:
    cache = TypeMetadataCache(max_documents=2)
    own = b'{"vct":"a","extends":"b"}'
    cache.put(TypeReference("a"), own, at=AT, max_age=HOUR)
    with pytest.raises(TypeMetadataUnavailable) as missing:
        resolve_type(TypeReference("a"), lambda reference: cache.get(reference, at=AT))
    assert missing.value.vct == "b"
    cache.put(TypeReference(missing.value.vct), document("b"), at=AT, max_age=HOUR)
    found = resolve_type(TypeReference("a"), lambda reference: cache.get(reference, at=AT))
    assert found.extended == ("b",)
