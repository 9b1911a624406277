"""Campaigns of an org in memory: how their rows hang together, and how the API writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from counterpart.adapters.salesforce.rows import EXTERNAL_ID
from counterpart.domain.records import CampaignObject, SObject
from counterpart.domain.refusals import Refusal
from counterpart.ports import RowAnswer
from counterpart.ports.campaigns import CampaignFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from counterpart.adapters.memory_org import MemoryOrg
    from counterpart.adapters.memory_salesforce import InMemorySalesforce
    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.records import AnyObject
    from counterpart.ports import ApiUsage, Json, RecordChange, WriteAnswer

_PERSONS = {SObject.CONTACT: "ContactId", SObject.LEAD: "LeadId"}
# A new campaign is born with these: label, whether it is the default, whether it is a response.
_FIRST = (("Sent", True, False), ("Responded", False, True))
_MOST_FOUND = 50


def settle(org: MemoryOrg, row: Row) -> Row:
    """Return a member's row with the status it gets, and what follows from that.

    A status that its campaign lacks is silently replaced by the campaign's default.
    """
    statuses = list(statuses_of(org, row["CampaignId"]))
    wanted = str(row["Status"] or "").casefold()
    alike = (each for each in statuses if each["Label"].casefold() == wanted)
    default = (each for each in statuses if each["IsDefault"])
    chosen = next(alike, None) or next(default, None)
    if chosen is None:
        return row | {"HasResponded": False}
    return row | {"Status": chosen["Label"], "HasResponded": chosen["HasResponded"]}


def statuses_of(org: MemoryOrg, campaign_id: str) -> Iterator[Row]:
    """Yield the statuses of a campaign."""
    for row in org.rows(CampaignObject.STATUS):
        if row["CampaignId"] == campaign_id and not row["IsDeleted"]:
            yield row


def give_first_statuses(org: MemoryOrg, campaign_id: str) -> None:
    """Give a new campaign the statuses that every campaign is born with."""
    for place, (label, default, responded) in enumerate(_FIRST, 1):
        org.add(
            CampaignObject.STATUS,
            {
                "CampaignId": campaign_id,
                "Label": label,
                "SortOrder": place,
                "IsDefault": default,
                "HasResponded": responded,
            },
        )


def members_with(org: MemoryOrg, record_id: str) -> list[Row]:
    """Return the live members that a campaign, a Contact or a lead has."""
    return [
        row
        for row in org.rows(CampaignObject.MEMBER)
        if record_id in {row["CampaignId"], row["ContactId"], row["LeadId"]}
        if not row["IsDeleted"]
    ]


def move_members(org: MemoryOrg, sobject: str, before_id: str, after_id: str) -> None:
    """Let memberships follow a person that was merged into another of its kind.

    So do those in the recycle bin: when their campaign comes back, they are the winner's. Of two
    in one campaign, the winner's stays.
    """
    path = _PERSONS[SObject(sobject)]
    rows = [row for row in org.rows(CampaignObject.MEMBER) if row[path] == before_id]
    for row in rows:
        campaign_id = row["CampaignId"]
        returning = {org.row(each)[path] for each in org.gone_with(campaign_id)}
        if not _rivals(org, campaign_id, path, after_id) and after_id not in returning:
            org.edit(row["Id"], {path: after_id})
        elif not row["IsDeleted"]:
            org.edit(row["Id"], {"IsDeleted": True})


def parents_in_the_bin(org: MemoryOrg, member: Row) -> list[str]:
    """Return of what a member is part of, its campaign and its person, what is deleted."""
    parents = (member["CampaignId"], member["ContactId"] or member["LeadId"])
    return [each for each in parents if (row := org.find(each)) is None or row["IsDeleted"]]


def convert_members(org: MemoryOrg, lead_id: str, contact_id: str) -> None:
    """Let memberships of a lead go over to its Contact; of two, the further status stays."""
    for row in members_with(org, lead_id):
        rivals = _rivals(org, row["CampaignId"], "ContactId", contact_id)
        if not rivals:
            org.edit(row["Id"], {"ContactId": contact_id})
            continue
        order = [status["Label"] for status in statuses_of(org, row["CampaignId"])]
        places = [
            order.index(each["Status"]) if each["Status"] in order else -1
            for each in (row, rivals[0])
        ]
        if places[0] > places[1]:
            org.edit(rivals[0]["Id"], {"Status": row["Status"]})
        org.edit(row["Id"], {"IsDeleted": True})


def _rivals(org: MemoryOrg, campaign_id: str, path: str, person_id: str) -> list[Row]:
    rows = members_with(org, person_id)
    return [row for row in rows if row["CampaignId"] == campaign_id and row[path] == person_id]


class InMemoryCampaigns:
    """Writes and finds campaigns in a `MemoryOrg`, call by call as the real API would."""

    def __init__(self, salesforce: InMemorySalesforce) -> None:
        self._salesforce = salesforce
        self._org = salesforce.org

    # --- CampaignWriter -------------------------------------------------------------------------

    def make_campaign(self, campaign_id: str, values: Mapping[str, Json]) -> RowAnswer:
        def made() -> list[RowAnswer]:
            found = self._org.by_external_id(CampaignObject.CAMPAIGN, campaign_id)
            if found:
                self._org.edit(found["Id"], values)
                return [RowAnswer(record_id=found["Id"])]
            return [self._inserted(CampaignObject.CAMPAIGN, {**values, EXTERNAL_ID: campaign_id})]

        return self._salesforce.write(made).rows[0]

    def insert(self, sobject: CampaignObject, rows: Sequence[Mapping[str, Json]]) -> WriteAnswer:
        return self._salesforce.write(lambda: [self._inserted(sobject, row) for row in rows])

    def update(self, changes: Sequence[RecordChange]) -> WriteAnswer:
        return self._salesforce.write(lambda: [self._updated(change) for change in changes])

    def delete(self, record_ids: Sequence[str]) -> WriteAnswer:
        return self._salesforce.write(lambda: [self._deleted(each) for each in record_ids])

    def usage(self) -> ApiUsage:
        return self._salesforce.usage()

    # --- CampaignSearch -------------------------------------------------------------------------

    def search(self, name: str) -> Sequence[CampaignFound]:
        self._salesforce.write(list)
        found = [
            CampaignFound(
                record_id=row["Id"],
                name=row["Name"],
                active=row["IsActive"],
                status=row["Status"],
            )
            for row in self._org.rows(CampaignObject.CAMPAIGN)
            if name.casefold() in row["Name"].casefold() and not row["IsDeleted"]
        ]
        found.sort(key=lambda each: (not each.active, each.name, each.record_id))
        return found[:_MOST_FOUND]

    # --- How it is done -------------------------------------------------------------------------

    def _inserted(self, sobject: AnyObject, values: Mapping[str, Any]) -> RowAnswer:
        key = str(values.get("ContactId") or values.get("LeadId") or values.get("Label"))
        refusal = self._org.objection(sobject, values, None, key) or self._clash(sobject, values)
        if refusal:
            return RowAnswer(refusal=refusal)
        if sobject is CampaignObject.STATUS and values.get("IsDefault"):
            self._take_default(values["CampaignId"])
        return RowAnswer(record_id=self._org.add(sobject, values), created=True)

    def _updated(self, change: RecordChange) -> RowAnswer:
        record_id, values = change.record_id, change.values
        if refusal := self._org.objection(change.object, values, record_id, record_id):
            return RowAnswer(refusal=refusal)
        if change.object is CampaignObject.STATUS and values.get("IsDefault"):
            self._take_default(self._org.row(record_id)["CampaignId"])
        self._org.edit(record_id, values)
        return RowAnswer(record_id=record_id)

    def _deleted(self, record_id: str) -> RowAnswer:
        sobject = CampaignObject.MEMBER if record_id.startswith("00v") else CampaignObject.STATUS
        refusal = self._org.objection(sobject, {}, record_id, record_id)
        row = self._org.find(record_id)
        if row and sobject is CampaignObject.STATUS and (row["IsDefault"] or self._in_use(row)):
            refusal = Refusal(code="DELETE_FAILED", message="the default, or in use")
        if refusal:
            return RowAnswer(refusal=refusal)
        self._org.delete(record_id)
        return RowAnswer(record_id=record_id)

    def _clash(self, sobject: AnyObject, values: Mapping[str, Any]) -> Refusal | None:
        if sobject is CampaignObject.MEMBER:
            person = self._org.find(values.get("ContactId") or values.get("LeadId") or "")
            if person is None:
                return Refusal(
                    code="INVALID_CROSS_REFERENCE_KEY", message="invalid cross reference id"
                )
            if person["IsDeleted"]:
                return Refusal(code="ENTITY_IS_DELETED", message="entity is deleted")
            if person.get("IsConverted"):
                return Refusal(
                    code="CANNOT_UPDATE_CONVERTED_LEAD", message="cannot reference converted lead"
                )
            path = "ContactId" if values.get("ContactId") else "LeadId"
            if _rivals(self._org, values["CampaignId"], path, values[path]):
                return Refusal(code="DUPLICATE_VALUE", message="Already a campaign member.")
        if sobject is CampaignObject.STATUS:
            label = values["Label"].casefold()
            there = statuses_of(self._org, values["CampaignId"])
            if any(each["Label"].casefold() == label for each in there):
                return Refusal(code="DUPLICATE_VALUE", message="duplicate value found: Label")
        return None

    def _take_default(self, campaign_id: str) -> None:
        for status in list(statuses_of(self._org, campaign_id)):
            if status["IsDefault"]:
                self._org.edit(status["Id"], {"IsDefault": False})

    def _in_use(self, status: Row) -> bool:
        members = members_with(self._org, status["CampaignId"])
        return any(row["Status"] == status["Label"] for row in members)
