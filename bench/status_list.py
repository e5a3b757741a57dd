"""One change in a list of ten million, published anew, beside compressing the list as a whole.

    python -m bench.status_list

All are measured within one run, round by round in any order; the ratios are of their medians.
"Whole" is zlib level 6 over the packed bytes and nothing else, which makes the ratios strict: ours
also packs the change, frames the token and signs it, as JWT alone, and as JWT and CWT.
"""

import random
import statistics
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from keys.software_signer import SoftwareSigner
from openid4vc.status_list.bits import Status, StatusList
from openid4vc.status_list.cwt import sign_status_list_cwt
from openid4vc.status_list.token import sign_status_list

ENTRIES = 10_000_000
SHARES = (0.001, 0.01, 0.1)
ROUNDS = 21
GOAL = 1 / 20
SIGNER = SoftwareSigner(SoftwareSigner.generate().private_key, (b"x" * 600,))
NOW = datetime.now(UTC)
URI = "https://issuer.example/mallimaa/status-lists/1"


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1_000


def token(status_list: StatusList) -> str:
    """Sign the list as JWT."""
    times = {"issued_at": NOW, "expires_at": NOW + timedelta(days=1), "ttl": timedelta(minutes=5)}
    return sign_status_list(status_list, uri=URI, signer=SIGNER, **times)  # type: ignore[arg-type]  # of one kind each


def cwt(status_list: StatusList) -> bytes:
    """Sign the list as CWT."""
    times = {"issued_at": NOW, "expires_at": NOW + timedelta(days=1), "ttl": timedelta(minutes=5)}
    return sign_status_list_cwt(status_list, uri=URI, signer=SIGNER, **times)  # type: ignore[arg-type]  # of one kind each


def compare(share: float) -> None:
    """Print one line for lists of which this share is not valid."""
    rng = random.Random(share)
    status_list = StatusList(ENTRIES)
    for _ in range(int(ENTRIES * share)):
        status_list.set(rng.randrange(ENTRIES), rng.choice([Status.INVALID, Status.SUSPENDED]))
    size, packed = len(status_list.compressed()), status_list.packed()

    def flip() -> None:
        status_list.set(rng.randrange(ENTRIES), Status.INVALID)

    def jwt_alone() -> None:
        flip()
        token(status_list)

    def both() -> None:
        flip()
        token(status_list)
        cwt(status_list)

    works = [lambda: zlib.compress(packed, 6), jwt_alone, both]
    spent: list[list[float]] = [[], [], []]
    for _ in range(ROUNDS):
        # In any order: what runs first after the whole finds the caches cold.
        for number in rng.sample(range(3), 3):
            spent[number].append(milliseconds(works[number]))
    whole, jwt, jwt_and_cwt = map(statistics.median, spent)
    assert zlib.decompress(status_list.compressed()) == status_list.packed()
    more = size / len(zlib.compress(packed, 6)) - 1
    print(
        f"{share:>8.1%}{whole:>10.1f}{jwt:>10.2f}{jwt_and_cwt:>10.2f}"
        f"{jwt / whole:>10.4f}{jwt_and_cwt / whole:>10.4f}{size:>12,}{more:>8.1%}"
    )


def main() -> None:
    """Print a table."""
    print(f"{ENTRIES:,} entries of 2 bits; one flip and republish; goal: ratio at most {GOAL:.3f}")
    print(
        f"{'changed':>8}{'whole ms':>10}{'JWT ms':>10}{'both ms':>10}"
        f"{'JWT':>10}{'both':>10}{'bytes':>12}{'more':>8}"
    )
    for share in SHARES:
        compare(share)


if __name__ == "__main__":
    main()
