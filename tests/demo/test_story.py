"""`make demo` is one of the tests: the story holds, in the place of an earlier one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from demo.payloads import STORY_ENDS, example_claims
from demo.telling import StoryFailed, Teller, must

QR_ONLY = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode,))

ROOT = Path(__file__).parents[2]


def tell(output: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "demo.story", "--output", str(output)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.timeout(700)
def test_the_story_holds_in_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "qr").mkdir(parents=True)
    (out / "qr" / "00-of-another-day.png").write_bytes(b"no picture")
    (out / "transcript.txt").write_text("the story of another day")
    told = tell(out)
    assert told.returncode == 0, told.stdout[-3000:] + told.stderr[-3000:]
    assert "The story holds" in (out / "transcript.txt").read_text("utf-8")
    pictures = sorted((out / "qr").glob("*.png"))
    assert len(pictures) >= 10
    for picture in pictures:
        (code,) = zxingcpp.read_barcodes(Image.open(picture), formats=QR_ONLY)
        assert code.text.isdecimal() or code.text.startswith(
            ("openid-credential-offer://?", "openid4vp://?", "kyky-challenge:", "KYKY-CHALLENGE:")
        )
    pages = sorted(page.name for page in (out / "pages").glob("*.html"))
    assert len(pages) == 11
    assert (out / "pages" / "static" / "desk.css").is_file()


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    told = tell(tmp_path)
    assert told.returncode == 2
    assert "name another folder" in told.stderr
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_failed_step_is_told_with_its_way_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    teller = Teller(tmp_path / "transcript.txt")
    with pytest.raises(StoryFailed) as failure, teller.step("this cannot be"):
        must(1 + 1 == 3, "it was 2", "learn to count")
    teller.failed(failure.value)
    said = capsys.readouterr()
    assert "ok" not in said.out
    assert "it was 2" in said.err
    assert "What to do: learn to count" in said.err


def test_dates_move_but_a_birthday_does_not() -> None:
    as_written = example_claims("03_authority_decision", today=STORY_ENDS)
    later = example_claims("03_authority_decision", today=STORY_ENDS.replace(day=10))
    assert later["birthdate"] == as_written["birthdate"]
    moved = {name for name in later if later[name] != as_written[name]}
    assert {"decision_date", "valid_from", "valid_until", "appeal_deadline"} <= moved
