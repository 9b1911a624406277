"""A contact meets a record that exists: whose values stand when both have some already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.domain.merging import merge_record
from counterpart.domain.sent_values import is_untouched, ours_there

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.merging import Conflict
    from counterpart.domain.records import Record
    from counterpart.domain.values import Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Meeting:
    """What comes of a meeting.

    Attributes:
        ledger: What is known of each field from now on.
        untouched: The record holds just what we have written to it ourselves.
        conflicts: Two-way fields in which one of two values lost.
    """

    ledger: Ledger
    untouched: bool
    conflicts: Sequence[Conflict]


def meet(
    ledger: Ledger,
    record: Record,
    fields: Sequence[FieldMapping],
    *,
    sent: Mapping[str, Sequence[Value]],
) -> Meeting:
    """Return what comes of it: what was never seen before is settled by whose is later.

    Args:
        ledger: Ours; what Salesforce held of an earlier counterpart says nothing here.
        record: As just read.
        fields: The mapping for its object.
        sent: What we have written to it, or would, by our field names. Where it holds that, we
            wrote it, and nobody is taken to have entered it there.
    """
    untouched = is_untouched(sent, record, fields)
    merge = merge_record(
        replace(ledger, shadows=ours_there(ledger, sent, record, fields), passing={}),
        record,
        fields,
        written_until=record.modified_at if untouched else None,
    )
    return Meeting(ledger=merge.ledger, untouched=untouched, conflicts=merge.conflicts)
