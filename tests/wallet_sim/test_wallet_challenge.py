"""Answering a desk without network: nothing is sent, and only this desk can open the pictures."""

import asyncio
import socket
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image

from keys.box import BoxKey
from keys.checks import BoxBroken, CheckFailed
from keys.devkeys import make_demo_pki
from keys.software_signer import SoftwareSigner
from openid4vc.checks import KbStale
from openid4vc.qr.challenge import SCHEME
from openid4vc.qr.errors import ChallengeExpired, MessageTooLarge
from openid4vc.qr.frames import FRAME_QR_DIGITS, MAX_FRAMES, SINGLE_QR_DIGITS, Kind, Message
from tests.wallet_sim.desk import DeskSimulator, Replayed, read_picture, version_of
from tests.wallet_sim.terminal import PASSPHRASE, Terminal
from tests.wallet_sim.world import NOON, PIN
from wallet_sim.contents_json import from_json, to_json
from wallet_sim.edges import real_tools
from wallet_sim.mischief import misbehaviours_at_desk
from wallet_sim.model import DESK_CERTIFICATES_AT_MOST, Outcome
from wallet_sim.offline import Offline, frames_of
from wallet_sim.ports import Store
from wallet_sim.store import FileStore
from wallet_sim.store_locks import PassphraseOpener

VALUES = ("Mallikas", "Maija", "1988-04-12", "kykyviisari", "health_check", "raskasta")


@pytest.fixture
def at(tmp_path):
    terminal = Terminal(tmp_path)
    terminal.with_card()
    terminal.world.network.handlers.clear()
    terminal.world.network.calls.clear()
    return terminal


@pytest.fixture
def desk(at):
    return DeskSimulator(at.world.clock)


@pytest.fixture
def no_sockets(at, monkeypatch):
    """From now on whoever so much as makes a socket fails, whatever its family."""
    assert at.home.exists()

    def refuse(*_args, **_more):
        raise AssertionError("a socket was made")

    for name in ("socket", "create_connection", "getaddrinfo", "socketpair"):
        monkeypatch.setattr(socket, name, refuse)


def pictures(at: Terminal) -> list[Path]:
    return sorted(one for one in at.folder.rglob("*") if one.suffix in (".png", ".gif"))


def last_entry(at: Terminal) -> dict[str, Any]:
    entry: dict[str, Any] = at.json("log")["entries"][-1]
    return entry


# --- the everyday way ----------------------------------------------------------------------------


@pytest.mark.usefixtures("no_sockets")
def test_a_desk_without_network_gets_its_answer_on_the_screen(at, desk):
    # The wallet of real life, with a real network to reach for; only the clock is the world's.
    clock = at.world.clock
    at.around = replace(
        at.around, make_tools=lambda unsafe: replace(real_tools(unsafe), clock=clock)
    )
    out = at.folder / "to show.png"
    done = at.json("challenge", desk.link().text, "--approve", "--out", str(out))
    assert set(done) == {
        "outcome", "request", "pictures", "animation", "frames", "open_until"
    }  # fmt: skip
    assert done["outcome"] == "shown_on_screen"
    assert done["pictures"] == [str(out)]
    assert done["animation"] is None
    assert done["open_until"] == "2026-11-22T10:01:00Z"
    assert [read_picture(out)] == done["frames"]
    version, level = version_of(out)
    assert version <= 32
    assert level == "L"
    shown = desk.take([read_picture(out)])
    desk.check(shown)
    assert shown.claims["work_ability_score"] == 5
    assert "personal_administrative_number" not in shown.claims
    assert out.stat().st_mode & 0o777 == 0o600


def test_the_challenge_is_read_from_a_picture(at, desk):
    picture = at.folder / "desk.png"
    made = desk.link()
    segments: Any = [(SCHEME,), (made.digits,)]  # taken by segno, though its types do not say so
    segno.make_qr(segments, error="m", boost_error=False).save(str(picture), scale=4)
    done = at.json("challenge", str(picture), "--approve")
    assert done["pictures"] == [str(at.home / "answer.png")]
    desk.check(desk.take(done["frames"]))
    capitals = desk.link().text.upper()
    assert at.json("challenge", capitals, "--decline")["outcome"] == "declined"


