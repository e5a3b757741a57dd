"""Who runs, in turn and in one process, so that a machine that slows down slows everybody."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Work = Callable[[], object]
Rate = Callable[[float], float]
Operation = Literal["issue", "present", "verify"]
OPERATIONS: tuple[Operation, ...] = ("issue", "present", "verify")


@dataclass(frozen=True)
class Runner:
    """Somebody who can do some of the operations; `rates` measure for so many seconds."""

    name: str
    rates: Mapping[Operation, Rate]


@dataclass(frozen=True)
class Pace:
    """How long to measure: many short rounds, so that what comes and goes falls on everybody."""

    rounds: int = 25
    seconds: float = 0.05


def doing(work: Work) -> Rate:
    """Return what measures how often `work` runs in a second."""

    def rate(seconds: float) -> float:
        work()  # what is kept between calls is kept from here on
        count, began = 1, time.perf_counter()
        work()
        while (spent := time.perf_counter() - began) < seconds:
            work()
            count += 1
        return count / spent

    return rate


def runner(name: str, **works: Work) -> Runner:
    """Return a runner in this process; `works` are named by operation."""
    rates = {name: doing(works[name]) for name in OPERATIONS if name in works}
    return Runner(name, rates)


Rounds = Mapping[str, Mapping[Operation, Sequence[float]]]
Figures = Mapping[str, Mapping[Operation, float]]


def race(runners: Sequence[Runner], pace: Pace) -> Rounds:
    """Return the rates per second of each runner and operation, round by round."""
    found: dict[str, dict[Operation, Sequence[float]]] = {each.name: {} for each in runners}
    for operation in OPERATIONS:
        running = [each for each in runners if operation in each.rates]
        rounds = [
            [each.rates[operation](pace.seconds) for each in running] for _ in range(pace.rounds)
        ]
        for each, rates in zip(running, zip(*rounds, strict=True), strict=True):
            found[each.name][operation] = rates
    return found


def each_of(rounds: Rounds, pick: Callable[[Sequence[float]], float]) -> Figures:
    """Return one figure for each runner and operation, such as `statistics.median` or `max`."""
    return {
        name: {operation: pick(rates) for operation, rates in done.items()}
        for name, done in rounds.items()
    }


def table(medians: Figures, *, limit: str) -> str:
    """Return the medians as text, each beside its share of the runner called `limit`."""
    head = "".join(f"{f'{operation}/s':>11}{'of limit':>9}" for operation in OPERATIONS)
    lines = [f"{'':<30}{head}"]
    for name, rates in medians.items():
        cells = ""
        for operation in OPERATIONS:
            if operation in rates:
                share = rates[operation] / medians[limit][operation]
                cells += f"{rates[operation]:>11,.0f}{share:>9.2f}"
            else:
                cells += f"{'-':>11}{'-':>9}"
        lines.append(f"{name:<30}{cells}")
    return "\n".join(lines)
