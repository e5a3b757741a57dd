"""The catalogue of the issuer's errors is what the code says, and leaves nothing out."""

from credential_schemas.problems import ADVICE
from issuer.web.errors import _STATUS
from issuer.web.problems import TEXTS
from openid4vc.oauth import errors as oauth
from tools.error_catalogue import PAGE, page


def test_the_catalogue_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m tools.error_catalogue"


def test_nothing_that_a_caller_can_meet_is_left_out() -> None:
    text = PAGE.read_text("utf-8")
    known = TEXTS.keys()
    told = {kind.code for kind in _STATUS if f"{kind.code}.title" in known}
    refusals = {
        kind.code
        for kind in vars(oauth).values()
        if isinstance(kind, type)
        and issubclass(kind, oauth.TokenRequestRefused)
        and kind is not oauth.TokenRequestRefused
    }
    assert {"batch_too_large", "type_not_in_scope", "malformed_json"} <= told
    assert "assertion_replayed" in refusals
    for code in told | refusals | set(ADVICE):
        assert f"| `{code}` |" in text, code
