"""The row planner: what goes out to one record, and what people are told of what does not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.bounces import at_present_address
from counterpart.domain.contacts import Contact
from counterpart.domain.keeping import shortened
from counterpart.domain.lifting import is_refused_again, is_unheard, refused_again
from counterpart.domain.mapping import EMAIL
from counterpart.domain.moved_places import learned
from counterpart.domain.openings import WHILE_PAUSED, is_paused, open_since
from counterpart.domain.opt_outs import mark_when_met, unaware
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.pushing import Held, PushPlan, plan_push, seen
from counterpart.domain.readings import landed, ledger_against, written_until
from counterpart.domain.records import SObject
from counterpart.domain.sent_values import doubtful
from counterpart.domain.told_conflicts import lost_values, undone_opt_in
from counterpart.domain.waiting import Lane
from counterpart.domain.yielding import yielded
from counterpart.use_cases.push_marks import until_shown
from counterpart.use_cases.push_rows import PushRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from counterpart.domain.contacts import Ledger
    from counterpart.domain.records import Record
    from counterpart.domain.subjects import Subject
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.domain.values import Value
    from counterpart.domain.waiting import Waiting
    from counterpart.ports import Clock
    from counterpart.use_cases.notes import Notes


class RowPlanner:
    """Decides field by field.

    Args:
        settings: By which modes the fields cross.
        clock: Ours.
        notes: Why something of a row stays here, or is lost, is noted here.
    """

    def __init__(self, settings: SyncSettings, *, clock: Clock, notes: Notes) -> None:
        self._settings = settings
        self._fields = {sobject: settings.fields_of(sobject) for sobject in SObject}
        self._clock = clock
        self._notes = notes

    def refusal(
        self, subject: Subject, record: Record, *, owing: Waiting | None
    ) -> PushRow[Subject]:
        """Return that *subject* refuses to be mailed, which goes alone; the rest of it waits on.

        The arguments are those of `row`.
        """
        if owing is None or owing.lane is Lane.OPT_OUT:
            # A further record that does not take it is not asked at each look.
            untold = bool(unaware(subject, self._settings))
            waiting = subject.waiting
            owing = until_shown(waiting, now=self._clock()) if untold else waiting
        return self.row(subject, record, owing=owing, refusal_alone=True)

    def row(
        self,
        subject: Subject,
        record: Record,
        *,
        owing: Waiting | None,
        refusal_alone: bool = False,
    ) -> PushRow[Subject]:
        """Return what goes out to the counterpart of *subject*, as it was read just now.

        Args:
            subject: A linked contact, or company.
            record: Its counterpart.
            owing: The mark that stays, since a further record is still to be told, or all else.
            refusal_alone: Nothing but a refusal to be mailed goes.
        """
        fields = self._fields[record.object]
        subject = landed(subject, record, fields, now=self._clock())
        known = ledger_against(subject, record, fields)
        if is_refused_again(subject, record) or is_unheard(known, record):
            subject, mark = self._heard(subject, record)
            owing = mark or owing if refusal_alone else mark
            known = ledger_against(subject, record, fields)
        until = written_until(subject, record, fields)
        plan = plan_push(
            known,
            record,
            fields,
            open_since=WHILE_PAUSED
            if refusal_alone
            else open_since(subject, record.object, self._settings.outbound),
            written_until=until,
        )
        told = {
            Held.PROTECTED: (Action.PROTECTED, Reason.PREFER_SALESFORCE),
            Held.UNAVAILABLE: (Action.WARNED, Reason.FIELD_UNAVAILABLE),
        }
        if not refusal_alone and self._ends_here(subject, plan, record.object):
            # It waits no more, so what becomes of it is told for the last time.
            told[Held.CLOSED] = (Action.SKIPPED, self._closed_by(subject, record.object))
        lost: Mapping[str, Value] = {}
        if self._settings.inbound.objects[record.object].takes(record):
            subject, lost = self._yielded(subject, record, plan, known=known, until=until)
        else:
            # Where a pull brings theirs, it tells what became of ours; here none may ever do.
            told[Held.THEIRS_LATER] = (Action.PROTECTED, Reason.THEIRS_LATER)
        tried = subject.waiting is not None and subject.waiting.attempts > 0
        if is_paused(subject) and not tried:
            # Its refusal goes out, and nothing else.
            self._notes.tell(Action.SKIPPED, Reason.OUTBOUND_PAUSED, subject.id, record=record)
        for name, held in plan.held.items():
            # What is lost does not stay here either, as is told below.
            if held in told and name not in lost and not (tried and held is Held.UNAVAILABLE):
                action, reason = told[held]
                if held is Held.UNAVAILABLE and name in record.unreadable:
                    reason = Reason.UNREADABLE_VALUE
                self._notes.tell(action, reason, subject.id, record=record, name=name)
        for name, length in plan.shortened.items():
            self._notes.tell(
                Action.WARNED,
                Reason.TRUNCATED,
                subject.id,
                record=record,
                name=name,
                message=shortened(length),
            )
        self._notes.outcomes += lost_values(
            lost, record, kept="theirs", subject_id=subject.id, at=self._clock()
        )
        doubts = doubtful(subject, record, fields)
        if overruled := {
            **plan.overruled,
            **{name: theirs for name, theirs in doubts.items() if name in plan.sent},
        }:
            plan = replace(plan, overruled=overruled)
            subject = seen(subject, overruled, fields)
        return PushRow(subject=subject, record=record, plan=plan, owing=owing)

    def _heard(self, subject: Subject, record: Record) -> tuple[Subject, Waiting | None]:
        """Return *subject* with a refusal that is news from its record, and the mark that stays."""
        if is_refused_again(subject, record):
            told_of = undone_opt_in(record, subject_id=subject.id, at=self._clock())
            self._notes.outcomes.append(told_of)
        subject = refused_again(subject, record)
        # Further records were looked at before anybody knew of it.
        return subject, mark_when_met(subject, self._settings, goes=False, now=self._clock())

    def _yielded(
        self,
        subject: Subject,
        record: Record,
        plan: PushPlan,
        *,
        known: Ledger,
        until: datetime | None,
    ) -> tuple[Subject, Mapping[str, Value]]:
        """Return *subject* with theirs where the newer record wins, and what that replaces."""
        fields, counterpart = self._fields[record.object], subject.counterpart
        ledger, lost = yielded(
            subject.ledger,
            record,
            plan,
            fields,
            known=known,
            written_until=until,
            is_news=counterpart is None or counterpart.modstamp != record.modstamp,
        )
        if not lost:
            return subject, lost
        subject = replace(subject, ledger=ledger)
        if EMAIL in lost and isinstance(subject, Contact):
            subject = replace(subject, bounce=at_present_address(subject))
        if subject.counterpart and (met := lost.keys() - known.shadows.keys()):
            subject = replace(subject, counterpart=learned(subject.counterpart, fields, met))
        return subject, lost

    def _ends_here(self, subject: Subject, plan: PushPlan, sobject: SObject) -> bool:
        """Return whether something of *subject* was parked, or has waited, and is closed by now.

        Outbound may have been switched off and on again between two looks, none of which took the
        mark off. What a pause keeps is told as a whole.
        """
        waiting = subject.waiting
        if subject.parked or waiting is None or is_paused(subject):
            return subject.parked is not None
        if waiting.attempts:
            # Of a field that is hidden it is told each hour.
            return Held.UNAVAILABLE not in plan.held.values()
        since = open_since(subject, sobject, self._settings.outbound)
        return since is not None and waiting.next_push_at < since

    def _closed_by(self, subject: Subject, sobject: SObject) -> Reason:
        """Return why edits of *subject* from before some moment do not go out."""
        outbound = self._settings.outbound
        by_settings = open_since(subject, sobject, outbound) == outbound.open_since(sobject)
        return Reason.OUTBOUND_DISABLED if by_settings else Reason.OUTBOUND_PAUSED
