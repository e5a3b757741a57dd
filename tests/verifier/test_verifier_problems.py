"""What staff are told when a page cannot be shown: one heading for each failure, nothing shown."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from credential_schemas.i18n import Texts
from credential_schemas.model import LANGS, Lang
from keys.checks import CheckFailed
from keys.fetch import Reply
from tests.verifier.places import HOOK, ISSUER, SECRET, Place, place_of
from tests.verifier.test_verifier_desk import assert_plain_page, h1
from tests.verifier.test_verifier_staff import kela_too
from tests.verifier.test_verifier_staff_provider import Sso, sso
from tests.verifier.world import Browser, World
from verifier.adapters.case_system import WebhookCaseSystem
from verifier.adapters.receipt_issuer import HttpReceiptIssuer
from verifier.model import NotAllowed
from verifier.parts import HERE
from verifier.usecases.caller_limit import TooManyAttempts
from verifier.usecases.failures import (
    FormNotOurs,
    ProfileNotAllowed,
    RequestUnknown,
    SessionEnded,
    VerificationUnknown,
)
from verifier.usecases.hand_on_failures import (
    CaseSystemRefused,
    HandOnNotAllowed,
    ReceiptUnavailable,
)
from verifier.usecases.staff_failures import (
    ProviderMissing,
    ProviderStateMismatch,
    RoleNotChosen,
    RoleNotHeld,
    SessionLocked,
    StaffUnknown,
)
from verifier.usecases.staff_model import ProviderAnswer
from verifier.web.errors import NothingHere

__all__ = ["sso"]

TEXTS = Texts.load(HERE / "web" / "locales")


def answered(desk: Browser) -> str:
    """A client has answered; nobody has compared the person yet."""
    asked = desk.ask().answer()
    desk.open(f"/desk/ask/{asked.id}")
    return asked.id


def form_not_ours(desk: Browser) -> str:
    verification_id = answered(desk)
    form = {"identity": "compared", "token": "0" * 64}
    desk.page = desk.world.run(desk.client.post(f"/desk/identity/{verification_id}", data=form))
    return desk.page.text


def not_allowed(desk: Browser) -> str:
    verification_id = desk.ask().id
    return desk.submit(f"/desk/identity/{verification_id}", identity="compared")


def nothing_to_copy(desk: Browser) -> str:
    verification_id = answered(desk)
    desk.submit(f"/desk/identity/{verification_id}", identity="compared")
    return desk.submit(f"/desk/copy/{verification_id}")  # a task that keeps nothing


def other_task(desk: Browser) -> str:
    desk.open("/desk")
    return desk.submit("/desk/start", profile="no_such_task")


def other_role(desk: Browser) -> str:
    desk.open("/desk/role")
    return desk.submit("/desk/role", role="health_centre")


PAGES: list[tuple[type[CheckFailed], int, Callable[[Browser], str]]] = [
    (FormNotOurs, 403, form_not_ours),
    (NotAllowed, 409, not_allowed),
    (HandOnNotAllowed, 409, nothing_to_copy),
    (ProfileNotAllowed, 403, other_task),
    (RoleNotHeld, 403, other_role),
    (ProviderMissing, 404, lambda desk: desk.open("/desk/sign-in/provider")),
    (VerificationUnknown, 404, lambda desk: desk.open("/desk/outcome/unknown")),
    (NothingHere, 404, lambda desk: desk.open("/desk/no/such/page")),
]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("kind", "status", "bring"), PAGES, ids=[k.__name__ for k, *_ in PAGES])
def test_each_has_a_page_of_its_own(
    world: World,
    lang: Lang,
    kind: type[CheckFailed],
    status: int,
    bring: Callable[[Browser], str],
) -> None:
    desk = Browser(world, lang)
    desk.sign_in()
    page = bring(desk)
    assert desk.page is not None
    assert desk.page.status_code == status
    assert h1(page) == TEXTS.text(f"problem.{kind.code}", lang)
    assert TEXTS.text(f"problem.{kind.code}_text", lang) in page
    assert 'href="/desk"' in page, "a way on"
    assert "Mallikas" not in page
    assert 'class="verdict' not in page
    assert_plain_page(page)
    world.run(desk.client.aclose())


def test_no_two_of_them_say_the_same() -> None:
    for lang in LANGS:
        assert len({TEXTS.text(f"problem.{kind.code}", lang) for kind, *_ in PAGES}) == len(PAGES)


# Those that lead elsewhere ----------------------------------------------------------------------


def test_whoever_is_not_signed_in_is_led_to_signing_in(world: World, desk: Browser) -> None:
    door = world.parts.services.door
    for cookie in (None, "x", "x" * 43):
        with pytest.raises(SessionEnded):
            world.run(door.enter(cookie))
    desk.open("/desk/outcome/any")
    assert desk.page is not None
    assert str(desk.page.url).endswith("/desk/sign-in?ended=1")


def test_a_session_left_alone_is_led_to_the_lock(world: World, desk: Browser) -> None:
    desk.sign_in()
    verification_id = answered(desk)
    world.clock.advance(minutes=11)
    page = desk.submit(f"/desk/identity/{verification_id}", identity="compared")
    assert desk.path == "/desk/lock"
    assert "Mallikas" not in page
    assert SessionLocked.code not in page
    assert world.run(world.parts.verifications.boxed(verification_id)) is None


def test_whoever_has_two_roles_is_led_to_choosing(tmp_path: Path) -> None:
    world = World(tmp_path, catalogue=kela_too())
    (party, *others) = world.trust_list().relying_parties
    roles = frozenset({"kela", "te_office"})
    both = replace(party, roles=roles)
    world.put_trust_list(world.trust_list(sequence=2, relying_parties=(both, *others)))
    world.run(world.parts.refresh())
    world.add_staff("kaksi.tehtavaa", roles=tuple(roles))
    desk = Browser(world)
    desk.sign_in("kaksi.tehtavaa")
    for path in ("/desk", "/desk/outcome/any", "/desk/training"):
        page = desk.open(path)
        assert desk.path == "/desk/role"
        assert RoleNotChosen.code not in page
    world.run(desk.client.aclose())
    world.close()


@pytest.mark.parametrize("cookie", [None, "x", "A" * 43])
def test_an_answer_that_this_browser_did_not_ask_for(
    world: World, sso: Sso, cookie: str | None
) -> None:
    provider = world.app.state.services.provider
    world.run(provider.go())
    assert sso.pending is not None
    answer = ProviderAnswer(code="good", state=sso.pending.state)
    with pytest.raises(ProviderStateMismatch):
        world.run(provider.come_back(answer, cookie))


# Those that others tell -------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A desk with a case system and an issuer."""
    place = place_of(tmp_path, webhook_url=HOOK, webhook_secret=SECRET)
    yield place
    place.world.run(place.desk.client.aclose())
    place.world.close()