@pytest.mark.parametrize("total", [2, 3, MAX_FRAMES])
def test_several_smaller_codes(at, desk, total):
    out = at.folder / "a.png"
    done = at.json(
        "challenge", desk.link().text, "--approve", "--frames", str(total), "--out", str(out)
    )
    files = [Path(name) for name in done["pictures"]]
    assert [one.name for one in files] == [f"a-{n}-of-{total}.png" for n in range(1, total + 1)]
    assert max(len(frame) for frame in done["frames"]) <= FRAME_QR_DIGITS
    assert all(version_of(one)[0] <= 20 for one in files)
    desk.check(desk.take(read_picture(one) for one in reversed(files)))
    with Image.open(done["animation"]) as film:
        shown = []
        for number in range(total):
            film.seek(number)
            still = at.folder / f"still-{number}.png"
            film.convert("L").save(still)
            shown.append(read_picture(still))
        with pytest.raises(EOFError):
            film.seek(total)
    assert shown == done["frames"]


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_person_sees_what_they_would_see_of_a_request(at, desk, lang):
    at.world.network.handlers.update(online_requests(at))
    offline = at.run("--lang", lang, "challenge", desk.link().text, typed="2\n").output
    online = at.run("--lang", lang, "present", at.world.receiver.link(), typed="2\n").output
    page = online[: online.rindex("1  ")].strip()
    assert offline.startswith(page.splitlines()[0])
    for line in page.splitlines():
        assert line in offline
    assert len(page.splitlines()) > 20


def online_requests(at):
    receiver = at.world.receiver
    return {
        ("GET", "https://te.example/requests/1"): receiver.give_request,
        ("POST", "https://te.example/responses/1"): receiver.take_response,
    }


def test_what_is_optional_may_be_left_out(at, desk):
    done = at.json("challenge", desk.link().text, "--approve", "--leave-out", "own_goals")
    shown = desk.take(done["frames"])
    desk.check(shown)
    assert "own_goals" not in shown.claims
    (card,) = done["request"]["cards"]
    assert card["left_out"] == ["own_goals"]


def test_letters_leave_out_what_is_optional(at, desk):
    page = at.page("--lang", "en", "challenge", desk.link().text, typed="a\n1\n")
    assert "You leave these out" in page
    shown = desk.take([read_picture(at.home / "answer.png")])
    assert len(shown.claims) < len(desk.take(at.json(
        "challenge", desk.link().text, "--approve"
    )["frames"]).claims)  # fmt: skip


def test_needed_data_cannot_be_left_out(at, desk):
    link = desk.link().text
    assert at.fails("challenge", link, "--approve", "--leave-out", "birthdate") == (
        "cannot_leave_out"
    )
    assert at.fails("challenge", link, "--approve", "--card", "ffff") == "card_not_found"
    assert pictures(at) == []


# --- saying no -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "typed", "outcome"),
    [(("--decline",), "", "declined"), ((), "2\n", "declined"), ((), "", "not_answered")],
)
def test_without_a_yes_nothing_is_written(at, desk, args, typed, outcome):
    page = at.page("--lang", "en", "challenge", desk.link().text, *args, typed=typed)
    assert "Nothing was shown or written." in page
    assert pictures(at) == []
    entry = last_entry(at)
    assert (entry["outcome"], entry["reason"]) == (outcome, None)
    assert entry["cards"][0]["shown"] == []
    assert at.world.network.calls == []


def test_json_asks_nothing_and_shows_nothing(at, desk):
    done = at.json("challenge", desk.link().text)
    assert done["outcome"] == "not_answered"
    assert (done["pictures"], done["frames"], done["open_until"]) == ([], [], None)
    assert pictures(at) == []


