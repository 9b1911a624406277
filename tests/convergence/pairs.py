"""One field of a contact or company and of its counterpart, as the laws of values look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.mapping import EMAIL
from counterpart.domain.values import same
from tests.convergence.hands import NEAT, RAW
from tests.convergence.structure import MARGIN

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.values import Value
    from tests.convergence.chronicle import Edit


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One field of a contact or company and of its counterpart, with its past."""

    subject: Contact | Company
    row: Row
    field: FieldMapping
    ours: Value
    theirs: Value
    our_edit: Edit | None
    their_edit: Edit | None
    # Stamps of what moved the record besides our writes of this very field, as far as automation
    # left that alone.
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
    # The first of these: a write of ours that did not know of theirs has replaced it there.
    written_over: bool
    # Theirs came upon our own write of ours, whatever the two clocks say.
    built_upon: bool
    # It was out of our sight for a while, perhaps from the first meeting on.
    was_hidden: bool
    # When they were linked, or the record was read for the first time after that.
    met_at: datetime | None
    # A creation met the record without it, and said so.
    met_without: bool
    # People were told since our edit that a value of this field was replaced.
    lost: bool
    mode_changed: datetime | None

    def __str__(self) -> str:
        return (
            f"{self.subject.id} {self.row['Id']} {self.field.name} ({self.field.mode}): "
            f"ours {self.ours!r}, theirs {self.theirs!r}; "
            f"our edit {_told(self.our_edit)}, theirs {_told(self.their_edit)}"
        )

    @property
    def lacks_an_address_there(self) -> bool:
        """Whether theirs is a blank that replaces nobody's: an address identifies a person."""
        return self.field.name == EMAIL and self.theirs is None

    @property
    def lies_before_the_meeting(self) -> bool:
        """Whether theirs was not to be seen when a creation met the record, and is as it was."""
        counterpart, theirs = self.subject.counterpart, self.their_edit
        if not self.met_without or counterpart is None:
            return False
        return theirs is None or theirs.stamped <= counterpart.linked_at + MARGIN

    @property
    def agree(self) -> bool:
        return same(self.field.type, self.ours, self.theirs) or (
            isinstance(self.ours, str) and self.ours.startswith(RAW) and self.theirs == NEAT
        )

    @property
    def stays_here(self) -> bool:
        """Whether theirs is here, and we wrote over it there when nothing went out any more."""
        return self.written_over and not self.goes_out and self.holds(self.ours, self.their_edit)

    @property
    def cleared_at_once(self) -> bool:
        """Whether somebody there cleared it in the second of a write of ours.

        Stamps count seconds, so nobody can tell that from what automation makes of ours.
        """
        counterpart, theirs = self.subject.counterpart, self.their_edit
        if self.theirs is not None or counterpart is None or counterpart.written_until is None:
            return False
        written = counterpart.written_until.replace(microsecond=0)
        return theirs is not None and theirs.stamped == self.row["LastModifiedDate"] == written

    @property
    def their_edit_later(self) -> bool:
        """Whether theirs is later by any measure."""
        theirs, ours = self.their_edit, self.our_edit
        return theirs is not None and (ours is None or theirs.stamped > ours.stamped)

    @property
    def our_edit_last(self) -> bool:
        """Whether ours is later than anything that happened to the record."""
        ours = self.our_edit
        if self.built_upon:
            return False
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
