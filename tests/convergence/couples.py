"""Contacts, companies and their counterparts, field by field, with what people did to either."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from counterpart.domain.links import LinkedBy
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import SObject, object_of
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import normalise
from tests.convergence.pairs import Pair
from tests.convergence.strange_edits import moves, strange_edits
from tests.convergence.structure import in_sight

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.outcomes import Outcome
    from tests.convergence.chronicle import Chronicle, Edit
    from tests.convergence.salesforce import OurWrite
    from tests.convergence.world import World

# An edit with one of these stays on its side, and people can see why.
REFUSED = {
    (Action.REFUSED, Reason.REFUSED),
    (Action.FAILED, Reason.GAVE_UP),
    (Action.WARNED, Reason.FIELD_SET_ASIDE),
    (Action.WARNED, Reason.FIELD_UNAVAILABLE),
}
# An opt-out does not stay for one of these.
# An opt-in counts as lost by this, since a refusal may have come after it went out.
_LOST = {(Action.CONFLICTED, Reason.BOTH_CHANGED)}
_CANCELLED = {
    (Action.SKIPPED, Reason.OUTBOUND_DISABLED),
    (Action.SKIPPED, Reason.NOT_LINKED),
    # Where a newer record wins, and nothing of it comes in.
    (Action.PROTECTED, Reason.THEIRS_LATER),
}


def pairs(world: World, chronicle: Chronicle, rows: dict[str, Row]) -> Iterator[Pair]:
    """Return every field of every linked pair that can be judged."""
    shown: dict[str, list[Outcome]] = defaultdict(list)
    chronicle.note_owners(world.all_links())
    for outcome in world.all_outcomes():
        told = REFUSED | _CANCELLED | _LOST
        if (outcome.action, outcome.reason) in told and outcome.subject_id:
            shown[outcome.subject_id].append(outcome)
    for subject in world.all_subjects():
        counterpart = subject.counterpart
        row = rows.get(counterpart.record_id) if counterpart else None
        if in_sight(row, world):
            yield from _Couple(
                subject, row, shown[subject.id], world=world, chronicle=chronicle
            ).pairs()


class _Couple:
    """A contact or company, and its counterpart.

    Args:
        shown: What was told of what stayed here.
    """

    def __init__(
        self,
        subject: Contact | Company,
        row: Row,
        shown: Sequence[Outcome],
        *,
        world: World,
        chronicle: Chronicle,
    ) -> None:
        self._subject, self._row = subject, row
        self._shown, self._world, self._chronicle = shown, world, chronicle
        self._settings = world.settings.current()
        self._object = object_of(row["Id"]) or SObject.LEAD
        self._writes = world.salesforce.updates[row["Id"]]
        self._touched = chronicle.touched[row["Id"]]
        self._relinked = self._is_relinked()

    def pairs(self) -> Iterator[Pair]:
        """Yield the fields that can be judged."""
        for field in self._settings.fields_of(self._object):
            path = field.paths[self._object]
            if "." in path:
                continue
            record_id = self._row["Id"]
            own = [each for each in (record_id, self._chronicle.ancestors.get(record_id)) if each]
            theirs = [
                *self._chronicle.theirs[record_id, field.name],
                *strange_edits(self._world, own, field, self._subject.id),
            ]
            if not self._is_stamped_in_a_lock(theirs):
                yield self._pair(field, path, sorted(theirs, key=lambda edit: edit.seen))

    def _pair(self, field: FieldMapping, path: str, theirs: Sequence[Edit]) -> Pair:
        chronicle, subject = self._chronicle, self._subject
        ours = chronicle.ours[subject.id, field.name]
        our_edit, their_edit = (log[-1] if log else None for log in (ours, theirs))
        taken = self._taken(path)
        written_over = _is_written_over(taken, their_edit)
        return Pair(
            subject=subject,
            row=self._row,
            field=field,
            ours=subject.ledger.values.get(field.name),
            theirs=normalise(field.type, self._row[path]),
            our_edit=our_edit,
            their_edit=their_edit,
            moved=[*self._touched, *moves(self._world, self._writes, path, subject.id)],
            goes_out=self._goes_out(field, our_edit),
            opt_out_goes=self._opt_out_goes(field, our_edit),
            relinked=self._relinked,
            repeated=_repeats([*ours, *theirs]),
            overtaken=written_over or self._looks_like_theirs(taken, our_edit),
            written_over=written_over,
            built_upon=self._is_built_upon(path, our_edit, their_edit),
            was_hidden=f"{self._object}.{path}" in chronicle.hidden,
            met_at=self._met_at(),
            met_without=any(
                one.reason is Reason.FIELD_UNAVAILABLE
                and (one.field, one.record_id) == (field.name, self._row["Id"])
                and "the record was met" in one.message
                for one in self._shown
            ),
            lost=_told_why(
                [one for one in self._told(_LOST) if one.field == field.name], our_edit, field.name
            ),
            mode_changed=chronicle.modes.get(field.name),
        )

    def _met_at(self) -> datetime | None:
        counterpart = self._subject.counterpart
        read_at = self._world.salesforce.first_read.get(self._row["Id"])
        linked_at = counterpart.linked_at if counterpart else None
        return max((at for at in (linked_at, read_at) if at), default=None)

    def _is_relinked(self) -> bool:
        chronicle, record_id, held = self._chronicle, self._row["Id"], self._subject.counterpart
        # Its other records have edits of their own; but the Contact that a lead became has all
        # that was ever edited in that.
        own = {record_id, chronicle.ancestors.get(record_id)}
        return (
            bool(chronicle.owners[self._subject.id] - own)
            or len(chronicle.family(self._subject.id)) > 1
            or record_id in chronicle.heirs | chronicle.gone
            or (held is not None and held.linked_by in {LinkedBy.MERGE, LinkedBy.UNDELETION})
        )

    def _goes_out(self, field: FieldMapping, our_edit: Edit | None) -> bool:
        since = self._subject.ledger.times.get(field.name)
        open_since = self._settings.outbound.open_since(self._object)
        return (
            self._settings.outbound.writes(self._object)
            and (open_since is None or (since is not None and since >= open_since))
            and not _sent_nowhere(self._world, our_edit)
            and not self._chronicle.is_held(self._subject.id, our_edit)
            and not _told_why(self._told(REFUSED | _CANCELLED), our_edit, field.name)
        )

    def _told(self, kinds: set[tuple[Action, Reason]]) -> list[Outcome]:
        return [one for one in self._shown if (one.action, one.reason) in kinds]

    def _opt_out_goes(self, field: FieldMapping, our_edit: Edit | None) -> bool:
        return self._settings.outbound.writes(self._object) and not _told_why(
            self._told(REFUSED), our_edit, field.name
        )

    def _is_stamped_in_a_lock(self, edits: Sequence[Edit]) -> bool:
        """Return whether automation stamped a record while a late edit of it held its lock.

        Salesforce lets nobody do that, and a stamp that stays as it is hides what is committed.
        """
        stamped, skew = self._chronicle.stamped[self._row["Id"]], self._world.skew
        return any(edit.stamped < at < edit.seen + skew for edit in edits for at in stamped)

    def _is_built_upon(self, path: str, ours: Edit | None, theirs: Edit | None) -> bool:
        """Return whether somebody there edited what our edit had brought there already."""
        return (
            ours is not None
            and theirs is not None
            and any(
                write.taken and path in write.values and ours.seen <= write.at <= theirs.seen
                for write in self._writes
                if write.subject_id == self._subject.id
            )
        )

    def _taken(self, path: str) -> list[OurWrite]:
        """Return our writes of a field that Salesforce took, in the record and its lead."""
        lead_id = self._chronicle.ancestors.get(self._row["Id"], "")
        writes = [*self._writes, *self._world.salesforce.updates[lead_id]]
        return [write for write in writes if write.taken and path in write.values]

    def _looks_like_theirs(self, taken: Sequence[OurWrite], ours: Edit | None) -> bool:
        """Return whether what we wrote before ours looks like an edit of theirs.

        What was written without an answer does, once somebody has touched the record; so does what
        made a record that became another contact's, if its Contact is met by its address later.
        """
        touched = [at - self._world.skew for at in self._touched]
        unanswered = [
            write.at for write in taken if not write.answered or self._was_before_the_link(write)
        ]
        return ours is not None and any(
            written <= min(ours.seen, at) for written in unanswered for at in touched
        )

    def _was_before_the_link(self, write: OurWrite) -> bool:
        held = self._subject.counterpart
        return held is not None and held.linked_by is LinkedBy.EMAIL and write.at < held.linked_at


def _is_written_over(taken: Sequence[OurWrite], theirs: Edit | None) -> bool:
    """Return whether we wrote over an edit of theirs that was unseen when that was decided.

    Salesforce writes many rows at once without a condition, and a job may drag.
    """
    return theirs is not None and any(
        write.read_at is not None and write.read_at <= theirs.seen <= write.at for write in taken
    )


def _sent_nowhere(world: World, edit: Edit | None) -> bool:
    """Return whether something was switched off when somebody edited, who was told so."""
    settings = SyncSettings()
    for version in world.settings.versions:
        if edit and version.changed_at <= edit.seen:
            settings = version.settings
    return not all(settings.outbound.writes(sobject) for sobject in SObject)


def _repeats(edits: Sequence[Edit]) -> bool:
    values = {str(edit.value).casefold() for edit in edits}
    return len(values) < len(edits) or any(edit.back for edit in edits)


def _told_why(outcomes: Sequence[Outcome], edit: Edit | None, name: str) -> bool:
    return any(
        (outcome.field is None or outcome.field == name)
        and (edit is None or outcome.at >= edit.seen)
        for outcome in outcomes
    )
