"""How types look: names, rendering, and drawings filled in without letting anything through."""

import json
import re
from typing import Any
from xml.dom import minidom

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openid4vc import limits
from openid4vc.sd_jwt.type_metadata import TypeReference, read_type_document
from openid4vc.sd_jwt.type_metadata_display import Image, SimpleRendering, TypeDisplay
from openid4vc.sd_jwt.type_metadata_errors import SvgTemplateRefused, TypeMetadataMalformed
from openid4vc.sd_jwt.type_metadata_svg import fill_svg

VCT = "https://types.example/card/1"
LOGO = {"uri": "https://types.example/logo.png", "uri#integrity": "sha256-x", "alt_text": "Logo"}
TEMPLATE = {"uri": "https://types.example/card.svg"}


def display(*entries: object) -> tuple[TypeDisplay, ...]:
    document = json.dumps({"vct": VCT, "display": entries}).encode()
    found = read_type_document(document, TypeReference(VCT)).display
    assert found is not None
    return found


def rendering(**methods: object) -> TypeDisplay:
    return display({"locale": "fi", "name": "Kortti", "rendering": methods})[0]


def refused_display(*entries: object) -> None:
    with pytest.raises(TypeMetadataMalformed):
        display(*entries)


# --- display ---


@pytest.mark.req("VCT-16")
def test_a_type_has_a_name_in_each_locale() -> None:
    found = display(
        {"locale": "fi", "name": "Kortti", "description": "Selitys"},
        {"locale": "zh-Hant-TW", "name": "卡", "lang": "zh"},
    )
    assert [(each.locale, each.name) for each in found] == [("fi", "Kortti"), ("zh-Hant-TW", "卡")]
    assert found[0].description == "Selitys"


@pytest.mark.req("VCT-16")
@pytest.mark.parametrize(
    "entry",
    [
        {"name": "Kortti"},
        {"lang": "fi", "name": "Kortti"},
        {"locale": "fi"},
        {"locale": "", "name": "Kortti"},
        {"locale": "fi_FI", "name": "Kortti"},
        {"locale": "suomenkieli", "name": "Kortti"},
        {"locale": "fi\n", "name": "Kortti"},
        {"locale": 1, "name": "Kortti"},
        {"locale": "fi", "name": ""},
        {"locale": "fi", "name": "\x1b\x07 "},
        {"locale": "fi", "name": ["Kortti"]},
        {"locale": "fi", "name": "x" * (limits.MAX_DISPLAY_CHARS + 1)},
        {"locale": "fi", "name": "Kortti", "description": 1},
        {"locale": "fi", "name": "Kortti", "rendering": []},
        "Kortti",
    ],
)
def test_a_display_without_locale_and_name_is_refused(entry: object) -> None:
    refused_display(entry)


@pytest.mark.req("VCT-16")
def test_a_locale_stands_there_once() -> None:
    refused_display({"locale": "fi", "name": "a"}, {"locale": "FI", "name": "b"})


@pytest.mark.req("VCT-16")
@pytest.mark.parametrize(
    "entry",
    [
        {"label": "Nimi"},
        {"lang": "fi", "label": "Nimi"},
        {"locale": "fi"},
        {"locale": "fi", "name": "Nimi"},
        {"locale": "fi", "label": ""},
        {"locale": "fi", "label": "x" * (limits.MAX_DISPLAY_CHARS + 1)},
        {"locale": "fi", "label": "Nimi", "description": ""},
    ],
)
def test_a_claim_has_locale_and_label(entry: dict[str, object]) -> None:
    claim = {"path": ["name"], "display": [entry]}
    with pytest.raises(TypeMetadataMalformed):
        read_type_document(json.dumps({"vct": VCT, "claims": [claim]}).encode(), TypeReference(VCT))


@pytest.mark.req("VCT-16")
def test_no_name_steers_a_terminal_or_turns_the_writing() -> None:
    found = display({"locale": "fi", "name": "\x1b[31mKor\u202etti\u2066\n"})
    assert found[0].name == "[31mKortti"


# --- rendering ---


@pytest.mark.req("VCT-11")
def test_a_simple_card_has_colours_and_a_logo() -> None:
    found = rendering(
        simple={"logo": LOGO, "background_color": "#12107c", "text_color": "rgb(255, 255, 255)"}
    )
    logo = Image(LOGO["uri"], "sha256-x", "Logo")
    assert found.simple == SimpleRendering(logo, None, "#12107c", "rgb(255, 255, 255)")
    picture = rendering(simple={"background_image": {"uri": "data:image/png;base64,AAAA"}}).simple
    assert picture is not None
    assert picture.background_image == Image("data:image/png;base64,AAAA", None)
    assert rendering(simple={}).simple == SimpleRendering(None, None, None, None)
    assert rendering().simple is None