def test_without_a_fitting_card(at, desk):
    desk.challenge = desk.fresh("te_service_need")
    link = desk.link().text
    assert "no valid card" in at.page("--lang", "en", "challenge", link)
    assert last_entry(at)["reason"] == "no_matching_card"
    assert at.json("challenge", link, "--decline")["outcome"] == "declined"
    assert at.fails("challenge", link, "--approve") == "no_matching_card"
    assert pictures(at) == []


# --- the log -------------------------------------------------------------------------------------


@pytest.mark.req("ARF-18")
def test_the_log_names_the_desk_and_the_data_and_no_values(at, desk):
    at.run("challenge", desk.link().text, "--approve")
    assert at.world.network.calls == [], "nothing was sent or fetched"
    entry = last_entry(at)
    assert entry["outcome"] == "shown_on_screen"
    assert entry["profile"] == "te_initial_interview"
    assert "Mallimaan" in entry["party"]["name"]
    assert "work_ability_score" in entry["cards"][0]["shown"]
    text = str(at.json("log"))
    for value in (*VALUES, desk.challenge.nonce):
        assert value not in text
    assert "ruudulla olevana koodina" in at.page("log")


@pytest.mark.req("ARF-18")
def test_a_picture_that_cannot_be_written_was_not_shown(at, desk):
    for out in (at.folder / "no such folder" / "a.png", at.folder / "folder.png"):
        (at.folder / "folder.png").mkdir(exist_ok=True)
        code = at.fails("challenge", desk.link().text, "--approve", "--out", str(out))
        assert code == "picture_not_written"
        entry = last_entry(at)
        assert (entry["outcome"], entry["reason"]) == ("not_answered", "picture_not_written")
        assert entry["cards"][0]["shown"] == []
        assert entry["cards"][0]["asked"]
    several = ("--frames", "3", "--out", str(at.folder / "b.png"))
    (at.folder / "b-3-of-3.png").mkdir()
    assert at.fails("challenge", desk.link().text, "--approve", *several) == "picture_not_written"
    assert [one.name for one in pictures(at)] == ["b-3-of-3.png", "folder.png"], "all or none"
    assert list(at.folder.rglob(".*")) == []


def test_what_is_shown_is_recorded_before_it_is_drawn(at, desk):
    world = at.world
    wallet = offline(at, world.store)
    link = world.issuer.link()
    world.issuer._serve()  # the fixture took the network away
    asyncio.run(world.wallet.receive(link, pin=PIN))
    asked = wallet.open_challenge(desk.link().text)

    def cut_off(_frames):
        assert world.wallet.log()[-1].outcome is Outcome.SHOWN_ON_SCREEN
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wallet.answer(asked, draw=cut_off)
    assert world.wallet.log()[-1].outcome is Outcome.SHOWN_ON_SCREEN


# --- who asks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"profile": "no_such_task"}, "purpose_unknown"),
        ({"issued_at": timedelta(minutes=-3), "expires_at": timedelta(minutes=-1)},
         "qr_challenge_expired"),
        ({"issued_at": timedelta(minutes=5), "expires_at": timedelta(minutes=6)},
         "qr_challenge_from_future"),
        ({"expires_at": timedelta(minutes=9)}, "qr_challenge_lives_too_long"),
    ],
)  # fmt: skip
def test_challenges_that_are_refused(at, desk, members, code):
    now = at.world.clock.now()
    desk.challenge = desk.fresh(
        **{
            name: now + value if isinstance(value, timedelta) else value
            for name, value in members.items()
        }
    )
    assert at.fails("challenge", desk.link().text, "--approve") == code
    entry = last_entry(at)
    assert (entry["outcome"], entry["reason"]) == ("refused", code)
    assert pictures(at) == []


def test_a_desk_of_another_role_may_not_ask(at):
    desk = DeskSimulator(at.world.clock, "sote-keskus-malli")
    assert at.fails("challenge", desk.link().text, "--approve") == "purpose_unknown"
    assert "sotekeskus" in str(last_entry(at)["party"])


