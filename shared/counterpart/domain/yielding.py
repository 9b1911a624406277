"""What a push gives up because the record is newer, which no pull may tell any more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.keeping import meant
from counterpart.domain.mapping import Mode
from counterpart.domain.outgoing_fields import pending
from counterpart.domain.policy import UNKNOWN, Verdict
from counterpart.domain.pull_judgements import pulled
from counterpart.domain.pushing import Held
from counterpart.domain.values import same

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.pushing import PushPlan
    from counterpart.domain.records import Readable
    from counterpart.domain.values import Value


# The modes in which the time of a record may speak against ours; a refusal stands at any time.
_NEWER_WINS = frozenset({Mode.TWO_WAY, Mode.PREFER_SALESFORCE, Mode.ALWAYS_SALESFORCE})


def yielded(
    ledger: Ledger,
    record: Readable,
    plan: PushPlan,
    fields: Sequence[FieldMapping],
    *,
    known: Ledger,
    written_until: datetime | None,
    is_news: bool,
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
        written_until: When, by Salesforce's clock, we last wrote to the record ourselves.
        is_news: No pull has applied this version of the record, so what stays here anyway, by its
            mode or because outbound was off, is still to be judged by it.
    """
    taken: dict[str, Value] = {}
    lost: dict[str, Value] = {}
    unseen: dict[str, Value] = {}
    for field in fields:
        name, later = field.name, plan.held.get(field.name) is Held.THEIRS_LATER
        stays = is_news and name not in plan.sent and name in record.values
        if not later and not (stays and pending(known, field, record.object)):
            continue
        ours, shadow = ledger.values[name], known.shadows.get(name, UNKNOWN)
        theirs = meant(field, record.object, record.values[name], ours=ours, shadow=shadow)
        if shadow is not UNKNOWN and not same(field.type, theirs, shadow):  # type: ignore[arg-type] # not UNKNOWN
            continue
        if not later and (
            field.mode not in _NEWER_WINS
            or pulled(field, known, record, theirs, written_until=written_until).verdict
            is not Verdict.TAKE
        ):
            continue
        lost[name], taken[name] = ours, theirs
        if shadow is UNKNOWN:
            unseen[name] = theirs
    if not lost:
        # So it is for nearly every record of a push.
        return ledger, lost
    after = replace(
        ledger,
        values={**ledger.values, **taken},
        times={**ledger.times, **dict.fromkeys(taken, record.modified_at)},
        shadows={**ledger.shadows, **unseen},
        passing={name: was for name, was in ledger.passing.items() if name not in unseen},
    )
    return after, lost
