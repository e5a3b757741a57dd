"""The document that names all of an issuer's status lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import strict_json
from keys.checks import CheckFailed, MalformedJson
from openid4vc import limits
from openid4vc.checks import MalformedAggregation
from openid4vc.status_list.aggregation import MEDIA_TYPE, aggregation_json, read_aggregation

URIS = ["https://issuer.example/mallimaa/status-lists/1", "https://issuer.example/other/2"]


@pytest.mark.req("TSL-14")
def test_there_and_back() -> None:
    for uris in ([], URIS):
        written = aggregation_json(uris)
        assert written == {"status_lists": uris}
        assert read_aggregation(strict_json.dumps(written)) == tuple(uris)
    more = strict_json.dumps({**aggregation_json(URIS), "unknown": 1})
    assert read_aggregation(more) == tuple(URIS)
    assert MEDIA_TYPE == "application/json"


@pytest.mark.req("TSL-14")
@pytest.mark.parametrize(
    "content",
    [
        {},
        {"status_lists": None},
        {"status_lists": URIS[0]},
        {"status_lists": {"1": URIS[0]}},
        {"status_lists": [*URIS, 1]},
        {"status_lists": [""]},
        {"status_lists": ["x" * (limits.MAX_URI_CHARS + 1)]},
    ],
)
def test_another_shape_is_refused(content: object) -> None:
    with pytest.raises(MalformedAggregation):
        read_aggregation(strict_json.dumps(content))


def test_what_is_no_object_or_too_long_is_refused() -> None:
    for text in (b"", b"[]", b'{"status_lists":[],"status_lists":[]}'):
        with pytest.raises(MalformedJson):
            read_aggregation(text)
    with pytest.raises(MalformedJson):
        read_aggregation(b" " * limits.MAX_AGGREGATION_BYTES + b'{"status_lists":[]}')


@given(st.binary(max_size=60))
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(CheckFailed):
        read_aggregation(data)