def test_the_deny_list_binds_a_desk_without_network_too(at, desk):
    catalogue = at.world.tools.catalogue
    role = catalogue.roles["te_office"]
    denied = replace(role, denied=(*role.denied, "self_assessment_result.work_ability_score"))
    roles = {**catalogue.roles, "te_office": denied}
    at.world.tools = replace(at.world.tools, catalogue=replace(catalogue, roles=roles))
    assert at.fails("challenge", desk.link().text, "--approve") == "over_asked"
    assert pictures(at) == []


def test_a_desk_that_is_not_on_the_list(at, desk):
    desk.signer = make_demo_pki(at=NOON).signer("te-toimisto-malli", "access")
    desk.challenge = desk.fresh()
    assert at.fails("challenge", desk.link().text, "--approve") == "chain_not_trusted"
    assert last_entry(at)["party"]["id"] == ""


def test_an_overdue_list_in_the_store_is_not_trusted(at, desk):
    at.world.clock.pass_by(timedelta(days=400))
    desk.challenge = desk.fresh()
    assert at.fails("challenge", desk.link().text, "--approve") == "trust_list_stale"


def test_a_certificate_is_kept_for_challenges_that_leave_it_out(at, desk):
    assert at.fails("challenge", desk.link_by_hash(), "--approve") == "qr_certificate_not_held"
    at.json("challenge", desk.link().text, "--decline")
    done = at.json("challenge", desk.link_by_hash(), "--approve")
    desk.check(desk.take(done["frames"]))


def test_certificates_are_kept_up_to_a_limit_and_through_the_store(at):
    contents = at.world.store.load()
    assert contents.desk_certificates == ()
    for number in range(DESK_CERTIFICATES_AT_MOST + 5):
        contents = contents.with_desk_certificate(b"%d" % number)
    contents = contents.with_desk_certificate(b"7")
    assert len(contents.desk_certificates) == DESK_CERTIFICATES_AT_MOST
    assert contents.desk_certificates[-1] == b"7"
    assert from_json(to_json(contents)) == contents


def test_a_store_from_before_challenges_still_opens(at):
    contents = at.world.store.load()
    before = to_json(contents).replace(b', "desk_certificates": []', b"")
    assert b"desk_certificates" not in before
    assert from_json(before) == contents


# --- time ----------------------------------------------------------------------------------------


def test_reading_may_outlast_the_challenge_but_not_the_desk(at, desk):
    wallet = offline(at, stored(at))
    asked = wallet.open_challenge(desk.link().text)
    at.world.clock.pass_by(timedelta(minutes=2, seconds=30))
    assert asked.answer_lives_until(wallet.now()) == wallet.now() + timedelta(seconds=30)
    desk.check(desk.take(wallet.answer(asked, draw=tuple)))
    at.world.clock.pass_by(timedelta(seconds=30))
    with pytest.raises(ChallengeExpired):
        wallet.answer(asked, draw=tuple)
    entry = last_entry(at)
    assert (entry["outcome"], entry["reason"]) == ("not_answered", "qr_challenge_expired")


def offline(at: Terminal, store: Store) -> Offline:
    tools = at.world.tools
    return Offline(store=store, clock=tools.clock, random=tools.random, catalogue=tools.catalogue)


def stored(at: Terminal) -> FileStore:
    return FileStore(at.home, PassphraseOpener(PASSPHRASE), at.around.random)


def test_no_code_is_larger_than_version_32():
    message = Message(Kind.BOUND_ANSWER, bytes(2_500))
    with pytest.raises(MessageTooLarge):
        frames_of(message, 1)
    for total in (None, 2):
        frames = frames_of(message, total)
        assert len(frames) == 2
        assert max(map(len, frames)) <= SINGLE_QR_DIGITS
    with pytest.raises(MessageTooLarge):
        frames_of(message, 0)


# --- what only this desk can do ------------------------------------------------------------------


def test_whoever_photographs_the_answer_learns_nothing(at, desk):
    frames = at.json("challenge", desk.link().text, "--approve")["frames"]
    desk.key = BoxKey.generate()
    with pytest.raises(BoxBroken):
        desk.take(frames)


