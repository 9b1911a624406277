"""Vanished records: what a push could not read or write under its id is looked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Generic

from counterpart.domain.inbound_settings import OnRemoteDelete
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import Record
from counterpart.domain.subjects import Subject
from counterpart.domain.waiting import Lane, Waiting
from counterpart.use_cases.apply_page import PagePorts, apply_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.outcomes import Outcome
    from counterpart.domain.records import SObject
    from counterpart.domain.refusals import Refusal
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.apply_page import Tally
    from counterpart.use_cases.fresh_records import FreshRecords
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.push_rows import PushRepository, PushRow


_UNTIL_PULLED = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Vanished(Generic[Subject]):
    """A record that could not be read or written under its id.

    Attributes:
        row: What was to be written, if it came to that.
        refusal: Why it was not.
    """

    subject: Subject
    record: Record
    row: PushRow[Subject] | None = None
    refusal: Refusal | None = None


def record_of(subject: Subject, records: Mapping[str, Record]) -> Record:
    """Return the record; one that is nowhere, not even in the bin, counts as deleted."""
    counterpart = subject.counterpart
    if counterpart is None:
        message = f"{subject.id} has no counterpart"
        raise AssertionError(message)
    found = records.get(counterpart.record_id)
    return found or Record(
        id=counterpart.record_id,
        object=counterpart.object,
        modified_at=counterpart.linked_at,
        modstamp=counterpart.linked_at,
        values={},
        deleted=True,
    )


def follow(
    vanished: Sequence[Vanished[Subject]],
    *,
    repository: PushRepository[Subject],
    pages: PagePorts,
    fresh: FreshRecords,
    settings: SyncSettings,
    notes: Notes,
    asked_at: datetime,
    owing: Mapping[str, Waiting],
) -> list[tuple[PushRow[Subject], Refusal]]:
    """Move or end the links of records that are gone; return the rows whose record is there.

    What could not be found for those is something that the record refers to. Whom a further record
    is still to be told of keeps the mark that is *owing*, by contact id.
    """
    if not vanished:
        return []
    wanted: dict[SObject, set[str]] = {}
    for each in vanished:
        wanted.setdefault(each.record.object, set()).add(each.record.id)
    found = fresh.of(wanted)
    gone: list[Record] = []
    there: list[tuple[PushRow[Subject], Refusal]] = []
    for each in vanished:
        record = found.get(each.record.id, each.record)
        if record.deleted or record.conversion or record.is_a_person:
            gone.append(record)
        elif each.row and each.refusal:
            there.append((each.row, each.refusal))

    def tell(outcomes: Sequence[Outcome]) -> None:
        notes.outcomes += outcomes
        notes.keep()

    tally = apply_page(
        gone,
        ports=pages,
        settings=settings,
        asked_at=asked_at,
        tell=tell,
        vet=lambda found: found.total < settings.guard.minimum,
    )
    if tally.held_back:
        _leave_to_the_pull(vanished, repository, now=pages.clock())
        return there
    _tell(tally, notes)
    if settings.inbound.on_remote_delete is OnRemoteDelete.IGNORE:
        _stop_waiting(vanished, repository, notes, owing)
    return there


def _tell(tally: Tally, notes: Notes) -> None:
    notes.outcomes += tally.outcomes
    for name, counts in tally.changes.items():
        for what in ("relinked", "unlinked", "deleted"):
            if counts[what]:
                notes.count(name, what, counts[what])


def _leave_to_the_pull(
    vanished: Sequence[Vanished[Subject]], repository: PushRepository[Subject], *, now: datetime
) -> None:
    """Let those wait of whose records so many are gone that the pull's guard has to judge it."""
    later = []
    for subject in repository.get_many([each.subject.id for each in vanished]).values():
        attempts = subject.waiting.attempts if subject.waiting else 0
        mark = Waiting(lane=Lane.RETRY, next_push_at=now + _UNTIL_PULLED, attempts=attempts)
        later.append(replace(subject, waiting=mark))
    # An edit that came meanwhile has renewed the mark; then there is nothing to put off.
    repository.save_many(later)


def _stop_waiting(
    vanished: Sequence[Vanished[Subject]],
    repository: PushRepository[Subject],
    notes: Notes,
    owing: Mapping[str, Waiting],
) -> None:
    """Take the mark off those who stay linked to a record that is gone, as the settings say.

    Should the record come back, the pull that sees it finds what has to go out.
    """
    records = {each.subject.id: each.record for each in vanished}
    idle = [
        subject
        for subject in repository.get_many(records).values()
        if subject.waiting and subject.record_id == records[subject.id].id
    ]
    for subject in idle:
        notes.tell(Action.SKIPPED, Reason.DELETED_THERE, subject.id, record=records[subject.id])
    notes.keep()
    lost = repository.save_many(
        [replace(subject, waiting=owing.get(subject.id)) for subject in idle]
    )
    for subject in idle:
        if subject.id not in lost:
            notes.skip(Reason.DELETED_THERE)
