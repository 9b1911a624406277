"""Last refusals: those that a record held when it went, and that no pull had read before.

Somebody ticks the box, and the record is merged, converted or deleted before the next pull. What
took over may say otherwise, or there is none; the person has refused all the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.editing import ledger_with
from counterpart.domain.heirs import to_be_told
from counterpart.domain.lifting import (
    is_lifting,
    is_ours,
    is_refused_again,
    refused_again,
    undoes_opt_in,
)
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.merging import merge_record
from counterpart.domain.readings import ledger_against, written_until
from counterpart.domain.secondary_records import told_further
from counterpart.domain.subjects import Subject, further_of
from counterpart.domain.told_conflicts import undone_opt_in

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.links import Secondary
    from counterpart.domain.outcomes import Outcome
    from counterpart.domain.records import Record
    from counterpart.domain.sync_settings import SyncSettings


def having_heard(
    subject: Subject, record: Record, settings: SyncSettings, *, now: datetime
) -> Subject:
    """Return *subject* with the refusal of its record, which is gone; the very same if it has none.

    Args:
        subject: Whose counterpart, former one or further record it is.
        record: As it was when it went.
        settings: By which it is judged, as a pull would have judged it.
        now: By our clock.
    """
    refuses = record.values.get(OPTED_OUT) is True
    if not refuses or _refuses(subject):
        return subject
    further = further_of(subject, record.id)
    counts = _is_news(further, record) if further else _counts(subject, record, settings)
    if not counts:
        return subject
    after = refused_again(subject, record)
    if further:
        after = told_further(after, record.id, OPTED_OUT)
    else:
        shadows = {**after.ledger.shadows, OPTED_OUT: True}
        after = replace(after, ledger=replace(after.ledger, shadows=shadows))
    return to_be_told(replace(after, updated_at=now), now=now)


def told_of_opt_in(
    before: Subject, after: Subject, record: Record, *, at: datetime
) -> list[Outcome]:
    """Return what is told of an opt-in that what was heard of *record* may have undone.

    Args:
        before: Who had opted in, perhaps.
        after: The same, with the refusal; the very same if there is none.
        record: That held it.
        at: By our clock.
    """
    if after is before:
        return []
    undone = is_lifting(before.ledger) or undoes_opt_in(before, after, record)
    return [undone_opt_in(record, subject_id=before.id, at=at)] if undone else []


def shared(
    subject: Subject, owner: Subject, heir: Record | None, *, now: datetime
) -> tuple[Subject, Subject]:
    """Return both contacts with the refusal of either: there they are one person by now.

    Args:
        subject: Whose record is gone.
        owner: Whose record took over from it.
        heir: That record, if it was read; it may refuse though no pull has told of it yet.
        now: By our clock.
    """
    there = heir is not None and heir.values.get(OPTED_OUT) is True
    if _refuses(subject) or _refuses(owner) or (there and not is_lifting(owner.ledger)):
        return _refusing(subject, now), _refusing(owner, now)
    return subject, owner


def _refuses(subject: Subject) -> bool:
    return subject.ledger.values.get(OPTED_OUT) is True


def _refusing(subject: Subject, now: datetime) -> Subject:
    if _refuses(subject):
        return subject
    ledger = ledger_with(subject.ledger, {OPTED_OUT: True}, now=now, is_linked=True)
    return to_be_told(replace(subject, ledger=ledger, updated_at=now), now=now)


def _is_news(further: Secondary, record: Record) -> bool:
    return further.shadows.get(OPTED_OUT) is not True and not is_ours(further, record)


def _counts(subject: Subject, record: Record, settings: SyncSettings) -> bool:
    """Return whether a pull would have taken the refusal of a counterpart."""
    if is_refused_again(subject, record):
        return True
    fields = settings.fields_of(record.object)
    alone = replace(record, values={OPTED_OUT: True})
    merge = merge_record(
        ledger_against(subject, alone, fields),
        alone,
        fields,
        written_until=written_until(subject, record, fields),
    )
    return merge.ledger.values.get(OPTED_OUT) is True
