"""The printed letter: tags for those who listen, a code for a camera, a window for the post.

What is checked here is a part of PDF/UA-1: Typst refuses to set a letter against its own rules for
`ua-1`, pikepdf looks at the tags that matter, and pdfua goes through 16 of 106 machine-checkable
rules. veraPDF, which knows all of them, comes neither by pip nor by apt: nothing here says that the
letter conforms.
"""

import asyncio
import hashlib
import io
import re
import string
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pdfua
import pikepdf
import pypdfium2  # type: ignore[import-untyped]  # ships no types
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from credential_schemas.loader import load_catalogue
from credential_schemas.model import Label, Lang
from issuer.adapters.letter_press import press
from issuer.adapters.letter_press.press import TypstPress, words_of
from issuer.ports.letters import LetterContent, LetterStyle, PinMedium, Sender
from issuer.usecases.letters.failures import LetterNotSet
from tests.issuer.letters import make_letter
from tests.issuer.world import World
from tests.openid4vc.qr.pictures import VIEWS, photographed

STYLES: tuple[LetterStyle, ...] = get_args(LetterStyle)
LANGUAGES: dict[LetterStyle, Lang] = {"fi": "fi", "sv": "sv", "en": "en", "fi-plain": "fi"}
LINK = "https://letters.mallimaa.example/l/NtzLEUB3b6vOln6BHnSmSD"
CODE = "NRWJ6-3F6BT-68GCP"
HOME = Path(press.__file__).parent
POINTS_PER_MM = 72 / 25.4
PIXELS_PER_MM = 300 / 25.4
QR_ONLY = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode,))


def content(**changes: Any) -> LetterContent:
    """A letter to a fictional person, with the longest sender that the demo has."""
    told: dict[str, Any] = {
        "sender": Sender(
            name=Label(
                "Mallimaan hyvinvointialue (TESTI)",
                "Modellandets välfärdsområde (TESTI)",
                "Mallimaa wellbeing services county (TESTI)",
            ),
            address=("PL 0", "00000 MALLIKYLÄ"),
            help=Label("Soita 000 000 0000.", "Ring 000 000 0001.", "Call 000 000 0002."),
        ),
        "recipient": ("Åke Testi Mallikäs", "Mallitie 1 A 2", "00000 MALLIKYLÄ"),
        "card": Label("Lausuntopalaute", "Utlåtanderespons", "Statement feedback"),
        "link": LINK,
        "place": "letters.mallimaa.example/l",
        "typed_code": CODE,
        "pin_medium": PinMedium.TEXT_MESSAGE,
        "written_on": date(2026, 11, 24),
        "last_day": date(2026, 12, 24),
    }
    return LetterContent(**{**told, **changes})


def printed(style: LetterStyle = "fi", **changes: Any) -> bytes:
    return asyncio.run(TypstPress().pdf(content(**changes), style))


