"""What people and automation in Salesforce do to campaigns, their statuses and their members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from counterpart.domain.campaigns import status_key
from counterpart.domain.records import CampaignObject, SObject, object_of
from tests.convergence.campaign_chronicle import Bereaved, Entered, Moved
from tests.convergence.campaign_world import status_of
from tests.convergence.fields import TABLE
from tests.convergence.org_acts import how_late
from tests.convergence.rows import people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.members import MemberKey
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.steps import Numbers
    from tests.convergence.world import World

THEIRS = ("Registered", "Attended", "VIP", "Sent", "No show")


class CampaignOrgActs:
    """Acts of people there, written down in the chronicle as the org accepts them."""

    def __init__(self, world: World, chronicle: Chronicle) -> None:
        self._world, self._side = world, world.campaigns
        self._chronicle = chronicle.campaigns

    def their_join(self, numbers: Numbers) -> str:
        """Add somebody to a campaign there."""
        campaigns, anybody = self._side.rows(CampaignObject.CAMPAIGN), people(self._world.hands)
        if not campaigns or not anybody:
            return "nobody"
        person = anybody[numbers[2] % len(anybody)]["Id"]
        path = "ContactId" if object_of(person) is SObject.CONTACT else "LeadId"
        values: dict[str, Any] = {
            "CampaignId": campaigns[numbers[1] % len(campaigns)]["Id"],
            path: person,
            "Status": THEIRS[numbers[3] % len(THEIRS)],
        }
        if numbers[4] % 3 == 0:
            values[TABLE] = f"theirs{numbers[4]}"
        late = how_late(numbers[5])
        row_id = self._world.hands.add(CampaignObject.MEMBER, values, late)
        if row_id:
            self._note(row_id, None, str(values["Status"]))
            if TABLE in values:
                self._note_table(row_id, None, values[TABLE])
        return f"{row_id} {values} late={late}"

    def their_shift(self, numbers: Numbers) -> str:
        """Give a member there another status, or another field."""
        row = self._member(numbers)
        if row is None:
            return "nobody"
        values: dict[str, Any] = {"Status": THEIRS[numbers[3] % len(THEIRS)]}
        if numbers[2] % 4 == 0:
            values = {TABLE: f"theirs{numbers[3]}" if numbers[3] % 5 else None}
        late = how_late(numbers[5])
        if not self._world.hands.edit(row["Id"], values, late):
            return f"{row['Id']} is locked"
        if "Status" in values:
            self._note(row["Id"], row, str(values["Status"]))
        elif values[TABLE] != row[TABLE]:
            self._note_table(row["Id"], row[TABLE], values[TABLE])
        self._chronicle.touched[row["Id"]] = self._world.clock()
        return f"{row['Id']} {values} late={late}"

    def their_leave(self, numbers: Numbers) -> str:
        """Take a member out of a campaign there."""
        row = self._member(numbers)
        if row is None:
            return "nobody"
        done = self._world.hands.delete(row["Id"])
        if done:
            self._note(row["Id"], row, None)
        return f"{row['Id']} {done}"

    def their_touch(self, numbers: Numbers) -> str:
        """Let automation move the stamp of a member there."""
        row = self._member(numbers)
        if row is None:
            return "nobody"
        done = self._world.hands.touch(row["Id"])
        if done:
            self._chronicle.touched[row["Id"]] = self._world.clock()
        return f"{row['Id']} {done}"

    def their_end(self, numbers: Numbers) -> str:
        """Delete a campaign there with all its members, or let one come back with them."""
        rows = sorted(
            self._world.hands.campaign_rows(CampaignObject.CAMPAIGN), key=lambda row: str(row["Id"])
        )
        gone = [row for row in rows if row["IsDeleted"]]
        hands = self._world.hands
        if hands.are_members_under_way():
            return "waits"
        if not gone and numbers[2] % 2:
            return "stays"
        row = (gone or rows)[numbers[1] % len(gone or rows)]
        held = [each for each in self._side.rows() if each["CampaignId"] == row["Id"]]
        keys = [key for each in held if (key := self._in_step(each))]
        done = hands.undelete(row["Id"]) if gone else hands.delete(row["Id"])
        if done:
            now = self._world.clock()
            self._chronicle.note_upheaval([row["Id"]], now)
            self._note_bereaved(row["Id"], [] if gone else keys, now)
        return f"{row['Id']} {'back' if gone else 'gone'} {done}"

    def _note_bereaved(self, record_id: str, keys: Iterable[MemberKey], now: datetime) -> None:
        """Write down whose rows a campaign takes along; nobody's any more, once it is back."""
        others = self._chronicle.bereaved.items()
        left = {key: each for key, each in others if each.record_id != record_id}
        bereaved = Bereaved(record_id=record_id, at=now)
        self._chronicle.bereaved = left | dict.fromkeys(keys, bereaved)

    def their_status(self, numbers: Numbers) -> str:
        """Give a campaign there one more status."""
        campaigns = self._side.rows(CampaignObject.CAMPAIGN)
        if not campaigns:
            return "nothing"
        record_id = campaigns[numbers[1] % len(campaigns)]["Id"]
        label = THEIRS[numbers[2] % len(THEIRS)]
        rows = self._side.rows(CampaignObject.STATUS)
        there = [row for row in rows if row["CampaignId"] == record_id]
        if any(status_key(row["Label"]) == status_key(label) for row in there):
            return "is there"
        place = 1 + max((int(row["SortOrder"]) for row in there), default=0)
        values = status_of(record_id, label, place)
        done = self._world.hands.add(CampaignObject.STATUS, values, 0)
        self._chronicle.worded[record_id] = self._world.clock()
        return f"{record_id} {label} {done}"

    def _member(self, numbers: Numbers) -> Row | None:
        rows = self._side.rows()
        return rows[numbers[1] % len(rows)] if rows else None

    def _note(self, row_id: str, row: Row | None, status: str | None) -> None:
        now = self._world.clock()
        moved = Moved(key=self._in_step(row) if row else None, status=status, at=now)
        if row is None or status is None or self._settled(row, status) != row["Status"]:
            self._chronicle.theirs[row_id].append(moved)
        self._chronicle.touched[row_id] = now

    def _settled(self, row: Row, status: str) -> str:
        """Return what Salesforce makes of a status: the default, where the campaign lacks it."""
        rows = self._side.rows(CampaignObject.STATUS)
        there = [each for each in rows if each["CampaignId"] == row["CampaignId"]]
        alike = (each for each in there if status_key(each["Label"]) == status_key(status))
        default = (each for each in there if each["IsDefault"])
        found = next(alike, None) or next(default, None)
        return str(found["Label"]) if found else status

    def _note_table(self, row_id: str, before: str | None, value: str | None) -> None:
        now = self._world.clock()
        members = [one for one in self._side.members() if one.counterpart]
        seen = [
            one.ledger.shadows["table"]
            for one in members
            if one.counterpart and one.counterpart.record_id == row_id
            if "table" in one.ledger.shadows
        ]
        back = value in seen and before not in seen
        self._chronicle.their_tables[row_id].append(Entered(value=value, at=now, back=back))
        self._chronicle.touched[row_id] = now

    def _in_step(self, row: Row) -> MemberKey | None:
        """Return the member that has agreed with its row, and has nothing to say since."""
        for member in self._side.members():
            held = member.counterpart
            if held and held.record_id == row["Id"] and held.agreed and member.present:
                campaign = self._side.stores.campaign(member.campaign_id)
                ours = self._side.stores.type_of(campaign).resolve(member.status).label
                if ours == held.agreed.ours and row["Status"] == held.agreed.theirs:
                    return member.key
        return None


CAMPAIGN_ORG_ACTS: dict[str, Callable[[CampaignOrgActs, Numbers], str]] = {
    name: getattr(CampaignOrgActs, name)
    for name in (
        *("their_join", "their_shift", "their_leave", "their_touch", "their_end"),
        "their_status",
    )
}