def test_an_answer_is_taken_once_and_not_when_it_is_old(at, desk):
    frames = at.json("challenge", desk.link().text, "--approve")["frames"]
    desk.take(frames)
    with pytest.raises(Replayed):
        desk.take(frames)
    at.world.clock.pass_by(timedelta(minutes=1, seconds=1))
    with pytest.raises(KbStale):
        desk.take(frames)


AT_DESK = misbehaviours_at_desk(SoftwareSigner.generate())


@pytest.mark.parametrize("name", sorted(set(AT_DESK) - {"replay", "over-disclose"}))
def test_the_named_check_catches_each_misbehaviour(at, desk, name):
    frames = at.json("challenge", desk.link().text, "--approve", "--misbehave", name)["frames"]
    with pytest.raises(CheckFailed) as caught:
        desk.take(frames)
    assert caught.value.code == AT_DESK[name].code


def test_the_other_two_misbehaviours(at, desk):
    done = at.run("challenge", desk.link().text, "--approve", "--misbehave", "replay")
    assert "kahdesti" in done.stderr
    frames = [read_picture(at.home / "answer.png")]
    desk.take(frames)
    with pytest.raises(Replayed):
        desk.take(frames)
    link = desk.link().text
    more = at.json("challenge", link, "--approve", "--misbehave", "over-disclose")["frames"]
    assert "personal_administrative_number" in desk.take(more).claims
    assert set(AT_DESK) == {
        "tamper-disclosure", "over-disclose", "drop-disclosure", "wrong-holder-key", "wrong-nonce",
        "wrong-audience", "stale-key-binding", "replay", "wrong-challenge", "wrong-box",
    }  # fmt: skip


# --- input that is no challenge ------------------------------------------------------------------


def test_links_of_the_other_kinds(at, desk):
    world = at.world
    assert at.fails("challenge", world.issuer.link(), "--approve") == "link_is_an_offer"
    assert at.fails("challenge", world.receiver.link(), "--approve") == "link_is_a_request"
    assert at.fails("present", desk.link().text, "--approve") == "link_is_a_challenge"
    assert at.fails("receive", desk.link().text, "--approve") == "link_is_a_challenge"


def bad_links(link: str) -> dict[str, str]:
    digits = link.partition(":")[2]
    return {
        "kyky-challenge:": "qr_not_ours",
        "kyky-challenge:hello": "qr_not_ours",
        "kyky-challenge:5959": "qr_version_unknown",
        "kyky-challenge:59591": "qr_frame_malformed",
        link[:-1]: "qr_frame_checksum_wrong",
        link[:200]: "qr_frame_checksum_wrong",
        link + "0" * 6_000: "qr_frame_malformed",
        link + "0" * 20_000: "link_too_long",
        link.replace("59591", "59592", 1): "qr_version_unknown",
        link[:400] + str((int(link[400]) + 1) % 10) + link[401:]: "qr_frame_checksum_wrong",
        digits: "not_a_link",
        "kyky-challenge": "not_a_link",
        "kyky-challenge:" + "\u0665" * 40: "qr_not_ours",
        "missing.png": "file_missing",
    }


def test_garbage_is_refused_plainly(at, desk):
    for link, code in bad_links(desk.link().text).items():
        assert at.fails("challenge", link, "--approve") == code, link[:40]
    (at.folder / "noise.png").write_bytes(b64encode(sha256(b"noise").digest()) * 9)
    assert at.fails("challenge", str(at.folder / "noise.png"), "--approve") == "image_unreadable"
    answer = at.json("challenge", desk.link().text, "--approve")["frames"][0]
    assert at.fails("challenge", f"kyky-challenge:{answer}") == "qr_message_of_another_kind"


def test_a_wrong_command_line(at, desk):
    link = desk.link().text
    at.run("challenge", link, "--frames", "9", code=2)
    at.run("challenge", link, "--frames", "0", code=2)
    at.run("challenge", link, "--out", "a.jpg", code=2)
    at.run("challenge", link, "--misbehave", "no-key-binding", code=2)