def elements(node: Any) -> Iterator[Any]:
    """Every structure element below one, in reading order."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def spoken(pdf: pikepdf.Pdf) -> set[str]:
    """The languages that marked pieces of the page say they are in."""
    marks = [
        one.operands[1]
        for one in pikepdf.parse_content_stream(pdf.pages[0])
        if isinstance(one, pikepdf.ContentStreamInstruction) and str(one.operator) == "BDC"
    ]
    return {str(mark.Lang)[:2] for mark in marks if "/Lang" in mark}


@pytest.mark.parametrize("style", STYLES)
def test_those_who_listen_get_tags_language_title_and_the_codes_words(style: LetterStyle) -> None:
    with pikepdf.open(io.BytesIO(printed(style))) as pdf:
        root = pdf.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang).partition("-")[0] == style.partition("-")[0]
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as about:
            assert about["pdfuaid:part"] == "1"
            assert about["dc:title"] == words_of(style)["title"]
            assert "Lausuntopalaute" not in str(about)
        tags = list(elements(root.StructTreeRoot))
        kinds = [str(tag.S) for tag in tags]
        assert kinds.count("/H1") == 1
        assert kinds.count("/H2") == 3
        assert kinds.index("/H1") < kinds.index("/H2")
        assert kinds.count("/L") == 1
        assert kinds.count("/LI") == 3
        assert kinds.count("/P") >= 6
        (figure,) = [tag for tag in tags if str(tag.S) == "/Figure"]
        assert "letters.mallimaa.example/l" in str(figure.Alt)
        assert LINK not in str(figure.Alt)
        assert spoken(pdf) == {"fi", "sv", "en"}


@pytest.mark.parametrize("style", STYLES)
def test_another_checker_finds_nothing(style: LetterStyle, tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(printed(style))
    report = pdfua.validate(str(path))
    assert [str(finding) for finding in report.findings] == []


def test_that_checker_finds_something_in_an_untagged_file(tmp_path: Path) -> None:
    path = tmp_path / "bare.pdf"
    with pikepdf.open(io.BytesIO(printed())) as pdf:
        del pdf.Root.StructTreeRoot, pdf.Root.MarkInfo, pdf.Root.Lang
        pdf.save(path)
    assert pdfua.validate(str(path)).findings


@pytest.mark.parametrize("medium", list(PinMedium))
@pytest.mark.parametrize("style", STYLES)
def test_the_letter_is_one_page_and_says_what_it_must(
    style: LetterStyle, medium: PinMedium
) -> None:
    document = pypdfium2.PdfDocument(printed(style, pin_medium=medium))
    assert len(document) == 1
    text = " ".join(document[0].get_textpage().get_text_bounded().split())
    lang = LANGUAGES[style]
    for said in (
        CODE, "letters.mallimaa.example/l", "24.12.2026", "24.11.2026", "Åke Testi Mallikäs",
        content().card[lang], content().sender.help["fi"], content().sender.help["sv"],
        content().sender.help["en"],
    ):  # fmt: skip
        assert said in text, said
    step = words_of(style)[f"step_pin_{medium}"].replace("*", "")
    assert step in text
    document.close()


@pytest.mark.parametrize("style", STYLES)
def test_the_window_shows_name_and_address_and_nothing_else(style: LetterStyle) -> None:
    document = pypdfium2.PdfDocument(printed(style))
    page = document[0]
    height = page.get_height()

    def between(top: float, bottom: float) -> str:
        text = page.get_textpage().get_text_bounded(
            top=height - top * POINTS_PER_MM, bottom=height - bottom * POINTS_PER_MM
        )
        return " ".join(text.split())

    assert between(40, 75) == "Åke Testi Mallikäs Mallitie 1 A 2 00000 MALLIKYLÄ"
    sender = content().sender.name[LANGUAGES[style]]
    assert between(0, 40) == f"{sender} PL 0 00000 MALLIKYLÄ 24.11.2026"
    assert between(75, 93) == ""
    document.close()


def test_the_window_may_stay_free() -> None:
    document = pypdfium2.PdfDocument(printed(recipient=()))
    text = (
        document[0]
        .get_textpage()
        .get_text_bounded(
            top=document[0].get_height() - 40 * POINTS_PER_MM,
            bottom=document[0].get_height() - 93 * POINTS_PER_MM,
        )
    )
    assert text.strip() == ""
    document.close()


def scanned(pdf: bytes) -> Image.Image:
    """The page as a printer draws it: 300 dots an inch, grey."""
    document = pypdfium2.PdfDocument(pdf)
    picture: Image.Image = document[0].render(scale=300 / 72, grayscale=True).to_pil()
    document.close()
    return picture


@pytest.fixture(scope="module")
def page() -> Image.Image:
    return scanned(printed("sv"))


def read(picture: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture, formats=QR_ONLY)]


def test_the_code_is_read_from_the_printed_page(page: Image.Image) -> None:
    (found,) = zxingcpp.read_barcodes(page, formats=QR_ONLY)
    assert found.text == LINK
    corners = found.position
    side = (corners.top_right.x - corners.top_left.x) / PIXELS_PER_MM
    modules = 33  # version 4
    assert side >= 35
    assert side * (modules + 8) / modules >= 46  # with its quiet zone


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_the_code_is_read_from_a_photograph_of_the_page(page: Image.Image, view: str) -> None:
    assert read(photographed(page, view)) == [LINK]


@pytest.mark.parametrize(
    ("degrees", "blur", "quality"), [(7, 3.0, 60), (33, 2.0, 50), (180, 4.0, 60)]
)
def test_the_code_is_read_blurred_turned_small_and_badly_kept(
    page: Image.Image, degrees: int, blur: float, quality: int
) -> None:
    seen = page.filter(ImageFilter.GaussianBlur(blur)).rotate(degrees, expand=True, fillcolor=255)
    small = photographed(seen.reduce(2))
    kept = io.BytesIO()
    small.save(kept, "JPEG", quality=quality)
    assert read(Image.open(kept)) == [LINK]


def test_the_code_of_a_letter_made_by_the_api_leads_to_its_page(world: World) -> None:
    made = make_letter(world)
    answer = world.get(made["pdf"]["fi-plain"], headers=world.auth())
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert read(scanned(answer.content)) == [made["link"]]


def test_every_type_of_card_fits_on_the_page_in_every_style() -> None:
    for one in load_catalogue().types.values():
        for style in STYLES:
            document = pypdfium2.PdfDocument(printed(style, card=one.title))
            assert len(document) == 1, (one.id, style)
            document.close()


def test_the_same_letter_is_the_same_bytes() -> None:
    assert printed() == printed()


def test_data_are_never_markup() -> None:
    odd = "#panic(1) *x* _y_ $z$ @w <v> [u] {t} \\n"
    document = pypdfium2.PdfDocument(printed(recipient=(odd,), card=Label(odd, odd, odd)))
    text = " ".join(document[0].get_textpage().get_text_bounded().split())
    assert text.count(odd) == 2
    document.close()


def test_every_sign_that_an_address_may_have_is_in_the_typeface() -> None:
    ranges = [
        (0x20, 0x7E), (0xA0, 0x148), (0x14A, 0x17F), (0x218, 0x21B), (0x391, 0x3A1), (0x3A3, 0x3C9),
        (0x400, 0x45F), (0x2010, 0x2015), (0x2018, 0x201F),
    ]  # fmt: skip
    signs = [chr(code) for first, last in ranges for code in range(first, last + 1)]
    lines = ["".join(signs[at : at + 40]) for at in range(0, len(signs), 40)]
    for at in range(0, len(lines), 4):
        assert printed(recipient=tuple(lines[at : at + 4]))


def test_a_sign_that_the_typeface_has_not_is_refused_and_not_quoted() -> None:
    with pytest.raises(LetterNotSet) as refused:
        printed(recipient=("Maija \N{GRINNING FACE}",))
    assert "Maija" not in str(refused.value)


def test_the_styles_say_the_same_things() -> None:
    keys = {style: set(words_of(style)) for style in STYLES}
    assert len({frozenset(each) for each in keys.values()}) == 1
    for key in keys["fi"]:
        fields = {frozenset(_fields(words_of(style)[key])) for style in STYLES}
        assert len(fields) == 1, key


def _fields(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def test_the_typeface_is_the_one_that_the_notice_names() -> None:
    notice = (HOME / "fonts" / "NOTICE.txt").read_text("utf-8")
    fonts = sorted((HOME / "fonts").glob("*.otf"))
    assert len(fonts) == 2
    for font in fonts:
        assert f"{hashlib.sha256(font.read_bytes()).hexdigest()}  {font.name}" in notice


def test_the_guides_pictures_are_there_and_show_a_letter_that_can_be_read() -> None:
    guide = Path(__file__).parents[2] / "docs" / "letters.md"
    shown = re.findall(r"!\[([^\]]+)\]\((pictures/letters/[^)]+)\)", guide.read_text("utf-8"))
    assert len(shown) == 7
    assert {name for _, name in shown} == {
        f"pictures/letters/{one.name}" for one in (guide.parent / "pictures/letters").iterdir()
    }
    for words, name in shown:
        assert words
        assert (guide.parent / name).stat().st_size < 150_000
    for style in STYLES:
        picture = Image.open(guide.parent / f"pictures/letters/{style}.png").convert("L")
        assert read(picture) == [LINK], style
