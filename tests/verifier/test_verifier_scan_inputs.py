"""What the desk is given to read: frames, texts, pictures, rubbish; many at once."""

from functools import partial
from io import BytesIO
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from openid4vc.qr.frames import Kind, Message, write_frames
from service_kit.http import MalformedForm, ParameterRepeated
from tests.verifier.codes import challenge_link, challenge_of, drawn, phone, phone_alone, scan
from tests.verifier.world import Asked, World
from verifier.adapters.pictures import MAX_BYTES, MAX_SIDE
from verifier.web.uploads import parse_multipart

PROFILE = "te_initial_interview"


def code_of(reply: Any) -> tuple[int, str]:
    return reply.status_code, reply.json()["code"]


def answered(world: World, total: int = 1) -> tuple[Asked, tuple[str, ...]]:
    asked = world.start()
    return asked, phone().answer(challenge_of(asked), at=world.clock.now(), total=total)


# Frames --------------------------------------------------------------------------------------


def test_frames_are_taken_in_any_order_and_more_than_once(world: World) -> None:
    for order in permutations(range(3)):
        asked, frames = answered(world, 3)
        shown = [frames[at] for at in order]
        assert scan(world, [shown[0], *shown, shown[1]], verification=asked.id).json()["complete"]
        assert asked.read()["state"] == "identity_pending"


def test_missing_frames_are_told_and_nothing_changes(world: World) -> None:
    asked, frames = answered(world, 3)
    reply = scan(world, [frames[2]], verification=asked.id)
    assert reply.status_code == 202
    assert reply.json() == {
        "complete": False,
        "seen": 1,
        "total": 3,
        "missing": [1, 2],
        "verification": None,
        "result_key": None,
    }
    assert scan(world, frames[1:], verification=asked.id).json()["missing"] == [1]
    assert asked.read()["state"] == "requested"
    assert scan(world, frames, verification=asked.id).status_code == 200


def test_frames_of_two_answers_are_not_mixed(world: World) -> None:
    asked, frames = answered(world, 2)
    _, others = answered(world, 2)
    reply = scan(world, [frames[0], others[1]], verification=asked.id)
    assert code_of(reply) == (400, "qr_frame_of_another_message")
    assert asked.read()["state"] == "requested"


def test_a_hand_scanner_may_type_several_codes_into_one_text(world: World) -> None:
    asked, frames = answered(world, 2)
    body = {"verification": asked.id, "text": f"{frames[1]}\r\n{frames[0]}\n"}
    assert world.post("/api/v1/scans", json=body, headers=world.bearer).status_code == 200
    assert asked.read()["state"] == "identity_pending"


# Rubbish -------------------------------------------------------------------------------------


@pytest.mark.req("DESK-01")
def test_rubbish_changes_nothing(world: World) -> None:
    asked, frames = answered(world)
    challenge = challenge_link(asked)["link"].partition(":")[2]
    digit = "1" if frames[0][40] == "0" else "0"
    for texts, code in (
        ([], "no_code_read"),
        ([""], "qr_not_ours"),
        (["https://example.test/"], "qr_not_ours"),
        ([frames[0][:-1]], "qr_frame_checksum_wrong"),
        ([frames[0][:40] + digit + frames[0][41:]], "qr_frame_checksum_wrong"),
        (["5959" + "2" + frames[0][5:]], "qr_version_unknown"),
        ([challenge], "qr_message_of_another_kind"),
        (write_frames(Message(Kind.BOUND_ANSWER, b"1234")), "qr_answer_malformed"),
        (write_frames(Message(Kind.BOUND_ANSWER, b"12345")), "qr_answer_to_another_challenge"),
        (write_frames(Message(Kind.SELF_INITIATED_ANSWER, b"12345")), "qr_inflate_failed"),
    ):
        assert code_of(scan(world, list(texts), verification=asked.id)) == (400, code)
    assert asked.read()["state"] == "requested"
    assert world.evidence() == []
    assert scan(world, frames, verification=asked.id).status_code == 200


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=400), st.sampled_from(Kind))
def test_made_up_messages_change_nothing(world: World, body: bytes, kind: Kind) -> None:
    asked = world.start()
    challenge_of(asked)
    assert scan(world, write_frames(Message(kind, body)), verification=asked.id).status_code == 400
    assert asked.read()["state"] == "requested"


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"verification": "x"},
        {"text": "x"},
        {"verification": "x", "profile": PROFILE, "text": "5959"},
        {"verification": 1, "text": "5959"},
        {"verification": "x", "text": 1},
        {"verification": "x", "frames": "5959"},
        {"verification": "x", "frames": [1]},
        {"verification": "x", "frames": ["5959"] * 65},
        {"verification": "x", "text": "5959", "more": "x"},
    ],
)
def test_other_members_are_refused(world: World, body: Any) -> None:
    reply = world.post("/api/v1/scans", json=body, headers=world.bearer)
    assert reply.status_code in {400, 404}
    assert world.evidence() == []


