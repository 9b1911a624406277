"""References from one part of a composite request to the answers of earlier parts."""

import re
from typing import Any

from simulator.errors import SalesforceError

_REFERENCE = re.compile(r"@\{([^}]+)\}")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def resolve(value: Any, answers: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """Return *value* with every reference replaced by what it refers to."""
    if isinstance(value, dict):
        return {name: resolve(one, answers) for name, one in value.items()}
    if isinstance(value, list):
        return [resolve(one, answers) for one in value]
    if not isinstance(value, str) or "@{" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _look_up(whole[1], answers)
    return _REFERENCE.sub(lambda found: str(_look_up(found[1], answers)), value)


def names_in(value: Any) -> set[str]:  # noqa: ANN401 - any JSON
    """Return the ids of the parts that *value* refers to."""
    if isinstance(value, dict):
        return set().union(*map(names_in, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(names_in, value)) if value else set()
    if not isinstance(value, str):
        return set()
    return {re.split(r"[.\[]", found[1])[0] for found in _REFERENCE.finditer(value)}


def _look_up(path: str, answers: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    steps = [name or int(index) for name, index in _STEP.findall(path)]
    reference = str(steps[0])
    found: Any = answers.get(reference)
    for step in steps[1:]:
        if isinstance(found, dict) and isinstance(step, str):
            # Ids are written id in answers to writes and Id in records; either is taken.
            found = next((one for key, one in found.items() if key.lower() == step.lower()), None)
        elif isinstance(found, list) and isinstance(step, int) and step < len(found):
            found = found[step]
        else:
            found = None
        if found is None:
            break
    if found is None:
        rest = path[len(reference) :].lstrip(".")
        raise SalesforceError(
            "PROCESSING_HALTED",
            f"Invalid reference specified. No value for {path} found in {reference}"
            if rest
            else f"Invalid reference specified. {reference} has no answer",
        )
    return found
