"""Writes the figures down: JSON for programs, a table for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scripts.local import place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from benchmarks.measurement import Measurement

RESULTS = place.ROOT / "benchmarks" / "results"


def write(
    measurements: Sequence[Measurement], *, machine: Mapping[str, object], at: datetime
) -> str:
    """Write both files and return the table."""
    content = {
        "measured_at": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "machine": machine,
        "measurements": [measurement.as_json() for measurement in measurements],
    }
    RESULTS.mkdir(exist_ok=True)
    dated = RESULTS / f"{at:%Y-%m-%d}.json"
    dated.write_text(json.dumps(content, indent=2) + "\n")
    table = _table(measurements)
    (RESULTS / "latest.md").write_text(
        f"# Results of {at:%Y-%m-%d}\n\n"
        f"On {machine['system']} with {machine['cpus']} CPUs, Python {machine['python']}.\n"
        f"`docs/benchmarks.md` says what each figure means.\n\n{table}\n"
    )
    return table


def _table(measurements: Sequence[Measurement]) -> str:
    rows = [("figure", "value", "unit", "goal", "met")]
    for one in measurements:
        goal = "" if one.goal is None else f"{'≥' if one.at_least else '≤'} {one.goal:,}"
        met = "" if one.met is None else ("yes" if one.met else "**no**")
        rows.append((one.name, f"{one.value:,}", one.unit, goal, met))
    rows.insert(1, ("---", "---:", "---", "---:", "---"))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
