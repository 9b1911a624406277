"""What people did on both sides, written down apart from the product: the model to judge by."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from counterpart.domain.contacts import Ledger
from counterpart.domain.mapping import OPTED_OUT
from tests.convergence.campaign_chronicle import CampaignChronicle

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.links import Link
    from counterpart.domain.values import Value


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One accepted edit of one field.

    Attributes:
        stamped: The time that conflicts are judged by: our clock here, Salesforce's there.
        seen: When the other side could first see it, by our clock; a late commit comes later.
        back: It put back what the other side had seen last, in place of what it never got to see.
    """

    value: Value
    stamped: datetime
    seen: datetime
    back: bool = False


@dataclass(frozen=True, kw_only=True)
class OptIn(Edit):
    """Somebody said that a person asked to be mailed again.

    Attributes:
        pending: Salesforce was known to hold a refusal, which it lifts.
    """

    pending: bool


@dataclass(frozen=True, kw_only=True)
class Insisted(Edit):
    """Somebody took ours over what the mode protects there."""


@dataclass(frozen=True, kw_only=True)
class Pause:
    """While nothing but a refusal went out of a contact: after one step, and before another."""

    since: datetime
    until: datetime | None


@dataclass(kw_only=True)
class Chronicle:
    """Everything that was accepted.

    Attributes:
        ours: By contact or company, and field, in order.
        theirs: By record and field, in order.
        touched: By record, when people or automation moved its `LastModifiedDate`.
        stamped: By record, when automation moved its `SystemModstamp` alone.
        heirs: Records that took another one over, by merge or by conversion into them.
        ancestors: By Contact, the lead that it was made from.
        takeovers: Each record that was converted or merged, and the one that took it over.
        modes: When the mode of a field was last changed, by our clock.
        hidden: Fields, such as `Lead.Title`, that were ever hidden from our user.
        barred: Objects that were ever hidden from our user.
        purged: Records that were deleted for good.
        gone: Records that were ever in the recycle bin.
        merges: Pairs of contacts of which one was ever merged into the other, here.
        parted: Contacts whose merge was ever undone.
        owners: By contact, the records that ever led to it.
        pauses: By contact, when its edits were to stay here.
        cleared: Contacts of which somebody here said that mail arrives.
        deals: What people last entered in opportunities and roles, by record and API name.
        ignored_deletions: Whether deletions were ever to be ignored.
        broken_off: Whether a pull ended early that goes its own way, and that nobody repeats, or a
            sweep, which is repeated by night.
        campaigns: What happened to members of campaigns.
    """

    ours: dict[tuple[str, str], list[Edit]] = field(default_factory=lambda: defaultdict(list))
    theirs: dict[tuple[str, str], list[Edit]] = field(default_factory=lambda: defaultdict(list))
    touched: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    stamped: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    heirs: set[str] = field(default_factory=set)
    ancestors: dict[str, str] = field(default_factory=dict)
    takeovers: list[tuple[str, str]] = field(default_factory=list)
    modes: dict[str, datetime] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    barred: set[str] = field(default_factory=set)
    purged: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    merges: list[tuple[str, str]] = field(default_factory=list)
    parted: set[str] = field(default_factory=set)
    owners: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    pauses: dict[str, list[Pause]] = field(default_factory=lambda: defaultdict(list))
    cleared: set[str] = field(default_factory=set)
    deals: dict[tuple[str, str], Any] = field(default_factory=dict)
    ignored_deletions: bool = False
    broken_off: bool = False
    campaigns: CampaignChronicle = field(default_factory=CampaignChronicle)

    def note_ours(
        self, before: Contact | Company | None, after: Contact | Company, now: datetime
    ) -> None:
        """Write down what an invocation of the API changed, whether or not it was answered."""
        old = before.ledger if before else Ledger()
        for name, value in after.ledger.values.items():
            if value is None and old.values.get(name) is None and old.shadows.get(name) is None:
                # To clear what nobody has seen filled says nothing.
                continue
            if name not in old.values or old.values[name] != value:
                # What Salesforce never got to see, and what it holds after all.
                back = name in old.values and name in old.shadows and old.shadows[name] == value
                edit = Edit(value=value, stamped=after.ledger.times[name], seen=now, back=back)
                self.ours[after.id, name].append(edit)

    def note_opt_in(self, contact: Contact, now: datetime) -> None:
        """Write down that somebody opted a contact in, and what it has to lift."""
        log = self.ours[contact.id, OPTED_OUT]
        edit = OptIn(
            value=False,
            stamped=contact.ledger.times[OPTED_OUT],
            seen=now,
            pending=contact.opted_out,
        )
        if log and log[-1].value is False and log[-1].seen == now:
            log.pop()
        log.append(edit)

    def note_insisted(self, contact: Contact, name: str, now: datetime) -> None:
        """Write down that somebody took ours over what the mode protects there."""
        value, stamped = contact.ledger.values[name], contact.ledger.times[name]
        self.ours[contact.id, name].append(Insisted(value=value, stamped=stamped, seen=now))

    def note_owners(self, links: Iterable[Link]) -> None:
        """Write down whom records lead to at this moment."""
        for link in links:
            if link.subject_id:
                self.owners[link.subject_id].add(link.record_id)

    def note_pauses(self, contacts: Iterable[Contact], began: datetime, now: datetime) -> None:
        """Write down who is paused after a step that *began* then, and who is no more."""
        for contact in contacts:
            pauses = self.pauses[contact.id]
            is_open = bool(pauses) and pauses[-1].until is None
            if contact.outbound_paused_at and not is_open:
                pauses.append(Pause(since=now, until=None))
            elif is_open and not contact.outbound_paused_at:
                pauses[-1] = replace(pauses[-1], until=began)

    def is_held(self, contact_id: str, edit: Edit | None) -> bool:
        """Return whether a pause, of the contact or of one merged with it, keeps an edit here."""
        pauses = [pause for one in self.family(contact_id) for pause in self.pauses[one]]
        return any(
            pause.until is None or edit is None or edit.stamped <= pause.until for pause in pauses
        )

    def family(self, contact_id: str) -> set[str]:
        """Return whoever was ever merged with a contact, or with one of those, and itself."""
        return _reached({contact_id}, [*self.merges, *map(_turned, self.merges)])

    def lineage(self, record_id: str) -> set[str]:
        """Return a record and all that it was ever converted or merged into."""
        return _reached({record_id}, self.takeovers)

    def with_ancestors(self, record_ids: set[str]) -> set[str]:
        """Return records with all that were ever converted or merged into them."""
        return _reached(record_ids, [*map(_turned, self.takeovers)])

    def kin(self, contact_id: str) -> set[str]:
        """Return contacts and records that were ever one person with a contact, here or there."""
        owned = [(one, record_id) for one, ids in self.owners.items() for record_id in ids]
        pairs = [*self.merges, *self.takeovers, *owned]
        return _reached({contact_id}, [*pairs, *map(_turned, pairs)])

    @property
    def merged(self) -> set[str]:
        """The contacts that ever took part in a merge here."""
        return {one for pair in self.merges for one in pair}

    def note_theirs(self, record_id: str, name: str, edit: Edit) -> None:
        """Write down that somebody changed a field in Salesforce."""
        self.theirs[record_id, name].append(edit)

    def inherit(self, lead_id: str, contact_id: str) -> None:
        """Give a new Contact the past of the lead that it was made from."""
        self.ancestors[contact_id] = lead_id
        for (record_id, name), edits in list(self.theirs.items()):
            if record_id == lead_id:
                self.theirs[contact_id, name] = list(edits)


def _turned(pair: tuple[str, str]) -> tuple[str, str]:
    return pair[1], pair[0]


def _reached(begun: set[str], pairs: Collection[tuple[str, str]]) -> set[str]:
    """Return where one comes to from somewhere by pairs of whence and whither, and that itself."""
    found, fresh = set(begun), set(begun)
    while fresh:
        fresh = {whither for whence, whither in pairs if whence in found} - found
        found |= fresh
    return found
