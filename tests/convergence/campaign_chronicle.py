"""What people did to members of campaigns, written down apart from the product."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from counterpart.domain.campaigns import status_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from counterpart.domain.members import Member, MemberKey
    from counterpart.domain.values import Value

NEVER = datetime.min.replace(tzinfo=UTC)
# Nothing is later, be it by some minutes.
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Given:
    """One status that somebody here gave a member, or a removal.

    Attributes:
        status: `None` is a removal.
        chosen: Somebody named it; who comes back without one may go on as it was there.
    """

    status: str | None
    at: datetime
    chosen: bool = True


@dataclass(frozen=True, kw_only=True)
class Entered:
    """One value that somebody gave the field of a member, by the clock of that side.

    Attributes:
        back: It put back what the other side had seen last, in place of what it never got to see.
    """

    value: Value
    at: datetime
    back: bool = False


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One status that somebody there gave a row, or its deletion.

    Attributes:
        key: The member that was in step with the row at that moment, if one was.
        status: `None` is a deletion.
        at: By our clock, when it was stamped.
    """

    key: MemberKey | None
    status: str | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Bereaved:
    """The campaign there whose deletion took the row of a member along, and when."""

    record_id: str
    at: datetime


@dataclass(kw_only=True)
class CampaignChronicle:
    """Everything that was accepted, on both sides.

    Attributes:
        ours: By member, in order.
        our_tables: By member, what its field was given here, in order.
        theirs: By row, in order.
        their_tables: By row, what its field was given there, in order.
        touched: By row, when people there last did anything to it.
        upheaved: By person or campaign there, when it was last deleted, undeleted, merged or
            converted, which moves rows about.
        bereaved: Members that agreed with their rows when the campaign of those was deleted there.
        chosen: By campaign here, when somebody last chose whether and with what it syncs.
        choices: By campaign here, how often that was.
        worded: By campaign, here or there, when its statuses or their map last changed.
        outbound_off: Whether outbound was ever off.
        kept: When the setting for removals there was last changed.
        ever_kept: Whether removals there were ever to do nothing here.
    """

    ours: dict[MemberKey, list[Given]] = field(default_factory=lambda: defaultdict(list))
    our_tables: dict[MemberKey, list[Entered]] = field(default_factory=lambda: defaultdict(list))
    theirs: dict[str, list[Moved]] = field(default_factory=lambda: defaultdict(list))
    their_tables: dict[str, list[Entered]] = field(default_factory=lambda: defaultdict(list))
    touched: dict[str, datetime] = field(default_factory=lambda: defaultdict(lambda: NEVER))
    upheaved: dict[str, datetime] = field(default_factory=lambda: defaultdict(lambda: NEVER))
    bereaved: dict[MemberKey, Bereaved] = field(default_factory=dict)
    chosen: dict[str, datetime] = field(default_factory=lambda: defaultdict(lambda: NEVER))
    choices: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    worded: dict[str, datetime] = field(default_factory=lambda: defaultdict(lambda: NEVER))
    outbound_off: bool = False
    kept: datetime = NEVER
    ever_kept: bool = False

    def note_ours(
        self, before: Member | None, after: Member | None, now: datetime, *, named: bool
    ) -> None:
        """Write down what an invocation of the API did to a member, answered or not."""
        was = before if before and before.present else None
        became = after if after and after.present else None
        if became is None:
            if was:
                self.ours[was.key].append(Given(status=None, at=now))
            return
        if was is None or became.status != was.status:
            chosen = named or before is None
            self.ours[became.key].append(Given(status=became.status, at=now, chosen=chosen))
        value = became.ledger.values.get("table")
        if value != (before.ledger.values.get("table") if before else None):
            back = before is not None and before.ledger.shadows.get("table", ...) == value
            self.our_tables[became.key].append(Entered(value=value, at=now, back=back))

    def note_replaced(self, campaign_id: str, replacements: Mapping[str, str]) -> None:
        """Write down that others take the place of statuses, for good.

        A status of the same name that is added later is another one.
        """
        by_key = {status_key(label): label for label in replacements}
        for key, given in self.ours.items():
            label = by_key.get(status_key(given[-1].status or ""))
            if label and key.campaign_id == campaign_id:
                given[-1] = replace(given[-1], status=replacements[label])

    def note_upheaval(self, record_ids: Iterable[str], now: datetime) -> None:
        """Write down that rows were moved about."""
        for record_id in record_ids:
            self.upheaved[record_id] = now
