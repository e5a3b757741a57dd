"""The benchmark runs and everybody in it does the work; how fast is not asked here."""

import pytest

from bench.case import Case
from bench.core import main, measure
from bench.ours import LIMIT, NINE_CHECKS, OURS
from bench.peers import NPM, OPENVC, SD_JWT
from bench.race import Figures, Pace, Rounds, each_of, table

PACE = Pace(rounds=1, seconds=0)


@pytest.mark.parametrize(
    ("recursive", "present"),
    [
        (False, {LIMIT, OURS, NINE_CHECKS, SD_JWT, OPENVC}),
        (True, {LIMIT, OURS, NINE_CHECKS, SD_JWT}),
    ],
)
def test_everybody_takes_part(recursive: bool, present: set[str]) -> None:
    rounds = measure(Case.make(recursive=recursive), PACE)
    assert rounds.keys() - {NPM} == present
    for name, done in rounds.items():
        assert set(done) == ({"verify"} if name == NINE_CHECKS else {"issue", "present", "verify"})
        assert all(rate > 0 for rates in done.values() for rate in rates)


def test_figures_are_picked_from_the_rounds() -> None:
    rounds: Rounds = {"a": {"issue": [1.0, 9.0, 2.0]}}
    assert each_of(rounds, max) == {"a": {"issue": 9.0}}


def test_a_table_says_what_each_reaches_of_the_limit() -> None:
    medians: Figures = {
        "limit": {"issue": 200.0, "present": 100.0, "verify": 50.0},
        "other": {"verify": 25.0},
    }
    last = table(medians, limit="limit").splitlines()[-1]
    assert last.split() == ["other", "-", "-", "-", "-", "25", "0.50"]


def test_the_whole_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--rounds", "1", "--seconds", "0", "--any-core"])
    said = capsys.readouterr().out
    assert said.count(LIMIT) == 2
    assert f"times {SD_JWT}: issue" in said
    assert said.count(f"the best round of each, share of the limit: {OURS} ") == 2
