"""Frames: any order, any number of times, nothing mixed, nothing lost unnoticed."""

import random
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openid4vc.checks import CheckFailed
from openid4vc.qr.errors import (
    DigitsMalformed,
    FormatVersionUnknown,
    FrameChecksumWrong,
    FrameMalformed,
    FrameOfAnotherMessage,
    MessageDamaged,
    MessageTooLarge,
    NotOurFrame,
)
from openid4vc.qr.frames import (
    FRAME_QR_DIGITS,
    SINGLE_QR_DIGITS,
    FrameCollector,
    Kind,
    Message,
    Progress,
    read_single,
    write_frames,
    write_frames_within,
)

BODY = bytes(range(256)) * 5
MESSAGE = Message(Kind.BOUND_ANSWER, BODY)


def checked(digits: str) -> str:
    """Put the right checksum behind whatever it is."""
    return f"{digits}{crc32(digits.encode()):010d}"


def bent(frame: str, place: int, digits: str) -> str:
    return checked(frame[:place] + digits + frame[place + len(digits) : -10])


@given(
    st.sampled_from(Kind),
    st.binary(min_size=1, max_size=400),
    st.integers(1, 8),
    st.randoms(use_true_random=False),
)
def test_frames_come_back_in_any_order(
    kind: Kind, body: bytes, total: int, order: random.Random
) -> None:
    message = Message(kind, body)
    frames = list(write_frames(message, total=min(total, len(body))))
    again = [*frames, *frames]
    order.shuffle(again)
    collector = FrameCollector()
    for frame in again:
        seen = collector.add(f" {frame}\r\n")
        assert (collector.message() is not None) == seen.complete
    assert collector.message() == message


def test_progress_says_what_is_missing() -> None:
    first, _, third = write_frames(MESSAGE, total=3)
    collector = FrameCollector()
    assert collector.message() is None
    assert collector.add(third) == Progress(seen=1, total=3, missing=(1, 2))
    assert collector.add(third) == Progress(seen=1, total=3, missing=(1, 2))
    assert collector.add(first) == Progress(seen=2, total=3, missing=(2,))
    assert not collector.add(first).complete
    assert collector.message() is None


def test_frames_are_of_nearly_one_length_and_as_few_as_fit() -> None:
    lengths = {len(frame) for frame in write_frames(MESSAGE, total=7)}
    assert max(lengths) - min(lengths) <= 3
    assert len(write_frames_within(MESSAGE, max_digits=SINGLE_QR_DIGITS)) == 1
    assert len(write_frames_within(MESSAGE, max_digits=FRAME_QR_DIGITS)) == 2
    for max_digits in range(450, 3_200, 50):
        frames = write_frames_within(MESSAGE, max_digits=max_digits)
        assert max(map(len, frames)) <= max_digits
        if len(frames) > 1:
            assert max(map(len, write_frames(MESSAGE, total=len(frames) - 1))) > max_digits
    with pytest.raises(MessageTooLarge):
        write_frames_within(MESSAGE, max_digits=400)


@pytest.mark.parametrize(
    ("body", "total"),
    [(b"", 1), (b"ab", 3), (BODY, 0), (BODY, 9), (bytes(16_385), 8), (bytes(2_950), 1)],
)
def test_what_no_frames_hold_is_refused(body: bytes, total: int) -> None:
    with pytest.raises(MessageTooLarge):
        write_frames(Message(Kind.CHALLENGE, body), total=total)


def test_a_lost_changed_or_swapped_digit_is_noticed() -> None:
    (frame,) = write_frames(Message(Kind.SELF_INITIATED_ANSWER, BODY[:40]))
    for place in range(len(frame)):
        lost = frame[:place] + frame[place + 1 :]
        other = frame[:place] + str((int(frame[place]) + 1) % 10) + frame[place + 1 :]
        swapped = frame[:place] + frame[place : place + 2][::-1] + frame[place + 2 :]
        for text in {lost, other, swapped} - {frame}:
            with pytest.raises((NotOurFrame, FormatVersionUnknown, FrameChecksumWrong)):
                FrameCollector().add(text)


