"""Pairs of one field of a contact and of its counterpart, with what people did to either."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.links import LinkedBy
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import SObject, object_of
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import normalise, same
from tests.convergence.chronicle import Edit
from tests.convergence.hands import NEAT, RAW
from tests.convergence.structure import MARGIN, in_sight

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.contacts import Contact
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.outcomes import Outcome
    from counterpart.domain.values import Value
    from tests.convergence.chronicle import Chronicle
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
_CANCELLED = {
    (Action.SKIPPED, Reason.OUTBOUND_DISABLED),
    (Action.SKIPPED, Reason.NOT_LINKED),
}


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One field of a contact and of its counterpart, with its past."""

    contact: Contact
    row: Row
    field: FieldMapping
    ours: Value
    theirs: Value
    our_edit: Edit | None
    their_edit: Edit | None
    # Stamps of what moved the record besides our writes of this very field.
    moved: list[datetime]
    goes_out: bool
    # An opt-out goes whenever it was made, if Salesforce takes it.
    opt_out_goes: bool
    relinked: bool
    # Somebody entered a value that had been there before: nobody can tell that from no edit.
    repeated: bool
    # Theirs came after we had read the record, and before we wrote this very field; or ours came
    # after a write of ours whose answer was lost, which looks like theirs once it is moved on.
    overtaken: bool
    # It was out of our sight for a while, perhaps from the first meeting on.
    was_hidden: bool
    mode_changed: datetime | None

    def __str__(self) -> str:
        return (
            f"{self.contact.id} {self.row['Id']} {self.field.name} ({self.field.mode}): "
            f"ours {self.ours!r}, theirs {self.theirs!r}; "
            f"our edit {_told(self.our_edit)}, theirs {_told(self.their_edit)}"
        )

    @property
    def agree(self) -> bool:
        return same(self.field.type, self.ours, self.theirs) or (
            isinstance(self.ours, str) and self.ours.startswith(RAW) and self.theirs == NEAT
        )

    @property
    def their_edit_later(self) -> bool:
        """Whether theirs is later by any measure."""
        theirs, ours = self.their_edit, self.our_edit
        return theirs is not None and (ours is None or theirs.stamped > ours.stamped)

    @property
    def our_edit_last(self) -> bool:
        """Whether ours is later than anything that happened to the record."""
        ours = self.our_edit
        return ours is not None and all(at < ours.stamped for at in self.moved)

    @property
    def mode_settled(self) -> bool:
        """Whether the last edit came after the mode was last changed."""
        if self.mode_changed is None:
            return True
        edits = [edit for edit in (self.our_edit, self.their_edit) if edit]
        return any(edit.stamped > self.mode_changed + MARGIN for edit in edits)

    @property
    def read_in_this_mode(self) -> bool:
        return self.mode_changed is None or self.row["SystemModstamp"] > self.mode_changed + MARGIN

    def holds(self, value: Value, edit: Edit | None) -> bool:
        """Return whether a side holds what an edit said."""
        if edit is None:
            return False
        raw = isinstance(edit.value, str) and edit.value.startswith(RAW)
        return same(self.field.type, value, edit.value) or (raw and value == NEAT)


def _told(edit: Edit | None) -> str:
    return f"{edit.value!r} of {edit.stamped:%H:%M:%S.%f}" if edit else "none"


