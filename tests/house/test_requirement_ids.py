"""Every checklist ID that a test cites exists in the checklist."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
CITED = re.compile(r"mark\.req\(([^)]*)\)")
LISTED = re.compile(r"^([A-Z]+-\d+) \|", re.MULTILINE)


def test_every_cited_id_is_on_the_checklist() -> None:
    known = set()
    for page in (TESTS / "conformance").glob("checklist*.md"):
        known |= set(LISTED.findall(page.read_text()))
    assert len(known) > 200
    unknown = {
        (path.name, cited)
        for path in TESTS.rglob("test_*.py")
        if "node_modules" not in path.parts
        for arguments in CITED.findall(path.read_text())
        for cited in re.findall(r"[\"']([^\"']+)[\"']", arguments)
        if cited not in known
    }
    assert unknown == set()
