"""What people did on both sides, written down apart from the product: the model to judge by."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from counterpart.domain.contacts import Ledger

if TYPE_CHECKING:
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.values import Value


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One accepted edit of one field.

    Attributes:
        stamped: The time that conflicts are judged by: our clock here, Salesforce's there.
        seen: When the other side could first see it, by our clock; a late commit comes later.
    """

    value: Value
    stamped: datetime
    seen: datetime


@dataclass(kw_only=True)
class Chronicle:
    """Everything that was accepted.

    Attributes:
        ours: By contact and field, in order.
        theirs: By record and field, in order.
        touched: By record, when people or automation moved its `LastModifiedDate`.
        stamped: By record, when automation moved its `SystemModstamp` alone.
        heirs: Records that took another one over, by merge or by conversion into them.
        ancestors: By Contact, the lead that it was made from.
        modes: When the mode of a field was last changed, by our clock.
        hidden: Fields, such as `Lead.Title`, that were ever hidden from our user.
        purged: Records that were deleted for good.
        gone: Records that were ever in the recycle bin.
        ignored_deletions: Whether deletions were ever to be ignored.
    """

    ours: dict[tuple[str, str], list[Edit]] = field(default_factory=lambda: defaultdict(list))
    theirs: dict[tuple[str, str], list[Edit]] = field(default_factory=lambda: defaultdict(list))
    touched: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    stamped: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    heirs: set[str] = field(default_factory=set)
    ancestors: dict[str, str] = field(default_factory=dict)
    modes: dict[str, datetime] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    purged: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    ignored_deletions: bool = False

    def note_ours(self, before: Contact | None, after: Contact | None, now: datetime) -> None:
        """Write down what an invocation of the API changed, whether or not it was answered."""
        if after is None:
            return
        old = before.ledger if before else Ledger()
        for name, value in after.ledger.values.items():
            if value is None and old.values.get(name) is None and old.shadows.get(name) is None:
                # To clear what nobody has seen filled says nothing.
                continue
            if name not in old.values or old.values[name] != value:
                edit = Edit(value=value, stamped=after.ledger.times[name], seen=now)
                self.ours[after.id, name].append(edit)

    def note_theirs(self, record_id: str, name: str, edit: Edit) -> None:
        """Write down that somebody changed a field in Salesforce."""
        self.theirs[record_id, name].append(edit)

    def inherit(self, lead_id: str, contact_id: str) -> None:
        """Give a new Contact the past of the lead that it was made from."""
        self.ancestors[contact_id] = lead_id
        for (record_id, name), edits in list(self.theirs.items()):
            if record_id == lead_id:
                self.theirs[contact_id, name] = list(edits)
