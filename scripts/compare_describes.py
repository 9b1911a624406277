"""Compare recorded describes of a real org with the simulator's, field by field.

``python scripts/compare_describes.py FOLDER`` reads every ``*.describe.json`` in the folder and
prints where a standard field that both have differs. It ends with 1 if anything differs.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PROPERTIES = (
    "type",
    "length",
    "nillable",
    "createable",
    "updateable",
    "restrictedPicklist",
    "idLookup",
)

sys.path.insert(0, str(ROOT))

from simulator.catalog import read_standard_objects  # noqa: E402 - the path comes first
from simulator.describe import describe_object  # noqa: E402
from simulator.schema import Schema  # noqa: E402


def main(arguments: list[str] | None = None) -> int:
    """Print the differences and a summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the recorded describes lie")
    parser.add_argument(
        "--all", action="store_true", help="compare every property that both descriptions have"
    )
    options = parser.parse_args(arguments)
    schema = Schema(read_standard_objects())
    different = 0
    for path in sorted(options.folder.glob("*.describe.json")):
        recorded = json.loads(path.read_text(encoding="utf-8"))
        if "fields" not in recorded:
            different += _compare_prefixes(recorded, schema)
            continue
        lines = list(_differences(recorded, schema, everything=options.all))
        shared, missing = _coverage(recorded, schema)
        print(f"{recorded['name']}: {shared} fields compared, {len(missing)} not simulated")
        if missing:
            print(f"  not simulated: {', '.join(missing)}")
        for line in lines:
            print(f"  {line}")
        different += len(lines)
    print(f"{different} differences")
    return 1 if different else 0


def _ours(name: str, schema: Schema) -> dict[str, dict[str, Any]]:
    kind = schema.find(name)
    if kind is None:
        return {}
    described = describe_object(schema, kind, "/services/data/v66.0", "https://example.com")
    return {field["name"]: field for field in described["fields"]}


def _standard(recorded: dict[str, Any]) -> list[dict[str, Any]]:
    return [field for field in recorded["fields"] if not field["name"].endswith("__c")]


def _differences(recorded: dict[str, Any], schema: Schema, *, everything: bool) -> Iterator[str]:
    ours = _ours(recorded["name"], schema)
    for field in _standard(recorded):
        own = ours.get(field["name"])
        if own is None:
            continue
        for name in sorted(own.keys() & field.keys()) if everything else PROPERTIES:
            if own[name] != field[name]:
                yield f"{field['name']}.{name}: recorded {field[name]!r}, simulated {own[name]!r}"


def _coverage(recorded: dict[str, Any], schema: Schema) -> tuple[int, list[str]]:
    ours = _ours(recorded["name"], schema)
    names = [field["name"] for field in _standard(recorded)]
    missing = [name for name in names if name not in ours]
    return len(names) - len(missing), missing


def _compare_prefixes(recorded: dict[str, Any], schema: Schema) -> int:
    """Compare what a global describe says of the objects that both have."""
    different = 0
    for entry in recorded.get("sobjects", ()):
        kind = schema.find(entry["name"])
        prefix = entry.get("keyPrefix")
        if kind is not None and prefix is not None and kind.prefix != prefix:
            print(f"{entry['name']}: recorded prefix {prefix}, simulated {kind.prefix}")
            different += 1
        for name, value in kind.flags.items() if kind is not None else ():
            if name in entry and entry[name] != value:
                print(f"{entry['name']}.{name}: recorded {entry[name]}, simulated {value}")
                different += 1
    return different


if __name__ == "__main__":
    sys.exit(main())
