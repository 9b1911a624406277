"""The values of a row that lives, and what they do to the one whose counterpart it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Generic

from counterpart.domain.lifting import is_lifting, is_refused_again, refused_again, undoubted
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.merging import merge_record
from counterpart.domain.moved_places import moved, new_places, placed
from counterpart.domain.opt_outs import mark_when_met, owes_opt_out
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.outgoing_fields import is_due
from counterpart.domain.page_plan import Change, Draft, Manner
from counterpart.domain.policy import UNKNOWN
from counterpart.domain.pull_judgements import is_echo
from counterpart.domain.pushing import has_to_go
from counterpart.domain.readings import ledger_against, written_until
from counterpart.domain.sent_values import is_untouched, met, sent_to
from counterpart.domain.subjects import Subject, leaves_company, marked, secondaries_of
from counterpart.domain.told_conflicts import told, told_of_doubts, undone_opt_in
from counterpart.domain.waiting import Lane, Waiting

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.merging import Merge
    from counterpart.domain.records import Record, SObject
    from counterpart.domain.subjects import SubjectKind
    from counterpart.domain.sync_settings import SyncSettings

# Where no push has looked yet at what waits, or not since the last edit.
_UNSEEN = frozenset({Lane.FRESH, Lane.BULK})


class RowValues(Generic[Subject]):
    """Plans what the values of a row that lives do to the one whose counterpart it is.

    Args:
        draft: What it writes its plan into.
        kind: How these records become contacts, or companies.
        settings: By which of them something goes out again.
        fields: The mapping of each object.
        asked_at: By our clock, when the page was asked for.
        manner: How they are taken.
    """

    def __init__(
        self,
        draft: Draft[Subject],
        kind: SubjectKind[Subject],
        *,
        settings: SyncSettings,
        fields: Mapping[SObject, Sequence[FieldMapping]],
        asked_at: datetime,
        manner: Manner,
    ) -> None:
        self._draft: Draft[Subject] = draft
        self._kind: SubjectKind[Subject] = kind
        self._settings = settings
        self._fields = fields
        self._asked_at = asked_at
        self._manner = manner

    def apply(self, subject: Subject, record: Record, *, known_as: Change) -> None:
        """Bring the values of *record* to *subject*, whose counterpart it is."""
        counterpart = subject.counterpart
        if counterpart is None or _is_outdated(record, counterpart):
            # Another run has applied a later version of it already.
            self._draft.settle(record, Reason.STALE)
            return
        if counterpart.written_at is not None and self._asked_at < counterpart.written_at:
            # The page may show the record as it was before our own write; it comes again.
            self._draft.settle(record, Reason.STALE)
            return

        fields = self._fields[record.object]
        until = written_until(subject, record, fields)
        judged = self._unsettled(subject, record, fields, known_as)
        known = refused_again(subject, record) if is_refused_again(subject, record) else subject
        merge = merge_record(
            ledger_against(known, judged, fields),
            judged,
            fields,
            written_until=until,
            waits=subject.waiting is not None and subject.waiting.lane in _UNSEEN,
        )
        # What was forgotten before the merge may be just what it has learned again.
        ledger = known.ledger if merge.ledger == known.ledger else merge.ledger
        learned, waiting = ledger is not subject.ledger, self._unless_idle(subject, ledger, fields)
        first = counterpart.modstamp is None
        news = known_as is Change.LINKED or learned or _is_another_version(record, counterpart)
        ours = news and (first or merge.send)
        if ours or (learned and secondaries_of(known)):
            # Not what only goes along, such as ours that somebody there, or automation, has changed
            # in a field that takes nothing in: it would go out, and be changed, for ever.
            due = [each for each in fields if ours and (first or each.name in merge.sends)]
            after = replace(known, ledger=ledger)
            waiting = self._mark(after, record, due, written_until=until)
        complaint = record.unreadable and counterpart.modstamp != record.modstamp
        # A poll learns of no place that its record's own stamp does not tell of.
        met_anew = (
            not self._manner.overlaps and moved(subject, fields).keys() & judged.values.keys()
        )
        changed = learned or waiting is not subject.waiting or known_as is not Change.UPDATED
        if (
            not (changed or complaint or met_anew)
            and self._kind.settled(subject, record) is subject
        ):
            self._draft.settle(record, Reason.NO_CHANGE)
            return
        held = self._applied(known.counterpart or counterpart, record, seen=judged.values.keys())
        if not is_lifting(ledger):
            held = undoubted(held)
        sent = sent_to(subject, record)
        if is_untouched(sent, record, fields):
            held = replace(held, written_until=until)
        after = replace(
            known, ledger=ledger, counterpart=held, waiting=waiting, updated_at=self._draft.now
        )
        after = self._kind.settled(after, record)
        if merge.blanks or leaves_company(subject, after):
            self._draft.plan.blanked.add(record.id)
        self._tell(merge, record, subject.id)
        if sent:
            self._draft.plan.outcomes += told_of_doubts(
                subject, ledger, record, fields, at=self._draft.now
            )
        if known is not subject:
            self._draft.plan.outcomes.append(
                undone_opt_in(record, subject_id=subject.id, at=self._draft.now)
            )
        self._draft.store(record, met(after, now=self._draft.now))
        self._draft.settle(record, known_as)

    def _unsettled(
        self,
        subject: Subject,
        record: Record,
        fields: Sequence[FieldMapping],
        known_as: Change,
    ) -> Record:
        """Return *record* with the values that are still to be judged.

        A poll reads once more what the one before has read. Of a version that was applied then,
        only what has not been seen can be new: a second change in the second of its stamp, or a
        field that was hidden.
        """
        held = subject.counterpart
        again = (
            held is not None
            and held.modstamp == record.modstamp
            # What a merge here has brought was applied to the one that went.
            and held.linked_by is not LinkedBy.LOCAL_MERGE
        )
        if not (self._manner.overlaps and again and known_as is Change.UPDATED):
            return record
        shadows, later = subject.ledger.shadows, new_places(fields, record.object, record.modstamp)
        left = {
            name: value
            for name, value in record.values.items()
            if shadows.get(name, UNKNOWN) != value and name not in later
        }
        return replace(record, values=left)

    def _mark(
        self,
        after: Subject,
        record: Record,
        due: Sequence[FieldMapping],
        *,
        written_until: datetime | None,
    ) -> Waiting | None:
        """Return the mark of *after*, which knows what *record* holds.

        Args:
            after: Ours, with the mark that it bears.
            record: Its counterpart.
            due: The fields of which ours may have to go out to it.
            written_until: As for `merge_record`.
        """
        # Our own write that comes back is no reason to try again what was refused of it, unless
        # somebody has taken a refusal away before it, which that write did not carry.
        parked = after.waiting is not None and after.waiting.lane is Lane.PARKED
        echo = is_echo(record, written_until)
        held_up = parked and echo and not owes_opt_out(after, self._settings)
        outbound = self._settings.outbound
        goes = not held_up and has_to_go(after, record, due, outbound, written_until=written_until)
        mark = mark_when_met(after, self._settings, goes=goes, now=self._draft.now)
        return marked(after, mark).waiting if mark else after.waiting

    def _unless_idle(
        self, subject: Subject, ledger: Ledger, fields: Sequence[FieldMapping]
    ) -> Waiting | None:
        """Return the mark that *subject* bears; another one if it is parked for nothing by now.

        The next push sees that *ledger* has nothing to send, and it is no longer listed.
        """
        waiting, counterpart = subject.waiting, subject.counterpart
        if waiting is None or waiting.lane is not Lane.PARKED or counterpart is None:
            return waiting
        if ledger is subject.ledger or any(
            is_due(ledger, each, counterpart.object) for each in fields
        ):
            return waiting
        return Waiting(lane=Lane.BULK, next_push_at=self._draft.now)

    def _applied(
        self, counterpart: Counterpart, record: Record, *, seen: Collection[str]
    ) -> Counterpart:
        """Return *counterpart* once this version of *record* was applied, in the fields *seen*."""
        # Of a version that was read in part, the rest is still to be applied.
        applied = counterpart.modstamp if self._manner.is_partial else record.modstamp
        places = placed(
            counterpart, self._fields[record.object], seen=seen, applied=applied or record.modstamp
        )
        return replace(counterpart, modstamp=applied, placed=places)

    def _tell(self, merge: Merge, record: Record, subject_id: str) -> None:
        self._draft.plan.outcomes += told(
            merge.conflicts, record, subject_id=subject_id, at=self._draft.now
        )
        self.tell_unreadable(record, subject_id)

    def tell_unreadable(self, record: Record, subject_id: str) -> None:
        """Tell of each value that stays outside, since we could not keep it."""
        for name in record.unreadable:
            self._draft.tell(Action.WARNED, Reason.UNREADABLE_VALUE, record, subject_id, name=name)


def _is_outdated(record: Record, counterpart: Counterpart) -> bool:
    """Return whether a later version was applied.

    One of the same stamp may still be new: stamps count seconds, and a record can change twice in
    one. Its values tell, and cost nothing if they are the same.
    """
    return counterpart.modstamp is not None and record.modstamp < counterpart.modstamp


def _is_another_version(record: Record, counterpart: Counterpart) -> bool:
    """Return whether somebody else than we made another version than was applied."""
    if counterpart.written_until is not None and record.modified_at <= counterpart.written_until:
        return False
    return counterpart.modstamp != record.modstamp