def test_frames_of_two_messages_are_not_mixed() -> None:
    one, two = write_frames(MESSAGE, total=2)
    collector = FrameCollector()
    collector.add(one)
    others = [
        write_frames(Message(Kind.BOUND_ANSWER, BODY + b"x"), total=2)[1],
        write_frames(Message(Kind.SELF_INITIATED_ANSWER, BODY), total=2)[1],
        write_frames(MESSAGE, total=3)[1],
        bent(one, 18, "1" if one[18] == "0" else "0"),
    ]
    for other in others:
        with pytest.raises(FrameOfAnotherMessage):
            collector.add(other)
    collector.add(two)
    assert collector.message() == MESSAGE


def test_frames_that_only_say_that_they_belong_together_are_found_out() -> None:
    one, two = write_frames(MESSAGE, total=2)
    collector = FrameCollector()
    collector.add(one)
    collector.add(bent(two, 18, "1" if two[18] == "0" else "0"))
    with pytest.raises(MessageDamaged):
        collector.message()


def test_frames_together_are_not_more_than_a_message_may_be() -> None:
    full = write_frames(Message(Kind.CHALLENGE, bytes(16_384)), total=8)
    collector = FrameCollector()
    for frame in full[:-1]:
        collector.add(frame)
    longer = checked(full[7][:18] + "0" * 53 * 100)
    with pytest.raises(MessageTooLarge):
        collector.add(longer)
    collector.add(full[7])
    assert collector.message() is not None


@pytest.mark.parametrize(
    ("place", "digits", "failure"),
    [
        (0, "5958", NotOurFrame),
        (4, "2", FormatVersionUnknown),
        (5, "0", FrameMalformed),
        (5, "4", FrameMalformed),
        (6, "0", FrameMalformed),
        (6, "3", FrameMalformed),
        (7, "9", FrameMalformed),
        (18, "9" * 53, DigitsMalformed),
    ],
)
def test_impossible_headers(place: int, digits: str, failure: type[CheckFailed]) -> None:
    frame = write_frames(MESSAGE, total=2)[0]
    with pytest.raises(failure):
        FrameCollector().add(bent(frame, place, digits))


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("", NotOurFrame),
        ("5959", FormatVersionUnknown),
        ("59591", FrameMalformed),
        ("HC1:NCF", NotOurFrame),
        ("5959x", NotOurFrame),
        ("٥٩٥٩١", NotOurFrame),
        (checked("595911110000000000"), FrameMalformed),
        (checked("595911110000000000" + "0" * 7_100), FrameMalformed),
    ],
)
def test_texts_that_are_no_frames(text: str, failure: type[CheckFailed]) -> None:
    with pytest.raises(failure):
        FrameCollector().add(text)


@given(st.text(max_size=80) | st.from_regex(r"59591[0-9]{20,90}", fullmatch=True).map(checked))
def test_no_text_raises_anything_but_a_check(text: str) -> None:
    collector = FrameCollector()
    try:
        collector.add(text)
        collector.message()
    except CheckFailed:
        return
    assert text.strip().startswith("59591")


def test_a_single_frame_is_the_whole_message() -> None:
    (frame,) = write_frames(MESSAGE)
    assert read_single(frame) == MESSAGE
    with pytest.raises(FrameMalformed):
        read_single(write_frames(MESSAGE, total=2)[0])


def test_the_message_id_is_of_kind_and_body() -> None:
    ids = {Message(kind, body).id for kind in Kind for body in (b"a", b"b")}
    assert len(ids) == 6
    assert all(len(each) == 10 and each.isdecimal() for each in ids)
    assert Message(Kind.CHALLENGE, b"a").id == Message(Kind.CHALLENGE, b"a").id