@pytest.mark.req("VCT-18", "VCT-19")
@pytest.mark.parametrize(
    "methods",
    [
        {"simple": []},
        {"simple": {"background_color": "red; background: url(https://spy.example)"}},
        {"simple": {"background_color": "#12107"}},
        {"simple": {"text_color": 1}},
        {"simple": {"text_color": "#fff\n"}},
        {"simple": {"logo": "https://types.example/logo.png"}},
        {"simple": {"logo": {}}},
        {"simple": {"logo": {"uri": "http://types.example/logo.png"}}},
        {"simple": {"logo": {"uri": "https://user@types.example/logo.png"}}},
        {"simple": {"logo": {"uri": "javascript:alert(1)"}}},
        {"simple": {"logo": {"uri": "file:///etc/passwd"}}},
        {"simple": {"logo": {"uri": "data:text/html,<script>"}}},
        {"simple": {"logo": {**LOGO, "uri#integrity": 1}}},
        {"simple": {"logo": {**LOGO, "alt_text": ""}}},
        {"svg_templates": []},
        {"svg_templates": {}},
        {"svg_templates": [{}]},
        {"svg_templates": [{**TEMPLATE, "properties": {}}]},
        {"svg_templates": [{**TEMPLATE, "properties": {"contrast": "low"}}]},
        {"svg_templates": [{**TEMPLATE, "properties": {"size": "big"}}]},
        {"svg_templates": [TEMPLATE, TEMPLATE]},
        {"svg_templates": [TEMPLATE, {**TEMPLATE, "properties": {"contrast": "high"}}]},
    ],
)
def test_renderings_of_another_shape_are_refused(methods: dict[str, Any]) -> None:
    refused_display({"locale": "fi", "name": "Kortti", "rendering": methods})


@pytest.mark.req("VCT-18")
def test_several_templates_each_say_what_they_are_for() -> None:
    assert rendering(svg_templates=[TEMPLATE]).svg_templates[0].properties == {}
    two = rendering(
        svg_templates=[
            {**TEMPLATE, "properties": {"orientation": "portrait", "size": "big"}},
            {**TEMPLATE, "properties": {"color_scheme": "dark", "contrast": "high"}},
        ]
    ).svg_templates
    assert two[0].properties == {"orientation": "portrait"}
    assert two[1].image == Image(TEMPLATE["uri"], None)


# --- drawings ---


def svg(inside: str, attributes: str = "") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'.encode()


def refused(template: bytes, values: dict[str, str | None] | None = None) -> None:
    with pytest.raises(SvgTemplateRefused):
        fill_svg(template, {"a": "x"} if values is None else values)


@pytest.mark.req("VCT-17")
def test_placeholders_in_texts_are_filled_in() -> None:
    filled = fill_svg(
        svg('<text x="10" y="20">Osoite: {{street_1}}, {{street_1}}{{_none}}.</text>'),
        {"street_1": "Kuja 3", "_none": None, "unused": "!"},
    )
    assert filled == (
        '<svg xmlns="http://www.w3.org/2000/svg">'
        '<text x="10" y="20">Osoite: Kuja 3, Kuja 3.</text></svg>'
    )


@pytest.mark.req("VCT-17")
def test_what_a_claim_says_stays_text() -> None:
    value = """<script>&amp;"'{{b}}]]>\x00\ud800\uffff\n"""
    filled = fill_svg(svg("<text>{{a}}</text>"), {"a": value, "b": "never"})
    said = "&lt;script&gt;&amp;amp;&quot;&apos;{{b}}]]&gt;    "
    assert f"<text>{said}</text>" in filled
    read = minidom.parseString(filled).getElementsByTagName("text")[0].firstChild
    assert read is not None
    assert str(read.nodeValue) == """<script>&amp;"'{{b}}]]>    """


@pytest.mark.req("VCT-17")
@given(st.text(max_size=60))
def test_no_value_changes_the_drawing(value: str) -> None:
    filled = fill_svg(svg("<g><text>{{a}}</text></g>"), {"a": value})
    inside = filled.partition("<text>")[2].partition("</text></g></svg>")[0]
    assert not re.search(r"[<>\"']|&(?!amp;|lt;|gt;|quot;|apos;)", inside)
    assert len(minidom.parseString(filled).getElementsByTagName("text")) == 1


@pytest.mark.req("VCT-17")
@pytest.mark.parametrize(
    "inside",
    [
        '<text x="{{a}}">t</text>',
        '<text id="{{">t</text>',
        "<!-- {{a}} --><text>t</text>",
        "<text>{{a<!-- -->}}</text>",
        "<text>{{a<tspan>}}</tspan></text>",
        "<text>{{ a }}</text>",
        "<text>{{unknown}}</text>",
        "<text>{{1a}}</text>",
        "<text>a}}</text>",
        "<?a {{a}}?>",
    ],
)
def test_placeholders_elsewhere_or_unknown_are_refused(inside: str) -> None:
    refused(svg(inside))


