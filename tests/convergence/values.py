"""Laws at rest about values: what both sides hold, judged by what people did and by the modes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.links import LinkedBy
from counterpart.domain.mapping import EMAIL, OPTED_OUT, ConflictPolicy, Mode
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import SObject, object_of
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import normalise, same
from tests.convergence.chronicle import Edit, OptIn
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


def shadow_is_theirs(pair: Pair) -> str | None:
    """The shadow is what Salesforce holds."""
    if pair.field.name == EMAIL and pair.theirs is None:
        return None
    if not pair.read_in_this_mode:
        return None
    shadows = pair.contact.ledger.shadows
    if pair.field.name not in shadows:
        return f"no shadow: {pair}"
    shadow = shadows[pair.field.name]
    return None if same(pair.field.type, shadow, pair.theirs) else f"shadow {shadow!r}: {pair}"


def mode_is_kept(pair: Pair) -> str | None:
    """What both sides hold is what the mode says of the edits that were made."""
    judge = _JUDGES.get(pair.field.mode)
    wrong = judge(pair) if judge else None
    return f"{wrong}: {pair}" if wrong else None


def _two_way(pair: Pair) -> str | None:
    if pair.field.name == EMAIL and pair.theirs is None:
        return None
    if pair.field.name == EMAIL and pair.their_edit and pair.their_edit.value is None:
        # An address identifies a person: nobody's blank replaces it.
        return None if pair.agree or not pair.goes_out else "they differ"
    nobody = pair.our_edit is None and pair.their_edit is None
    # Theirs may be older there: what another record held may be what was seen before.
    unheard = not pair.their_edit_later or pair.relinked or pair.repeated
    stuck = not pair.goes_out and unheard
    if nobody or stuck or not pair.mode_settled or _blank_meeting(pair):
        return None
    if not pair.agree:
        return "they differ"
    # By the other policies the later edit may lose, which is told elsewhere.
    later_wins = pair.field.conflict is ConflictPolicy.THREE_WAY
    unknown = pair.relinked or pair.repeated or pair.overtaken
    return _missing(pair) if later_wins and not unknown else None


def _missing(pair: Pair) -> str | None:
    ours_held = pair.holds(pair.ours, pair.our_edit)
    theirs_held = pair.holds(pair.theirs, pair.their_edit)
    wrongs = (
        (pair.their_edit_later and not theirs_held, "a later edit of theirs is missing"),
        (pair.our_edit_last and not ours_held, "a later edit of ours is missing"),
        (not (ours_held or theirs_held), "nobody ever entered this"),
    )
    return next((words for wrong, words in wrongs if wrong), None)


def _blank_meeting(pair: Pair) -> bool:
    """Whether they met when one of the edits had cleared the field, which is no opinion then.

    A field that was hidden may have been met long after the record.
    """
    counterpart = pair.contact.counterpart
    edits = [edit for edit in (pair.our_edit, pair.their_edit) if edit]
    met = counterpart.linked_at + MARGIN if counterpart else None
    return any(
        edit.value is None and met is not None and (pair.was_hidden or edit.stamped <= met)
        for edit in edits
    )


def _cleared_before(pair: Pair) -> bool:
    """Whether ours had been cleared when they met, which may stand for a while or for good.

    To clear what is blank is no edit, but from then on what is older there does not come in.
    """
    cleared_at = pair.contact.ledger.times.get(pair.field.name)
    counterpart = pair.contact.counterpart
    if pair.ours is not None or cleared_at is None or counterpart is None:
        return False
    if pair.their_edit is None or pair.their_edit.stamped >= cleared_at:
        return False
    return cleared_at <= counterpart.linked_at or pair.our_edit is None


def _always_ours(pair: Pair) -> str | None:
    if pair.our_edit is None or pair.relinked:
        return None
    if pair.mode_changed is None and not pair.holds(pair.ours, pair.our_edit):
        return "our value was replaced"
    seen_later = pair.their_edit is not None and pair.their_edit.seen >= pair.our_edit.seen
    if seen_later or not pair.goes_out or not pair.mode_settled:
        return None
    return None if pair.agree or _blank_meeting(pair) else "ours did not go out"


def _theirs_first(pair: Pair) -> str | None:
    if pair.field.name == EMAIL and pair.theirs is None:
        # An address identifies a person: nobody's blank replaces it.
        return None
    if pair.relinked or not pair.mode_settled or not pair.read_in_this_mode:
        return None
    if pair.our_edit_last and pair.mode_changed is None and not _blank_meeting(pair):
        if not pair.holds(pair.ours, pair.our_edit):
            return "a newer value of ours was replaced"
        return None
    keeps_ours = pair.field.mode is Mode.PREFER_SALESFORCE and pair.theirs is None
    if pair.their_edit_later and not (keeps_ours or _cleared_before(pair) or pair.agree):
        return "a later edit of theirs is missing"
    return None


def _prefer_theirs(pair: Pair) -> str | None:
    if (
        pair.theirs is None
        and pair.ours is not None
        and pair.goes_out
        and pair.read_in_this_mode
        and not pair.relinked
    ):
        return "the blank was not filled"
    return _theirs_first(pair)


def _restrictive(pair: Pair) -> str | None:
    # Whoever was opted in stays out until Salesforce has taken that, by what was seen there.
    lifted = pair.ours is False and (pair.relinked or isinstance(pair.our_edit, OptIn))
    if pair.theirs and not pair.ours and not (lifted and pair.contact.opted_out):
        return "an opt-out of theirs is missing"
    if pair.ours and not pair.theirs and pair.opt_out_goes:
        return "an opt-out of ours is missing"
    return None


_JUDGES = {
    Mode.TWO_WAY: _two_way,
    Mode.ALWAYS_OURS: _always_ours,
    Mode.ALWAYS_SALESFORCE: _theirs_first,
    Mode.PREFER_SALESFORCE: _prefer_theirs,
    Mode.RESTRICTIVE_WINS: _restrictive,
}
VALUES = (shadow_is_theirs, mode_is_kept)


def nobody_is_blanked(world: World, chronicle: Chronicle) -> Iterator[str]:
    """No contact loses its address, and no write of ours takes one, or an opt-out, away.

    Unless somebody here has said before that the person asked to be mailed again.
    """
    for contact in world.all_contacts():
        if contact.email is None:
            yield f"{contact.id} has no e-mail any more"
    for record_id, writes in world.salesforce.updates.items():
        for write in writes:
            if write.values.get("Email", "") is None:
                yield f"we blanked the e-mail of {record_id}"
            opts_in = write.values.get("HasOptedOutOfEmail") is False
            if opts_in and not _asked_for(chronicle, record_id, write):
                yield f"we opted {record_id} in again"


def nothing_leaves_a_pause(world: World, chronicle: Chronicle) -> Iterator[str]:
    """Nothing but a refusal is written of a contact whose tag somebody took away."""
    for record_id, writes in world.salesforce.updates.items():
        for write in writes:
            refusal = write.values == {"HasOptedOutOfEmail": True}
            decided = write.read_at or write.at
            for pause in chronicle.pauses[write.subject_id or ""]:
                within = pause.since < decided and (pause.until is None or write.at < pause.until)
                if within and not refusal:
                    yield f"we wrote {write.values} of {write.subject_id} in a pause: {record_id}"


def _asked_for(chronicle: Chronicle, record_id: str, write: OurWrite) -> bool:
    owners = [one for one, records in chronicle.owners.items() if record_id in records]
    # Where two followed the record at that moment, it may have been said of either.
    subjects = [write.subject_id] if write.subject_id else owners
    family = {each for one in subjects for each in chronicle.family(one)}
    edits = [edit for one in sorted(family) for edit in chronicle.ours[one, OPTED_OUT]]
    return any(isinstance(edit, OptIn) and edit.seen <= write.at for edit in edits)