def pairs(world: World, chronicle: Chronicle, rows: dict[str, Row]) -> Iterator[Pair]:
    """Return every field of every linked pair that can be judged."""
    settings = world.settings.current()
    shown: dict[str, list[Outcome]] = defaultdict(list)
    chronicle.note_owners(world.all_links())
    for outcome in world.all_outcomes():
        if (outcome.action, outcome.reason) in REFUSED | _CANCELLED and outcome.subject_id:
            shown[outcome.subject_id].append(outcome)
    for contact in world.all_contacts():
        counterpart = contact.counterpart
        row = rows.get(counterpart.record_id) if counterpart else None
        if counterpart is None or not in_sight(row, world):
            continue
        sobject = object_of(row["Id"]) or SObject.LEAD
        for field in settings.fields_of(sobject):
            path = field.paths[sobject]
            if "." in path:
                continue
            ours_log = chronicle.ours[contact.id, field.name]
            our_edit = ours_log[-1] if ours_log else None
            edits = [
                *chronicle.theirs[row["Id"], field.name],
                *_of_others(world, chronicle, row["Id"], contact.id, field),
            ]
            theirs_log = sorted(edits, key=lambda edit: edit.seen)
            if _stamped_in_a_lock(world, chronicle.stamped[row["Id"]], edits):
                continue
            since = contact.ledger.times.get(field.name)
            open_since = settings.outbound.open_since(sobject)
            written = [
                world.stamp(write.at)
                for write in world.salesforce.updates[row["Id"]]
                if path not in write.values or write.subject_id != contact.id
            ]
            yield Pair(
                contact=contact,
                row=row,
                field=field,
                ours=contact.ledger.values.get(field.name),
                theirs=normalise(field.type, row[path]),
                our_edit=our_edit,
                their_edit=theirs_log[-1] if theirs_log else None,
                moved=[*chronicle.touched[row["Id"]], *written],
                goes_out=settings.outbound.writes(sobject)
                and (open_since is None or (since is not None and since >= open_since))
                and not _sent_nowhere(world, our_edit)
                and not chronicle.is_held(contact.id, our_edit)
                and not _told_why(shown[contact.id], our_edit, field.name),
                opt_out_goes=settings.outbound.writes(sobject)
                and not _told_why(
                    [one for one in shown[contact.id] if (one.action, one.reason) in REFUSED],
                    our_edit,
                    field.name,
                ),
                # Its other records have edits of their own; but the Contact that a lead became
                # has all that was ever edited in that.
                relinked=bool(
                    chronicle.owners[contact.id] - {row["Id"], chronicle.ancestors.get(row["Id"])}
                )
                or len(chronicle.family(contact.id)) > 1
                or row["Id"] in chronicle.heirs | chronicle.gone
                or counterpart.linked_by in {LinkedBy.MERGE, LinkedBy.UNDELETION},
                repeated=_repeats([*ours_log, *theirs_log])
                or any(edit.back for edit in (*ours_log, *theirs_log)),
                overtaken=_is_overtaken(
                    [one for one in world.salesforce.updates[row["Id"]] if path in one.values],
                    our_edit,
                    theirs_log[-1] if theirs_log else None,
                    [at - world.skew for at in chronicle.touched[row["Id"]]],
                ),
                was_hidden=f"{sobject}.{path}" in chronicle.hidden,
                mode_changed=chronicle.modes.get(field.name),
            )


def _of_others(
    world: World, chronicle: Chronicle, record_id: str, contact_id: str, field: FieldMapping
) -> Iterator[Edit]:
    """Return what we wrote to a record for another contact: to this one it is theirs."""
    for each in filter(None, (record_id, chronicle.ancestors.get(record_id))):
        sobject = object_of(each)
        path = field.paths.get(sobject) if sobject else None
        if path is None:
            continue
        for write in world.salesforce.updates[each]:
            if write.taken and path in write.values and write.subject_id != contact_id:
                stamped = world.stamp(write.at)
                yield Edit(value=write.values[path], stamped=stamped, seen=write.at)


def _stamped_in_a_lock(world: World, stamped: list[datetime], edits: list[Edit]) -> bool:
    """Return whether automation stamped a record while a late edit of it held its lock.

    Salesforce lets nobody do that, and a stamp that stays as it is hides what is committed.
    """
    return any(edit.stamped < at < edit.seen + world.skew for edit in edits for at in stamped)


def _is_overtaken(
    writes: list[OurWrite], ours: Edit | None, theirs: Edit | None, touched: list[datetime]
) -> bool:
    """Return whether we wrote over an edit of theirs unseen, or our write looks like one of theirs.

    Salesforce writes many rows at once without a condition, and a job may drag. What was written
    without an answer looks, once somebody has touched the record, like an edit of theirs.
    """
    taken = [write for write in writes if write.taken]
    unseen = theirs is not None and any(
        write.read_at is not None and write.read_at <= theirs.seen <= write.at for write in taken
    )
    unanswered = [write.at for write in taken if not write.answered]
    strange = ours is not None and any(
        written <= min(ours.seen, at) for written in unanswered for at in touched
    )
    return unseen or strange


def _sent_nowhere(world: World, edit: Edit | None) -> bool:
    """Return whether something was switched off when somebody edited, who was told so."""
    settings = SyncSettings()
    for version in world.settings.versions:
        if edit and version.changed_at <= edit.seen:
            settings = version.settings
    return not all(settings.outbound.writes(sobject) for sobject in SObject)


def _repeats(edits: list[Edit]) -> bool:
    return len({str(edit.value).casefold() for edit in edits}) < len(edits)


def _told_why(outcomes: list[Outcome], edit: Edit | None, name: str) -> bool:
    return any(
        (outcome.field is None or outcome.field == name)
        and (edit is None or outcome.at >= edit.seen)
        for outcome in outcomes
    )
