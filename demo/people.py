"""Who acts in the story: the client with the wallet, the official, the issuing systems."""

import html
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any, cast

import httpx2

import verifier.web
from demo.commands import Done
from demo.services import RunningServices, StaffAccount
from demo.telling import must

Json = dict[str, Any]

STATIC = Path(verifier.web.__file__).parent / "static"
_TOKEN = re.compile(r'name="token" value="([^"]+)"')
_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


class IssuingSystem:
    """One organisation's system, talking to the issuer's API with its own key.

    Args:
        services: the running services.
        org: the organisation.
        type_id: what is offered.
        also: types that the same key is for.
    """

    def __init__(self, services: RunningServices, org: str, type_id: str, *also: str) -> None:
        self.org, self.type_id = org, type_id
        self._api = services.issuer_api(org, *sorted({type_id, *also}))

    def offer(self, claims: dict[str, object], *, pin: bool) -> Json:
        """Hand the claims over; return the offer's id and PIN."""
        answer = self.try_to_offer(claims, pin=pin)
        must(answer.status_code == httpx2.codes.CREATED, f"{self.org}: offer refused {answer.text}")
        return cast(Json, answer.json())

    def try_to_offer(self, claims: dict[str, object], *, pin: bool) -> httpx2.Response:
        """Hand the claims over and return whatever the issuer says."""
        body = {
            "type": self.type_id,
            "claims": claims,
            "subject_ref": "story-client-1",
            "delivery": {"channel": "screen", "pin": pin},
        }
        return self._api.post(f"/api/v1/{self.org}/offers", json=body)

    def picture(self, offer_id: str) -> bytes:
        """Fetch the offer's QR code as PNG."""
        return self._api.get(f"/api/v1/{self.org}/offers/{offer_id}/qr.png").content

    def credential_of(self, offer_id: str) -> str:
        """Return the id of the one credential made from an offer."""
        offer = self._api.get(f"/api/v1/{self.org}/offers/{offer_id}").json()
        must(offer["state"] == "completed", f"{self.org}: the offer is {offer['state']}")
        return str(offer["credentials"][0]["credential_id"])

    def change(self, credential_id: str, action: str, reason: str | None = None) -> str:
        """Suspend, reinstate or revoke; return the state that results."""
        answer = self._api.post(
            f"/api/v1/{self.org}/credentials/{credential_id}/status",
            json={"action": action} | ({"reason": reason} if reason else {}),
        )
        must(answer.is_success, f"{self.org}: {action} refused: {answer.text}")
        return str(answer.json()["state"])

    def take_in(self, status_list: Json) -> httpx2.Response:
        """Mark a card that was shown here as used, by its status reference alone."""
        return self._api.post(f"/api/v1/{self.org}/taken-in", json={"status_list": status_list})


class Client:
    """The client: the real command `kyky-wallet`, in Finnish."""

    def __init__(self, home: Path, services: RunningServices, passphrase: str) -> None:
        self._home = home
        self._commands = services.commands
        self.environment = {
            **os.environ,
            "KYKY_WALLET_PASSPHRASE": passphrase,
            **services.wallet_provider,
        }
        self.json(
            "init",
            "--trust-list",
            str(services.trust_list),
            "--operator",
            str(services.operator_anchor),
            "--allow-loopback-http",
        )

    def says(self, *arguments: str) -> str:
        """Run a command and return what the client reads on the screen."""
        return self._run(*arguments).stdout

    def json(self, *arguments: str) -> Json:
        """Run a command that must succeed; return its JSON."""
        done = self._run("--json", *arguments)
        must(done.returncode == 0, f"the wallet's {arguments[0]}: {done.stdout}{done.stderr}")
        return cast(Json, json.loads(done.stdout))

    def refusal(self, *arguments: str) -> Json:
        """Run a command that must be refused; return its JSON."""
        done = self._run("--json", *arguments)
        must(done.returncode == 1, f"the wallet's {arguments[0]} was not refused: {done.stdout}")
        return cast(Json, json.loads(done.stdout))

    def command(self, *arguments: str) -> list[str]:
        """Return a command line of this wallet."""
        return ["kyky-wallet", "--home", str(self._home), "--lang", "fi", *arguments]

    def _run(self, *arguments: str) -> Done:
        return self._commands.run(*self.command(*arguments), environment=self.environment)


class Official:
    """The official: the desk's own pages, in Finnish, over HTTP like a browser without script."""

    def __init__(self, url: str, person: StaffAccount, pages: Path) -> None:
        self._pages = pages
        self._http = httpx2.Client(base_url=url, follow_redirects=True, trust_env=False)
        pages.mkdir(parents=True, exist_ok=True)
        shutil.copytree(STATIC, pages / "static", dirs_exist_ok=True)
        page = self._post(
            "/desk/sign-in",
            self._http.get("/desk/sign-in"),
            name=person.name,
            password=person.password,
        )
        self._start = page

    def close(self) -> None:
        """Leave the desk."""
        self._http.close()

    def ask(self, profile: str, picture: Path) -> str:
        """Start a request, save its QR code, return the verification's id."""
        page = self._post("/desk/start", self._http.get("/desk"), profile=profile)
        verification_id = page.url.path.rsplit("/", 1)[-1]
        picture.write_bytes(self._http.get(f"/desk/ask/{verification_id}/qr.png").content)
        return verification_id

    def look(self, verification_id: str) -> httpx2.Response:
        """Return the page where a verification stands now."""
        return self._http.get(f"/desk/ask/{verification_id}")

    def type_code(self, page: httpx2.Response, verification_id: str, code: str) -> httpx2.Response:
        """Type what the client reads out; return where it led."""
        return self._post(f"/desk/code/{verification_id}", page, code=code)

    def same_person(self, page: httpx2.Response, verification_id: str) -> httpx2.Response:
        """Record that the identity document was compared; return the outcome."""
        return self._post(f"/desk/identity/{verification_id}", page, identity="compared")

    def copy(self, page: httpx2.Response, verification_id: str) -> Json:
        """Take the copy that the task may keep, as a file for the case system."""
        return cast(Json, self._post(f"/desk/copy/{verification_id}", page).json())

    def give_receipt(self, page: httpx2.Response, verification_id: str) -> httpx2.Response:
        """Have a receipt made; return the page that the client looks at."""
        return self._post(f"/desk/receipt/{verification_id}", page)

    def save(self, page: httpx2.Response, name: str) -> str:
        """Keep a page as a file; return its heading."""
        text = page.text.replace('"/static/', '"static/')
        (self._pages / f"{name}.html").write_text(text, "utf-8")
        return heading(page)

    def _post(self, path: str, shown: httpx2.Response, **fields: str) -> httpx2.Response:
        token = _TOKEN.search(shown.text)
        must(token, f"the page before {path} has no form: {heading(shown)}")
        page = self._http.post(path, data={"token": token.group(1) if token else "", **fields})
        must(page.is_success, f"{path} answered {page.status_code}: {heading(page)}")
        return page


def heading(page: httpx2.Response) -> str:
    """Return a page's h1 as plain text."""
    found = _HEADING.search(page.text)
    return html.unescape(_TAG.sub("", found.group(1))).strip() if found else ""


def text_of(page: httpx2.Response) -> str:
    """Return all text of a page."""
    return " ".join(html.unescape(_TAG.sub(" ", page.text)).split())
