"""Person accounts: an Account that is a person, with a Contact behind it."""

from typing import TYPE_CHECKING, Any

from simulator.errors import SalesforceError
from simulator.schema import ObjectType
from simulator.store import Row

if TYPE_CHECKING:
    from simulator.org import Org

# A field of the account, and the field of the contact behind it that holds the same.
MIRRORED = {
    "FirstName": "FirstName",
    "LastName": "LastName",
    "Salutation": "Salutation",
    "PersonEmail": "Email",
    "PersonTitle": "Title",
    "PersonMobilePhone": "MobilePhone",
    "PersonHasOptedOutOfEmail": "HasOptedOutOfEmail",
    "PersonMailingStreet": "MailingStreet",
    "PersonMailingCity": "MailingCity",
    "PersonMailingState": "MailingState",
    "PersonMailingPostalCode": "MailingPostalCode",
    "PersonMailingCountry": "MailingCountry",
    "Phone": "Phone",
    "OwnerId": "OwnerId",
}


def complete(org: "Org", kind: ObjectType, given: dict[str, Any]) -> dict[str, Any]:
    """Name a person account after its person, so that the required Name is there."""
    if not (org.features.person_accounts and kind.name == "Account") or "LastName" not in given:
        return given
    if given.get("Name"):
        raise SalesforceError(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Account: bad field names on insert/update call: Name",
            fields=["Name"],
        )
    parts = [given.get("FirstName"), given.get("LastName")]
    return {**given, "Name": " ".join(str(part) for part in parts if part)}


def settle(org: "Org", kind: ObjectType, row: Row, before: Row | None) -> None:
    """Keep what a person account and its contact are apart from other records."""
    if not org.features.person_accounts:
        return
    if kind.name == "Account":
        row["IsPersonAccount"] = int(row.get("LastName") is not None)
        if row["IsPersonAccount"]:
            names = [row.get("FirstName"), row.get("LastName")]
            row["Name"] = " ".join(str(name) for name in names if name)
    elif (
        kind.name == "Contact"
        and before is not None
        and before.get("IsPersonAccount")
        and row.get("AccountId") != before.get("AccountId")
    ):
        raise SalesforceError(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "The account of a person can't be changed.",
            fields=["AccountId"],
        )


def mirror(org: "Org", kind: ObjectType, record_id: str) -> None:
    """Write the person's values to the contact behind a person account, or back."""
    if not org.features.person_accounts or kind.name not in {"Account", "Contact"}:
        return
    row = org.store.get(kind, record_id)
    if row is None or not row.get("IsPersonAccount"):
        return
    accounts, contacts = org.base.objects["Account"], org.base.objects["Contact"]
    if kind.name == "Contact":
        back = {own: row.get(theirs) for own, theirs in MIRRORED.items()}
        back |= {"Name": row.get("Name"), **org.stamped(accounts, row["LastModifiedById"])}
        org.store.update(accounts, row["AccountId"], back)
        return
    person = {theirs: row.get(own) for own, theirs in MIRRORED.items()}
    person |= {"Name": row["Name"], "AccountId": record_id, "IsPersonAccount": 1}
    person["HasOptedOutOfEmail"] = person["HasOptedOutOfEmail"] or 0
    known = row.get("PersonContactId")
    if known is not None:
        person |= org.stamped(contacts, row["LastModifiedById"])
        org.store.update(contacts, known, person)
        return
    made = org.new_row(contacts, row["CreatedById"]) | person
    org.store.insert(contacts, made)
    org.store.update(accounts, record_id, {"PersonContactId": made["Id"]})