@pytest.mark.parametrize("status", [199, 300, 404, 500])
def test_a_case_system_that_does_not_take_a_copy(place: Place, status: int) -> None:
    place.outside.answer = lambda _: Reply(status, "", {}, b"")
    system = WebhookCaseSystem(place.outside, url=HOOK, secret=SECRET.encode())
    with pytest.raises(CaseSystemRefused) as refused:
        place.world.run(system.send("d1", b"{}", at=place.world.clock.now()))
    assert refused.value.detail == str(status)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (201, b"nonsense"),
        (201, b'{"offer_link": "https://elsewhere.test", "expires_at": "2026-11-24T10:00:00Z"}'),
        (201, b'{"offer_link": "openid-credential-offer://?x=1", "expires_at": "soon"}'),
        (201, b'{"offer_link": "openid-credential-offer://?x=1", "expires_at": "2026-11-24"}'),
    ],
)
def test_an_issuer_that_makes_no_receipt(place: Place, status: int, body: bytes) -> None:
    place.outside.answer = lambda _: Reply(status, "application/json", {}, body)
    issuer = HttpReceiptIssuer(
        place.outside, base_url=ISSUER, organisation="tyollisyysalue", api_key="kyky_key"
    )
    with pytest.raises(ReceiptUnavailable):
        place.world.run(issuer.offer({}, receipt_id="r1"))


def test_guessing_typed_codes_ends_in_waiting(world: World) -> None:
    opened = world.parts.services.typed
    for _ in range(10):
        with pytest.raises(RequestUnknown):
            world.run(opened("AAAA-AAAA-AAAA", caller="there"))
    with pytest.raises(TooManyAttempts):
        world.run(opened("AAAA-AAAA-AAAA", caller="there"))
    with pytest.raises(RequestUnknown):
        world.run(opened("AAAA-AAAA-AAAA", caller="elsewhere"))


def test_nobody_gets_a_password_whom_nobody_added(world: World) -> None:
    with pytest.raises(StaffUnknown):
        world.run(
            world.parts.staff.change_password(sign_in_name="ei.ole", password="kuusi uutta ovea")
        )
