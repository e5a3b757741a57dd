"""The desk reads the client's code: by a camera that is shown films, a hand scanner, a picture."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from demo.people import Client
from demo.services import RunningServices
from tests.browser.desk import HEADINGS, ask, look, sign_in
from tests.browser.film import HALF_A_SECOND, as_seen, code, cycling, film, nothing

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket, pytest.mark.timeout(300)]

WIFI = "WIFI:T:WPA;S:Mallila;P:mallisana;;"
OTHER_WAYS = "Käytä käsilukijaa tai kuvaa."
FORCED: dict[str, Any] = {"fi": "none", "sv": "active", "en": "none"}
IDENTITY = "**/desk/identity/*"
ONE_CAMERA = "--use-fake-device-for-media-stream"
TWO_CAMERAS = "--use-fake-device-for-media-stream=device-count=2"
ALLOWED = "--use-fake-ui-for-media-stream"
# Everything that is said while codes are read, as a screen reader would get it.
LISTEN = """
document.addEventListener('DOMContentLoaded', () => {
  for (const id of ['fault', 'progress', 'camera-state']) {
    const part = document.getElementById(id);
    if (!part) continue;
    new MutationObserver(() => {
      const words = (part.querySelector('[role=status]') || part).textContent.trim();
      const heard = JSON.parse(sessionStorage.getItem('heard') || '[]');
      if (words && heard[heard.length - 1] !== words) {
        sessionStorage.setItem('heard', JSON.stringify([...heard, words.replace(/\\s+/g, ' ')]));
      }
    }).observe(part, {childList: true, subtree: true, characterData: true});
  }
});
"""
USED = "document.getElementById('finder').srcObject?.getVideoTracks()[0].label"
REFUSING = """(name) => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name)); }"""


@dataclass
class Counter:
    """A desk that has asked a client whose wallet has no network."""

    services: RunningServices
    page: Page
    client: Client
    folder: Path
    chromium: Path
    id: str = ""
    pictures: tuple[str, ...] = ()

    def ask(self) -> "Counter":
        self.page.goto(f"{self.services.verifier.url}/desk")
        ask(self.page)
        self.id = self.page.url.partition("?")[0].rsplit("/", 1)[-1]
        self.page.goto(f"{self.page.url.partition('?')[0]}/offline")
        return self

    def answer(self, total: int) -> list[str]:
        """The client reads the desk's code; what the wallet shows in return."""
        found = re.search(r"kyky-challenge:[0-9]+", self.page.content())
        assert found is not None
        out = str(self.folder / "answer.png")
        drawn = self.client.json(
            "challenge", found[0], "--approve", "--frames", str(total), "--out", out
        )
        self.pictures = tuple(drawn["pictures"])
        return [str(frame) for frame in drawn["frames"]]

    def read(self, page: Page | None = None, lang: str = "fi") -> Page:
        """Go to where codes are read."""
        page = page or self.page
        page.goto(f"{self.services.verifier.url}/desk/scan/{self.id}?lang={lang}")
        return page

    @contextmanager
    def camera(self, browser: Browser, scenes: Any = None) -> Iterator[Page]:
        """A browser of this desk whose camera sees a film; two cameras when there is none."""
        cameras = [TWO_CAMERAS, ALLOWED]
        if scenes is not None:
            shown = film(self.folder / "film.y4m", scenes)
            cameras = [ONE_CAMERA, ALLOWED, f"--use-file-for-fake-video-capture={shown}"]
        chromium = browser.browser_type.launch(
            executable_path=str(self.chromium),
            args=cameras,
        )
        cookies: Any = self.page.context.storage_state()
        size: Any = {"width": 1440, "height": 900}
        page = chromium.new_page(storage_state=cookies, viewport=size)
        page.add_init_script(LISTEN)
        yield self.read(page)
        chromium.close()


Open = Callable[..., Counter]


