"""`make serve`: issuer on 8001, desks on 8002 to 8004, Kela's system on 8010, until Ctrl-C.

Everything lives in `run/` and is made anew at each start; the keys are demo keys.
"""

import secrets
import shutil
import signal
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from credential_schemas.i18n import HELSINKI
from demo.another_desk import AnotherDesk
from demo.asked_system import ORG, TYPE_ID, AskedSystem
from demo.chapters import CHAPTERS, FEEDBACK, REFERRAL
from demo.payloads import example_claims
from demo.people import IssuingSystem
from demo.services import RunningServices, ServiceFailed

RUN = Path("run")
ISSUER_PORT, VERIFIER_PORT, ASKED_PORT = 8001, 8002, 8010
PLAN = "04_service_plan", "tyollisyysalue", "service_plan"


@dataclass(frozen=True)
class Elsewhere:
    """A desk of another organisation, and who works there: role, sign-in name, name."""

    organisation: str
    port: int
    staff: tuple[tuple[str, str, str], ...]


ELSEWHERE = (
    Elsewhere(
        "sote-keskus-malli",
        8003,
        (
            ("health_centre", "niina.hoitaja", "Niina Hoitaja"),
            ("social_services", "sami.sosiaali", "Sami Sosiaaliohjaaja"),
        ),
    ),
    Elsewhere("kela-neuvonta-malli", 8004, (("kela", "kaisa.kela", "Kaisa Kelavirkailija"),)),
)


def offers_ready(services: RunningServices) -> list[str]:
    """Offer the example cards; return a line to try for each."""
    today = datetime.now(UTC).astimezone(HELSINKI).date()
    lines = []
    told = (*CHAPTERS, FEEDBACK, REFERRAL)
    every = [*((one.payload, one.org, one.type_id, one.pin) for one in told), (*PLAN, False)]
    for payload, org, type_id, with_pin in every:
        also = [one for _, other, one, _ in every if other == org]
        system = IssuingSystem(services, org, type_id, *also)
        offer = system.offer(example_claims(payload, today=today), pin=with_pin)
        picture = RUN / f"offer-{type_id}.png"
        picture.write_bytes(system.picture(offer["offer_id"]))
        pin = f" --pin {offer['pin']}" if with_pin else ""
        lines.append(f"  .venv/bin/kyky-wallet --home run/wallet receive {picture}{pin}")
    return lines


def staff_lines(services: RunningServices) -> str:
    """Return the names and passwords of the demo's staff, a line for each."""
    people = [
        services.staff("te_office"),
        services.staff("te_office", "olli.ohjaaja", "Olli Ohjaaja"),
    ]
    return "\n".join(f"  {person.name}   {person.password}" for person in people)


def desks_elsewhere(services: RunningServices, open_desks: ExitStack) -> str:
    """Open the desks of the other organisations; return where they are and who signs in there."""
    lines = []
    for one in ELSEWHERE:
        desk = AnotherDesk(services, one.organisation, port=one.port)
        desk.service.start()
        open_desks.callback(desk.service.stop)
        lines.append(f"Desk of {one.organisation}: {desk.service.url}/desk")
        for role, name, display in one.staff:
            person = desk.staff(role, name, display)
            lines.append(f"  {person.name}   {person.password}   ({role})")
    return "\n".join(lines)


def tell(services: RunningServices, elsewhere: str) -> None:
    """Say what there is to try."""
    key = services.issuer_key("itsearviointi", "self_assessment_result")
    print(f"""
The issuer is at   {services.issuer.url}   (API described at /openapi.json)
The verifier is at {services.verifier.url}   (desk at /desk)

Sign in at {services.verifier.url}/desk as either of these, made up for this run:
{staff_lines(services)}

{elsewhere}

API key of a case system of theirs:
  {services.verifier_key("te_office")}

API key of the self-assessment service:
  {key}

A wallet for you (choose any passphrase):
  .venv/bin/kyky-wallet --home run/wallet init --trust-list {services.trust_list} \\
    --operator {services.operator_anchor} --allow-loopback-http

The offers are waiting, for 15 minutes:""")
    print("\n".join(offers_ready(services)))
    vouched = " \\\n    ".join(f"{name}={text}" for name, text in services.wallet_provider.items())
    print(f"""
Or let the wallet begin: sign in as one of the test persons, and agree. Its provider vouches for it:
  {vouched} \\
    .venv/bin/kyky-wallet --home run/wallet add {services.issuer.url}/{ORG} --type {TYPE_ID}""")
    print("""
Then choose a task at the desk and show it the link under *Linkki ja kirjoitettava koodi*:
  .venv/bin/kyky-wallet --home run/wallet present 'openid4vp://…'

Ctrl-C ends all of them.""")


def main() -> int:
    """Serve until interrupted; return the exit code."""
    shutil.rmtree(RUN, ignore_errors=True)
    kela = AskedSystem(ASKED_PORT)
    services = RunningServices(
        RUN.absolute(),
        issuer_port=ISSUER_PORT,
        verifier_port=VERIFIER_PORT,
        extra={
            "KYKY_KEYS_PASSPHRASE": secrets.token_urlsafe(24),
            "KYKY_ISSUER_WALLET_PROVIDERS_MINUTES": "1",  # for whoever puts a wallet on the list
            **kela.settings(),
        },
    )
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        with services, ExitStack() as open_desks:
            kela.start(services)
            open_desks.callback(kela.stop)
            tell(services, desks_elsewhere(services, open_desks))
            ended.wait()
    except ServiceFailed as failure:
        print(
            f"{failure}\nAre the ports {ISSUER_PORT} to 8004 and {ASKED_PORT} free?",
            file=sys.stderr,
        )
        return 1
    print("All services have ended.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
