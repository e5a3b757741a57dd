"""One-time things of an authorization, wanted by two processes at once, on either engine."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from issuer.adapters.sql.authorization import SqlAuthorizations
from issuer.ports.authorization import Authorization
from openid4vc.sd_jwt.parse import parse
from tests.issuer.asking import AskingWallet, AskingWorld, Browser, parameters, token_in
from tests.support.postgres import running_postgres

Step = Callable[[], httpx2.Response]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.slow])])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/issuer.db"
        return
    with running_postgres() as postgres_url:
        yield postgres_url


@pytest.fixture
def worlds(url: str, tmp_path: Path) -> Iterator[tuple[AskingWorld, AskingWorld]]:
    """Two processes over one database."""
    one, other = AskingWorld(url, tmp_path), AskingWorld(url, tmp_path)
    yield one, other
    one.close()
    other.close()


def at_once(*steps: Step) -> list[httpx2.Response]:
    """Take steps in threads of their own, which start together."""
    gate, answers = threading.Barrier(len(steps)), list[httpx2.Response]()

    def go(step: Step) -> None:
        gate.wait()
        answers.append(step())

    threads = [threading.Thread(target=go, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def twin(wallet: AskingWallet, world: AskingWorld) -> AskingWallet:
    """The same wallet at another process."""
    return AskingWallet(world, instance=wallet.instance, key=wallet.key, nonce=wallet.nonce)


@pytest.mark.req("VCI-40")
def test_a_link_begins_in_one_browser(worlds: tuple[AskingWorld, AskingWorld]) -> None:
    one, other = worlds
    link = AskingWallet(one).link()

    answers = at_once(lambda: Browser(one).open(link), lambda: Browser(other).open(link))

    assert sorted(answer.status_code for answer in answers) == [303, 400]


def test_a_person_agrees_once(worlds: tuple[AskingWorld, AskingWorld]) -> None:
    one, other = worlds
    browser = Browser(one)
    page = browser.sign_in(AskingWallet(one).link())
    again = Browser(other, cookie=browser.cookie)
    form = {"csrf": token_in(page), "decision": "approve"}

    answers = at_once(
        lambda: browser.open("/mallimaa/consent", data=form),
        lambda: again.open("/mallimaa/consent", data=form),
    )

    codes = {parameters(answer.headers["location"])["code"] for answer in answers}
    assert len(codes) == 1
    assert len(one.dump()["offers"]) == 1


@pytest.mark.req("VCI-43")
def test_a_code_is_redeemed_once(worlds: tuple[AskingWorld, AskingWorld]) -> None:
    one, other = worlds
    wallet = AskingWallet(one)
    code = wallet.code()
    same = twin(wallet, other)

    answers = at_once(lambda: wallet.redeem(code), lambda: same.redeem(code))

    assert sorted(answer.status_code for answer in answers) == [200, 400]
    assert {row[4] for row in one.dump()["offers"]} == {"lapsed"}


@pytest.mark.slow
@pytest.mark.req("VCI-43")
def test_whoever_waits_for_the_first_use_of_a_code_still_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, gate = SqlAuthorizations.get, threading.Barrier(2)

    def together(self: SqlAuthorizations, organisation: str, name: str) -> Authorization | None:
        found = read(self, organisation, name)
        gate.wait()
        return found

    with running_postgres() as postgres_url:
        one, other = AskingWorld(postgres_url, tmp_path), AskingWorld(postgres_url, tmp_path)
        wallet = AskingWallet(one)
        code = wallet.code()
        same = twin(wallet, other)
        # Both have read the offer before either counts as its first use.
        monkeypatch.setattr(SqlAuthorizations, "get", together)
        answers = at_once(lambda: wallet.redeem(code), lambda: same.redeem(code))
        offers, authorizations = one.dump()["offers"], one.dump()["authorizations"]
        one.close()
        other.close()

    assert sorted(answer.status_code for answer in answers) == [200, 400]
    assert ([row[4] for row in offers], [row[4] for row in authorizations]) == (
        ["lapsed"],
        ["over"],
    )


def test_a_card_is_renewed_once(worlds: tuple[AskingWorld, AskingWorld]) -> None:
    one, other = worlds
    wallet = AskingWallet(one)
    card, told = wallet.receive()
    end = parse(card).claims["exp"]
    assert isinstance(end, int)
    for world in worlds:
        world.clock.advance(seconds=end - world.clock.now().timestamp() - 86_400)
    same = twin(wallet, other)

    answers = at_once(
        lambda: wallet.refresh(told["refresh_token"]), lambda: same.refresh(told["refresh_token"])
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len(one.dump()["offers"]) == 2
    assert len(one.dump()["successors"]) == 1


def test_a_card_that_is_renewed_while_its_phone_is_lost(
    worlds: tuple[AskingWorld, AskingWorld],
) -> None:
    one, other = worlds
    wallet = AskingWallet(one)
    told = wallet.receive()[1]
    end = parse(wallet.receive()[0]).claims["exp"]
    assert isinstance(end, int)
    for world in worlds:
        world.clock.advance(seconds=end - world.clock.now().timestamp() - 86_400)
    headers = other.auth() | {"Idempotency-Key": "lost"}

    answers = at_once(
        lambda: wallet.refresh(told["refresh_token"]),
        lambda: other.post(
            "/api/v1/mallimaa/subjects/lost-phone",
            json={"subject_ref": "client-4711"},
            headers=headers,
        ),
    )

    assert sorted(answer.status_code for answer in answers) in ([200, 200], [200, 400])
    open_offers = [row[4] for row in one.dump()["offers"] if row[4] in {"offered", "claimed"}]
    assert open_offers == []
    assert wallet.refresh(told["refresh_token"]).status_code == 400
