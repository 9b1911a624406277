"""Syncs a campaign of 50,000 members, once inward and once outward.

Started as `python -m benchmarks.campaigns DIRECTION PLACE`, it prints what it cost as JSON. The
store is in memory; the org is the simulator, over HTTP.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks.product import Place, new_client, now
from counterpart.adapters.memory import (
    InMemoryCampaignRepository,
    InMemoryCampaignTypeRepository,
    InMemoryContactRepository,
    InMemoryLinkRepository,
    InMemoryMemberRepository,
    InMemoryMergeRepository,
    InMemoryRunRepository,
    InMemorySettingsRepository,
    InMemoryStreamRepository,
    InMemorySuccessor,
)
from counterpart.adapters.salesforce.campaign_search import SalesforceCampaignSearch
from counterpart.adapters.salesforce.campaign_writer import SalesforceCampaignWriter
from counterpart.adapters.salesforce.plain_reader import SalesforcePlainReader
from counterpart.adapters.salesforce.survey import SalesforceSurvey
from counterpart.domain.campaign_requests import CampaignsRequest
from counterpart.domain.campaigns import (
    Campaign,
    CampaignType,
    MemberStatus,
    SyncChoice,
    SyncOption,
)
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.links import Counterpart, Link, LinkedBy, LinkState
from counterpart.domain.members import ChangedBy, Member
from counterpart.domain.records import SObject
from counterpart.domain.windows import Keyset
from counterpart.ports import LinkClaim, PlainQuery
from counterpart.use_cases.campaign_sync_ports import CampaignPorts
from counterpart.use_cases.sync_campaigns import sync_campaigns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.adapters.salesforce.client import SalesforceClient

# What the campaigns are called of which one is full and the other one empty.
FULL, EMPTY = "Full", "Empty"
_CAMPAIGN = "campaign"


@dataclass(frozen=True, kw_only=True, slots=True)
class Synced:
    """What syncing a campaign cost.

    Attributes:
        calls: To Salesforce.
        members: Who are linked in the end.
    """

    wall_s: float
    calls: int
    members: int
    status: str


def people(client: SalesforceClient) -> list[str]:
    """Return the ids of all Contacts."""
    reader = SalesforcePlainReader(client)
    found: list[str] = []
    after = None
    while True:
        (page,) = reader.poll_plain([PlainQuery(object="Contact", paths=[], after=after)]).pages
        found += [record.id for record in page.records]
        if page.finished:
            return found
        last = page.records[-1]
        after = Keyset(modstamp=last.modstamp, record_id=last.id)


def main(direction: str, place: Mapping[str, str]) -> None:
    """Sync the campaign and tell what it cost."""
    where = Place(**place)
    begun = now()
    records = people(new_client(where))
    name = FULL if direction == "inward" else EMPTY
    (theirs,) = SalesforceCampaignSearch(new_client(where)).search(name)

    contacts = [_contact(record_id) for record_id in records]
    links = InMemoryLinkRepository()
    links.claim_many([LinkClaim(link=_link(each)) for each in contacts])
    kind = CampaignType(
        id="type",
        name="Any",
        statuses=(MemberStatus(label="Sent"), MemberStatus(label="Responded", success=True)),
        created_at=begun,
        updated_at=begun,
    )
    campaign = Campaign(
        id=_CAMPAIGN,
        name=name,
        type_id=kind.id,
        created_at=begun,
        updated_at=begun,
        sync=SyncChoice(option=SyncOption.EXISTING, chosen_at=begun, record_id=theirs.record_id),
    )
    members = InMemoryMemberRepository(
        *([] if direction == "inward" else [_member(each) for each in contacts])
    )
    client = new_client(where)
    known = InMemoryContactRepository(*contacts)
    ports = CampaignPorts(
        reader=SalesforcePlainReader(client),
        writer=SalesforceCampaignWriter(client),
        survey=SalesforceSurvey(client),
        campaigns=InMemoryCampaignRepository(campaign),
        types=InMemoryCampaignTypeRepository(kind),
        members=members,
        contacts=known,
        links=links,
        merges=InMemoryMergeRepository(known, links),
        streams=InMemoryStreamRepository(),
        settings=InMemorySettingsRepository(),
        runs=InMemoryRunRepository(),
        successor=InMemorySuccessor(),
        clock=now,
    )
    began = time.perf_counter()
    report = sync_campaigns(
        CampaignsRequest(), ports=ports, time_left=lambda: timedelta(minutes=15)
    )
    synced = Synced(
        wall_s=time.perf_counter() - began,
        calls=report.api_calls,
        members=sum(
            each.counterpart is not None and each.waiting is None
            for each in members.page(_CAMPAIGN, limit=len(contacts) + 1).items
        ),
        status=str(report.status),
    )
    print(json.dumps(asdict(synced)))


def _contact(record_id: str) -> Contact:
    at = now()
    return Contact(
        id=f"contact-{record_id}",
        ledger=Ledger(),
        created_at=at,
        updated_at=at,
        counterpart=Counterpart(
            record_id=record_id, object=SObject.CONTACT, linked_at=at, linked_by=LinkedBy.RECORD
        ),
    )


def _link(contact: Contact) -> Link:
    held = contact.counterpart
    assert held  # noqa: S101 - made so above
    return Link(
        record_id=held.record_id,
        object=held.object,
        state=LinkState.LINKED,
        subject_id=contact.id,
        linked_at=held.linked_at,
        linked_by=held.linked_by,
    )


def _member(contact: Contact) -> Member:
    return Member(
        campaign_id=_CAMPAIGN,
        contact_id=contact.id,
        status="Responded",
        status_changed_at=contact.created_at,
        changed_by=ChangedBy.PERSON,
        created_at=contact.created_at,
        updated_at=contact.created_at,
    )


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
