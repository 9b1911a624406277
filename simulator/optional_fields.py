"""The fields that an org gains when person accounts or several currencies are switched on."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from simulator.catalog import field_from
from simulator.schema import ObjectType

READ_ONLY = {"createable": False, "updateable": False}
PERSON_FIELDS: tuple[dict[str, Any], ...] = (
    {"name": "LastName", "label": "Last Name", "type": "string", "length": 80},
    {"name": "FirstName", "label": "First Name", "type": "string", "length": 40},
    {
        "name": "Salutation",
        "label": "Salutation",
        "type": "picklist",
        "length": 40,
        "values": ["Mr.", "Ms.", "Mrs.", "Dr.", "Prof.", "Mx."],
    },
    {
        "name": "PersonContactId",
        "label": "Contact ID",
        "type": "reference",
        "referenceTo": ["Contact"],
        "relationshipName": "PersonContact",
        **READ_ONLY,
    },
    {
        "name": "IsPersonAccount",
        "label": "Is Person Account",
        "type": "boolean",
        "nillable": False,
        **READ_ONLY,
    },
    {"name": "PersonEmail", "label": "Email", "type": "email", "length": 80, "idLookup": True},
    {"name": "PersonTitle", "label": "Title", "type": "string", "length": 80},
    {"name": "PersonMobilePhone", "label": "Mobile", "type": "phone", "length": 40},
    {
        "name": "PersonHasOptedOutOfEmail",
        "label": "Email Opt Out",
        "type": "boolean",
        "nillable": False,
    },
    {"name": "PersonMailingStreet", "label": "Mailing Street", "type": "textarea", "length": 255},
    {"name": "PersonMailingCity", "label": "Mailing City", "type": "string", "length": 40},
    {"name": "PersonMailingState", "label": "Mailing State", "type": "string", "length": 80},
    {"name": "PersonMailingPostalCode", "label": "Mailing Zip", "type": "string", "length": 20},
    {"name": "PersonMailingCountry", "label": "Mailing Country", "type": "string", "length": 80},
)
CONTACT_FIELDS: tuple[dict[str, Any], ...] = (
    {
        "name": "IsPersonAccount",
        "label": "Is Person Account",
        "type": "boolean",
        "nillable": False,
        **READ_ONLY,
    },
)

CURRENCY_FIELD: dict[str, Any] = {
    "name": "CurrencyIsoCode",
    "label": "Currency ISO Code",
    "type": "picklist",
    "length": 3,
    "values": ["EUR", "USD", "GBP", "JPY"],
    "restrictedPicklist": True,
    "defaultValue": "EUR",
}
# Objects without money or owner have no currency.
WITHOUT_CURRENCY = frozenset({"CampaignMemberStatus", "Group", "Organization", "RecordType"})


def with_currencies(objects: Iterable[ObjectType]) -> list[ObjectType]:
    """Return *objects* as they are in an org with several currencies."""
    field = field_from(CURRENCY_FIELD)
    return [
        item if item.name in WITHOUT_CURRENCY else replace(item, fields=(*item.fields, field))
        for item in objects
    ]


def with_person_accounts(objects: Iterable[ObjectType]) -> list[ObjectType]:
    """Return *objects* as they are in an org with person accounts."""
    return [_extended(item) for item in objects]


def _extended(item: ObjectType) -> ObjectType:
    if item.name == "Account":
        fields = (*item.fields, *map(field_from, PERSON_FIELDS))
        return replace(item, fields=fields)
    if item.name == "Contact":
        return replace(item, fields=(*item.fields, *map(field_from, CONTACT_FIELDS)))
    if item.name == "Lead":
        # A lead without a company becomes a person account.
        fields = tuple(
            replace(one, nillable=True) if one.name == "Company" else one for one in item.fields
        )
        return replace(item, fields=fields)
    return item