def test_a_scan_needs_the_key_of_its_desk(world: World) -> None:
    asked, frames = answered(world)
    body = {"verification": asked.id, "frames": list(frames)}
    assert world.post("/api/v1/scans", json=body).status_code == 401
    other = {"Authorization": f"Bearer {world.new_key()}"}
    reply = world.post("/api/v1/scans", json=body, headers=other)
    assert code_of(reply) == (404, "verification_unknown")
    assert asked.read()["state"] == "requested"


def test_a_closed_verification_takes_no_answer(world: World) -> None:
    asked, frames = answered(world)
    asked.close()
    assert code_of(scan(world, frames, verification=asked.id)) == (410, "request_over")


# Many at once --------------------------------------------------------------------------------


@pytest.mark.req("DESK-01")
def test_of_ten_scans_of_one_answer_one_is_taken(world: World) -> None:
    asked, frames = answered(world)
    body = {"verification": asked.id, "frames": list(frames)}
    post = partial(world.client.post, "/api/v1/scans", json=body, headers=world.bearer)
    replies = world.all_at_once([post] * 10)
    assert sorted(reply.status_code for reply in replies) == [200, *[400] * 9]
    assert asked.read()["state"] == "identity_pending"


def test_a_wallet_that_answers_both_ways_is_taken_once(world: World) -> None:
    asked, frames = answered(world)
    asked.answer()
    assert code_of(scan(world, frames, verification=asked.id)) == (400, "replayed")


@pytest.mark.req("DESK-03")
def test_of_ten_showings_of_one_code_one_is_looked_at(world: World) -> None:
    frames = phone_alone().show_alone(at=world.clock.now())
    body = {"profile": PROFILE, "frames": list(frames)}
    post = partial(world.client.post, "/api/v1/scans", json=body, headers=world.bearer)
    outcomes = [reply.json()["verification"] for reply in world.all_at_once([post] * 10)]
    told = sorted((one["outcome"], one["code"]) for one in outcomes)
    assert told == [("cannot_confirm", "self_initiated"), *[("reject", "replayed")] * 9]


# Pictures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_a_picture_of_the_phone_is_read(world: World, kind: str) -> None:
    asked, frames = answered(world)
    headers = {**world.bearer, "Content-Type": f"image/{kind}"}
    reply = world.post(
        f"/api/v1/scans?verification={asked.id}", content=drawn(frames, kind=kind), headers=headers
    )
    assert reply.status_code == 200, reply.text
    assert asked.read()["state"] == "identity_pending"


def test_several_codes_in_one_picture_are_frames(world: World) -> None:
    asked, frames = answered(world, 3)
    reply = world.post(
        "/api/v1/scans",
        data={"verification": asked.id, "text": frames[2]},
        files={"picture": ("phone.png", drawn(frames[:2]), "image/png")},
        headers=world.bearer,
    )
    assert reply.status_code == 200, reply.text
    assert asked.read()["state"] == "identity_pending"


def test_a_picture_of_a_part_tells_what_is_missing(world: World) -> None:
    asked, frames = answered(world, 2)
    reply = world.post(
        "/api/v1/scans",
        data={"verification": asked.id},
        files={"picture": ("phone.png", drawn(frames[1:]), "image/png")},
        headers=world.bearer,
    )
    assert (reply.status_code, reply.json()["missing"]) == (202, [1])


