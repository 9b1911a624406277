"""Campaigns, their statuses and their members, with the traps of the real ones."""

from typing import TYPE_CHECKING

from simulator.errors import SalesforceError
from simulator.store import Row

if TYPE_CHECKING:
    from simulator.org import Org

# A new campaign is born with these: label, whether it is the default, whether it is a response.
FIRST_STATUSES = (("Sent", True, False), ("Responded", False, True))


def settle_member(org: "Org", row: Row, before: Row | None) -> None:
    """Find the member's status and what follows from it.

    A status that the campaign does not have is silently replaced by the campaign's default.
    """
    if before is None:
        _check_new_member(org, row)
    if before is not None and before.get("Status") == row.get("Status"):
        return
    statuses = statuses_of(org, row["CampaignId"])
    wanted = str(row.get("Status") or "").lower()
    chosen = next((one for one in statuses if str(one["Label"]).lower() == wanted), None)
    chosen = chosen or next((one for one in statuses if one["IsDefault"]), None)
    if chosen is None:
        row["HasResponded"] = 0
    else:
        row["Status"], row["HasResponded"] = chosen["Label"], chosen["HasResponded"]
    if row["HasResponded"]:
        row["FirstRespondedDate"] = row.get("FirstRespondedDate") or row["SystemModstamp"][:10]


def _check_new_member(org: "Org", row: Row) -> None:
    if not org.features.marketing_user:
        raise SalesforceError(
            "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", fields=[]
        )
    if row.get("ContactId"):
        # Given both, only the contact is kept.
        row["LeadId"] = None
    person = "ContactId" if row.get("ContactId") else "LeadId"
    if not row.get(person):
        raise SalesforceError(
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [LeadId or ContactId]",
            fields=["LeadId", "ContactId"],
        )
    lead = org.store.get(org.base.objects["Lead"], row.get("LeadId") or "")
    if lead is not None and lead["IsConverted"]:
        raise SalesforceError(
            "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", fields=[]
        )
    kind = org.base.objects["CampaignMember"]
    if org.store.ids(
        kind,
        f"CampaignId = ? AND {person} = ? AND IsDeleted = 0",
        [row["CampaignId"], row[person]],
    ):
        raise SalesforceError("DUPLICATE_VALUE", "Already a campaign member.", fields=[])


def statuses_of(org: "Org", campaign_id: str) -> list[Row]:
    """Return the statuses of a campaign."""
    kind = org.base.objects["CampaignMemberStatus"]
    ids = org.store.ids(kind, "CampaignId = ? AND IsDeleted = 0", [campaign_id])
    rows = [row for one in ids if (row := org.store.get(kind, one)) is not None]
    return sorted(rows, key=lambda row: row["SortOrder"] or 0)


def settle_status(org: "Org", row: Row, before: Row | None) -> None:
    """Keep labels and order unique, and exactly one default."""
    if before is None and not org.features.create_member_statuses:
        raise SalesforceError(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "entity type CampaignMemberStatus does not support create",
        )
    others = [one for one in statuses_of(org, row["CampaignId"]) if one["Id"] != row["Id"]]
    label = str(row.get("Label") or "").lower()
    if any(str(one["Label"]).lower() == label for one in others):
        raise SalesforceError(
            "DUPLICATE_VALUE", f"duplicate value found: Label {row['Label']}", fields=["Label"]
        )
    if row.get("SortOrder") is None:
        row["SortOrder"] = max((one["SortOrder"] or 0 for one in others), default=0) + 1
    elif any(one["SortOrder"] == row["SortOrder"] for one in others):
        raise SalesforceError(
            "DUPLICATE_VALUE",
            f"duplicate value found: SortOrder {row['SortOrder']}",
            fields=["SortOrder"],
        )
    kind = org.base.objects["CampaignMemberStatus"]
    if row.get("IsDefault"):
        for one in others:
            if one["IsDefault"]:
                org.store.update(kind, one["Id"], {"IsDefault": 0, **org.touched()})
    elif before is not None and before.get("IsDefault"):
        raise SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION", "A campaign must have one default member status"
        )
    if (
        before is not None
        and before.get("HasResponded")
        and not row.get("HasResponded")
        and not any(one["HasResponded"] for one in others)
    ):
        raise SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION", "A campaign must have at least one responded status"
        )


def check_status_deletable(org: "Org", status: Row) -> None:
    """Refuse to delete a status that is the default or in use."""
    used = org.store.ids(
        org.base.objects["CampaignMember"],
        "CampaignId = ? AND Status = ? AND IsDeleted = 0",
        [status["CampaignId"], status["Label"]],
    )
    if status["IsDefault"] or used:
        raise SalesforceError(
            "DELETE_FAILED", "A member status that is the default or in use cannot be deleted"
        )


def give_first_statuses(org: "Org", campaign: Row) -> None:
    """Give a new campaign the statuses that every campaign is born with."""
    kind = org.base.objects["CampaignMemberStatus"]
    for position, (label, default, responded) in enumerate(FIRST_STATUSES, 1):
        row = org.new_row(kind, campaign["CreatedById"])
        row |= {
            "CampaignId": campaign["Id"],
            "Label": label,
            "SortOrder": position,
            "IsDefault": int(default),
            "HasResponded": int(responded),
        }
        org.store.insert(kind, row)