@pytest.fixture
def opened(
    browser: Browser,
    services: RunningServices,
    client: Client,
    tmp_path: Path,
    needs_chromium: Path,
) -> Open:
    """Sign in, with options of the browser's page, and ask."""

    def open_one(**options: Any) -> Counter:
        page = sign_in(browser, services, **options)
        return Counter(services, page, client, tmp_path, needs_chromium).ask()

    return open_one


@pytest.fixture
def counter(opened: Open) -> Counter:
    return opened()


def heard(page: Page) -> list[str]:
    said: list[str] = page.evaluate("JSON.parse(sessionStorage.getItem('heard') || '[]')")
    return said


def start(page: Page) -> None:
    page.get_by_role("button", name="Käynnistä kamera").click()


def posts_of(page: Page) -> list[Request]:
    sent: list[Request] = []
    page.on("request", lambda one: sent.append(one) if one.method == "POST" else None)
    return sent


def texts_of(sent: list[Request]) -> list[str]:
    """What was sent of the codes; that it was text, and nothing else, is checked on the way."""
    texts = []
    for one in sent:
        assert one.headers["content-type"].startswith("application/x-www-form-urlencoded")
        fields = parse_qs(one.post_data or "", keep_blank_values=True)
        assert fields.keys() == {"token", "frames", "text"}
        texts.append(fields["text"][0])
    return texts


def problems_of(page: Page) -> list[str]:
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda failure: said.append(str(failure)))
    return said


# By camera -----------------------------------------------------------------------------------


@pytest.mark.req("DESK-01", "DESK-03")
@pytest.mark.parametrize("total", [1, 3])
@pytest.mark.parametrize("seen", ["clean", "camera"])
def test_the_camera_reads_the_answer(
    browser: Browser, counter: Counter, total: int, seen: str
) -> None:
    frames = counter.answer(total)
    pictures = [code(frame) for frame in frames]
    if seen == "camera":
        pictures = [as_seen(picture) for picture in pictures]
    with counter.camera(browser, cycling([*pictures[1:], pictures[0]])) as page:
        sent, problems = posts_of(page), problems_of(page)
        start(page)
        page.wait_for_url(IDENTITY, timeout=20_000)
        assert sorted(texts_of(sent)) == sorted(frames), "each code once, as text"
        assert problems == []
        words = heard(page)
        assert any(one.startswith("Kamera on käynnissä.") for one in words)
        for count in range(1, total):
            assert any(one.startswith(f"Luettu {count}/{total} koodia.") for one in words)
        assert page.evaluate("document.activeElement.tagName") == "H1"
        page.locator("button[value=compared]").click()
        expect(page.locator("h1")).to_have_text(HEADINGS["fi"][0])


@pytest.mark.req("DESK-01")
def test_a_wrong_code_is_told_once_and_the_camera_goes_on(
    browser: Browser, counter: Counter
) -> None:
    (frame,) = counter.answer(1)
    scenes = [(code(WIFI), 4 * HALF_A_SECOND), (nothing(), 2), (code(frame), 4 * HALF_A_SECOND)]
    with counter.camera(browser, scenes) as page:
        sent = posts_of(page)
        start(page)
        expect(page.get_by_role("alert")).to_contain_text("Tämä on langattoman verkon koodi")
        assert page.title().startswith("Virhe: ")
        expect(page.get_by_role("button", name="Sammuta kamera")).to_be_visible()
        page.wait_for_url(IDENTITY, timeout=20_000)
        texts = texts_of(sent)
        assert set(texts) == {"WIFI:T:", frame}, "the network's password stays here"
        assert 1 <= texts.count("WIFI:T:") <= 2, "not once for each picture of the camera"
        alarms = [one for one in heard(page) if "langattoman verkon" in one]
        assert 1 <= len(alarms) <= 2


