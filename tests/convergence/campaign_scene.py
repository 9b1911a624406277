"""One campaign that follows one there, with everybody in it, as the laws look at it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from counterpart.adapters.memory_records import is_gone
from counterpart.domain.links import LinkState
from counterpart.domain.member_status import STATUS, in_ours, in_theirs
from counterpart.domain.outcomes import Action
from counterpart.domain.records import CampaignObject
from counterpart.use_cases.make_statuses import read_statuses
from tests.convergence.campaign_chronicle import FOREVER, NEVER
from tests.convergence.rows import heir_of, is_over

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.campaigns import Campaign, CampaignType
    from counterpart.domain.contacts import Contact
    from counterpart.domain.member_rows import TheirStatus
    from counterpart.domain.members import Member, MemberKey
    from tests.convergence.campaign_chronicle import CampaignChronicle
    from tests.convergence.world import World


@dataclass(frozen=True, kw_only=True)
class Home:
    """A campaign here that follows one there."""

    campaign: Campaign
    kind: CampaignType
    record_id: str


def homes(world: World) -> Iterator[Home]:
    """Yield the campaigns here whose counterpart is theirs, and lives."""
    side = world.campaigns
    living = {row["Id"] for row in side.rows(CampaignObject.CAMPAIGN)}
    owners = side.repository.owners(living)
    for campaign in side.all():
        record_id = campaign.counterpart.record_id if campaign.counterpart else ""
        if owners.get(record_id) == campaign.id:
            kind = side.stores.type_of(campaign)
            yield Home(campaign=campaign, kind=kind, record_id=record_id)


class Scene:
    """What there is about one campaign.

    Args:
        home: The campaign.
        world: Its world.
        rows: Every person and Account there, by id.
        merged: Contacts that ever took part in a merge here.
        owned: By contact, the records that ever led to it.
    """

    def __init__(
        self,
        home: Home,
        world: World,
        rows: Mapping[str, Row],
        merged: Collection[str] = frozenset(),
        owned: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> None:
        self.home, self.world, self.people, self.merged = home, world, rows, merged
        self._owned = owned

    @cached_property
    def rows(self) -> Mapping[str, Row]:
        """All of its members there, deleted ones included, by id."""
        found = self.world.hands.campaign_rows(CampaignObject.MEMBER)
        return {row["Id"]: row for row in found if row["CampaignId"] == self.home.record_id}

    @cached_property
    def members(self) -> Mapping[str, Member]:
        """All members here, removed ones included, by contact."""
        listing = self.world.members.page(self.home.campaign.id, limit=10_000)
        return {each.contact_id: each for each in listing.items}

    @cached_property
    def contacts(self) -> Mapping[str, Contact]:
        """All contacts."""
        return {each.id: each for each in self.world.all_contacts()}

    @cached_property
    def statuses(self) -> list[TheirStatus]:
        """The statuses that the campaign has there."""
        record_id = self.home.record_id
        return read_statuses(self.world.campaigns.ports, [record_id])[record_id]

    @cached_property
    def living(self) -> Mapping[str, set[str]]:
        """The rows there that live, by the contact that they are about."""
        found: dict[str, set[str]] = {}
        for row in self.rows.values():
            owner = None if row["IsDeleted"] else self.owner(row)
            if owner:
                found.setdefault(owner, set()).add(row["Id"])
        return found

    def persons(self, row: Row) -> list[str]:
        """Return whom a row is about: a Contact, what its lead has become, its lead."""
        lead = self.people.get(row["LeadId"] or "")
        became = lead["ConvertedContactId"] if lead else None
        return [each for each in (row["ContactId"], became, row["LeadId"]) if each]

    def owner(self, row: Row) -> str | None:
        """Return the contact that a row is about, if it is one."""
        persons = self.persons(row)
        links = self.world.links.get_many(persons)
        for person in persons:
            link = links.get(person)
            if link and link.state is LinkState.SECONDARY:
                # A further record makes nobody else a member, whatever lead it came from.
                return None
            if link and link.state is LinkState.LINKED and link.subject_id in self.contacts:
                return link.subject_id
        return None

    def rows_of(self, contact_id: str) -> list[Row]:
        """Return the rows, deleted ones included, that are or were about a contact."""
        records = self.records_of(contact_id)
        return [
            row
            for row in self.rows.values()
            if self.owner(row) == contact_id or records & set(self.persons(row))
        ]

    def records_of(self, contact_id: str) -> set[str]:
        """Return the records that a contact is linked to, or was, and what they live on as."""
        links = self.world.all_links()
        records = {each.record_id for each in links if each.subject_id == contact_id}
        heirs = set(records)
        while heirs:
            rows = [self.people[each] for each in heirs if each in self.people]
            next_ids = {heir_id for row in rows if (heir_id := heir_of(row))}
            heirs = next_ids - records
            records |= heirs
        return records

    def may_live(self, person_id: str) -> bool:
        """Return whether a person is there as itself, or may come back from the recycle bin."""
        row = self.people.get(person_id)
        return row is not None and not is_over(row)

    def is_alive(self, contact: Contact) -> bool:
        """Return whether a contact's record is there to become a member."""
        row = self.people.get(contact.counterpart.record_id) if contact.counterpart else None
        return row is not None and not is_gone(row)

    def worded(self, known: CampaignChronicle) -> datetime:
        """Return when the statuses of the campaign last changed, on either side, or their map."""
        record_id = self.home.record_id
        return max(
            known.worded[self.home.campaign.id],
            known.worded[record_id],
            self.world.campaigns.calls.worded.get(record_id, NEVER),
        )

    def touched(self, contact_id: str, known: CampaignChronicle) -> datetime:
        """Return when somebody there last did anything to a contact, or to its rows."""
        touched = [known.touched[row["Id"]] for row in self.rows_of(contact_id)]
        return max([self.upheaved(contact_id, known), *touched])

    def upheaved(self, contact_id: str, known: CampaignChronicle) -> datetime:
        """Return when a contact's records were last moved about, or the campaign was."""
        # What became of a record that is another contact's by now has decided, too: whoever is
        # deleted takes its memberships along, be it undeleted before that was read.
        persons = self.records_of(contact_id) | {*self._owned.get(contact_id, ())}
        if persons - self.people.keys():
            # One was deleted for good, and took along what it lived on as.
            return FOREVER
        for row in self.rows_of(contact_id):
            persons |= set(self.persons(row))
        return max(known.upheaved[each] for each in (*persons, self.home.record_id))

    def stands(self, ours: str, row: Row) -> bool:
        """Return whether what a row has is what ours is there, or is here what ours is."""
        kind, by_hand = self.home.kind, self.home.campaign.status_map
        there = in_theirs(ours, kind=kind, statuses=self.statuses, by_hand=by_hand)
        here = in_ours(row["Status"], kind=kind, by_hand=by_hand)
        return row["Status"] == there.label or (here.known and here.label == ours)

    def is_told(self, key: MemberKey, lost: str, *, since: datetime, field: str = STATUS) -> bool:
        """Return whether somebody may read that a member, or its row, has lost a value."""
        return any(
            (each.action, each.field, each.subject_id, each.lost)
            == (Action.CONFLICTED, field, key.contact_id, lost)
            and each.at >= since
            for each in self.world.all_outcomes()
        )
