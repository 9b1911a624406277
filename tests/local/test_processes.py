"""Programs are stopped with all their children, and strangers are left alone."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.local import processes
from scripts.local.processes import Process

# Has a child, and both ignore the polite request to stop.
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
open({ready!r} + str(os.getpid()), "w").close()
time.sleep(600)
"""


@pytest.fixture
def polite(tmp_path: Path) -> Process:
    """Return a program that waits, and stops when asked."""
    return processes.start(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        port=1,
        env={},
        log=tmp_path / "log",
    )


def test_a_program_outlives_its_starter_until_it_is_stopped(polite: Process) -> None:
    """It has a group of its own, so that stopping it stops nothing else."""
    assert processes.is_running(polite)
    assert processes.members(polite) == [polite.pid]

    processes.stop(polite)

    assert not processes.is_running(polite)
    assert processes.members(polite) == []


def test_a_stubborn_family_is_stopped_by_force(tmp_path: Path) -> None:
    """Nobody is left, whether they listen or not."""
    family = processes.start(
        [sys.executable, "-c", STUBBORN.format(ready=str(tmp_path / "ready-"))],
        port=1,
        env={},
        log=tmp_path / "log",
    )
    while len(list(tmp_path.glob("ready-*"))) < 2:
        assert processes.is_running(family)
    assert len(processes.members(family)) == 2

    processes.stop(family, grace_s=0.2)

    assert processes.members(family) == []


def test_a_number_that_passed_to_a_stranger_is_left_alone(polite: Process) -> None:
    """The system hands process ids out again; ours is known by its starting time as well."""
    ours = replace(polite, mark="of another time")

    processes.stop(ours)

    assert not processes.is_running(ours)
    assert processes.is_running(polite)
    processes.stop(polite)
