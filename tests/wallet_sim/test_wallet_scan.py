"""What codes hold, told without a wallet and without changing anything."""

from zlib import crc32

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.checks import CheckFailed
from openid4vc.qr.frames import Kind, Message, write_frames
from tests.wallet_sim.desk import DeskSimulator
from tests.wallet_sim.terminal import Terminal
from wallet_sim.scanning import Held, scan_all

ANSWER = Message(Kind.BOUND_ANSWER, bytes(range(256)) * 4)


@pytest.fixture
def at(tmp_path):
    """A computer without any wallet."""
    return Terminal(tmp_path)


def drawn(at: Terminal, name: str, text: str) -> str:
    file = at.folder / name
    segno.make(text, micro=False, error="l").save(str(file), scale=4)
    return str(file)


def test_every_kind_is_told(at):
    world = at.world
    desk = DeskSimulator(world.clock)
    (own,) = write_frames(Message(Kind.SELF_INITIATED_ANSWER, b"hello"))
    kinds = {
        "offer": world.issuer.link(),
        "request": world.receiver.link(),
        "challenge": desk.link().text,
        "self_initiated_answer": own,
        "web_address": "https://example.fi/",
        "other": "BEGIN:VCARD",
    }
    for kind, text in kinds.items():
        (seen,) = at.json("scan", drawn(at, f"{kind}.png", text))["pictures"]
        assert (seen["holds"], seen["error"]) == (kind, None)
    assert set(kinds) | {"bound_answer"} == set(Held)
    assert list(at.home.parent.glob("wallet*")) == [], "no wallet was needed or made"
    assert world.network.calls == []


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 2, 3, 1, 1)])
def test_frames_in_any_order(at, order):
    frames = write_frames(ANSWER, total=3)
    files = [drawn(at, f"{place}.png", frames[n - 1]) for place, n in enumerate(order)]
    done = at.json("scan", *files)
    assert set(done) == {"pictures", "answer"}
    assert [(one["frame"], one["frames"]) for one in done["pictures"]] == [(n, 3) for n in order]
    assert done["answer"] == {
        "holds": "bound_answer", "seen": 3, "total": 3, "missing": [], "complete": True
    }  # fmt: skip
    assert "All codes of the answer have been read." in at.page("--lang", "en", "scan", *files)


def test_progress_is_told(at):
    frames = write_frames(ANSWER, total=4)
    done = at.json("scan", frames[2], frames[0])
    assert done["answer"]["missing"] == [2, 4]
    assert not done["answer"]["complete"]
    page = at.page("--lang", "en", "scan", frames[2], frames[0])
    assert "Code 3/4." in page
    assert "2/4 codes have been read. Missing: 2 and 4." in page


def test_one_bad_picture_does_not_stop_the_others(at):
    frames = write_frames(ANSWER, total=2)
    (other,) = write_frames(Message(Kind.BOUND_ANSWER, b"another"))
    noise = at.folder / "noise.png"
    noise.write_bytes(b"noise")
    args = (frames[0], str(noise), "missing.png", other, frames[1][:-1], frames[1])
    done = at.json("scan", *args)
    assert [one["error"] for one in done["pictures"]] == [
        None, "image_unreadable", "file_missing", "qr_frame_of_another_message",
        "qr_frame_checksum_wrong", None,
    ]  # fmt: skip
    assert done["answer"]["complete"]
    assert all(one["message"] for one in done["pictures"] if one["error"])
    assert "belongs to another answer" in at.page("--lang", "en", "scan", *args)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("missing.png", "file_missing"),
        ("nothing", "not_a_link"),
        ("5959" + "1" * 100, "qr_frame_checksum_wrong"),
        ("59592" + "1" * 100, "qr_version_unknown"),
        ("59591", "qr_frame_malformed"),
        ("5959" + "1" * 9_000, "qr_frame_malformed"),
        ("kyky-challenge:1", "qr_not_ours"),
        ("openid4vp://" + "x" * 20_000, "link_too_long"),
    ],
)
def test_what_cannot_be_read(at, text, code):
    assert at.json("scan", text, code=1)["error"] == code
    assert at.run("scan", text, code=1).stderr


def test_the_text_of_a_code_is_cut_short_on_the_page(at):
    (frame,) = write_frames(ANSWER)
    page = at.page("scan", frame)
    assert frame[:100] in page
    assert frame not in page


def test_nothing_to_scan_is_a_wrong_command_line(at):
    at.run("scan", code=2)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=120) | st.from_regex(r"(kyky-challenge:)?5959[0-9]{0,90}"))
def test_no_text_brings_it_down(text):
    try:
        scanned = scan_all([text])
    except CheckFailed:
        return
    assert scanned.seen[0].held is not None


def test_frames_that_do_not_fit_together(at):
    """Frames of different messages whose ids happen to be the same."""
    first, second = (
        with_id(Message(Kind.BOUND_ANSWER, body * 60), "0000000007") for body in (b"one", b"two")
    )
    assert at.json("scan", first[0], second[1], code=1)["error"] == "qr_message_damaged"


def with_id(message: Message, message_id: str) -> list[str]:
    """The frames of a message under an id that is not its own."""
    changed = [
        f"{frame[:8]}{message_id}{frame[18:-10]}" for frame in write_frames(message, total=2)
    ]
    return [f"{frame}{crc32(frame.encode()):010d}" for frame in changed]
