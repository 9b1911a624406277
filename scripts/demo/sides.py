"""Both sides, side by side: whom Salesforce has, whom we have, and whether they agree."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from scripts.demo.stack import Json, Stack

_LEAD_FIELDS = {
    "first_name": "FirstName",
    "last_name": "LastName",
    "job_title": "Title",
    "phone": "Phone",
    "city": "City",
    "country": "Country",
}
_CONTACT_FIELDS = _LEAD_FIELDS | {"city": "MailingCity", "country": "MailingCountry"}
FIELDS = {"Lead": _LEAD_FIELDS, "Contact": _CONTACT_FIELDS}
_MORE = {"Lead": " AND IsConverted = false", "Contact": ""}


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Everybody on both sides, as read at one moment.

    Attributes:
        theirs: People in Salesforce who have an address and are no converted leads, by record id.
        ours: All our contacts that are linked, by record id.
        shared: Records that more than one of our contacts calls its own; there must be none.
    """

    theirs: dict[str, Json]
    ours: dict[str, Json]
    shared: list[str]

    @classmethod
    def read(cls, stack: Stack) -> "Sides":
        """Return both sides as they are now."""
        theirs = {
            row["Id"]: row
            for sobject, fields in FIELDS.items()
            for row in stack.salesforce.query(
                f"SELECT Id, Email, {'AccountId, ' if sobject == 'Contact' else ''}"  # noqa: S608
                f"{', '.join(fields.values())} FROM {sobject}"
                f" WHERE Email != null{_MORE[sobject]} ORDER BY Id"
            )
        }
        linked = [contact for contact in stack.api.contacts() if contact["salesforce"]]
        ids = Counter(contact["salesforce"]["id"] for contact in linked)
        return cls(
            theirs=theirs,
            ours={contact["salesforce"]["id"]: contact for contact in linked},
            shared=[record_id for record_id, count in ids.items() if count > 1],
        )

    def missing(self) -> list[str]:
        """Return who is on one side alone."""
        return sorted(self.theirs.keys() ^ self.ours.keys())

    def differences(self) -> list[str]:
        """Return each field of each linked pair that is not the same on both sides."""
        return [
            f"{record_id} {name}: theirs {their!r}, ours {our!r}"
            for record_id in self.theirs.keys() & self.ours.keys()
            for name, their, our in self._pairs(record_id)
            if their != our
        ]

    def _pairs(self, record_id: str) -> list[tuple[str, Any, Any]]:
        row, contact = self.theirs[record_id], self.ours[record_id]
        fields = FIELDS[sobject_of(row)]
        pairs = [
            (name, _trimmed(row[path]), _trimmed(contact["fields"].get(name)))
            for name, path in fields.items()
        ]
        return [*pairs, ("email", row["Email"].lower(), contact["email"].lower())]

    def employers(self) -> tuple[int, int]:
        """Return how many Accounts the Contacts have, and how many companies of ours match."""
        pairs = {
            (row["AccountId"], self.ours[record_id]["company_id"])
            for record_id, row in self.theirs.items()
            if row.get("AccountId") and record_id in self.ours
        }
        accounts = {account for account, _ in pairs}
        companies = {company for _, company in pairs if company}
        # An Account that is two companies, or a company that is two Accounts, is no match.
        return len(accounts), len(companies) if len(pairs) == len(accounts) else -1

    def alone(self, sobject: str) -> list[Json]:
        """Return people of one object who share their address with nobody, title and phone set."""
        often = Counter(row["Email"].lower() for row in self.theirs.values())
        return [
            row
            for row in self.theirs.values()
            if sobject_of(row) == sobject
            and often[row["Email"].lower()] == 1
            and row["Title"]
            and row["Phone"]
            and row["FirstName"]
        ]


def sobject_of(row: Json) -> str:
    """Return the API name of the object that a row belongs to."""
    return str(row["attributes"]["type"])


def changed(before: Json, after: Json) -> set[str]:
    """Return which keys differ, but for Salesforce's own stamps."""
    stamps = {"LastModifiedDate", "SystemModstamp", "LastModifiedById"}
    names = before.keys() | after.keys()
    return {name for name in names - stamps if before.get(name) != after.get(name)}


def _trimmed(value: object) -> object:
    return (value.strip() or None) if isinstance(value, str) else value
