"""What the fields of an org in memory are, and what it takes for a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from counterpart.adapters.salesforce.rows import EXTERNAL_ID, Row
from counterpart.domain.bounces import BOUNCED_DATE, BOUNCED_REASON
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal
from counterpart.domain.values import FieldType
from counterpart.ports import FieldFacts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from counterpart.domain.mapping import FieldMapping

MARKER = "Sync_to_Counterpart__c"

_REQUIRED = {
    SObject.ACCOUNT: ("Name",),
    SObject.CONTACT: ("LastName",),
    SObject.LEAD: ("LastName", "Company"),
    "Campaign": ("Name",),
    "CampaignMember": ("CampaignId",),
    "CampaignMemberStatus": ("CampaignId", "Label"),
    "Opportunity": ("Name", "StageName", "CloseDate"),
    "OpportunityContactRole": ("OpportunityId", "ContactId"),
}
_LENGTHS = {"LastName": 80, "FirstName": 40, "Email": 80, "Phone": 40, "Title": 128}
SYSTEM = {
    "Id": "id",
    "CreatedDate": "datetime",
    "LastModifiedDate": "datetime",
    "SystemModstamp": "datetime",
    "IsDeleted": "boolean",
    "MasterRecordId": "reference",
}
_PERSON = {
    EXTERNAL_ID: "string",
    MARKER: "boolean",
    BOUNCED_DATE: "datetime",
    BOUNCED_REASON: "string",
}
_OWN = {
    SObject.ACCOUNT: {EXTERNAL_ID: "string"},
    SObject.CONTACT: {**_PERSON, "AccountId": "reference"},
    SObject.LEAD: {
        **_PERSON,
        "IsConverted": "boolean",
        "ConvertedAccountId": "reference",
        "ConvertedContactId": "reference",
    },
}
# Objects that become neither contacts nor companies.
PLAIN = {
    "Campaign": {
        "Name": "string",
        "IsActive": "boolean",
        "Status": "picklist",
        EXTERNAL_ID: "string",
    },
    "CampaignMember": {
        "CampaignId": "reference",
        "LeadId": "reference",
        "ContactId": "reference",
        "Status": "picklist",
        "HasResponded": "boolean",
        "FirstRespondedDate": "date",
    },
    "CampaignMemberStatus": {
        "CampaignId": "reference",
        "Label": "string",
        "SortOrder": "int",
        "IsDefault": "boolean",
        "HasResponded": "boolean",
    },
    "Opportunity": {
        "AccountId": "reference",
        "Name": "string",
        "Amount": "currency",
        "StageName": "picklist",
        "CloseDate": "date",
        "IsClosed": "boolean",
        "IsWon": "boolean",
    },
    "OpportunityContactRole": {
        "OpportunityId": "reference",
        "ContactId": "reference",
        "Role": "picklist",
        "IsPrimary": "boolean",
    },
}
_UNTOUCHABLE = frozenset({"id", "reference", "datetime"})
_SALESFORCE_TYPES = {
    FieldType.TEXT: "textarea",
    FieldType.NUMBER: "double",
    FieldType.ENUM: "picklist",
    FieldType.MULTI_ENUM: "multipicklist",
}


def types_of(sobject: SObject, fields: Sequence[FieldMapping]) -> Mapping[str, str]:
    """Return the Salesforce type of each field of an object."""
    mapped = {
        field.paths[sobject]: _SALESFORCE_TYPES.get(field.type, str(field.type))
        for field in fields
        if field.writes_to(sobject)
    }
    return SYSTEM | _OWN[sobject] | mapped


def required(sobject: str) -> Collection[str]:
    """Return what a row of an object cannot be without."""
    return _REQUIRED[sobject]


def facts(path: str, kind: str) -> FieldFacts:
    """Return what `describe` says of a field of this Salesforce type."""
    ours = kind not in _UNTOUCHABLE
    return FieldFacts(path=path, type=kind, label=path, createable=ours, updateable=ours)


def stored(values: Mapping[str, Any]) -> Row:
    """Return values as Salesforce keeps them: texts are trimmed, and an empty one is none."""
    return {
        name: (value.strip() or None) if isinstance(value, str) else value
        for name, value in values.items()
    }


def objection(
    sobject: str, values: Mapping[str, Any], row: Row | None, known: Collection[str]
) -> Refusal | None:
    """Return what is wrong with *values* for *row*, or for a new row, if anything is.

    Args:
        known: The fields of the object that our user sees.
    """
    for name, value in values.items():
        if name not in known:
            return Refusal(
                code="INVALID_FIELD",
                message=f"No such column '{name}' on sobject of type {sobject}",
                fields=(name,),
            )
        if isinstance(value, str) and len(value) > _LENGTHS.get(name, len(value)):
            return Refusal(
                code="STRING_TOO_LONG",
                message=f"{name}: data value too large (max length={_LENGTHS[name]})",
                fields=(name,),
            )
    after = (row or {}) | stored(values)
    missing = tuple(name for name in _REQUIRED[sobject] if after.get(name) is None)
    if missing:
        return Refusal(
            code="REQUIRED_FIELD_MISSING",
            message=f"Required fields are missing: [{', '.join(missing)}]",
            fields=missing,
        )
    return None
