"""For every test: what needs the system beyond Python, and a loud list of what was not run.

A test that drives Node.js or a browser takes the fixture `needs_node` or `needs_chromium`. Where
the thing is missing the test is left out, the run says so at its end, and with `CI=true` it fails.
"""

from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from tools import needs, node, not_run

# A busy machine is no failure of a property: no deadline for an example, none for drawing it.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("full", UNHURRIED)
settings.register_profile("check", UNHURRIED, max_examples=15)  # the inner loop
settings.load_profile("full")

# Whole suites that the inner loop leaves to `make test`: much garbage, races, waiting, drawing.
LONG_SUITES = frozenset(
    {
        "test_bench_core",
        "test_broken_catalogue",
        "test_failures",
        "test_fetch",
        "test_issuer_openapi",
        "test_issuer_store",
        "test_sd_jwt_properties",
        "test_server",
        "test_verifier_desk_codes",
        "test_verifier_hostile",
        "test_verifier_openapi",
        "test_verifier_scan_inputs",
        "test_wallet_challenge",
        "test_wallet_links",
        "test_wallet_self_initiated",
    }
)
MARK = "NOT RUN: "
LONGEST_NAME = 40


def _leave_out(what: str, why: str) -> NoReturn:
    """Leave this test out as not run; fail it instead where nothing may be left out."""
    if not_run.in_ci():
        pytest.fail(f"{what}: {why}", pytrace=False)
    pytest.skip(f"{MARK}{what}: {why}")


def _why(what: str) -> str:
    """What the set-up said about the missing thing."""
    said = (entry.why for entry in not_run.read() if entry.what == what)
    return next(said, "not here; `python tools/ensure_system.py` sets it up")


@pytest.fixture(scope="session")
def found_node() -> node.Node | None:
    """What Node.js there is; looked for once."""
    return node.find_node()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the long suites as slow, and begin with what takes long: then no worker ends alone."""
    for item in items:
        if item.path.stem in LONG_SUITES:
            item.add_marker(pytest.mark.slow)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name cases of bytes and long text by their argument.

    Such values may be drawn or signed anew in each process, and every worker of a parallel run
    must name its cases alike.
    """
    is_long = isinstance(val, bytes) or (isinstance(val, str) and len(val) > LONGEST_NAME)
    return argname if is_long else None


@pytest.fixture
def needs_node(found_node: node.Node | None) -> node.Node:
    """A usable Node.js, with the npm packages of the interop tests installed."""
    if found_node is None or not all(map(node.is_installed, needs.NPM_FOLDERS)):
        _leave_out("node", _why("node"))
    return found_node


@pytest.fixture(scope="session")
def needs_chromium() -> Path:
    """The path of a Chromium-family browser that has letters to draw with."""
    browser = needs.chromium()
    if browser is None:
        _leave_out("chromium", _why("chromium"))
    if not needs.has_fonts():
        _leave_out("fonts", _why("fonts"))
    return browser


def _skipped_here(terminalreporter: pytest.TerminalReporter) -> dict[str, int]:
    """Count the tests left out, by reason."""
    counts: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = str(report.longrepr[-1]).removeprefix("Skipped: ")
        if reason.startswith(MARK):
            counts[reason] = counts.get(reason, 0) + 1
    return counts


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was not run, after everything else."""
    lines = [
        f"{count} x {reason.removeprefix(MARK)}"
        for reason, count in _skipped_here(terminalreporter).items()
    ]
    if "not slow" not in config.option.markexpr:
        lines += [f"set-up: {entry.what}: {entry.why}" for entry in not_run.read()]
    if lines:
        terminalreporter.section("NOT RUN", sep="!", red=True, bold=True)
        for line in lines:
            terminalreporter.line(line, red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where nothing may be left out, what the set-up could not bring fails the whole run."""
    if not_run.in_ci() and not_run.read() and "not slow" not in session.config.option.markexpr:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
