"""One step of the product in a process of its own, which is what memory is measured of.

Started as `python -m benchmarks.step NAME PLACE`, it prints what it cost as JSON. The step `load`
pulls into memory, which is measured, and then fills the tables with what it pulled.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.mapping import SETTINGS
from benchmarks.product import Place, Product, now
from benchmarks.store import pages_of
from counterpart.domain.editing import Edit, edited
from counterpart.domain.waiting import Lane

if TYPE_CHECKING:
    from collections.abc import Mapping

PUSHED = 10_000
# Of a thousand rows, one is longer than Salesforce takes.
_BAD = 1000
# A title may have 128 characters.
_TOO_OFTEN = 50

# By the step that gives them; edits that repeat what is there would be none.
_TITLES = {"edit": "Head", "edit_again": "Chief"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What a step cost.

    Attributes:
        cpu_s: Of this process, the clients of HTTP and of DynamoDB included.
        peak_mb: Of this process, from its start.
        requests: To DynamoDB, by operation.
        summary: In the product's own words.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    requests: Mapping[str, int]
    counts: Mapping[str, Mapping[str, int]]
    summary: str
    error: str | None


def main(name: str, place: Mapping[str, str]) -> None:
    """Take one step and tell what it cost."""
    product = Product(Place(**place), in_memory=name == "load")
    if name in _TITLES:
        _edit(product, _TITLES[name])
        return
    wall, cpu = time.perf_counter(), time.process_time()
    match name:
        case "push":
            report = product.push()
        case "push_by_collections":
            report = product.push(bulk_above=0)
        case _:
            report = product.pull()
    cost = Cost(
        wall_s=time.perf_counter() - wall,
        cpu_s=time.process_time() - cpu,
        peak_mb=peak_mb(),
        requests=product.database.requests,
        counts={kind: dict(counts) for kind, counts in report.counts.items()},
        summary=report.summary,
        error=report.error,
    )
    if name == "load":
        product.store.load(product.pages.contacts, product.pages.companies, product.pages.links)
    print(json.dumps(asdict(cost)))


def _edit(product: Product, title: str) -> None:
    """Edit contacts as the API would; a few get a title that Salesforce refuses."""
    done = 0
    for page in pages_of(product.store.contacts):
        changed = []
        for number, contact in enumerate(page[: PUSHED - done], start=done + 1):
            given = title * _TOO_OFTEN if number % _BAD == 0 else f"{title} of {number}"
            phone = f"+1 55{len(title)} {number:07d}"
            edit = Edit(values={"job_title": given, "phone": phone})
            changed.append(
                edited(contact, edit, settings=SETTINGS, lane=Lane.BULK, now=now()).contact
            )
        product.store.put(changed)
        done += len(changed)
        if done == PUSHED:
            break
    print(json.dumps({"edited": done}))


def peak_mb() -> float:
    """Return the most memory that this process has held so far."""
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage would count what the parent held when it started us.
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
