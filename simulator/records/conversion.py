"""Lead conversion: an account, a contact and perhaps an opportunity out of one lead, at once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.errors import SalesforceError
from simulator.records.members import statuses_of
from simulator.records.options import WriteOptions
from simulator.records.writer import Writer
from simulator.store import Row

if TYPE_CHECKING:
    from simulator.org import Org

CONVERTED_STATUS = "Closed - Converted"
TO_ACCOUNT = {
    "AnnualRevenue": "AnnualRevenue",
    "Company": "Name",
    "Fax": "Fax",
    "Industry": "Industry",
    "LeadSource": "AccountSource",
    "NumberOfEmployees": "NumberOfEmployees",
    "Phone": "Phone",
    "Rating": "Rating",
    "Street": "BillingStreet",
    "City": "BillingCity",
    "State": "BillingState",
    "PostalCode": "BillingPostalCode",
    "Country": "BillingCountry",
    "Website": "Website",
}
TO_CONTACT = {
    "City": "MailingCity",
    "Country": "MailingCountry",
    "Description": "Description",
    "DoNotCall": "DoNotCall",
    "Email": "Email",
    "Fax": "Fax",
    "FirstName": "FirstName",
    "HasOptedOutOfEmail": "HasOptedOutOfEmail",
    "HasOptedOutOfFax": "HasOptedOutOfFax",
    "LastName": "LastName",
    "LeadSource": "LeadSource",
    "MobilePhone": "MobilePhone",
    "Phone": "Phone",
    "PostalCode": "MailingPostalCode",
    "Salutation": "Salutation",
    "State": "MailingState",
    "Street": "MailingStreet",
    "Title": "Title",
}
OPPORTUNITY_STAGE = "Qualification"


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversion:
    """What became of a lead."""

    account_id: str
    contact_id: str
    opportunity_id: str | None


def convert(
    org: "Org",
    lead_id: str,
    *,
    user_id: str,
    account_id: str | None = None,
    contact_id: str | None = None,
    opportunity_name: str | None = None,
) -> Conversion:
    """Convert a lead in one transaction; of existing records only empty fields are filled."""
    leads = org.base.objects["Lead"]
    writer = Writer(org, WriteOptions(user_id=user_id, auto_assign=False, allow_duplicates=True))
    lead = writer.existing(leads, lead_id)
    if lead["IsConverted"]:
        raise SalesforceError(
            "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", fields=[]
        )
    with org.store.transaction():
        if contact_id is not None and account_id is None:
            account_id = writer.existing(org.base.objects["Contact"], contact_id)["AccountId"]
        if account_id is not None and contact_id is None:
            into = writer.existing(org.base.objects["Account"], account_id)
            contact_id = into.get("PersonContactId")
        if lead["Company"] is None and account_id is None:
            account_id, contact_id = _person(writer, lead)
        held = {one for one in (lead["Id"], account_id, contact_id) if one is not None}
        org.locks.require_free(held)
        account = _fill(writer, "Account", account_id, _mapped(lead, TO_ACCOUNT), lead)
        values = _mapped(lead, TO_CONTACT) | {"AccountId": account}
        contact = _fill(writer, "Contact", contact_id, values, lead)
        opportunity = _opportunity(writer, lead, account, opportunity_name)
        if opportunity is not None:
            role = {"OpportunityId": opportunity, "ContactId": contact, "IsPrimary": True}
            writer.create(org.base.objects["OpportunityContactRole"], role)
        _move_members(org, lead["Id"], contact)
        changes: Row = {
            "IsConverted": 1,
            "Status": CONVERTED_STATUS,
            "ConvertedDate": org.clock.stamp()[:10],
            "ConvertedAccountId": account,
            "ConvertedContactId": contact,
            "ConvertedOpportunityId": opportunity,
        }
        org.store.update(leads, lead["Id"], changes | org.stamped(leads, user_id))
    return Conversion(account_id=account, contact_id=contact, opportunity_id=opportunity)


def _mapped(lead: Row, mapping: dict[str, str]) -> Row:
    """Return the values of a lead under the names that they get."""
    return {theirs: lead[ours] for ours, theirs in mapping.items() if lead.get(ours) is not None}


def _fill(writer: Writer, name: str, record_id: str | None, values: Row, lead: Row) -> str:
    """Return the record that takes the values: a new one, or one whose gaps are filled."""
    org = writer.org
    kind = org.base.objects[name]
    if record_id is None:
        row = org.new_row(kind, writer.options.user_id) | values
        if name == "Contact":
            row["Name"] = lead["Name"]
        row["OwnerId"] = lead["OwnerId"] if lead["OwnerId"].startswith("005") else row["OwnerId"]
        org.store.insert(kind, row)
        return str(row["Id"])
    existing = writer.existing(kind, record_id)
    empty = {field: value for field, value in values.items() if existing.get(field) is None}
    org.store.update(kind, existing["Id"], empty | org.stamped(kind, writer.options.user_id))
    return str(existing["Id"])


def _person(writer: Writer, lead: Row) -> tuple[str, str]:
    """Return the person account that a lead without a company becomes, and its contact."""
    kind = writer.org.base.objects["Account"]
    given = {
        "LastName": lead["LastName"],
        "FirstName": lead["FirstName"],
        "PersonEmail": lead["Email"],
    }
    made = writer.create(kind, given).record_id
    row = writer.existing(kind, made)
    return made, row["PersonContactId"]


def _opportunity(writer: Writer, lead: Row, account: str, name: str | None) -> str | None:
    if name is None:
        return None
    given = {
        "Name": name,
        "AccountId": account,
        "StageName": OPPORTUNITY_STAGE,
        "CloseDate": writer.org.clock.stamp()[:10],
        "LeadSource": lead.get("LeadSource"),
    }
    return writer.create(writer.org.base.objects["Opportunity"], given).record_id


def _move_members(org: "Org", lead_id: str, contact_id: str) -> None:
    """Move memberships to the contact; of two in one campaign the further status wins."""
    kind = org.base.objects["CampaignMember"]
    for member_id in org.store.ids(kind, "LeadId = ? AND IsDeleted = 0", [lead_id]):
        member = org.store.get(kind, member_id) or {}
        rivals = org.store.ids(
            kind,
            "CampaignId = ? AND ContactId = ? AND IsDeleted = 0",
            [member["CampaignId"], contact_id],
        )
        if not rivals:
            org.store.update(kind, member_id, {"ContactId": contact_id, **org.touched()})
            continue
        rival = org.store.get(kind, rivals[0]) or {}
        order = [status["Label"] for status in statuses_of(org, member["CampaignId"])]
        if _place(order, member["Status"]) > _place(order, rival["Status"]):
            ahead = {
                name: member[name] for name in ("Status", "HasResponded", "FirstRespondedDate")
            }
            org.store.update(kind, rivals[0], ahead | org.touched())
        gone: Row = {"IsDeleted": 1, "_Deletion": member_id, "_DeletedAt": org.clock.stamp()}
        org.store.update(kind, member_id, gone | org.touched())


def _place(order: list[str], status: str | None) -> int:
    return order.index(status) if status in order else -1
