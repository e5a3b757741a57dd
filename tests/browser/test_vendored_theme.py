"""The desk's design tokens and letters are the npm packages' own."""

from pathlib import Path

from tools.design_tokens import sheet_of
from tools.node import Node
from verifier.web.pages import HERE

STATIC = HERE / "static"
INTER = Path(__file__).parent / "node_modules" / "@fontsource" / "inter"
FONTS = {
    "inter-regular.woff2": "files/inter-latin-400-normal.woff2",
    "inter-bold.woff2": "files/inter-latin-700-normal.woff2",
    "OFL.txt": "LICENSE",
}


def test_the_tokens_are_made_from_the_package(needs_node: Node) -> None:
    sheet = (STATIC / "tokens.css").read_text("utf-8")
    assert sheet == sheet_of(needs_node)
    assert "suomifi-design-tokens 7.0.0" in sheet
    assert "MIT License" in sheet
    assert "--fi-color-black-base: hsl(0, 0%, 13%);" in sheet


def test_the_letters_are_the_packages_own(needs_node: Node) -> None:
    for ours, theirs in FONTS.items():
        assert (STATIC / "fonts" / ours).read_bytes() == (INTER / theirs).read_bytes(), ours
    assert {path.name for path in (STATIC / "fonts").iterdir()} == set(FONTS)
