"""Playing many histories: what whoever waits for them is told."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.convergence import many
from tests.convergence.__main__ import main
from tests.convergence.many import Wanted, play

if TYPE_CHECKING:
    from collections.abc import Callable


def _wanted(number: int) -> list[Wanted]:
    return [Wanted(seed=seed, org="memory", steps=1) for seed in range(number)]


def _told(lines: list[str], *, interrupts: bool) -> Callable[[str], None]:
    def say(line: str) -> None:
        lines.append(line)
        if interrupts and len(lines) == 2:
            raise KeyboardInterrupt

    return say


@pytest.mark.parametrize("interrupts", [False, True])
def test_somebody_interrupts_it(monkeypatch: pytest.MonkeyPatch, *, interrupts: bool) -> None:
    """It says how far it has come and what was not played, and proves nothing."""
    monkeypatch.setattr(many, "_SILENCE", 0)
    lines: list[str] = []

    told = play(
        _wanted(6), workers=1, within=None, stop_after=3, say=_told(lines, interrupts=interrupts)
    )

    assert told.proven is not interrupts
    assert ("interrupted: 4 histories were not played" in lines) is interrupts
    assert any(line.startswith(f"{2 if interrupts else 6} histories") for line in lines)


@pytest.mark.parametrize("number", ["0", "-5", "2.5", "abc", ""])
def test_a_number_of_histories_that_proves_nothing(
    number: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """To play none is no success."""
    monkeypatch.setattr(sys, "argv", ["convergence", f"--histories={number}"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    assert "is not a number from 1 on" in capsys.readouterr().err
