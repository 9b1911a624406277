"""The row writer: rows go to Salesforce, and each answer is followed up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Generic

from counterpart.domain.blamed_fields import blamed_fields
from counterpart.domain.budget import Budget
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.outgoing_fields import refuses
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Remedy
from counterpart.domain.subjects import Subject
from counterpart.ports import WRITE_SIZE
from counterpart.use_cases.allowance import state_of
from counterpart.use_cases.vanished_records import Vanished

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from counterpart.domain.outbound_settings import Outbound
    from counterpart.domain.refusals import Refusal
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import Clock, RecordWriter
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.push_jobs import PushJobs
    from counterpart.use_cases.push_rows import PushRow
    from counterpart.use_cases.row_settler import RowSettler


class RowWriter(Generic[Subject]):
    """Writes rows, by collections, or by a job where there are many of one object.

    Args:
        salesforce: For the writing side.
        jobs: The other way out, for many rows at once.
        settler: Stores what became of the rows.
        settings: By which modes the fields cross.
        current: Returns the settings of this moment, since switching outbound off takes effect at
            once.
        clock: Ours.
        notes: What became of the rows is noted here.
        may_go_on: Tells whether there is time for one more call.

    Attributes:
        left: Ids of those who did not go, because time or the allowance ended, or outbound was off
            in between; they go on waiting.
    """

    def __init__(
        self,
        *,
        salesforce: RecordWriter,
        jobs: PushJobs[Subject],
        settler: RowSettler[Subject],
        settings: SyncSettings,
        current: Callable[[], SyncSettings],
        clock: Clock,
        notes: Notes,
        may_go_on: Callable[[], bool],
    ) -> None:
        self._salesforce = salesforce
        self._jobs: PushJobs[Subject] = jobs
        self._settler: RowSettler[Subject] = settler
        self._settings = settings
        self._fields = {sobject: settings.fields_of(sobject) for sobject in SObject}
        self._current = current
        self._clock = clock
        self._notes = notes
        self._may_go_on = may_go_on
        self.left: list[str] = []

    def write(self, rows: Sequence[PushRow[Subject]], *, by_job: bool) -> list[Vanished[Subject]]:
        """Write rows and settle them; return those whose record turns out to be gone.

        Args:
            rows: Something goes out of each of them.
            by_job: Where many rows of one object go out, let a job carry them.

        Raises:
            ChangedMeanwhileError: others kept changing them.
        """
        chosen = self._for_jobs(rows) if by_job else {}
        taken = {row.subject.id for group in chosen.values() for row in group}
        vanished = self._by_collections([row for row in rows if row.subject.id not in taken])
        for sobject, group in chosen.items():
            wanted = self._still_wanted(group)
            if wanted and not self._jobs.send(sobject, wanted, wanted=self._goes_out_to):
                vanished += self._by_collections(wanted)
        return vanished

    def _for_jobs(self, rows: Sequence[PushRow[Subject]]) -> dict[SObject, list[PushRow[Subject]]]:
        above = self._settings.outbound.bulk_above
        groups: dict[SObject, list[PushRow[Subject]]] = {}
        for row in rows:
            groups.setdefault(row.record.object, []).append(row)
        return {
            sobject: chosen
            for sobject, group in groups.items()
            if (chosen := self._jobs.choose(sobject, group, above=above))
        }

    def _by_collections(self, rows: Sequence[PushRow[Subject]]) -> list[Vanished[Subject]]:
        """Write rows; whoever is refused for some fields goes once more without them."""
        vanished: list[Vanished[Subject]] = []
        # Salesforce may take minutes for each call of a backlog.
        queue = sorted(rows, key=lambda row: (not row.is_fresh, row.parent))
        while queue and self._may_write():
            wanted, queue = self._still_wanted(queue[:WRITE_SIZE]), queue[WRITE_SIZE:]
            batch = self._settler.announced(wanted)
            if not batch:
                continue
            answer = self._salesforce.update([row.change for row in batch])
            refused = []
            taken = []
            for row, said in zip(batch, answer.rows, strict=True):
                if said.refusal:
                    refused.append((row, said.refusal))
                else:
                    taken.append(row)
            self._settler.written(taken, until=answer.as_of)
            vanished += [
                Vanished(
                    subject=row.subject,
                    record=replace(row.record, deleted=True),
                    row=row,
                    refusal=refusal,
                )
                for row, refusal in refused
                if _leads_nowhere(row, refusal)
            ]
            queue += self._follow_up(refused)
        self.left += [row.subject.id for row in queue]
        return vanished

    def _may_write(self) -> bool:
        state = state_of(self._salesforce.usage(), self._settings)
        return state is not Budget.STOPPED and self._may_go_on()

    def _goes_out_to(self, sobject: SObject) -> bool:
        outbound = self._current().outbound
        return outbound.writes(sobject) and not self._is_new(sobject, outbound)

    def _is_new(self, sobject: SObject, outbound: Outbound) -> bool:
        """Return whether edits go out to *sobject* since another moment than rows were planned by.

        Then what is older stays here, which has to be looked at anew.
        """
        return outbound.open_since(sobject) != self._settings.outbound.open_since(sobject)

    def _still_wanted(self, rows: Sequence[PushRow[Subject]]) -> list[PushRow[Subject]]:
        """Return the rows that may go; outbound may have been switched off a moment ago."""
        asked_at = self._clock()
        settings = self._current()
        outbound = settings.outbound
        there = [row for row in rows if outbound.writes(row.record.object)]
        wanted = [row for row in there if not self._is_new(row.record.object, outbound)]
        self.left += [row.subject.id for row in there if self._is_new(row.record.object, outbound)]
        unwanted = [row for row in rows if not outbound.writes(row.record.object)]
        for row in unwanted:
            self._notes.skip(Reason.OUTBOUND_DISABLED)
            self._notes.tell(Action.SKIPPED, Reason.OUTBOUND_DISABLED, row.subject.id)
        self._settler.rest(unwanted, settings, now=asked_at)
        return wanted

    def put_off(self, failed: Sequence[tuple[PushRow[Subject], Refusal]]) -> None:
        """Let rows wait that failed in passing; of one that did so too often the opt-out goes.

        Args:
            failed: Rows whose record was found to be there.

        Raises:
            ChangedMeanwhileError: others kept changing them.
        """
        left = self._by_collections(self._waited_enough(failed))
        again = [(each.row, each.refusal) for each in left if each.row and each.refusal]
        self._settler.park(again, Reason.GAVE_UP)

    def _follow_up(
        self, refused: Sequence[tuple[PushRow[Subject], Refusal]]
    ) -> list[PushRow[Subject]]:
        """Do what refusals ask for; return what of the rows may go after all."""
        again, over = [], []
        for row, refusal in refused:
            if refusal.remedy is not Remedy.RETRY and not _leads_nowhere(row, refusal):
                rest = self._without_blamed(row, refusal)
                if rest:
                    again.append(rest)
                else:
                    over.append((row, refusal))
        again += self._set_aside(over, Reason.REFUSED)
        return again + self._waited_enough(
            [(row, refusal) for row, refusal in refused if refusal.remedy is Remedy.RETRY]
        )

    def _waited_enough(
        self, failed: Sequence[tuple[PushRow[Subject], Refusal]]
    ) -> list[PushRow[Subject]]:
        return self._set_aside(self._settler.put_off(failed), Reason.GAVE_UP)

    def _set_aside(
        self, refused: Sequence[tuple[PushRow[Subject], Refusal]], reason: Reason
    ) -> list[PushRow[Subject]]:
        """Park rows as a whole; return those whose opt-out is tried by itself before that."""
        alone, over = [], []
        for row, refusal in refused:
            names = {
                mapping.name: mapping.paths[row.record.object]
                for mapping in self._fields[row.record.object]
                if mapping.name in row.plan.sent and refuses(row.subject.ledger, mapping)
            }
            if names and len(names) < len(row.plan.sent):
                alone.append(row.only(names, refusal, reason))
            else:
                over.append((row, refusal))
        self._settler.park(over, reason)
        return alone

    def _without_blamed(self, row: PushRow[Subject], refusal: Refusal) -> PushRow[Subject] | None:
        """Return the row without the fields that Salesforce blames, if something is left of it."""
        sobject = row.record.object
        names = {
            name: path
            for name, path in blamed_fields(refusal, self._fields[sobject], sobject).items()
            if path in row.plan.values
        }
        blamed = set(names.values())
        if not blamed or blamed == set(row.plan.values):
            return None
        for name, path in sorted(names.items()):
            self._notes.tell(
                Action.WARNED,
                Reason.FIELD_SET_ASIDE,
                row.subject.id,
                record=row.record,
                refusal=refusal.about(path),
                name=name,
            )
        return row.without(blamed, names.keys(), refusal)


def _leads_nowhere(row: PushRow[Subject], refusal: Refusal) -> bool:
    """Return whether it is the record that is not to be found, and none that a field refers to."""
    return refusal.remedy is Remedy.RESOLVE and not any(map(refusal.blames, row.plan.values))
