"""What is known of the local world from one command to the next."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from scripts.local import place, processes
from scripts.local.processes import Process

AWS = "the local AWS"
SALESFORCE = "the Salesforce simulator"


@dataclass(frozen=True, kw_only=True)
class World:
    """The two servers, and what was done with them."""

    processes: dict[str, Process] = field(default_factory=dict)
    # A person at the keyboard may show it to the simulator.
    salesforce_access_token: str = ""
    # What was deployed last; empty until a deployment has succeeded.
    fingerprint: str = ""

    @property
    def aws_endpoint_url(self) -> str:
        """Return where the local AWS listens."""
        return f"http://{place.LOOPBACK}:{self.processes[AWS].port}"

    @property
    def salesforce_url(self) -> str:
        """Return where the simulator listens."""
        return f"http://{place.LOOPBACK}:{self.processes[SALESFORCE].port}"

    @property
    def is_whole(self) -> bool:
        """Return whether both servers run, and something is deployed."""
        return (
            len(self.processes) == len((AWS, SALESFORCE))
            and all(processes.is_running(process) for process in self.processes.values())
            and bool(self.fingerprint)
        )


def read() -> World:
    """Return the world as it was left, whether it still runs or not."""
    if not place.WORLD_FILE.exists():
        return World()
    kept = json.loads(place.WORLD_FILE.read_text())
    running = {name: Process(**process) for name, process in kept.pop("processes").items()}
    return World(processes=running, **kept)


def write(world: World) -> None:
    """Store *world* for the commands to come."""
    write_private(place.WORLD_FILE, asdict(world))


def read_stack() -> dict[str, Any]:
    """Return the description of the stack that `make up` wrote, if the stack is up."""
    if not read().is_whole or not place.STACK_FILE.exists():
        raise place.LocalError("The local world is not up; start it: make up")
    stack: dict[str, Any] = json.loads(place.STACK_FILE.read_text())
    return stack


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Store *content* as JSON that only its owner may read, whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(content, indent=2) + "\n")
    fresh.replace(path)


@contextmanager
def sole() -> Iterator[None]:
    """Hold the world for oneself; refuse to wait for another who holds it."""
    place.LOCAL.mkdir(parents=True, exist_ok=True)
    with place.LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise place.LocalError(
                "Another make up or make down is at work here; wait until it has finished."
            ) from None
        yield
