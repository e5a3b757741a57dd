"""`make serve`: issuer on 8001 and verifier on 8002 with demo data, until Ctrl-C.

Everything lives in `run/` and is made anew at each start; the keys are demo keys.
"""

import secrets
import shutil
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from credential_schemas.i18n import HELSINKI
from demo.chapters import CHAPTERS, FEEDBACK, REFERRAL
from demo.payloads import example_claims
from demo.people import IssuingSystem
from demo.services import RunningServices, ServiceFailed

RUN = Path("run")
ISSUER_PORT, VERIFIER_PORT = 8001, 8002


def offers_ready(services: RunningServices) -> list[str]:
    """Offer the example cards; return a line to try for each."""
    today = datetime.now(UTC).astimezone(HELSINKI).date()
    lines = []
    for chapter in (*CHAPTERS, FEEDBACK, REFERRAL):
        system = IssuingSystem(services, chapter.org, chapter.type_id)
        offer = system.offer(example_claims(chapter.payload, today=today), pin=chapter.pin)
        picture = RUN / f"offer-{chapter.type_id}.png"
        picture.write_bytes(system.picture(offer["offer_id"]))
        pin = f" --pin {offer['pin']}" if chapter.pin else ""
        lines.append(f"  .venv/bin/kyky-wallet --home run/wallet receive {picture}{pin}")
    return lines


def staff_lines(services: RunningServices) -> str:
    """Return the names and passwords of the demo's staff, a line for each."""
    people = [
        services.staff("te_office"),
        services.staff("te_office", "olli.ohjaaja", "Olli Ohjaaja"),
    ]
    return "\n".join(f"  {person.name}   {person.password}" for person in people)


def tell(services: RunningServices) -> None:
    """Say what there is to try."""
    key = services.issuer_key("itsearviointi", "self_assessment_result")
    print(f"""
The issuer is at   {services.issuer.url}   (API described at /openapi.json)
The verifier is at {services.verifier.url}   (desk at /desk)

Sign in at {services.verifier.url}/desk as either of these, made up for this run:
{staff_lines(services)}

API key of a case system of theirs:
  {services.verifier_key("te_office")}

API key of the self-assessment service:
  {key}

A wallet for you (choose any passphrase):
  .venv/bin/kyky-wallet --home run/wallet init --trust-list {services.trust_list} \\
    --operator {services.operator_anchor} --allow-loopback-http

The offers are waiting, for 15 minutes:""")
    print("\n".join(offers_ready(services)))
    print("""
Then choose a task at the desk and show it the link under *Linkki ja kirjoitettava koodi*:
  .venv/bin/kyky-wallet --home run/wallet present 'openid4vp://…'

Ctrl-C ends both services.""")


def main() -> int:
    """Serve until interrupted; return the exit code."""
    shutil.rmtree(RUN, ignore_errors=True)
    services = RunningServices(
        RUN.absolute(),
        issuer_port=ISSUER_PORT,
        verifier_port=VERIFIER_PORT,
        extra={"KYKY_KEYS_PASSPHRASE": secrets.token_urlsafe(24)},
    )
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        with services:
            tell(services)
            ended.wait()
    except ServiceFailed as failure:
        print(f"{failure}\nAre the ports {ISSUER_PORT} and {VERIFIER_PORT} free?", file=sys.stderr)
        return 1
    print("Both services have ended.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
