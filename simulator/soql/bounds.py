"""Finds bounds that a condition implies, so that keyset pages become range scans.

``s > t OR (s = t AND Id > x)`` implies ``s >= t``, which an index can start from; SQLite does not
see that for itself.
"""

from simulator.soql.tree import Comparison, Condition, Literal, Logical, Path


def conjuncts(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions that all have to hold."""
    if isinstance(condition, Logical) and condition.operator == "AND":
        return condition.parts
    return (condition,)


def common_floors(condition: Condition) -> list[Comparison]:
    """Return one lower bound of each alternative if all bound the same field, else nothing."""
    if not (isinstance(condition, Logical) and condition.operator == "OR"):
        return []
    floors = [_floor(part) for part in condition.parts]
    known = [one for one in floors if one is not None]
    fields = {one.term.names for one in known if isinstance(one.term, Path)}
    return known if len(known) == len(floors) and len(fields) == 1 else []


def _floor(condition: Condition) -> Comparison | None:
    for part in conjuncts(condition):
        if (
            isinstance(part, Comparison)
            and part.operator in {">", ">=", "="}
            and isinstance(part.term, Path)
            and isinstance(part.value, Literal)
            and part.value.kind == "datetime"
        ):
            return part
    return None
