"""Start programs that outlive us, know them again later, and stop them with all their children."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.local import place

_GRACE_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Process:
    """A program we started, at the head of a process group of its own."""

    pid: int
    # When it started, as the system tells it: a process id alone may have passed to another.
    mark: str
    port: int


@dataclass(frozen=True, kw_only=True)
class _Row:
    pid: int
    group: int
    mark: str


def start(command: Sequence[str], *, port: int, env: dict[str, str], log: Path) -> Process:
    """Start *command* in the background, in a group of its own, writing to *log*."""
    with log.open("wb") as output:
        child = subprocess.Popen(
            command,
            cwd=place.ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    row = next((row for row in _table() if row.pid == child.pid), None)
    return Process(pid=child.pid, mark=row.mark if row else "", port=port)


def is_running(process: Process) -> bool:
    """Return whether *process* is still there, and still the one that we started."""
    return any(row.pid == process.pid and row.mark == process.mark for row in _table())


def stop(process: Process, *, grace_s: float = _GRACE_S) -> None:
    """Stop *process* and every process of its group; by force, if *grace_s* have passed."""
    if not members(process):
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while members(process):
        if time.monotonic() > deadline:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            deadline += grace_s
        time.sleep(0.05)


def members(process: Process) -> list[int]:
    """Return the ids of the processes of the group of *process* that still run."""
    table = _table()
    if any(row.pid == process.pid and row.mark != process.mark for row in table):
        # The number has passed to a stranger, which it can do only when the group is no more.
        return []
    return [row.pid for row in table if row.group == process.pid]


def is_port_free(port: int) -> bool:
    """Return whether nothing listens on *port* of the loopback interface."""
    with socket.socket() as probe:
        if probe.connect_ex((place.LOOPBACK, port)) == 0:
            return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((place.LOOPBACK, port))
        except OSError:
            return False
    return True


def find_free_port() -> int:
    """Return a port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind((place.LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _table() -> list[_Row]:
    """Return the processes that run; one that is dead and only waits to be collected does not."""
    proc = Path("/proc")
    if (proc / "self/stat").exists():
        return _table_of_linux(proc)
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,pgid=,state=,lstart="], capture_output=True, text=True, check=True
    ).stdout
    rows = (line.split(None, 3) for line in listing.splitlines())
    return [
        _Row(pid=int(pid), group=int(group), mark=started)
        for pid, group, state, started in rows
        if not state.startswith("Z")
    ]


def _table_of_linux(proc: Path) -> list[_Row]:
    rows = []
    for stat in proc.glob("[0-9]*/stat"):
        # A process may end while we look.
        with suppress(OSError):
            # The name, in parentheses, may hold anything; what follows are plain words.
            words = stat.read_text(errors="replace").rpartition(")")[2].split()
            if words[0] not in "ZX":
                rows.append(_Row(pid=int(stat.parent.name), group=int(words[2]), mark=words[19]))
    return rows
