"""Which form a status list token has is said by the answer's content type, never guessed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keys.checks import CheckFailed
from keys.devkeys import DemoPki, make_demo_pki
from openid4vc.checks import MalformedStatusToken, StatusListFormUnknown
from openid4vc.status_list.bits import Status, StatusList
from openid4vc.status_list.cwt import sign_status_list_cwt
from openid4vc.status_list.forms import ACCEPT, Form, ListToken, form_of, read_token
from openid4vc.status_list.token import sign_status_list

AT = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
URI = "https://issuer.example/kela/status-lists/1"


@pytest.fixture(scope="module")
def pki() -> DemoPki:
    return make_demo_pki(at=AT)


def tokens(pki: DemoPki) -> dict[Form, bytes]:
    entries = StatusList(64)
    entries.set(5, Status.SUSPENDED)
    said: dict[str, Any] = {
        "uri": URI,
        "issued_at": AT,
        "expires_at": AT + timedelta(days=1),
        "ttl": timedelta(hours=1),
        "signer": pki.signer("kela", "status-list"),
    }
    return {
        Form.JWT: sign_status_list(entries, **said).encode(),
        Form.CWT: sign_status_list_cwt(entries, **said),
    }


@pytest.mark.req("TSL-13")
def test_both_forms_are_asked_for() -> None:
    assert ACCEPT == "application/statuslist+jwt, application/statuslist+cwt;q=0.9"


@pytest.mark.req("TSL-13")
@pytest.mark.parametrize(
    ("said", "form"),
    [
        ("application/statuslist+jwt", Form.JWT),
        ("application/statuslist+cwt", Form.CWT),
        ("Application/StatusList+JWT; charset=utf-8", Form.JWT),
    ],
)
def test_the_content_type_tells_the_form(said: str, form: Form) -> None:
    assert form_of(said) is form


@pytest.mark.parametrize("said", ["", "text/html", "application/jwt", "application/json", "*/*"])
def test_anything_else_is_no_status_list(said: str) -> None:
    with pytest.raises(StatusListFormUnknown):
        form_of(said)


@pytest.mark.req("TSL-07", "TSL-08")
@pytest.mark.parametrize("form", Form)
def test_either_form_says_the_same(pki: DemoPki, form: Form) -> None:
    (kela,) = [one for one in pki.trust_list.issuers if one.id == "kela"]
    read = read_token(ListToken(form, tokens(pki)[form]), uri=URI, issuer=kela, at=AT)
    assert read.status_at(5) is Status.SUSPENDED
    assert read.status_at(6) is Status.VALID


@pytest.mark.parametrize("form", Form)
def test_a_form_is_not_read_as_the_other(pki: DemoPki, form: Form) -> None:
    (kela,) = [one for one in pki.trust_list.issuers if one.id == "kela"]
    (other,) = set(Form) - {form}
    with pytest.raises(CheckFailed):
        read_token(ListToken(form, tokens(pki)[other]), uri=URI, issuer=kela, at=AT)


def test_a_jwt_of_other_than_ascii_is_refused(pki: DemoPki) -> None:
    (kela,) = [one for one in pki.trust_list.issuers if one.id == "kela"]
    with pytest.raises(MalformedStatusToken):
        read_token(ListToken(Form.JWT, b"\xc3\xa4"), uri=URI, issuer=kela, at=AT)
