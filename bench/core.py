"""Issue, present and verify one credential: ours, other people's, and the cryptography alone.

    make bench

Everybody runs in turn in one run, on one core; figures are medians of the rounds, and the shares
are what to read: a busy machine changes all figures, and the shares much less.
"""

import argparse
import os
import platform
import statistics
from collections.abc import Sequence

from bench import peers
from bench.case import Case
from bench.ours import LIMIT, NINE_CHECKS, OURS, cryptography_alone, nine_checks, ours, samples
from bench.race import OPERATIONS, Figures, Pace, Rounds, Runner, each_of, race, table
from openid4vc.sd_jwt.parse import parse


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table for each shape of credential, and what differs between the libraries."""
    asked = _arguments(arguments)
    pace = Pace(asked.rounds, asked.seconds)
    if not asked.any_core:
        _stay_on_one_core()
    print(f"{platform.machine()}, Python {platform.python_version()}, medians of {pace.rounds}")
    for recursive in (False, True):
        case = Case.make(recursive=recursive)
        print(f"\n{_title(case)}")
        rounds = measure(case, pace)
        medians = each_of(rounds, statistics.median)
        print(table(medians, limit=LIMIT))
        print(_times_faster(medians))
        print(_least_disturbed(each_of(rounds, max)))
    print("\nThe same claims and ES256 keys for everybody, the wallet starts from the stored text.")
    for name, difference in peers.DIFFERENCES.items():
        print(f"  {name}: {difference}")
    print(f"  {OURS}: checks dates, typ, chain and trust list (a chain seen before is not built")
    print("    again, its dates are), key binding; nine checks: also query, status list, person")


def measure(case: Case, pace: Pace) -> Rounds:
    """Return the rates of everybody who can take part."""
    runners: list[Runner] = [cryptography_alone(case), ours(case), nine_checks(case)]
    runners.append(peers.sd_jwt(case))
    if not case.recursive:
        runners.append(peers.openvc(case))
    with peers.npm(case) as npm:
        return race([*runners, npm] if npm else runners, pace)


def _title(case: Case) -> str:
    credential, presentation = samples(case)
    held, shown = (len(parse(text).disclosures) for text in (credential, presentation))
    shape = "parts of objects and arrays hidden too" if case.recursive else "top-level claims"
    return (
        f"Self-assessment, {shape}: {held} disclosures, {shown} shown, "
        f"{len(credential)} and {len(presentation)} characters"
    )


def _times_faster(medians: Figures) -> str:
    lines = []
    for name in medians:
        if name not in (LIMIT, OURS, NINE_CHECKS):
            times = (
                f"{operation} {medians[OURS][operation] / medians[name][operation]:.1f}"
                for operation in OPERATIONS
            )
            lines.append(f"times {name}: {', '.join(times)}")
    return "\n".join(lines)


def _least_disturbed(best: Figures) -> str:
    shares = (
        f"{name} {best[name]['verify'] / best[LIMIT]['verify']:.2f}" for name in (OURS, NINE_CHECKS)
    )
    return f"verify, the best round of each, share of the limit: {', '.join(shares)}"


def _stay_on_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.core", description=__doc__)
    parser.add_argument("--rounds", type=int, default=Pace.rounds)
    parser.add_argument("--seconds", type=float, default=Pace.seconds, help="of each round")
    parser.add_argument("--any-core", action="store_true", help="do not keep to one core")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
