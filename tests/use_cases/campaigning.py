"""A world with campaigns, in which the stories of `sync_campaigns` are told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from counterpart.adapters.memory import (
    InMemoryCampaignRepository,
    InMemoryCampaignTypeRepository,
    InMemoryMemberRepository,
)
from counterpart.adapters.memory_campaigns import InMemoryCampaigns
from counterpart.adapters.memory_survey import InMemorySurvey
from counterpart.domain.campaign_requests import CampaignsRequest, parse_campaigns_request
from counterpart.domain.campaigns import (
    Campaign,
    CampaignType,
    MemberStatus,
    StatusMap,
    SyncChoice,
    SyncOption,
)
from counterpart.domain.contacts import Ledger
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.members import ChangedBy, Member, MemberKey
from counterpart.domain.records import CampaignObject
from counterpart.domain.values import FieldType
from counterpart.domain.waiting import Lane, Waiting
from counterpart.use_cases.campaign_stores import CampaignStores
from counterpart.use_cases.campaign_sync_ports import CampaignPorts
from counterpart.use_cases.sync_campaigns import sync_campaigns
from tests.use_cases.world import NOON, World

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import RecordChange, RowAnswer, WriteAnswer
    from counterpart.use_cases.reports import Report

WEBINAR = CampaignType(
    id="webinar",
    name="Webinar",
    statuses=(
        MemberStatus(label="Registered"),
        MemberStatus(label="Attended", success=True),
        MemberStatus(label="No show"),
    ),
    created_at=NOON,
    updated_at=NOON,
)


def a_member_field(
    name: str = "table", path: str = "Table__c", mode: Mode = Mode.TWO_WAY
) -> FieldMapping:
    """Return a field of members."""
    return FieldMapping(
        name=name, type=FieldType.STRING, mode=mode, paths={CampaignObject.MEMBER: path}
    )


class _Fused(InMemoryCampaigns):
    """Campaigns in Salesforce whose writes pass the fuse."""

    def __init__(self, world: World) -> None:
        super().__init__(world.salesforce)
        self._world = world

    def make_campaign(self, campaign_id: str, values: Mapping[str, Any]) -> RowAnswer:
        self._world.before_write("campaigns.make")
        answer = super().make_campaign(campaign_id, values)
        self._world.after_write("campaigns.make")
        return answer

    def insert(self, sobject: CampaignObject, rows: Sequence[Mapping[str, Any]]) -> WriteAnswer:
        self._world.before_write(f"{sobject}.insert")
        answer = super().insert(sobject, rows)
        self._world.after_write(f"{sobject}.insert")
        return answer

    def update(self, changes: Sequence[RecordChange]) -> WriteAnswer:
        self._world.before_write("campaigns.update")
        answer = super().update(changes)
        self._world.after_write("campaigns.update")
        return answer

    def delete(self, record_ids: Sequence[str]) -> WriteAnswer:
        self._world.before_write("campaigns.delete")
        answer = super().delete(record_ids)
        self._world.after_write("campaigns.delete")
        return answer


class CampaignWorld(World):
    """A world in which there are campaigns on both sides."""

    def __init__(
        self,
        settings: SyncSettings | None = None,
        *,
        page_size: int = 2000,
        daily_calls: int = 0,
        lagging_index: bool = False,
        kind: CampaignType = WEBINAR,
    ) -> None:
        super().__init__(settings, page_size=page_size, daily_calls=daily_calls)
        hooks: dict[str, Any] = {
            "before_write": self.before_write,
            "after_write": self.after_write,
        }
        self.org.types[CampaignObject.MEMBER]["Table__c"] = "string"
        self.kinds = InMemoryCampaignTypeRepository(kind)
        self.ours = InMemoryCampaignRepository(**hooks)
        self.people = InMemoryMemberRepository(lagging_index=lagging_index, **hooks)
        self.pages = replace(self.pages, members=self.people)
        self.members = self.people
        self.campaigns = CampaignStores(types=self.kinds, campaigns=self.ours, members=self.people)
        self.their_campaigns = _Fused(self)
        self.survey = InMemorySurvey(self.org)
        self._kind = kind

    @property
    def campaign_ports(self) -> CampaignPorts:
        """Return what syncing campaigns needs."""
        return CampaignPorts(
            reader=self.salesforce,
            writer=self.their_campaigns,
            survey=self.survey,
            campaigns=self.ours,
            types=self.kinds,
            members=self.people,
            contacts=self.contacts,
            links=self.links,
            merges=self.merges,
            streams=self.streams,
            settings=self.settings,
            runs=self.runs,
            successor=self.successor,
            clock=self.clock,
        )

    # --- What people do in Salesforce -----------------------------------------------------------

    def their_campaign(self, name: str = "Launch", *, labels: Sequence[str] = ()) -> str:
        """Add a campaign there, with further statuses; the last of them counts as a response."""
        record_id = self.org.add(CampaignObject.CAMPAIGN, {"Name": name})
        for place, label in enumerate(labels, 10):
            self.org.add(
                CampaignObject.STATUS,
                {
                    "CampaignId": record_id,
                    "Label": label,
                    "SortOrder": place,
                    "HasResponded": label == labels[-1],
                },
            )
        return record_id

    def their_member(
        self, record_id: str, person_id: str, status: str = "Sent", **more: str
    ) -> str:
        """Add a member there."""
        path = "ContactId" if person_id.startswith("003") else "LeadId"
        return self.org.add(
            CampaignObject.MEMBER,
            {"CampaignId": record_id, path: person_id, "Status": status, **more},
        )

    def statuses_there(self, record_id: str) -> list[tuple[str, bool, bool]]:
        """Return label, default and response of each status, in their order."""
        rows = [
            row
            for row in self.org.rows(CampaignObject.STATUS)
            if row["CampaignId"] == record_id and not row["IsDeleted"]
        ]
        rows.sort(key=lambda row: row["SortOrder"])
        return [(row["Label"], row["IsDefault"], row["HasResponded"]) for row in rows]

    def members_there(self, record_id: str) -> dict[str, str]:
        """Return the status of each live member, by the id of its person."""
        return {
            row["ContactId"] or row["LeadId"]: row["Status"]
            for row in self.org.rows(CampaignObject.MEMBER)
            if row["CampaignId"] == record_id and not row["IsDeleted"]
        }

    # --- What people do here --------------------------------------------------------------------

    def campaign(
        self,
        campaign_id: str = "launch",
        *,
        name: str = "Launch",
        to: str | None = None,
        new: bool = False,
        by_hand: StatusMap = StatusMap(),  # noqa: B008 - immutable
    ) -> str:
        """Add a campaign here: for itself, for one there, or with one to be made there."""
        option = SyncOption.NEW if new else SyncOption.EXISTING if to else SyncOption.NONE
        self.ours.save(
            Campaign(
                id=campaign_id,
                name=name,
                type_id=self._kind.id,
                created_at=self.now,
                updated_at=self.now,
                sync=SyncChoice(option=option, chosen_at=self.now, record_id=to),
                status_map=by_hand,
            )
        )
        return campaign_id

    def choose(self, campaign_id: str, *, to: str | None = None) -> None:
        """Choose for a campaign that is there already."""
        option = SyncOption.EXISTING if to else SyncOption.NEW
        campaign = self.the_campaign(campaign_id)
        choice = SyncChoice(option=option, chosen_at=self.now, record_id=to)
        self.ours.save(replace(campaign, sync=choice))

    def join(
        self, campaign_id: str, contact_id: str, status: str = "Registered", **fields: str
    ) -> None:
        """Add a member here, as the API does."""
        marked = self.the_campaign(campaign_id).syncs
        self.people.save_many(
            [
                Member(
                    campaign_id=campaign_id,
                    contact_id=contact_id,
                    status=status,
                    status_changed_at=self.now,
                    changed_by=ChangedBy.PERSON,
                    created_at=self.now,
                    updated_at=self.now,
                    ledger=Ledger(values=fields, times=dict.fromkeys(fields, self.now)),
                    waiting=self._mark() if marked else None,
                )
            ]
        )

    def move(self, campaign_id: str, contact_id: str, status: str) -> None:
        """Give a member another status here."""
        member = self.member(campaign_id, contact_id)
        moved = replace(
            member,
            status=status,
            status_changed_at=self.now,
            changed_by=ChangedBy.PERSON,
            waiting=self._mark(),
        )
        assert not self.people.save_many([moved])

    def set_field(self, campaign_id: str, contact_id: str, **fields: str | None) -> None:
        """Change fields of a member here."""
        member = self.member(campaign_id, contact_id)
        ledger = replace(
            member.ledger,
            values={**member.ledger.values, **fields},
            times={**member.ledger.times, **dict.fromkeys(fields, self.now)},
        )
        self.people.save_many([replace(member, ledger=ledger, waiting=self._mark())])

    def remove(self, campaign_id: str, contact_id: str) -> None:
        """Remove a member here; the removal has still to cross."""
        member = self.member(campaign_id, contact_id)
        self.people.save_many([replace(member, removed_at=self.now, waiting=self._mark())])

    def _mark(self) -> Waiting:
        return Waiting(lane=Lane.FRESH, next_push_at=self.now)

    # --- What the function does, and what can be seen -------------------------------------------

    def sync(self, **request: Any) -> Report:  # noqa: ANN401 - of a `CampaignsRequest`
        """Run `sync_campaigns` once."""
        return sync_campaigns(
            CampaignsRequest(**request), ports=self.campaign_ports, time_left=self.time_left
        )

    def go_on(self) -> list[Report]:
        """Run the invocations that were asked for, and those that they ask for."""
        reports = []
        while self.successor.payloads:
            self.deadline = None
            request = parse_campaigns_request(self.successor.payloads.pop(0))
            assert isinstance(request, CampaignsRequest)
            reports.append(
                sync_campaigns(request, ports=self.campaign_ports, time_left=self.time_left)
            )
        return reports

    def the_campaign(self, campaign_id: str = "launch") -> Campaign:
        """Return a campaign."""
        return self.ours.get_many([campaign_id])[campaign_id]

    def member(self, campaign_id: str, contact_id: str) -> Member:
        """Return a member."""
        key = MemberKey(campaign_id, contact_id)
        return self.people.get_many([key])[key]

    def row_followed(self, contact_id: str) -> str:
        """Return the id of the row that a member of the launch follows."""
        held = self.member("launch", contact_id).counterpart
        assert held
        return held.record_id

    def members_here(self, campaign_id: str = "launch") -> dict[str, str]:
        """Return the status of each member that was not removed, by its contact."""
        listing = self.people.page(campaign_id, limit=10_000)
        return {each.contact_id: each.status for each in listing.items if each.present}

    def linked(self, *emails: str) -> list[tuple[str, str]]:
        """Return contacts that came from Contacts there, with the ids of these."""
        records = [self.person(email, FirstName=email) for email in emails]
        self.wait(1)
        self.pull()
        return [(self.of(record_id).id, record_id) for record_id in records]
