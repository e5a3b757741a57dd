"""An issuing system that is asked for claims (docs/pull-api.md): the standard library, two pages.

    CLAIMS_SECRET=whsec_… python clients/pull_api/server.py

Everybody in it is made up. In your system `RECORDS` is your register; the rest can stay as it is.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zoneinfo import ZoneInfo

Answer = tuple[int, dict[str, object]]
"""A status and the JSON beside it."""

NOTHING: Answer = (404, {"code": "nothing"})
FINLAND = ZoneInfo("Europe/Helsinki")
MAX_BODY = 16_384
MAX_AGE_SECONDS = 300
SECONDS_TO_SEND = 10.0


@dataclass(frozen=True)
class Record:
    """What the register knows of somebody; `decision` is None while it is being made."""

    subject_ref: str
    family_name: str
    given_name: str
    birthdate: str
    decision: dict[str, object] | None


RECORDS = {
    "120488-9123": Record(
        "case-8731",
        "Mallikas",
        "Maija Testi",
        "1988-04-12",
        {"benefit_or_service": "vocational_rehabilitation", "decision_outcome": "granted"},
    ),
    "030375-9179": Record("case-8732", "Esimerkki", "Pekka Testi", "1975-03-03", None),
}
"""By personal identity code. Whoever is not in it is told that there is nothing."""


def answer_for(asked: Mapping[str, Any], *, today: date) -> Answer:
    """Say what there is for the person: the claims, that they come later, or nothing."""
    record = RECORDS.get(asked["person"].get("identity_code", ""))
    if record is None or asked["type"] != "authority_decision":
        return NOTHING
    if record.decision is None:
        # Keep asked["request_id"]: the claims are PUT to …/offers/{request_id}/claims later.
        return 202, {"subject_ref": record.subject_ref}
    claims = {
        "family_name": record.family_name,
        "given_name": record.given_name,
        "birthdate": record.birthdate,
        "issuing_authority": "Kela (TESTI)",
        "issuing_country": "FI",
        "date_of_issuance": today.isoformat(),
        "decision_date": today.isoformat(),
        "valid_from": today.isoformat(),
        "valid_until": (today + timedelta(days=180)).isoformat(),
        **record.decision,
    }
    return 200, {"subject_ref": record.subject_ref, "claims": claims}


def is_from_the_issuer(
    headers: Mapping[str, str], body: bytes, *, secret: bytes, now: float
) -> bool:
    """Check the signature of Standard Webhooks, and that it was made just now."""
    timestamp = headers.get("webhook-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp) or abs(now - int(timestamp)) > MAX_AGE_SECONDS:
        return False
    signed = f"{headers.get('webhook-id', '')}.{timestamp}.".encode() + body
    right = "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    shown = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(one.encode(), right.encode()) for one in shown)


def read_secret(text: str) -> bytes:
    """Return the key inside `whsec_…`; raise ValueError for something else."""
    if not text.startswith("whsec_"):
        raise ValueError("a secret begins with whsec_")
    try:
        return base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError:
        raise ValueError("a secret is base64 after whsec_") from None


@dataclass(frozen=True)
class IssuingSystem:
    """Answers one request after another; knows nothing of sockets."""

    secret: bytes
    clock: Callable[[], float] = time.time

    def answer(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return what is answered: header names in small letters, the body as it came."""
        now = self.clock()
        if not is_from_the_issuer(headers, body, secret=self.secret, now=now):
            return 401, {"code": "signature_invalid"}
        message = json.loads(body)
        if message["type"] != "claims.requested":
            return 400, {"code": "not_asked_for_claims"}
        return answer_for(message["data"], today=datetime.fromtimestamp(now, tz=FINLAND).date())


def make_server(system: IssuingSystem, port: int) -> ThreadingHTTPServer:
    """Return a server on this machine; behind a proxy with TLS in production."""

    class Handler(BaseHTTPRequestHandler):
        timeout = SECONDS_TO_SEND

        def do_POST(self) -> None:
            length = self.headers.get("content-length", "")
            if not re.fullmatch(r"[0-9]{1,5}", length) or int(length) > MAX_BODY:
                return self.say(413, {"code": "too_large"})
            headers = {name.lower(): value for name, value in self.headers.items()}
            return self.say(*system.answer(headers, self.rfile.read(int(length))))

        def say(self, status: int, body: dict[str, object]) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
            """Log nothing: a line about a person belongs into a log of its own."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def main() -> None:
    """Serve until Ctrl-C."""
    reader = argparse.ArgumentParser(description=__doc__)
    held = os.environ.get("CLAIMS_SECRET", "")
    reader.add_argument("--secret", default=held, type=read_secret, help="or in CLAIMS_SECRET")
    reader.add_argument("--port", default=8010, type=int)
    wish = reader.parse_args()
    with make_server(IssuingSystem(wish.secret), wish.port) as server:
        print(f"Asked at http://127.0.0.1:{server.server_port}/claims", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
