"""Whether an org's fields are what the mapping takes them for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.mapping import Mode
from counterpart.domain.mapping_checks import complaint
from counterpart.domain.outgoing_fields import goes_out
from counterpart.use_cases.findings import OBJECT_SETTINGS, Finding, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import AnyObject
    from counterpart.ports import ObjectFacts


def mapped_fields(
    sobject: AnyObject, facts: ObjectFacts, fields: Sequence[FieldMapping]
) -> Iterator[Finding]:
    """Yield what is wrong with the mapping to one object, field by field."""
    sound = 0
    for mapping in fields:
        finding = _mapped_field(mapping, sobject, facts)
        if finding:
            yield finding
        else:
            sound += 1
    yield Finding(
        check=f"fields.{sobject}",
        status=Status.OK,
        message=f"{sound} mapped fields are as their modes need them",
    )


def _mapped_field(mapping: FieldMapping, sobject: AnyObject, facts: ObjectFacts) -> Finding | None:
    path = mapping.paths[sobject]
    if "." in path or mapping.mode is Mode.DO_NOT_SYNC:
        return None
    check = f"fields.{sobject}.{path}"
    field = next((one for one in facts.fields.values() if one.path.lower() == path.lower()), None)
    if field is None:
        return Finding(
            check=check,
            status=Status.PROBLEM,
            message=f"{mapping.name} is mapped to {sobject}.{path}, which is missing or hidden",
            fix=f"{OBJECT_SETTINGS} > {sobject}: tick Read Access, or change the mapping",
        )
    wrong = complaint(mapping, sobject, field.place, modeless=True)
    if wrong:
        costs = "; values that do not fit are left out, one by one" if wrong.key == "type" else ""
        return Finding(
            check=check,
            status=Status.PROBLEM,
            message=f"{mapping.name}: {wrong.what}{costs}",
            fix=wrong.advice,
        )
    if not (goes_out(mapping) and mapping.writes_to(sobject)):
        return None
    lacks = [
        word
        for word, granted in (("created", field.createable), ("edited", field.updateable))
        if not granted
    ]
    if not lacks:
        return None
    return Finding(
        check=check,
        status=Status.WARNING,
        message=f"{mapping.name} goes out, but {sobject}.{path} cannot be {' or '.join(lacks)}",
        fix=f"{OBJECT_SETTINGS} > {sobject}: tick Edit Access, or map it as always_salesforce",
    )
