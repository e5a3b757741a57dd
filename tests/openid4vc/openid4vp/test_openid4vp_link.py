"""The link in the QR code: made, read, refused."""

from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openid4vc.checks import CheckFailed
from openid4vc.openid4vp import errors
from openid4vc.openid4vp.request import (
    RequestLink,
    parse_request_link,
    request_link,
)
from tests.openid4vc.openid4vp import kit


@pytest.mark.req("VP-15", "VP-22", "HAIP-10")
def test_the_link_comes_back_as_it_was_made() -> None:
    uri = "https://desk.example.fi/requests/7?x=1&y=å".replace("å", "%C3%A5")
    text = request_link(kit.client_id(), uri)
    assert text.startswith("openid4vp://?client_id=x509_hash%3A")
    assert parse_request_link(text) == RequestLink(kit.client_id(), uri, "get")
    assert set(parse_qs(urlsplit(text).query)) == {"client_id", "request_uri"}
    posted = request_link(kit.client_id(), uri, method="post")
    assert parse_request_link(posted) == RequestLink(kit.client_id(), uri, "post")
    assert posted.endswith("&request_uri_method=post")


@pytest.mark.req("VP-06", "VP-15", "VP-42", "HAIP-10")
def test_other_schemes_methods_and_parameters_of_a_link() -> None:
    text = request_link(kit.client_id(), "https://a.example/r")
    other = text.replace("openid4vp:", "haip-vp:")
    assert parse_request_link(other + "&request_uri_method=post").method == "post"
    ignored = "&nonce=x&dcql_query=%7B%7D&response_uri=https%3A%2F%2Fevil.example&new="
    assert parse_request_link(text + "&request_uri_method=get" + ignored) == (
        parse_request_link(text)
    )


def test_http_is_taken_for_this_machine_only_and_only_when_allowed() -> None:
    here = request_link(kit.client_id(), "http://127.0.0.1:8002/requests/7")
    there = request_link(kit.client_id(), "http://desk.example.fi/requests/7")
    assert parse_request_link(here, allow_loopback_http=True).request_uri.startswith("http://127")
    with pytest.raises(errors.MalformedRequestLink):
        parse_request_link(here)
    with pytest.raises(errors.MalformedRequestLink):
        parse_request_link(there, allow_loopback_http=True)


GOOD_LINK = "openid4vp://?client_id=x509_hash%3Aabc&request_uri=https%3A%2F%2Fa.example%2Fr"


@pytest.mark.req("VP-07", "VP-12", "VP-15", "VP-34", "VP-40")
@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (errors.MalformedRequestLink, ""),
        (errors.MalformedRequestLink, "openid4vp://"),
        (errors.MalformedRequestLink, GOOD_LINK.replace("openid4vp", "openid-vp")),
        (errors.MalformedRequestLink, GOOD_LINK.replace("openid4vp:", "https:")),
        (errors.MalformedRequestLink, GOOD_LINK + "&client_id=x509_hash%3Aabc"),
        (errors.MalformedRequestLink, GOOD_LINK + "&broken"),
        (errors.MalformedRequestLink, GOOD_LINK + "&x=%ff"),
        (errors.MalformedRequestLink, GOOD_LINK + "&x=" + "a" * 8_192),
        (errors.MalformedRequestLink, GOOD_LINK + "".join(f"&x{n}=1" for n in range(40))),
        (errors.MalformedRequestLink, GOOD_LINK.replace("https", "http")),
        (errors.MalformedRequestLink, GOOD_LINK.replace("a.example", "u%40a.example")),
        (errors.MalformedRequestLink, "openid4vp://?client_id=x509_hash%3Aabc&request=eyJ.e.e"),
        (errors.MalformedRequestLink, "openid4vp://?request_uri=https%3A%2F%2Fa.example%2Fr"),
        (errors.RequestUriMethodInvalid, GOOD_LINK + "&request_uri_method=POST"),
        (errors.RequestUriMethodInvalid, GOOD_LINK + "&request_uri_method=put"),
        (
            errors.RequestUriMethodInvalid,
            "openid4vp://?client_id=x509_hash%3Aabc&request_uri_method=get",
        ),
        *(
            (errors.ClientIdPrefixNotSupported, GOOD_LINK.replace("x509_hash", prefix))
            for prefix in (
                "origin",
                "x509_san_uri",
                "redirect_uri",
                "verifier_attestation",
                "did",
                "https",
                "X509_HASH",
            )
        ),
        (errors.ClientIdPrefixNotSupported, GOOD_LINK.replace("x509_hash%3A", "")),
    ],
)
def test_a_link_that_is_none_of_ours_is_refused(failure: type[CheckFailed], text: str) -> None:
    with pytest.raises(failure) as caught:
        parse_request_link(text)
    assert type(caught.value) is failure


@pytest.mark.req("VP-06", "VP-40")
def test_of_the_published_links_the_one_by_reference_and_known_prefix_is_read() -> None:
    texts = [
        "openid4vp://" + entry["text"].split(" HTTP")[0].partition("?")[2].replace("\n", "")
        for entry in kit.vector("spec-requests.json")
        if "client_id=" in entry["text"]
    ]
    assert len(texts) == 4
    read = []
    for text in texts:
        query = "openid4vp://?" + text.removeprefix("openid4vp://").replace(" ", "")
        with suppress(errors.RequestRefused):
            read.append(parse_request_link(query))
    assert read == [
        RequestLink(
            "x509_san_dns:client.example.org",
            "https://client.example.org/request/vapof4ql2i7m41m68uep",
            "post",
        )
    ]


@given(text=st.text(max_size=60), query=st.text(max_size=60))
def test_garbage_is_no_link(text: str, query: str) -> None:
    for link in (text, f"openid4vp://{text}", f"openid4vp://?client_id=x509_hash:a&{query}"):
        with suppress(CheckFailed):
            parse_request_link(link)
