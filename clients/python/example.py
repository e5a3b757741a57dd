"""Hand cards over to an issuer, as a self-assessment service would. Everybody in it is made up.

With `make serve` running, in a second terminal, with the key that it printed:

    .venv/bin/python clients/python/example.py --api-key kyky_…
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kykylompakko_client import (
    Access,
    ApiKey,
    IssuerClient,
    LineResult,
    OfferWish,
    PrivateKeyJwt,
    Problem,
    Refused,
    Unreachable,
)

ClientOf = Callable[[str, str, Access], IssuerClient]


def wish(number: int, *, today: str, expires: str) -> OfferWish:
    """Return the result of a made-up client."""
    return OfferWish(
        type="self_assessment_result",
        subject_ref=f"example-client-{number}",
        pin=True,
        claims={
            "family_name": "Mallikas",
            "given_name": f"Maija Testi {number}",
            "birthdate": "1988-04-12",
            "issuing_authority": "Mallimaan itsearviointipalvelu (TESTI)",
            "issuing_country": "FI",
            "date_of_issuance": today,
            "date_of_expiry": expires,
            "information_source": "self_reported",
            "assessment_instrument": "kykyviisari",
            "assessment_instrument_version": "TEST-1",
            "assessment_date": today,
            "work_ability_score": 5,
            "support_needs": ["health_check"],
            "recommended_next_step": "health_check",
        },
    )


def tell(problem: Problem) -> None:
    """Say what is wrong, and where."""
    print(f"  Refused: {problem.title} ({problem.code})")
    for fault in problem.faults:
        print(f"    {fault.pointer}: {fault.advice}")


def tell_line(result: LineResult) -> None:
    """Say what became of one of many."""
    if result.offer is not None:
        print(f"  {result.index + 1}: {result.offer.offer_id}, PIN {result.offer.pin}")
    elif result.problem is not None:
        print(f"  {result.index + 1}: not made")
        tell(result.problem)


def run(issuer: IssuerClient, *, now: datetime) -> None:
    """Offer one card, then three at once of which one is wrong, and take one back."""
    today, expires = now.date().isoformat(), (now.date() + timedelta(days=180)).isoformat()
    first = wish(1, today=today, expires=expires)

    print("One card:")
    made = issuer.offer(first, key=f"example-{now.timestamp()}")
    print(f"  {made.offer_link}\n  PIN {made.pin}, until {made.expires_at:%H:%M} UTC")

    print("The same with a mistake in it:")
    try:
        issuer.offer(replace(first, claims={**(first.claims or {}), "birthdate": "12.4.1988"}))
    except Refused as refused:
        tell(refused.problem)

    print("Three at once, the second with a mistake:")
    wishes = [wish(number, today=today, expires=expires) for number in (2, 3, 4)]
    wishes[1] = replace(wishes[1], claims={**(wishes[1].claims or {}), "work_ability_score": 11})
    results = list(issuer.offer_many(wishes, key=f"example-night-{now.timestamp()}"))
    for result in results:
        tell_line(result)

    print("How the first is doing, and after it was taken back:")
    print(f"  {issuer.read_offer(made.offer_id).state}")
    print(f"  {issuer.withdraw(made.offer_id).state}")


def main(arguments: list[str], client_of: ClientOf = IssuerClient) -> int:
    """Read the command line and run; return the exit code."""
    parser = argparse.ArgumentParser(description="Hand made-up cards over to an issuer.")
    parser.add_argument("--base", default="http://127.0.0.1:8001", help="where the issuer is")
    parser.add_argument("--org", default="itsearviointi", help="the organisation")
    parser.add_argument("--api-key", help="an API key of it")
    parser.add_argument("--client-id", help="or: the name of a registered client")
    parser.add_argument("--private-key", type=Path, help="and its private key, a PEM file")
    chosen = parser.parse_args(arguments)
    access: Access
    if chosen.api_key:
        access = ApiKey(chosen.api_key)
    elif chosen.client_id and chosen.private_key:
        access = PrivateKeyJwt.from_pem(chosen.client_id, chosen.private_key)
    else:
        parser.error("give --api-key, or --client-id and --private-key")
    try:
        with client_of(chosen.base, chosen.org, access) as issuer:
            run(issuer, now=datetime.now(UTC))
    except Unreachable:
        print(f"Nobody answers at {chosen.base}. Is `make serve` running?", file=sys.stderr)
        return 1
    except Refused as refused:
        tell(refused.problem)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
