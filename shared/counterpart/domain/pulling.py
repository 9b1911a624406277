"""Planning one page: what each of its records does to our contacts or companies.

The plan is made on values that were gathered before and is carried out afterwards; nothing is read
or written here. Rows that are gone come first, since they move links that others depend on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.gone_rows import GoneRows
from counterpart.domain.heirs import nearest_first
from counterpart.domain.live_rows import LiveRows
from counterpart.domain.page_plan import Draft, Known, Manner, PagePlan
from counterpart.domain.subjects import Subject

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from counterpart.domain.records import Record
    from counterpart.domain.subjects import SubjectKind
    from counterpart.domain.sync_settings import SyncSettings

ORDINARY = Manner()
BEFORE_LEADS = Manner(before_leads=True)


def plan_page(
    records: Sequence[Record],
    looked_at: Iterable[Record],
    *,
    kind: SubjectKind[Subject],
    known: Known[Subject],
    settings: SyncSettings,
    now: datetime,
    asked_at: datetime,
    chosen: Collection[str] = (),
    manner: Manner = ORDINARY,
) -> PagePlan[Subject]:
    """Return what *records* do.

    Args:
        records: Of one page, in the order they were read.
        looked_at: The answers to what was `unanswered`; those that are gone count as read, too,
            and those that take somebody over come in at once.
        kind: How these records become contacts, or companies.
        known: What was gathered about them.
        settings: By which modes the fields cross.
        now: By our clock.
        asked_at: By our clock, when the page was asked for.
        chosen: Ids of those looked at that come in by a selection, as Salesforce judges it.
        manner: How they are taken.
    """
    draft: Draft[Subject] = Draft(known, now=now)
    looked_at = tuple(looked_at)
    extra: list[Record] = [record for record in looked_at if is_gone(record)]
    rows = {record.id: record for record in (*records, *looked_at)}
    gone = GoneRows(draft, rows, settings)
    for record in nearest_first((*extra, *filter(is_gone, records)), rows):
        gone.plan(record)

    live = LiveRows(draft, kind, settings, asked_at, manner)
    for record in looked_at:
        # Its row may have been read before it was linked, and would not be read again.
        comes_in = settings.inbound.objects[record.object].takes(record) or record.id in chosen
        if comes_in and draft.takes_over(record):
            live.plan(record)
    for record in records:
        if not is_gone(record):
            live.plan(record)
    return draft.plan


def is_gone(record: Record) -> bool:
    """Return whether *record* was deleted, merged into another or converted."""
    return record.deleted or record.conversion is not None
