"""The everyday presentations and a challenge as QR codes: small enough, and read from pictures."""

import pytest
import segno

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
    drawn,
    drawn_again,
    drawn_link,
    photographed,
    picture,
    read,
)

VERSIONS = {"te_initial_interview": 26, "te_service_need": 24, "te_benefit_coordination": 21}
"""What one code needs now, so that a loss of density is noticed; the goal is 32."""


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


@pytest.mark.parametrize("profile", kit.EVERYDAY)
def test_one_code_holds_an_everyday_answer(profile: str) -> None:
    (digits,) = write_frames_within(message(profile), max_digits=SINGLE_QR_DIGITS)
    code = drawn(digits)
    assert (code.mode, code.error) == ("numeric", "L")
    assert int(code.version) <= VERSIONS[profile] <= 32
    clean = picture(code, pixels=2)
    assert opened(profile, read(clean)).startswith(kit.shown(profile))
    assert read(photographed(picture(code, pixels=3))) == digits


@pytest.mark.parametrize("profile", kit.EVERYDAY)
@pytest.mark.parametrize("total", [2, 3])
def test_two_or_three_codes_of_version_20_hold_it_too(profile: str, total: int) -> None:
    frames = write_frames(message(profile), total=total)
    codes = [drawn(frame) for frame in frames]
    assert max(int(code.version) for code in codes) <= 20
    assert max(map(len, frames)) <= FRAME_QR_DIGITS
    clean = [read(picture(code, pixels=2)) for code in codes]
    photos = [read(photographed(picture(code, pixels=3))) for code in codes]
    assert tuple(clean) == tuple(photos) == frames
    assert opened(profile, *reversed(photos)).count("~") > 5


@pytest.mark.parametrize("profile", kit.EVERYDAY)
def test_another_library_draws_the_same(profile: str) -> None:
    (digits,) = write_frames(message(profile))
    version, image = drawn_again(digits)
    assert version == drawn(digits).version
    assert read(image) == digits


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
    code = drawn_link(made)
    assert made.certificate_embedded
    assert code.error == "M"
    assert int(code.version) <= 18
    version, other = drawn_again(made.text, level_m=True)
    assert version == code.version
    photo = photographed(picture(code, pixels=3))
    for image in (picture(code, pixels=2), photo, other):
        assert read(image) == made.text
    # In capitals it is one alphanumeric segment, for who cannot draw two.
    capitals = segno.make_qr(made.text.upper(), error="m", boost_error=False)
    assert capitals.mode == "alphanumeric"
    assert int(capitals.version) <= 25
    assert read(picture(capitals, pixels=2)) == made.text.upper()
    trusted = read_challenge(read(photo), trust=kit.pki().trust_list, at=kit.AT)
    assert trusted.challenge == kit.challenge()


@pytest.mark.parametrize("profile", kit.EVERYDAY)
def test_a_self_initiated_answer_fits_even_with_its_certificate(profile: str) -> None:
    text = kit.bound(profile, audience=SELF_INITIATED_AUDIENCE)
    (digits,) = write_frames_within(write_self_initiated(text))
    code = drawn(digits)
    assert int(code.version) <= 28
    collector = FrameCollector()
    collector.add(read(picture(code, pixels=2)))
    whole = collector.message()
    assert whole is not None
    assert read_self_initiated(whole, at=kit.AT).presentation == text
