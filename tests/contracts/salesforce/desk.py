"""A desk at which somebody works with campaigns by the API's use cases, upon any org."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from counterpart.adapters import memory
from counterpart.adapters.memory import InMemorySuccessor
from counterpart.domain.campaign_edits import CampaignEdit, SyncWish
from counterpart.domain.campaign_requests import CampaignsRequest
from counterpart.domain.campaign_types import TypeEdit
from counterpart.domain.campaigns import MemberStatus, StatusMap, SyncOption
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.memberships import MemberAct, MemberWish
from counterpart.domain.records import CampaignObject, SObject, object_of
from counterpart.domain.sync_settings import Campaigns, SyncSettings
from counterpart.domain.values import FieldType
from counterpart.domain.waiting import Lane
from counterpart.ports import LinkClaim
from counterpart.use_cases.campaign_stores import CampaignStores
from counterpart.use_cases.campaign_sync_ports import CampaignPorts
from counterpart.use_cases.edit_campaign_types import NewType, change_type, create_type
from counterpart.use_cases.edit_campaigns import NewCampaign, change_campaign, create_campaign
from counterpart.use_cases.read_members import get_member
from counterpart.use_cases.sync_campaigns import sync_campaigns
from counterpart.use_cases.write_members import MemberPorts, write_members
from tests.contracts.stores.samples import a_link

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.campaigns import Campaign, CampaignType
    from counterpart.domain.outcomes import Outcome
    from counterpart.use_cases.read_members import Membership
    from counterpart.use_cases.reports import Report
    from counterpart.use_cases.write_members import Answer
    from tests.contracts.salesforce.orgs import Org

LABELS = ("Invited", "Registered", "Attended")
NONE = SyncWish(option=SyncOption.NONE)
NEW = SyncWish(option=SyncOption.NEW)


def existing(record_id: str) -> SyncWish:
    """Return the choice of a campaign that exists."""
    return SyncWish(option=SyncOption.EXISTING, record_id=record_id)


class Desk:
    """Our side in memory, and an org on the other."""

    def __init__(self, org: Org, *, create_missing_statuses: bool = False) -> None:
        self.org = org
        self.contacts = memory.InMemoryContactRepository()
        self.links = memory.InMemoryLinkRepository()
        self.stores = CampaignStores(
            types=memory.InMemoryCampaignTypeRepository(),
            campaigns=memory.InMemoryCampaignRepository(),
            members=memory.InMemoryMemberRepository(),
        )
        self.settings = memory.InMemorySettingsRepository(
            SyncSettings(campaigns=Campaigns(create_missing_statuses=create_missing_statuses))
        )
        self.runs = memory.InMemoryRunRepository()
        self._names = count(1)
        merges = memory.InMemoryMergeRepository(self.contacts, self.links)
        self._ports = CampaignPorts(
            reader=org.plain,
            writer=org.campaigns,
            survey=org.survey,
            campaigns=self.stores.campaigns,
            types=self.stores.types,
            members=self.stores.members,
            contacts=self.contacts,
            links=self.links,
            merges=merges,
            streams=memory.InMemoryStreamRepository(),
            settings=self.settings,
            runs=self.runs,
            successor=InMemorySuccessor(),
            clock=org.now,
        )
        self._member_ports = MemberPorts(
            stores=self.stores,
            contacts=self.contacts,
            merges=merges,
            settings=self.settings,
        )

    @property
    def now(self) -> datetime:
        """Return the time, which is the same on both sides."""
        return self.org.now()

    # --- people -------------------------------------------------------------------------------

    def person(self, sobject: SObject = SObject.CONTACT) -> tuple[str, str]:
        """Add somebody who is on both sides; return the ids of contact and record."""
        contact_id, name = self.contact(), f"Person{next(self._names)}"
        company = {"Company": "Acme"} if sobject is SObject.LEAD else {}
        record_id = self.org.add(sobject, LastName=name, **company)
        self.link(contact_id, record_id)
        return contact_id, record_id

    def contact(self) -> str:
        """Add a contact that is here alone; return its id."""
        contact_id = f"contact{next(self._names)}"
        self.contacts.save_many(
            [Contact(id=contact_id, ledger=Ledger(), created_at=self.now, updated_at=self.now)]
        )
        return contact_id

    def link(self, contact_id: str, record_id: str) -> None:
        """Link a contact to a record, as the pull does."""
        sobject = object_of(record_id) or SObject.CONTACT
        contact = self.contacts.get_many([contact_id])[contact_id]
        counterpart = Counterpart(
            record_id=record_id, object=sobject, linked_at=self.now, linked_by=LinkedBy.EMAIL
        )
        self.contacts.save_many([replace(contact, counterpart=counterpart)])
        link = a_link(record_id, subject_id=contact_id, object=sobject)
        self.links.claim_many([LinkClaim(link=link, expected=None)])

    # --- what somebody asks of the API ----------------------------------------------------------

    def type(self, *labels: str, success: str | None = None) -> str:
        """Make a type; its last status is the success unless another is named."""
        named = labels or LABELS
        statuses = _statuses(named, success or named[-1])
        wanted = NewType(name="Webinar", statuses=tuple(statuses))
        return create_type(wanted, key=None, now=self.now, stores=self.stores).campaign_type.id

    def restate(
        self,
        type_id: str,
        *labels: str,
        success: str | None = None,
        replacements: Mapping[str, str] | None = None,
    ) -> CampaignType:
        """Give a type these statuses."""
        statuses = _statuses(labels, success or labels[-1])
        edit = TypeEdit(statuses=statuses, replacements=replacements)
        return change_type(type_id, edit, version=None, now=self.now, stores=self.stores)

    def campaign(
        self,
        sync: SyncWish = NONE,
        *,
        name: str = "Spring webinar",
        type_id: str | None = None,
        status_map: StatusMap | None = None,
    ) -> str:
        """Make a campaign; return its id."""
        edit = CampaignEdit(name=name, sync=sync, status_map=status_map)
        wanted = NewCampaign(type_id=type_id or self.type(), edit=edit)
        return create_campaign(wanted, key=None, now=self.now, stores=self.stores).campaign.id

    def change(self, campaign_id: str, **edit: Any) -> Campaign:  # noqa: ANN401 - of a `CampaignEdit`
        """Change a campaign."""
        return change_campaign(
            campaign_id, CampaignEdit(**edit), version=None, now=self.now, stores=self.stores
        )

    def wish(
        self,
        campaign_id: str,
        contact_id: str,
        status: str | None = None,
        act: MemberAct = MemberAct.ADD,
        **details: Any,  # noqa: ANN401 - of a `MemberWish`
    ) -> Answer:
        """Add, move or remove a member."""
        wish = MemberWish(contact_id=contact_id, act=act, status=status, **details)
        (answer,) = write_members(
            campaign_id, [wish], lane=Lane.FRESH, now=self.now, ports=self._member_ports
        )
        return answer

    def remove(self, campaign_id: str, contact_id: str) -> None:
        """Remove a member."""
        self.wish(campaign_id, contact_id, act=MemberAct.REMOVE)

    # --- what happens in Salesforce -------------------------------------------------------------

    def theirs(self, *labels: str, name: str = "Spring fair", **values: Any) -> str:  # noqa: ANN401
        """Add a campaign there, with further statuses, of which the last is a response."""
        record_id = self.org.add(CampaignObject.CAMPAIGN, Name=name, **values)
        for place, label in enumerate(labels, 10):
            self.org.add(
                CampaignObject.STATUS,
                CampaignId=record_id,
                Label=label,
                SortOrder=place,
                HasResponded=label == labels[-1],
            )
        return record_id

    def enrol(self, record_id: str, person_id: str, status: str = "Sent") -> str:
        """Add a member there; return its id."""
        path = "ContactId" if object_of(person_id) is SObject.CONTACT else "LeadId"
        values = {"CampaignId": record_id, path: person_id, "Status": status}
        return self.org.add(CampaignObject.MEMBER, **values)

    # --- what is seen ---------------------------------------------------------------------------

    def sync(self, *, wait: float = 60, **request: Any) -> Report:  # noqa: ANN401 - of a request
        """Let some seconds pass, and run `sync_campaigns`."""
        self.org.advance(wait)
        return sync_campaigns(
            CampaignsRequest(**request),
            ports=self._ports,
            time_left=lambda: timedelta(minutes=15),
        )

    def here(self, campaign_id: str) -> dict[str, str]:
        """Return the status of each member, by contact."""
        found = self.stores.members.page(campaign_id, limit=1000).items
        kind = self.stores.type_of(self.stores.campaign(campaign_id))
        return {each.contact_id: kind.resolve(each.status).label for each in found if each.present}

    def member(self, campaign_id: str, contact_id: str) -> Membership:
        """Return a member, as the API shows it."""
        return get_member(campaign_id, contact_id, stores=self.stores)

    def record_of(self, campaign_id: str) -> str:
        """Return the campaign in Salesforce that one of ours is linked to."""
        counterpart = self.stores.campaign(campaign_id).counterpart
        assert counterpart
        return counterpart.record_id

    def there(self, campaign_id: str) -> dict[str, str]:
        """Return the status of each member in Salesforce, by Contact or Lead."""
        record_id = self.record_of(campaign_id)
        rows = self.org.plain.read_plain(
            CampaignObject.MEMBER,
            ["LeadId", "ContactId", "Status"],
            among={"CampaignId": [record_id]},
        )
        return {
            str(row.values["ContactId"] or row.values["LeadId"]): str(row.values["Status"])
            for row in rows
            if not row.deleted
        }

    def statuses_there(self, record_id: str) -> list[str]:
        """Return labels there in their order, `*` after the default and `!` after a response."""
        rows = self.org.plain.read_plain(
            CampaignObject.STATUS,
            ["Label", "IsDefault", "HasResponded", "SortOrder"],
            among={"CampaignId": [record_id]},
        )
        live = [row.values for row in rows if not row.deleted]
        live.sort(key=lambda row: int(str(row["SortOrder"])))
        return [
            f"{row['Label']}{'*' * bool(row['IsDefault'])}{'!' * bool(row['HasResponded'])}"
            for row in live
        ]

    def outcomes(self) -> list[Outcome]:
        """Return what all runs have told, the oldest first."""
        runs: Sequence[Any] = self.runs.page(limit=1000).items
        return [
            outcome
            for run in reversed(runs)
            for outcome in self.runs.outcomes(run.id, limit=1000).items
        ]


def a_field(name: str, path: str, mode: Mode) -> FieldMapping:
    """Return a field of members."""
    return FieldMapping(
        name=name, type=FieldType.STRING, mode=mode, paths={CampaignObject.MEMBER: path}
    )


def _statuses(labels: Sequence[str], success: str) -> list[MemberStatus]:
    return [MemberStatus(label=label, success=label == success) for label in labels]
