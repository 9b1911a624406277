"""What the fields of an org in memory are, and what it takes for a value."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from counterpart.adapters.salesforce.rows import EXTERNAL_ID, Row
from counterpart.domain.bounces import BOUNCED_DATE, BOUNCED_REASON
from counterpart.domain.places import Place
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal
from counterpart.domain.values import FieldType, format_time, parse_time
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
_BOUNCES = frozenset({BOUNCED_DATE, BOUNCED_REASON})
_UNTOUCHABLE = frozenset({"id", "reference"})
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


def place_of(path: str, kind: str) -> Place:
    """Return what a field of this name and type can hold in any org."""
    ours = kind not in _UNTOUCHABLE and path not in SYSTEM and path not in _BOUNCES
    return Place(type=kind, length=_LENGTHS.get(path), writable=ours)


def facts(path: str, place: Place) -> FieldFacts:
    """Return what `describe` says of a field."""
    return FieldFacts(
        path=path,
        type=place.type,
        label=path,
        createable=place.writable,
        updateable=place.writable,
        length=place.length,
        choices=place.choices,
        scale=place.scale,
        calculated=place.calculated,
        rich=place.rich,
        masked=place.masked,
        filterable=place.type != "textarea",
    )


def stored(values: Mapping[str, Any], places: Mapping[str, Place]) -> Row:
    """Return values as Salesforce keeps them.

    Texts are trimmed, and an empty one is none; numbers are rounded, choices are spelt as the
    picklist does, and moments have no fractions of a second.
    """
    return {name: _kept(value, places.get(name)) for name, value in values.items()}


def _kept(value: Any, place: Place | None) -> Any:  # noqa: ANN401 - what JSON holds
    if isinstance(value, str):
        value = value.strip() or None
    if place is None or value is None:
        return value
    if place.choices and isinstance(value, str):
        spelt = {choice.casefold(): choice for choice in place.choices}
        return ";".join(spelt.get(each.strip().casefold(), each) for each in value.split(";"))
    if place.scale is not None and not isinstance(value, str):
        step = Decimal(1).scaleb(-place.scale)
        return float(Decimal(repr(value)).quantize(step, ROUND_HALF_UP))
    if place.type == "datetime" and isinstance(value, str):
        return format_time(parse_time(value).replace(microsecond=0))
    if place.type == "date" and isinstance(value, str):
        return value[: len("2026-11-22")]
    return value


def objection(
    sobject: str, values: Mapping[str, Any], row: Row | None, places: Mapping[str, Place]
) -> Refusal | None:
    """Return what is wrong with *values* for *row*, or for a new row, if anything is.

    Args:
        places: What our user sees of the fields that they are for.
    """
    for name, value in values.items():
        place = places.get(name)
        if place is None:
            return Refusal(
                code="INVALID_FIELD",
                message=f"No such column '{name}' on sobject of type {sobject}",
                fields=(name,),
            )
        if refusal := _misfit(name, value, place):
            return refusal
    after = (row or {}) | stored(values, places)
    missing = tuple(name for name in _REQUIRED[sobject] if after.get(name) is None)
    if missing:
        return Refusal(
            code="REQUIRED_FIELD_MISSING",
            message=f"Required fields are missing: [{', '.join(missing)}]",
            fields=missing,
        )
    return None


def unwritable(paths: Sequence[str]) -> Refusal | None:
    """Return the refusal of fields that are there, and that our user may not write."""
    if not paths:
        return None
    return Refusal(
        code="INVALID_FIELD_FOR_INSERT_UPDATE",
        message=f"Unable to create/update fields: {', '.join(paths)}. Please check the security "
        "settings of this field and verify that it is read/write for your profile",
        fields=tuple(paths),
    )


def _misfit(name: str, value: Any, place: Place) -> Refusal | None:  # noqa: ANN401 - what JSON holds
    """Return why a field does not take a value, if it does not."""
    if place.calculated:
        return unwritable([name])
    if not isinstance(value, str):
        return None
    if place.length is not None and len(value) > place.length:
        return Refusal(
            code="STRING_TOO_LONG",
            message=f"{name}: data value too large (max length={place.length})",
            fields=(name,),
        )
    if place.type == "datetime" and value.strip() and "T" not in value:
        return Refusal(
            code="JSON_PARSER_ERROR",
            message=f"Cannot deserialize instance of datetime from VALUE_STRING value {value}",
            fields=(name,),
        )
    spelt = {choice.casefold() for choice in place.choices}
    if spelt and any(each.strip().casefold() not in spelt for each in value.split(";")):
        return Refusal(
            code="INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            message=f"{name}: bad value for restricted picklist field: {value}",
            fields=(name,),
        )
    return None
