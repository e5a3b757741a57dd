"""The desk's benchmark serves real clients; how fast is not asked here."""

from pathlib import Path

import pytest

from bench.desk import Way, main, percentile, table


def test_a_percentile_is_a_time_that_was_measured() -> None:
    times = [float(one) for one in range(1, 31)]
    assert percentile(times, 0.95) == 29
    assert percentile([5.0, 7.0, 6.0], 0.5) == 6
    assert percentile([5.0], 0.95) == 5


def test_a_table_has_the_parts_and_their_sum() -> None:
    way = Way("by code", dict, {"frame": "read", "compared": "then"})
    rounds = [{"frame": 100.0, "compared": 20.0}, {"frame": 300.0, "compared": 10.0}]
    lines = [line.strip("| ").split(" | ") for line in table(way, rounds).splitlines()[2:]]
    assert lines == [
        ["read", "200", "300", "300"],
        ["then", "15", "20", "20"],
        ["**answer to outcome, all pages**", "215", "310", "310"],
    ]


@pytest.mark.slow
@pytest.mark.enable_socket
@pytest.mark.timeout(300)
def test_the_whole_of_it(needs_chromium: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--rounds", "1"])
    said = capsys.readouterr().out
    for way in ("over the network", "by one code", "by three codes"):
        assert f"| {way} |" in said