def png(width: int, height: int) -> bytes:
    out = BytesIO()
    Image.new("1", (width, height), 1).save(out, "png")
    return out.getvalue()


def test_pictures_have_bounds(world: World) -> None:
    asked, frames = answered(world)
    good = drawn(frames)
    for picture, status, code in (
        (png(40, 40), 400, "no_code_read"),
        (b"GIF89a" + bytes(100), 415, "picture_unreadable"),
        (good[: len(good) // 2], 415, "picture_unreadable"),
        (b"", 415, "picture_unreadable"),
        (png(5_000, 5_000), 413, "picture_too_large"),
        (png(MAX_SIDE + 1, 10), 413, "picture_too_large"),
        (png(20_000, 10_000), 413, "picture_too_large"),
        (bytes(MAX_BYTES + 1), 413, "picture_too_large"),
        (bytes(MAX_BYTES + 100_001), 413, "body_too_large"),
    ):
        headers = {**world.bearer, "Content-Type": "image/png"}
        path = f"/api/v1/scans?verification={asked.id}"
        reply = world.post(path, content=picture, headers=headers)
        assert code_of(reply) == (status, code)
    assert asked.read()["state"] == "requested"


def test_nothing_else_got_more_room(world: World) -> None:
    for path in ("/api/v1/verifications", "/desk/sign-in", "/responses/x"):
        assert world.post(path, content=bytes(300_001), headers=world.bearer).status_code == 413


def test_a_code_in_the_background_is_left_out(world: World) -> None:
    asked, frames = answered(world)
    reply = world.post(
        "/api/v1/scans",
        data={"verification": asked.id},
        files=[
            ("picture", ("a.png", drawn(("0123456789",)), "image/png")),
            ("picture", ("b.png", drawn(frames), "image/png")),
        ],
        headers=world.bearer,
    )
    assert reply.status_code == 200, reply.text


# Forms with files ----------------------------------------------------------------------------


def form(*parts: str, end: str = "--x--\r\n") -> bytes:
    return ("".join(f"--x\r\n{part}\r\n" for part in parts) + end).encode()


FIELD = 'Content-Disposition: form-data; name="a"\r\n\r\nvalue'
FILE = 'Content-Disposition: form-data; name="p"; filename="p.png"\r\n\r\npicture'


def test_a_form_with_files_is_taken_apart() -> None:
    upload = parse_multipart("multipart/form-data; boundary=x", form(FIELD, FILE, FILE))
    assert upload.fields == {"a": "value"}
    assert upload.pictures == (b"picture", b"picture")
    quoted = parse_multipart('multipart/form-data; boundary="x"; charset=utf-8', form(FIELD))
    assert quoted.fields == {"a": "value"}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", form(FIELD)),
        ("multipart/form-data; boundary=y", form(FIELD)),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"before\r\n" + form(FIELD)),
        ("multipart/form-data; boundary=x", form(FIELD, end="")),
        ("multipart/form-data; boundary=x", form("no header")),
        ("multipart/form-data; boundary=x", form("Content-Type: text/plain\r\n\r\nx")),
        ("multipart/form-data; boundary=x", form("Content-Disposition: form-data\r\n\r\nx")),
        ("multipart/form-data; boundary=x", form(*[FILE] * 25)),
        ("multipart/form-data; boundary=x", form(FIELD).replace(b"value", b"\xff")),
    ],
)
def test_a_broken_form_is_refused(kind: str, body: bytes) -> None:
    with pytest.raises(MalformedForm):
        parse_multipart(kind, body)


def test_a_field_stands_there_once() -> None:
    with pytest.raises(ParameterRepeated):
        parse_multipart("multipart/form-data; boundary=x", form(FIELD, FIELD))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_form_or_refused(noise: bytes) -> None:
    for body in (noise, b"--x\r\n" + noise + b"\r\n--x--", form(FIELD) + noise):
        try:
            parse_multipart("multipart/form-data; boundary=x", body)
        except (MalformedForm, ParameterRepeated):
            continue
