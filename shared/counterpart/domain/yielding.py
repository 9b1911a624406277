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
    ledger: Ledger, record: Readable, plan: PushPlan, fields: Sequence[FieldMapping]
) -> tuple[Ledger, dict[str, Value]]:
    """Return *ledger* with theirs where the newer record wins, and what of ours that replaces.

    Where nobody there has changed the field itself, the time of the record alone speaks for it. Our
    own write moves that time on, and a value that a merge of contacts brought may be older than a
    reading of the record that is over: no pull could tell any more. Where somebody has, what was
    last seen tells it at any time.

    Args:
        ledger: Ours.
        record: Its counterpart, as just read.
        plan: What goes out to it.
        fields: The mapping for its object.
    """
    values, times, lost = dict(ledger.values), dict(ledger.times), dict[str, "Value"]()
    for field in fields:
        name = field.name
        if plan.held.get(name) is not Held.THEIRS_LATER:
            continue
        ours, shadow = ledger.values[name], ledger.shadows.get(name, UNKNOWN)
        theirs = meant(field, record.object, record.values[name], ours=ours, shadow=shadow)
        if shadow is UNKNOWN or not same(field.type, theirs, shadow):  # type: ignore[arg-type] # not UNKNOWN
            continue
        lost[name] = ours
        values[name], times[name] = theirs, record.modified_at
    return (replace(ledger, values=values, times=times), lost) if lost else (ledger, {})
