"""Whether an org's fields are what the mapping takes them for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.mapping import Mode
from counterpart.domain.mapping_checks import UNMASK, complaint
from counterpart.domain.outgoing_fields import goes_out
from counterpart.domain.salesforce_types import BEST, FITS
from counterpart.use_cases.findings import OBJECT_SETTINGS, Finding, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import AnyObject
    from counterpart.ports import FieldFacts, ObjectFacts


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
    if complaint(mapping, sobject, field.place, modeless=True):
        return _misfit(mapping, sobject, field)
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


def _misfit(mapping: FieldMapping, sobject: AnyObject, field: FieldFacts) -> Finding:
    check = f"fields.{sobject}.{field.path}"
    if field.place.masked:
        return Finding(
            check=check,
            status=Status.PROBLEM,
            message=(
                f"{sobject}.{field.path} is encrypted, and our user sees a mask, which comes in as "
                f"if it were the value of {mapping.name}"
            ),
            fix=f"{UNMASK}, or change the settings: map {mapping.name} as {Mode.ALWAYS_OURS}",
        )
    if field.type in FITS[mapping.type]:
        return Finding(
            check=check,
            status=Status.PROBLEM,
            message=(
                f"{sobject}.{field.path} is worked out by Salesforce, but {mapping.name} has to "
                "be mapped to a field that people fill"
            ),
            fix=f"change the settings: map {mapping.name} to another field of {sobject}",
        )
    best = BEST.get(field.type)
    return Finding(
        check=check,
        status=Status.PROBLEM,
        message=(
            f"{mapping.name} is a {mapping.type} here, but {sobject}.{field.path} is a "
            f"{field.type}; values that do not fit are left out, one by one"
        ),
        fix=(
            f"change the settings: give {mapping.name} the type {best}"
            if best
            else f"change the settings: map the parts of {field.path}, each by itself"
        ),
    )
