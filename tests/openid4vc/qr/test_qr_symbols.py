"""The everyday presentations and a challenge as QR codes: small enough, and read from pictures."""

from collections.abc import Callable
from typing import Any

import pytest
import segno
from qrcode.util import (  # type: ignore[import-untyped]  # ships no types
    MODE_8BIT_BYTE,
    MODE_NUMBER,
)

from openid4vc.qr.answer import (
    SELF_INITIATED_AUDIENCE,
    read_bound,
    read_self_initiated,
    write_self_initiated,
)
from openid4vc.qr.challenge import MAX_LINK_DIGITS, ChallengeLink, write_challenge
from openid4vc.qr.frames import (
    FRAME_QR_DIGITS,
    SINGLE_QR_DIGITS,
    FrameCollector,
    Message,
    write_frames,
    write_frames_within,
)
from openid4vc.qr.read_challenge import read_challenge
from tests.openid4vc.qr import kit
from tests.openid4vc.qr.pictures import (
    VIEWS,
    drawn,
    drawn_again,
    drawn_link,
    photographed,
    picture,
    read,
)

VERSIONS = {"te_initial_interview": 27, "te_service_need": 25, "te_benefit_coordination": 22}
"""What one code needs now, so that a loss of density is noticed; the goal is 32."""

Drawer = Callable[[str], Any]
DRAWERS: dict[str, Drawer] = {"segno": drawn, "qrcode": drawn_again}


def message(profile: str) -> Message:
    return kit.answer_to(kit.challenge(profile))


def opened(profile: str, *frames: str) -> str:
    collector = FrameCollector()
    for frame in frames:
        collector.add(frame)
    whole = collector.message()
    assert whole is not None
    answer = read_bound(
        whole,
        challenge=kit.challenge(profile),
        key=kit.BOX_KEY,
        at=kit.AT,
        certificates=kit.certificates().get,
    )
    return answer.presentation


def link() -> ChallengeLink:
    return write_challenge(kit.challenge(), signer=kit.desk())


@pytest.mark.parametrize("draw", DRAWERS.values(), ids=DRAWERS)
@pytest.mark.parametrize("profile", kit.EVERYDAY)
def test_one_code_holds_an_everyday_answer(profile: str, draw: Drawer) -> None:
    (digits,) = write_frames_within(message(profile), max_digits=SINGLE_QR_DIGITS)
    code = draw(digits)
    assert int(code.version) <= VERSIONS[profile] <= 32
    clean = picture(code, pixels=2)
    assert opened(profile, read(clean)).startswith(kit.shown(profile))
    for view in VIEWS:
        assert read(photographed(picture(code, pixels=3), view)) == digits


@pytest.mark.parametrize("draw", DRAWERS.values(), ids=DRAWERS)
@pytest.mark.parametrize("profile", kit.EVERYDAY)
@pytest.mark.parametrize("total", [2, 3])
def test_two_or_three_codes_of_version_20_hold_it_too(
    profile: str, total: int, draw: Drawer
) -> None:
    frames = write_frames(message(profile), total=total)
    codes = [draw(frame) for frame in frames]
    assert max(int(code.version) for code in codes) <= 20
    assert max(map(len, frames)) <= FRAME_QR_DIGITS
    clean = [read(picture(code, pixels=2)) for code in codes]
    assert tuple(clean) == frames
    for view in VIEWS:
        photos = [read(photographed(picture(code, pixels=3), view)) for code in codes]
        assert tuple(photos) == frames
    assert opened(profile, *reversed(clean)).count("~") > 5


@pytest.mark.parametrize("profile", kit.EVERYDAY)
def test_both_libraries_draw_one_numeric_segment_at_level_l(profile: str) -> None:
    (digits,) = write_frames(message(profile))
    code, again = drawn(digits), drawn_again(digits)
    assert (code.mode, code.error) == ("numeric", "L")
    assert [part.mode for part in again.data_list] == [MODE_NUMBER]
    assert again.version == code.version


def test_what_the_constants_say_is_what_codes_hold() -> None:
    assert drawn("5" * SINGLE_QR_DIGITS).version == 32
    assert drawn("5" * (SINGLE_QR_DIGITS + 1)).version == 33
    assert drawn("5" * FRAME_QR_DIGITS).version == 20
    assert drawn("5" * (FRAME_QR_DIGITS + 1)).version == 21
    assert drawn_link(ChallengeLink("5" * MAX_LINK_DIGITS, certificate_embedded=True)).version == 25
    assert (
        drawn_link(ChallengeLink("5" * (MAX_LINK_DIGITS + 1), certificate_embedded=True)).version
        == 26
    )


def test_a_challenge_is_read_from_pictures() -> None:
    made = link()
    code, again = drawn_link(made), drawn_again(made.text, level_m=True)
    assert made.certificate_embedded
    assert code.error == "M"
    # The other library finds the two segments by itself.
    assert [part.mode for part in again.data_list] == [MODE_8BIT_BYTE, MODE_NUMBER]
    assert again.version == code.version
    assert int(code.version) <= 18
    for one in (code, again):
        assert read(picture(one, pixels=2)) == made.text
        for view in VIEWS:
            assert read(photographed(picture(one, pixels=3), view)) == made.text
    trusted = read_challenge(
        read(photographed(picture(code, pixels=3))), trust=kit.pki().trust_list, at=kit.AT
    )
    assert trusted.challenge == kit.challenge()


def test_a_challenge_in_capitals_is_read_from_pictures() -> None:
    """In capitals it is one alphanumeric segment, for who cannot draw two."""
    text = link().text.upper()
    code = segno.make_qr(text, error="m", boost_error=False)
    assert code.mode == "alphanumeric"
    assert int(code.version) <= 25
    for one in (code, drawn_again(text, level_m=True)):
        assert read(picture(one, pixels=2)) == text
        assert read(photographed(picture(one, pixels=3))) == text


def test_a_photograph_is_no_copy_of_the_picture() -> None:
    """The views are in perspective: opposite sides differ, and no pixel row stays one."""
    plain = picture(drawn("5" * 2_000), pixels=3)
    edges = {}
    for view, corners in VIEWS.items():
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
        edges[view] = (x1 - x0) - (x2 - x3), (y3 - y0) - (y2 - y1)
        assert max(map(abs, edges[view])) > 0.02
        assert photographed(plain, view).tobytes() != plain.tobytes()
    assert len(set(edges.values())) == len(VIEWS)


@pytest.mark.parametrize("profile", kit.EVERYDAY)
def test_a_self_initiated_answer_fits_even_with_its_certificate(profile: str) -> None:
    text = kit.bound(profile, audience=SELF_INITIATED_AUDIENCE)
    (digits,) = write_frames_within(write_self_initiated(text))
    assert int(drawn(digits).version) == int(drawn_again(digits).version) <= 29
    for code in (drawn(digits), drawn_again(digits)):
        assert read(photographed(picture(code, pixels=3))) == digits
    collector = FrameCollector()
    collector.add(read(picture(drawn(digits), pixels=2)))
    whole = collector.message()
    assert whole is not None
    assert read_self_initiated(whole, at=kit.AT).presentation == text
