"""Which of our values can go out, have yet to, or must."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.keeping import fitted
from counterpart.domain.mapping import Mode
from counterpart.domain.passing_values import is_cleared
from counterpart.domain.policy import OUTGOING, UNKNOWN
from counterpart.domain.values import same

if TYPE_CHECKING:
    from counterpart.domain.contacts import Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import AnyObject


def pending(ledger: Ledger, field: FieldMapping, sobject: AnyObject | None = None) -> bool:
    """Return whether our value of *field* is not what Salesforce was last known to hold.

    On *sobject* it counts as long as there is room for it.
    """
    if field.name not in ledger.values or field.mode is Mode.DO_NOT_SYNC:
        return False
    if ledger.values[field.name] is None and not field.blank_overwrites:
        return False
    shadow = ledger.shadows.get(field.name, UNKNOWN)
    if shadow is UNKNOWN:
        # A value that was never there and is blank here is no edit, unless somebody cleared it.
        return ledger.values[field.name] is not None or is_cleared(ledger, field.name)
    ours = ledger.values[field.name]
    if sobject:
        ours = fitted(field, sobject, ours)
    return not same(field.type, ours, shadow)  # type: ignore[arg-type] # not UNKNOWN


def is_due(ledger: Ledger, field: FieldMapping, sobject: AnyObject) -> bool:
    """Return whether our value of *field* can reach *sobject*, and has yet to."""
    # Its place may have to be asked for, which only what is pending is worth.
    return goes_out(field) and pending(ledger, field, sobject) and field.writes_to(sobject)


def refuses(ledger: Ledger, field: FieldMapping) -> bool:
    """Return whether ours is a refusal to be mailed.

    It never grows old, and no pause keeps it: whatever was closed when it came, it goes out.
    """
    return field.mode is Mode.RESTRICTIVE_WINS and ledger.values.get(field.name) is True


def goes_out(field: FieldMapping) -> bool:
    """Return whether our values of *field* can reach Salesforce in its mode."""
    return field.mode in OUTGOING
