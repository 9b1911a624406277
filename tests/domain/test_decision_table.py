"""The decision table that people read is the one that decides."""

from pathlib import Path

import pytest

from counterpart.domain.mapping import ConflictPolicy, Mode
from scripts.print_decision_table import MODES, POLICIES, decision_table

PAGE = Path(__file__).resolve().parents[2] / "docs/decision-table.md"


def test_the_page_is_printed_from_the_tables() -> None:
    """Print it again when this fails: python -m scripts.print_decision_table."""
    assert PAGE.read_text() == decision_table()


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_has_its_section(mode: Mode) -> None:
    """A new mode is explained, or it is not released."""
    assert mode in MODES
    assert f"## `{mode}`\n" in decision_table()


@pytest.mark.parametrize("policy", ConflictPolicy)
def test_every_conflict_policy_has_its_table(policy: ConflictPolicy) -> None:
    """A new policy is explained, and shows its own rows, or it is not released."""
    assert policy in POLICIES
    section = decision_table().partition(f"### `{policy}`\n")[2].partition("\n#")[0]
    assert "| --- |" in section


def test_every_sentence_stands_on_its_own_line() -> None:
    """Changes of the page are easy to review."""
    prose = [line for line in decision_table().splitlines() if line and line[0] not in "#|"]

    assert all(". " not in line for line in prose)
