"""The page of failures that people read is made of tests, and has one for each."""

import re
from pathlib import Path

from scripts.print_failure_scenarios import failure_scenarios
from tests.failure_scenarios import SCENARIOS, TESTS, shown

PAGE = Path(__file__).resolve().parents[2] / "docs/failure-scenarios.md"


def test_every_situation_is_shown_by_a_test() -> None:
    """A promise that nothing tries is none."""
    assert set(shown()) == set(SCENARIOS)


def test_every_mark_is_found() -> None:
    """Above a test, or beside one of its cases; or else the page would tell of fewer tests."""
    marked = {
        (str(path.relative_to(TESTS.parent)), number)
        for path in TESTS.rglob("test_*.py")
        for number in re.findall(r'mark\.failure\("(\w+)"\)', path.read_text())
    }

    assert {(test.path, number) for number, tests in shown().items() for test in tests} == marked


def test_a_test_of_a_situation_says_what_its_law_is() -> None:
    """Whoever reads the page looks for the sentence next."""
    for tests in shown().values():
        for test in tests:
            assert test.law.endswith("."), test


def test_the_page_is_printed_from_the_tests() -> None:
    """Print it again when this fails: python -m scripts.print_failure_scenarios."""
    assert PAGE.read_text() == failure_scenarios()