@pytest.mark.req("VCT-17")
@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<script href="https://spy.example/a.js"/>',
        "<style>@import url(https://spy.example)</style>",
        "<foreignObject/>",
        "<animate/>",
        "<set/>",
        '<a href="https://spy.example"><text>t</text></a>',
        "<feImage/>",
        '<svg:g xmlns:svg="http://www.w3.org/2000/svg"/>',
        '<g xmlns="http://www.w3.org/1999/xhtml"/>',
        '<g xmlns:ev="http://www.w3.org/2001/xml-events" ev:event="load"/>',
        '<g onload="alert(1)"/>',
        '<g ONCLICK="alert(1)"/>',
        '<g xml:base="https://spy.example/"/>',
        '<image href="https://spy.example/a.png"/>',
        '<image href="//spy.example/a.png"/>',
        '<image href="data:image/svg+xml;base64,AAAA"/>',
        '<image xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="http://spy.example/"/>',
        '<use href="https://spy.example/a.svg#b"/>',
        '<use href="data:image/png;base64,AAAA"/>',
        '<use href="javascript:alert(1)"/>',
        '<rect fill="url(https://spy.example/a.svg#b)"/>',
        '<rect fill="url( &quot;https://spy.example&quot; )"/>',
        '<rect fill="URL(https://spy.example)"/>',
        '<rect fill="url(#a) url(https://spy.example)"/>',
        '<rect fill="rgb(url(https://spy.example)"/>',
        '<rect style="background: image-set(&quot;https://spy.example&quot;)"/>',
        '<rect style="fill: u\\72l(https://spy.example)"/>',
        '<rect style="fill: ur/**/l(https://spy.example)"/>',
        '<rect style="@import &quot;https://spy.example&quot;"/>',
        "<?xml-stylesheet href='https://spy.example'?>",
    ],
)
def test_what_a_plain_drawing_does_not_need_is_refused(inside: str) -> None:
    refused(svg(inside))


@pytest.mark.req("VCT-17")
@pytest.mark.parametrize(
    "template",
    [
        b"",
        b"text",
        b"\xff\xfe",
        b"<svg/>",
        b'<g xmlns="http://www.w3.org/2000/svg"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg">',
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        b'<!DOCTYPE svg SYSTEM "https://spy.example"><svg xmlns="http://www.w3.org/2000/svg"/>',
        svg("<text>&spy;</text>"),
        svg('<g id="a" id="b"/>'),
        svg("<text>\x00</text>"),
        svg("<g/>" * limits.MAX_SVG_ELEMENTS),
        svg(" " * limits.MAX_SVG_BYTES),
    ],
)
def test_what_is_no_drawing_is_refused(template: bytes) -> None:
    refused(template)


@pytest.mark.req("VCT-17")
def test_a_plain_drawing_comes_through() -> None:
    inside = (
        '<defs><linearGradient id="g"><stop offset="0" stop-color="#fff"></stop></linearGradient>'
        '</defs><rect fill="url(#g)" transform="translate(1,2) rotate(45)"></rect>'
        '<image href="data:image/png;base64,iVBORw0KGgo="></image><use href="#g"></use>'
        '<text style="fill: rgb(1,2,3); font-family: sans-serif">&lt;b&gt; &amp; {{a}}</text>'
    )
    template = svg(inside, 'width="10"').replace(b"</defs>", b"<!-- seen --></defs>")
    assert inside.replace("{{a}}", "x") in fill_svg(template, {"a": "x"})
    cdata = fill_svg(svg("<text><![CDATA[<b> {{a}}]]></text>"), {"a": "<i>"})
    assert "<text>&lt;b&gt; &lt;i&gt;</text>" in cdata


@pytest.mark.req("VCT-17")
def test_a_long_text_is_not_split_before_its_placeholders_are_found() -> None:
    text = "y" * 8_190 + "{{a}}" + "\n" + "{{a}}" + "y" * 70_000
    filled = fill_svg(svg(f"<text>{text}</text>"), {"a": "found"})
    assert text.replace("{{a}}", "found") in filled
    long = fill_svg(svg("<text>{{a}}</text>"), {"a": "z" * 5_000})
    assert long.count("z") == limits.MAX_DESCRIPTION_CHARS


@pytest.mark.req("VCT-17")
@pytest.mark.timeout(5)
@pytest.mark.parametrize("value", ["a" * 250_000, "rgb(" * 60_000, "(" * 250_000, "url(#" * 50_000])
def test_no_attribute_takes_long_to_look_at(value: str) -> None:
    template = svg(f'<path d="{value}"/>')
    if value.startswith("url"):
        refused(template)
    else:
        assert value in fill_svg(template, {})


@given(st.binary(max_size=200))
def test_bytes_are_refused_by_name(data: bytes) -> None:
    refused(data)
    refused(svg("") + data) if data.strip() else fill_svg(svg(""), {})
