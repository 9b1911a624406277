"""What a write of ours has replaced that we had pulled meanwhile: it goes back.

A record is read before it is written, and a job takes its time. Where Salesforce wins unless it is
empty, a value of ours that was to fill a blank may arrive after somebody there has filled it. If a
pull has brought theirs in between, ours stands there, theirs stands here, and the mode keeps it
from going out. It was nobody's wish that ours stands there, so theirs goes back, once, as if
somebody had insisted on it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.mapping import Mode
from counterpart.domain.outgoing_fields import pending
from counterpart.domain.policy import UNKNOWN
from counterpart.domain.subjects import Subject
from counterpart.domain.values import same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.values import Value


def written_over(
    ledger: Ledger, written: Mapping[str, Value], fields: Sequence[FieldMapping]
) -> frozenset[str]:
    """Return the fields in which what was pulled has been replaced by what was on its way.

    Args:
        ledger: Ours, before what was written counts as seen.
        written: What Salesforce took, by our field names.
        fields: The mapping for its object, as it is now.
    """
    if not written:
        # So it is for nearly every record of a pull.
        return frozenset()
    return frozenset(
        field.name
        for field in fields
        if field.mode is Mode.PREFER_SALESFORCE and field.name in written
        if _is_pulled(ledger, field, written[field.name])
    )


def putting_back(
    subject: Subject, before: Ledger, written: Mapping[str, Value], fields: Sequence[FieldMapping]
) -> Subject:
    """Return *subject* with the wish for what was written over to go back.

    So has what somebody insisted on meanwhile, be it a reading that saw the same: it is not what
    was written.

    Args:
        subject: After what was written counts as seen.
        before: What it knew until then.
        written: What Salesforce took, by our field names.
        fields: The mapping for its object, as it is now.
    """
    ledger, counterpart = subject.ledger, subject.counterpart
    wished = {
        field.name
        for field in fields
        if field.name in before.insisted and field.name in written
        if counterpart and pending(ledger, field, counterpart.object)
    }
    names = written_over(before, written, fields) | wished
    if not names:
        return subject
    return replace(subject, ledger=replace(ledger, insisted=ledger.insisted | names))


def _is_pulled(ledger: Ledger, field: FieldMapping, written: Value) -> bool:
    """Return whether ours is what was last seen there, and not what was written."""
    ours, shadow = ledger.values.get(field.name), ledger.shadows.get(field.name, UNKNOWN)
    if ours is None or shadow is UNKNOWN or same(field.type, ours, written):
        return False
    return same(field.type, ours, shadow)  # type: ignore[arg-type] # not UNKNOWN