def test_the_camera_stops_when_told_and_when_nobody_looks(
    browser: Browser, counter: Counter
) -> None:
    half = counter.answer(2)[0]
    with counter.camera(browser, [(as_seen(code(half)), 2)]) as page:
        sent = posts_of(page)
        start(page)
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "1")
        expect(page.get_by_role("status")).to_have_text("Luettu 1/2 koodia. Vielä lukematta: 2.")
        look(page, "scan-half")
        expect(page.get_by_label("Valitse kamera")).to_be_hidden()
        page.get_by_role("button", name="Sammuta kamera").click()
        running = "document.getElementById('finder').srcObject !== null"
        assert not page.evaluate(running)
        page.reload()
        assert not page.evaluate(running), "off stays off"
        start(page)
        expect(page.locator("#camera-state")).to_contain_text("Kamera on käynnissä.")
        page.reload()
        expect(page.locator("#camera-state")).to_contain_text("Kamera on käynnissä.")
        page.evaluate(
            "Object.defineProperty(document, 'hidden', {value: true});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
        expect(page.locator("#camera-state")).to_contain_text("sivu ei ollut näkyvissä")
        assert not page.evaluate(running)
        assert len(sent) == 3, "the half was read once on each visit of the page"


def test_of_two_cameras_one_is_chosen_and_remembered(browser: Browser, counter: Counter) -> None:
    with counter.camera(browser) as page:
        start(page)
        running = page.locator("#camera[data-state=on]")
        running.wait_for()
        choice = page.get_by_label("Valitse kamera")
        names = choice.locator("option").all_inner_texts()
        assert len(set(names)) == 2
        other = next(name for name in names if name != page.evaluate(USED))
        choice.select_option(other)
        page.wait_for_function(f"name => {USED} === name", arg=other)
        page.reload()
        running.wait_for()
        assert page.evaluate(USED) == other
        look(page, "scan-two-cameras")


def test_a_camera_that_does_not_start_is_told_with_other_ways(counter: Counter) -> None:
    page = counter.read()
    state = page.locator("#camera-state")
    for name, words in (
        ("", "Kameraa ei löytynyt."),  # there is none here
        ("NotAllowedError", "Selaimella ei ole lupaa käyttää kameraa."),
        ("NotReadableError", "Kamera on toisen ohjelman käytössä."),
        ("TypeError", "Kameraa ei saatu käyntiin."),
    ):
        if name:
            page.evaluate(REFUSING, name)
        start(page)
        expect(state).to_contain_text(words)
        expect(state).to_contain_text("tai käytä käsilukijaa tai kuvaa")
    page.evaluate("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})")
    start(page)
    expect(state).to_have_text("Kamera toimii vain suojatulla yhteydellä. " + OTHER_WAYS)


# By hand scanner, by picture, by pasted text --------------------------------------------------


@pytest.mark.req("DESK-01", "DESK-03")
def test_a_hand_scanner_types_wrong_and_right_codes(counter: Counter) -> None:
    first, second = counter.answer(2)
    page = counter.read()
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type(f"{WIFI}\n")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Tämä on langattoman verkon koodi")
    expect(page.locator("#text")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type(f"{second}\n")
    expect(page.get_by_role("status")).to_have_text("Luettu 1/2 koodia. Vielä lukematta: 1.")
    expect(alert).to_be_empty()
    page.keyboard.type("openid-credential-offer://?credential_offer_uri=x\n")
    expect(alert).to_contain_text("Tällä koodilla haetaan uusi kortti")
    expect(alert).to_contain_text("Jo luetut koodit ovat tallessa.")
    page.locator("#text").fill(first)  # as pasted
    page.keyboard.press("Enter")
    page.wait_for_url(IDENTITY)


def test_nothing_is_lost_while_the_service_does_not_answer(counter: Counter) -> None:
    first, second = counter.answer(2)
    page = counter.read()
    page.locator("#text").fill(first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.route("**/desk/scan/*", lambda route: route.abort())
    page.locator("#text").fill(second)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Palveluun ei saada yhteyttä.")
    expect(page.locator("#text")).to_have_value(second)
    page.unroute("**/desk/scan/*")
    page.keyboard.press("Enter")
    page.wait_for_url(IDENTITY)


def test_a_picture_is_read_in_the_browser(counter: Counter, tmp_path: Path) -> None:
    counter.answer(2)
    page = counter.read()
    sent = posts_of(page)
    broken, empty = tmp_path / "broken.png", tmp_path / "empty.png"
    broken.write_bytes(b"\x89PNG nothing")
    nothing().save(empty)
    alert = page.get_by_role("alert")
    for file, words in ((broken, "Kuvaa ei voitu lukea."), (empty, "Koodia ei löytynyt.")):
        page.locator("#picture").set_input_files(file)
        page.get_by_role("button", name="Lue kuva").click()
        expect(alert).to_contain_text(words)
    sent.clear()
    for picture in counter.pictures:
        page.locator("#picture").set_input_files(picture)
        page.get_by_role("button", name="Lue kuva").click()
        if picture is counter.pictures[0]:
            expect(page.get_by_role("progressbar")).to_have_attribute("value", "1")
    page.wait_for_url(IDENTITY)
    assert len(texts_of(sent)) == 2, "texts, no pictures"


@pytest.mark.req("DESK-03")
def test_an_unasked_code_is_unconfirmed_and_the_challenge_one_step_away(
    counter: Counter, tmp_path: Path
) -> None:
    drawn = counter.client.json(
        "qr",
        *("--type", "self_assessment_result", "--claims", "given_name,family_name,birthdate"),
        *("--approve", "--out", str(tmp_path / "q.png")),
    )
    page = counter.read()
    page.locator("#text").fill("".join(drawn["frames"]))
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/outcome/*")
    expect(page.locator("h1")).to_have_text(HEADINGS["fi"][1])
    page.get_by_role("button", name="Näytä tiskin koodi").click()
    page.wait_for_url("**/offline*")
    assert "kyky-challenge:" in page.content()


def test_another_answer_and_starting_over(counter: Counter) -> None:
    earlier, later = counter.answer(2), counter.answer(2)
    page = counter.read()
    field, alert = page.locator("#text"), page.get_by_role("alert")
    for text in (earlier[0], later[1]):
        field.fill(text)
        page.keyboard.press("Enter")
    expect(alert).to_contain_text("Koodi kuuluu toiseen vastaukseen kuin edellinen.")
    alert.get_by_role("link", name="Aloita lukeminen alusta").click()
    expect(alert).to_be_empty()
    expect(field).to_be_focused()
    for text in (later[1], later[0]):
        field.fill(text)
        page.keyboard.press("Enter")
    page.wait_for_url(IDENTITY)


def test_without_script_field_and_picture_do_it_all(opened: Open) -> None:
    counter = opened(java_script_enabled=False)
    page = counter.page
    first, _ = counter.answer(2)
    counter.read()
    expect(page.get_by_role("button", name="Käynnistä kamera")).to_be_hidden()
    page.locator("#text").fill(first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.locator("#text").fill("openid4vp://?request_uri=x")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Tämä on pyyntö")
    expect(page.get_by_role("alert")).to_contain_text("Jo luetut koodit ovat tallessa.")
    page.locator("#picture").set_input_files(counter.pictures[1])
    page.get_by_role("button", name="Lue kuva").click()
    page.wait_for_url(IDENTITY)


# For everybody -------------------------------------------------------------------------------


def test_the_page_suits_everybody(opened: Open) -> None:
    counter = opened(reduced_motion="reduce")
    page = counter.page
    for lang, colours in FORCED.items():
        page.emulate_media(reduced_motion="reduce", forced_colors=colours)
        counter.read(lang=lang)
        assert page.locator("html").get_attribute("lang") == lang
        look(page, f"scan-{lang}")
        page.locator("#text").fill(WIFI)
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).not_to_be_empty()
        look(page, f"scan-wrong-{lang}")
        assert page.evaluate("document.getAnimations().length") == 0


def test_the_keyboard_is_enough(counter: Counter) -> None:
    page = counter.read()
    reached = []
    page.locator("h1").click()
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.type"))
    order = ["camera-switch", "text", "submit", "picture", "submit"]
    assert [one for one in reached if one in order][:5] == order
    page.locator("#camera-switch").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#camera-state")).to_contain_text("Kameraa ei löytynyt.")
    expect(page.locator("#camera-switch")).to_be_focused()
