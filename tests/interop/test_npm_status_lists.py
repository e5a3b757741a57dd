"""Status lists, both ways, against @sd-jwt/jwt-status-list, which inflates with pako."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from keys.jose import parse_jws, public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.checks import StatusIndexOutOfRange
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import VcContent, issue_vc, status_reference
from openid4vc.status_list.bits import WIDTHS, StatusList
from openid4vc.status_list.token import PinnedListKey, read_status_list, sign_status_list
from tests.interop.npm_programs import formats, private_jwk
from tools.node import Node

pytestmark = pytest.mark.slow

NOW = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
URI = "https://issuer.example/mallimaa/status-lists/1"
ISSUER = SoftwareSigner(SoftwareSigner.generate().private_key, (b"their library checks no chain",))


def filled(count: int, *, bits: int = 2) -> StatusList:
    rng = random.Random(count + bits)
    status_list = StatusList(count, bits=bits, aggregation_uri=f"{URI}/..")
    for _ in range(count // 20):
        status_list.set(rng.randrange(count), rng.randrange(1 << bits))
    return status_list


def token(status_list: StatusList) -> str:
    return sign_status_list(
        status_list,
        uri=URI,
        issued_at=NOW,
        expires_at=NOW + timedelta(hours=1),
        ttl=timedelta(minutes=5),
        signer=ISSUER,
    )


def values(status_list: StatusList) -> list[int]:
    return [status_list.get(index) for index in range(len(status_list))]


@pytest.mark.req("TSL-01", "TSL-02", "TSL-03")
def test_they_read_our_lists_of_every_width(needs_node: Node) -> None:
    lists = [filled(4_000, bits=bits) for bits in WIDTHS]
    wishes: list[dict[str, object]] = [
        {"do": "status", "token": token(each), "indexes": list(range(len(each)))} for each in lists
    ]
    for each, reply in zip(lists, formats(needs_node, wishes), strict=True):
        assert reply["result"] == values(each)


@pytest.mark.req("TSL-01", "TSL-02")
def test_they_read_our_chunks_before_and_after_changes(needs_node: Node) -> None:
    """Three and a half chunks, changed in two of them after the first token."""
    ours = filled(7 * 32_768)
    places = [0, 5, 65_535, 65_536, 200_000, len(ours) - 1]
    indexes: list[int] = sorted({*places, *range(0, len(ours), 97)})
    tokens, expected = [], []
    for value in (0, 1, 2, 3):
        for place in places[2:4]:
            ours.set(place, value)
        tokens.append(token(ours))
        expected.append([ours.get(index) for index in indexes])
    wishes: list[dict[str, object]] = [
        {"do": "status", "token": each, "indexes": indexes} for each in tokens
    ]
    assert [reply["result"] for reply in formats(needs_node, wishes)] == expected


@pytest.mark.req("TSL-01", "TSL-02", "TSL-03", "TSL-07", "TSL-08")
def test_we_read_their_tokens_of_every_width(needs_node: Node) -> None:
    lists = [filled(800, bits=bits) for bits in WIDTHS]
    issued, ends = int(NOW.timestamp()), int(NOW.timestamp()) + 3_600
    wishes: list[dict[str, object]] = [
        {
            "do": "list",
            "entries": values(each),
            "bits": each.bits,
            "payload": {"iss": "https://issuer.example", "sub": URI, "iat": issued, "exp": ends},
            "issuerKey": private_jwk(ISSUER),
        }
        for each in lists
    ]
    for each, reply in zip(lists, formats(needs_node, wishes), strict=True):
        pinned = PinnedListKey(ISSUER.public_key)
        read = read_status_list(reply["result"], uri=URI, issuer=pinned, at=NOW)
        assert read.entries.bits == each.bits
        assert read.entries.packed() == each.packed()
        assert parse_jws(reply["result"]).header["typ"] == "statuslist+jwt"


@pytest.mark.req("TSL-05")
def test_they_find_the_status_of_our_credentials(needs_node: Node) -> None:
    rng = random.Random(5)
    content = VcContent(
        vct="urn:kykylompakko:statement-feedback:1",
        issuer="https://issuer.example/mallimaa",
        claims={"given_name": "Aino"},
        always=frozenset(),
        issued_on=NOW.date(),
        expires_at=NOW + timedelta(days=30),
        holder_jwk=public_jwk(ISSUER.public_key),
        status=StatusReference(URI, 4_711),
    )
    credential = issue_vc(content, signer=ISSUER, random_bytes=rng.randbytes)
    (reply,) = formats(needs_node, [{"do": "reference", "credential": credential}])
    assert reply["result"] == {"idx": 4_711, "uri": URI}
    assert status_reference(parse(credential).claims) == StatusReference(URI, 4_711)


@pytest.mark.req("TSL-09", "TSL-23")
def test_where_we_differ_the_draft_decides(needs_node: Node) -> None:
    outside, too_wide = formats(
        needs_node,
        [
            {"do": "status", "token": token(StatusList(8)), "indexes": [8]},
            {"do": "pack", "entries": [0, 0, 0, 4], "bits": 2},
        ],
    )
    # Agreed: outside the list there is no status (8.3).
    assert outside == {"error": "Index out of bounds"}
    with pytest.raises(StatusIndexOutOfRange):
        StatusList(8).get(8)
    # Theirs takes a value of three bits for an entry of two and spoils the byte. By 4.1 a value has
    # as many bits as an entry.
    spoilt = StatusList.from_lst(too_wide["result"], bits=2)
    assert values(spoilt) != [0, 0, 0, 4]
    with pytest.raises(ValueError, match="too wide"):
        StatusList(4).set(3, 4)
