"""What a push gives up because the record is newer, which no pull may tell any more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.keeping import meant
from counterpart.domain.policy import UNKNOWN
from counterpart.domain.pushing import Held
from counterpart.domain.values import same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.pushing import PushPlan
    from counterpart.domain.records import Readable
    from counterpart.domain.values import Value


def yielded(
    ledger: Ledger,
    record: Readable,
    plan: PushPlan,
    fields: Sequence[FieldMapping],
    *,
    known: Ledger,
) -> tuple[Ledger, dict[str, Value]]:
    """Return *ledger* with theirs where the newer record wins, and what of ours that replaces.

    Where nobody there has changed the field itself, the time of the record alone speaks for it. Our
    own write moves that time on, and a value that a merge of contacts brought may be older than a
    reading of the record that is over: no pull could tell any more. Nor does one where the field
    was never seen, until the record changes. Where somebody has changed what was last seen, that
    tells it at any time.

    Args:
        ledger: Ours.
        record: Its counterpart, as just read.
        plan: What goes out to it.
        fields: The mapping for its object.
        known: What of it was known of this record.
    """
    values, times, lost = dict(ledger.values), dict(ledger.times), dict[str, "Value"]()
    shadows, passing = dict(ledger.shadows), dict(ledger.passing)
    for field in fields:
        name = field.name
        if plan.held.get(name) is not Held.THEIRS_LATER:
            continue
        ours, shadow = ledger.values[name], known.shadows.get(name, UNKNOWN)
        theirs = meant(field, record.object, record.values[name], ours=ours, shadow=shadow)
        if shadow is not UNKNOWN and not same(field.type, theirs, shadow):  # type: ignore[arg-type] # not UNKNOWN
            continue
        lost[name] = ours
        values[name], times[name] = theirs, record.modified_at
        if shadow is UNKNOWN:
            shadows[name] = theirs
            passing.pop(name, None)
    if not lost:
        return ledger, lost
    return replace(ledger, values=values, times=times, shadows=shadows, passing=passing), lost
