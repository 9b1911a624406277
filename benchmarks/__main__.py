"""Measures everything and writes `benchmarks/results/`: `python -m benchmarks`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from benchmarks import doors, report
from benchmarks.campaigns import EMPTY, FULL, Synced
from benchmarks.creation import CREATED, DOMAINS, Drained
from benchmarks.fair_share import WAITING, Share
from benchmarks.measurement import Measurement, told
from benchmarks.org import Org
from benchmarks.product import Place
from benchmarks.services import PYTHONPATH, Services, create_tables, running
from benchmarks.step import PUSHED, Cost
from scripts.local import place

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTACTS = 50_000
FEW = 5_000
# The local AWS takes minutes for more, and what a record costs does not depend on their number.
DIRECT = 2_500
_EDITED = 1_000
# The window ends before the second in which it is asked for.
_SECOND_S = 1.1
# Two runs of the same differ by as much.
_NOISE_MB = 5
# Half a million rows take the engine some minutes.
_STEP_TIMEOUT_S = 1800
# The schedule looks once a minute.
_AT_ONCE_S = 120


def main() -> None:
    """Measure, print, write."""
    argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure everything, which takes some 20 minutes, and write the results.",
    ).parse_args()
    # Whoever ends us ends the servers, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    started = time.monotonic()
    measurements = [*_engine(), *_fair_share(), *_starts()]
    with running() as services:
        measurements += _world(services)
        measurements += _creations(services)
        measurements += _campaigns(services)
    print(f"\nDone in {time.monotonic() - started:.0f} s.\n")
    machine = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
    }
    print(report.write(measurements, machine=machine, at=datetime.now(UTC)))


# --- In memory ----------------------------------------------------------------------------------


def _engine() -> list[Measurement]:
    with _telling("the engine in memory"):
        speeds: dict[str, float] = _run("benchmarks.engine")
    pulls = {name: speed for name, speed in speeds.items() if name != "updates_pushed"}
    return [
        Measurement(
            name="engine_records_per_second",
            value=round(min(pulls.values())),
            unit="records/s",
            goal=10_000,
            at_least=True,
        ),
        *(told(f"engine_{name}", speed, "records/s") for name, speed in speeds.items()),
        *(
            told(f"engine_cpu_{name}", 1000 / speed, "s/1,000 records")
            for name, speed in speeds.items()
        ),
    ]


def _fair_share() -> list[Measurement]:
    with _telling(f"a fresh edit while {WAITING:,} changes wait, on a virtual clock"):
        share = Share(**_run("benchmarks.fair_share"))
    return [
        Measurement(name="fresh_edit_worst_s", value=share.worst_s, unit="s", goal=_AT_ONCE_S),
        told("fresh_edit_of_the_backlog_worst_s", share.worst_of_crowd_s, "s"),
        told("fresh_edit_median_s", share.median_s, "s"),
        told("fresh_edits_meanwhile", share.fresh, "edits"),
        told("backlog_drained_hours", share.drained_h, "h"),
        told("backlog_api_calls", share.api_calls, "calls"),
    ]


def _starts() -> list[Measurement]:
    measurements = []
    for function in doors.FUNCTIONS:
        with _telling(f"the start of {function}"):
            start = doors.measure(function)
        measurements += [
            told(f"import_{function}", start.milliseconds, "ms"),
            told(f"import_{function}_modules", start.modules, "modules"),
        ]
        talks = function != "serve_api"
        measurements.append(
            Measurement(
                name=f"import_{function}_salesforce_libraries",
                value=len(start.loaded),
                unit=f"of {', '.join(doors.WATCHED)}",
                goal=None if talks else 0,
            )
        )
    return measurements


# --- On the wire --------------------------------------------------------------------------------


def _world(services: Services) -> list[Measurement]:
    org = Org(services)
    direct = _place(services, "direct")
    _fill(org, DIRECT)
    stored = _step(services, direct, "pull", f"an initial pull of {DIRECT:,} into DynamoDB")

    few = _place(services, "few")
    _fill(org, FEW)
    _step(services, few, "load", f"filling a database with {FEW:,} contacts")
    small = _incremental(services, org, few, FEW)

    many = _place(services, "many")
    _fill(org, CONTACTS)
    org.forget_calls()
    initial = _step(services, many, "load", f"an initial pull of {CONTACTS:,} contacts")
    initial_calls = org.calls()
    org.forget_calls()
    idle = _step(services, many, "pull", "a poll that finds nothing")
    idle_calls = org.calls()
    large = _incremental(services, org, many, CONTACTS)
    pushed, pushes = _pushes(services, org, many)

    _check(stored, "created", DIRECT)
    _check(initial, "created", CONTACTS)
    peak = max(stored.peak_mb, large.peak_mb, pushed.peak_mb)
    return [
        Measurement(name="idle_poll_api_calls", value=idle_calls, unit="calls", goal=1),
        told("idle_poll_seconds", idle.wall_s, "s"),
        told("idle_poll_dynamodb_requests", sum(idle.requests.values()), "requests"),
        Measurement(name="initial_pull_api_calls", value=initial_calls, unit="calls", goal=26),
        told("initial_pull_seconds", initial.wall_s, "s"),
        told("initial_pull_cpu", 1000 * initial.cpu_s / CONTACTS, "s/1,000 records"),
        *_costs("initial_pull_to_dynamodb", stored, _read(stored)),
        *pushes,
        Measurement(name="peak_memory_mb", value=round(peak, 1), unit="MB", goal=200),
        told("peak_memory_initial_pull", stored.peak_mb, "MB"),
        told("peak_memory_push", pushed.peak_mb, "MB"),
        told(f"peak_memory_with_{FEW}_stored", small.peak_mb, "MB"),
        told(f"peak_memory_with_{CONTACTS}_stored", large.peak_mb, "MB"),
        Measurement(
            name="memory_growth_mb",
            value=round(large.peak_mb - small.peak_mb, 1),
            unit="MB",
            goal=_NOISE_MB,
        ),
    ]


def _pushes(services: Services, org: Org, where: Place) -> tuple[Cost, list[Measurement]]:
    """Push as many updates by a job, and again by collections."""
    measurements: list[Measurement] = []
    costs = []
    for edit, push, name in (
        ("edit", "push", "push"),
        ("edit_again", "push_by_collections", "push_by_collections"),
    ):
        with _telling(f"editing {PUSHED:,} contacts here"):
            _run("benchmarks.step", edit, where, services=services)
        org.forget_calls()
        cost = _step(services, where, push, f"pushing {PUSHED:,} updates ({name})")
        measurements.append(
            Measurement(name=f"{name}_api_calls", value=org.calls(), unit="calls", goal=16)
        )
        _check(cost, "updated", PUSHED)
        measurements += _costs(name, cost, PUSHED)
        costs.append(cost)
    return max(costs, key=lambda cost: cost.peak_mb), measurements


def _creations(services: Services) -> list[Measurement]:
    """Drain a queue of new contacts, with one worker and with four."""
    org = Org(services)
    where = Place(salesforce_url=services.salesforce_url, login=str(services.login), prefix="")
    measurements = []
    for workers, name in ((1, "creation"), (4, "creation_by_four_workers")):
        org.empty()
        with _telling(f"creating {CREATED:,} contacts of {DOMAINS:,} domains, {workers} at once"):
            org.forget_calls()
            drained = Drained(**_run("benchmarks.creation", str(workers), where, services=services))
            calls = org.calls()
        if drained.linked != CREATED or org.count("Contact") != CREATED:
            raise SystemExit(f"Not each contact has one record: {drained}")
        measurements += [
            Measurement(
                name=f"{name}_api_calls",
                value=calls,
                unit="calls",
                goal=120 if workers == 1 else None,
            ),
            told(f"{name}_seconds", drained.wall_s, "s"),
            told(f"{name}_redelivered", drained.redelivered, "jobs"),
            Measurement(
                name=f"{name}_accounts_beyond_one_a_domain",
                value=abs(org.count("Account") - DOMAINS),
                unit="Accounts",
                goal=0,
            ),
        ]
    return measurements


def _campaigns(services: Services) -> list[Measurement]:
    """Sync a campaign of as many members as there are contacts, inward and outward."""
    org = Org(services)
    _fill(org, CONTACTS)
    with _telling(f"making a campaign of {CONTACTS:,} members"):
        members = org.enrol(FULL, EMPTY)
    # The window ends before the second in which it is asked for.
    time.sleep(_SECOND_S)
    where = Place(salesforce_url=services.salesforce_url, login=str(services.login), prefix="")
    measurements = []
    for direction, goal in (("inward", 30), ("outward", 60)):
        with _telling(f"syncing {members:,} members {direction}"):
            synced = Synced(**_run("benchmarks.campaigns", direction, where, services=services))
        if synced.members != members:
            raise SystemExit(f"Not each member is linked: {synced}")
        measurements += [
            Measurement(
                name=f"campaign_{direction}_api_calls",
                value=synced.calls,
                unit="calls",
                goal=goal,
            ),
            told(f"campaign_{direction}_seconds", synced.wall_s, "s"),
        ]
    if org.count("CampaignMember") != 2 * members:
        raise SystemExit("The org has other members than we have made")
    return measurements


def _incremental(services: Services, org: Org, where: Place, stored: int) -> Cost:
    """Pull a few edits into a database of *stored* contacts."""
    org.edit(_EDITED)
    time.sleep(_SECOND_S)
    cost = _step(services, where, "pull", f"pulling {_EDITED:,} edits with {stored:,} stored")
    _check(cost, "updated", _EDITED)
    return cost


def _place(services: Services, prefix: str) -> Place:
    create_tables(services, prefix)
    return Place(salesforce_url=services.salesforce_url, login=str(services.login), prefix=prefix)


def _fill(org: Org, contacts: int) -> None:
    with _telling(f"making an org of {contacts:,} contacts"):
        org.fill(contacts)


def _step(services: Services, where: Place, name: str, doing: str) -> Cost:
    with _telling(doing):
        cost = Cost(**_run("benchmarks.step", name, where, services=services))
    if cost.error:
        raise SystemExit(f"It failed: {cost.error}")
    return cost


def _check(cost: Cost, what: str, wanted: int) -> None:
    done = cost.counts["Contact"].get(what, 0)
    if done != wanted:
        raise SystemExit(f"{done} of {wanted} were {what}: {cost.summary} {cost.counts}")


def _read(cost: Cost) -> int:
    return sum(counts.get("read", 0) for counts in cost.counts.values())


def _costs(name: str, cost: Cost, records: int) -> list[Measurement]:
    return [
        told(f"{name}_seconds", cost.wall_s, "s"),
        told(f"{name}_cpu", 1000 * cost.cpu_s / records, "s/1,000 records"),
        told(f"{name}_dynamodb_requests", sum(cost.requests.values()) / records, "per record"),
        *(
            told(f"{name}_dynamodb_{operation}", count / records, "per record")
            for operation, count in sorted(cost.requests.items())
        ),
    ]


# --- How it is done -----------------------------------------------------------------------------


def _run(
    module: str,
    step: str = "",
    where: Place | None = None,
    *,
    services: Services | None = None,
) -> Any:  # noqa: ANN401 - whatever it prints as JSON
    """Run a module in a process of its own and return what it prints."""
    arguments = [step, json.dumps(asdict(where))] if where else []
    environment = services.environment() if services else {"PYTHONPATH": PYTHONPATH}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        cwd=place.ROOT,
        capture_output=True,
        text=True,
        timeout=_STEP_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{module} {step} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def _telling(what: str) -> Iterator[None]:
    print(f"{what} ...", flush=True)
    began = time.monotonic()
    yield
    print(f"    {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
