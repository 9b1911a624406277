"""A Salesforce org in memory: its rows, its clock, and what people and accidents do to it.

It keeps the rules that the sync depends on: stamps of whole seconds, the recycle bin, merges,
conversions, read-only converted leads, unique external ids, rows that are committed later than
they are stamped. It has no triggers and no rights.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from counterpart.adapters import memory_campaigns as campaigns
from counterpart.adapters import memory_opportunities as opportunities
from counterpart.adapters.memory_schema import (
    PLAIN,
    SYSTEM,
    objection,
    place_of,
    stored,
    types_of,
    unwritable,
)
from counterpart.adapters.salesforce.rows import EXTERNAL_ID, IS_PERSON_ACCOUNT, Row
from counterpart.domain.bounces import BOUNCED_DATE, BOUNCED_REASON
from counterpart.domain.ids import to_18
from counterpart.domain.opportunities import OPPORTUNITY
from counterpart.domain.places import Place
from counterpart.domain.records import CampaignObject, SObject
from counterpart.domain.refusals import Refusal
from counterpart.domain.standard_fields import COMPANY_FIELDS, CONTACT_FIELDS
from counterpart.errors import MissingFieldError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.ports import Clock

_PREFIXES: Mapping[str, str] = {
    SObject.ACCOUNT: "001",
    SObject.CONTACT: "003",
    SObject.LEAD: "00Q",
    "Campaign": "701",
    "CampaignMember": "00v",
    "CampaignMemberStatus": "01Y",
    "Opportunity": "006",
    "OpportunityContactRole": "00K",
}
_OBJECTS = {prefix: sobject for sobject, prefix in _PREFIXES.items()}
# Where a lead's fields go when it is converted, if not to the field of the same name.
_MOVES = {"Street": "MailingStreet", "City": "MailingCity", "State": "MailingState"} | {
    "PostalCode": "MailingPostalCode",
    "Country": "MailingCountry",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pending:
    """A row as it will be once its transaction commits."""

    row: Row
    commit_at: datetime


class MemoryOrg:
    """The rows of an org.

    Args:
        fields: What the org has, besides the fields that every org has.
    """

    def __init__(
        self, clock: Clock, *, fields: Sequence[FieldMapping] = (*CONTACT_FIELDS, *COMPANY_FIELDS)
    ) -> None:
        self.locked: set[str] = set()
        self.refusals: dict[str, Refusal] = {}
        # What administrators have made rules of: given the object and the row as it would be, why
        # not.
        self.rules: list[Callable[[str, Row], Refusal | None]] = []
        self.hidden: set[tuple[str, str]] = set()
        self.hidden_objects: set[str] = set()
        # What our user may see and not write.
        self.read_only: set[tuple[str, str]] = set()
        # What the org does about records that look like others: `off`, `alert` or `block`.
        self.duplicate_rule = "off"
        self.types: dict[str, dict[str, str]] = {
            sobject: dict(types_of(sobject, fields)) for sobject in SObject
        }
        self.types |= {sobject: SYSTEM | types for sobject, types in PLAIN.items()}
        # What single fields are besides their type.
        self._shapes: dict[tuple[str, str], Place] = {}
        self._clock = clock
        self._rows: dict[str, Row] = {}
        self._pending: dict[str, _Pending] = {}
        self._external: dict[tuple[str, str], str] = {}
        self._numbers = count(1)
        self._sorted: dict[str, list[Row]] = {}
        self._gone_with: dict[str, list[str]] = {}
        self._statuses_gone: dict[str, list[str]] = {}

    # --- What can be seen -----------------------------------------------------------------------

    def now(self) -> datetime:
        """Return the org's time, in whole seconds as all its stamps are."""
        return self._clock().replace(microsecond=0)

    def seen_fields(self, sobject: str) -> Collection[str]:
        """Return the fields that our user sees.

        Raises:
            MissingFieldError: it does not see the object at all.
        """
        if sobject in self.hidden_objects:
            raise MissingFieldError(f"sObject type '{sobject}' is not supported")
        return [path for path in self.types[sobject] if (sobject, path) not in self.hidden]

    def places(self, sobject: str) -> Mapping[str, Place]:
        """Return what our user sees of an object's fields.

        Raises:
            MissingFieldError: it does not see the object at all.
        """
        return {path: self._place(sobject, path) for path in self.seen_fields(sobject)}

    def row(self, record_id: str) -> Row:
        """Return a row by API names, be it in the recycle bin or not."""
        self._commit()
        return self._rows[record_id]

    def find(self, record_id: str) -> Row | None:
        """Return a row, or `None` if there is none."""
        self._commit()
        return self._rows.get(record_id)

    def rows(self, sobject: str) -> Sequence[Row]:
        """Return all rows of an object in the order (`SystemModstamp`, `Id`)."""
        self._commit()
        if sobject not in self._sorted:
            self._sorted[sobject] = sorted(
                (row for row in self._rows.values() if row["Id"].startswith(_PREFIXES[sobject])),
                key=lambda row: (row["SystemModstamp"], row["Id"]),
            )
        return self._sorted[sobject]

    def by_external_id(self, sobject: str, external_id: str) -> Row | None:
        """Return the live row of this external id; its case does not matter."""
        row = self.find(self._external.get((sobject, external_id.lower()), ""))
        return row if row and not row["IsDeleted"] else None

    def allow_person_accounts(self) -> None:
        """Give the org person accounts, which it never loses again."""
        for sobject in (SObject.ACCOUNT, SObject.CONTACT):
            self.add_field(sobject, IS_PERSON_ACCOUNT, "boolean")

    def add_field(self, sobject: str, path: str, kind: str, **details: Any) -> None:  # noqa: ANN401 - of a place
        """Give an object a field of a Salesforce type, blank in every row that there is.

        Args:
            details: What else it is, as a `Place` has it.
        """
        self.types[sobject][path] = kind
        self.shape(sobject, path, **details)
        for row in self.rows(sobject):
            row[path] = False if kind == "boolean" else None

    def shape(self, sobject: str, path: str, **details: Any) -> None:  # noqa: ANN401 - of a place
        """Say what else a field is, as a `Place` has it; what rows hold stays."""
        if details:
            self._shapes[sobject, path] = Place(type=self.types[sobject][path], **details)

    # --- What people do -------------------------------------------------------------------------

    def add(
        self, sobject: str, values: Mapping[str, Any], *, commit_at: datetime | None = None
    ) -> str:
        """Create a row and return its id; it may be stamped now and appear at *commit_at*."""
        record_id = to_18(f"{_PREFIXES[sobject]}MEM{next(self._numbers):09d}")
        blank = {
            name: False if kind == "boolean" else None for name, kind in self.types[sobject].items()
        }
        now = self.now()
        row = blank | {"Id": record_id, "CreatedDate": now, "LastModifiedDate": now}
        self._put(row | self._stored(sobject, values) | {"SystemModstamp": now}, commit_at)
        if sobject == CampaignObject.CAMPAIGN:
            campaigns.give_first_statuses(self, record_id)
        return record_id

    def add_person_account(self, values: Mapping[str, Any]) -> tuple[str, str]:
        """Create an Account that is a person; return its id, and that of the Contact behind it."""
        names = (values.get("FirstName"), values["LastName"])
        account = {"Name": " ".join(filter(None, names)), IS_PERSON_ACCOUNT: True}
        account_id = self.add(SObject.ACCOUNT, account)
        contact = {**values, "AccountId": account_id, IS_PERSON_ACCOUNT: True}
        return account_id, self.add(SObject.CONTACT, contact)

    def edit(
        self, record_id: str, values: Mapping[str, Any], *, commit_at: datetime | None = None
    ) -> None:
        """Change a row; it is locked until *commit_at*, when the change appears."""
        now = self.now()
        stamps = {"LastModifiedDate": now, "SystemModstamp": now}
        before, given = self.row(record_id), self._stored(_object(record_id), values)
        if given.get("Email", before.get("Email")) != before.get("Email"):
            given = {BOUNCED_DATE: None, BOUNCED_REASON: None, **given}
        self._put({**before, **given, **stamps}, commit_at)

    def bounce(self, record_id: str, reason: str) -> None:
        """Note that mail came back, which moves `SystemModstamp` alone."""
        now = self.now()
        marks = {BOUNCED_DATE: now, BOUNCED_REASON: reason, "SystemModstamp": now}
        self._put({**self.row(record_id), **marks})

    def touch(self, record_id: str, values: Mapping[str, Any] = MappingProxyType({})) -> None:
        """Move `SystemModstamp` alone, as automation does, which may change *values*, too."""
        self._put({**self.row(record_id), **values, "SystemModstamp": self.now()})

    def delete(self, record_id: str) -> None:
        """Put a row into the recycle bin, with its Contacts, deals, roles, members and statuses."""
        self.edit(record_id, {"IsDeleted": True})
        for row in list(campaigns.statuses_of(self, record_id)):
            self.edit(row["Id"], {"IsDeleted": True})
            self._statuses_gone.setdefault(record_id, []).append(row["Id"])
        contacts = [
            row
            for row in self.rows(SObject.CONTACT)
            if row["AccountId"] == record_id and not row["IsDeleted"]
        ]
        for row in (
            *campaigns.members_with(self, record_id),
            *contacts,
            *opportunities.hanging_on(self, record_id),
        ):
            # A role may have gone a moment ago, with the Contact.
            if not self.row(row["Id"])["IsDeleted"]:
                self.delete(row["Id"])
                self._gone_with.setdefault(record_id, []).append(row["Id"])

    def undelete(self, record_id: str) -> None:
        """Take a row out of the recycle bin, and what went with it.

        A member whose other parent was deleted meanwhile comes back with that one.
        """
        self.edit(record_id, {"IsDeleted": False})
        for status_id in self._statuses_gone.pop(record_id, ()):
            self.edit(status_id, {"IsDeleted": False})
        for others in self._gone_with.values():
            # It came back by itself, and goes its own way from now on.
            others[:] = [each for each in others if each != record_id]
        for child_id in self._gone_with.pop(record_id, ()):
            row = self.find(child_id)
            if row is None or not row["IsDeleted"]:
                continue
            is_member = _object(child_id) == CampaignObject.MEMBER
            if is_member and (gone := campaigns.parents_in_the_bin(self, row)):
                self._gone_with.setdefault(gone[0], []).append(child_id)
            else:
                self.undelete(child_id)

    def gone_with(self, record_id: str) -> Sequence[str]:
        """Return the ids of what comes back with a row."""
        return self._gone_with.get(record_id, ())

    def purge(self, record_id: str) -> None:
        """Delete a row for good, and what went into the recycle bin with it."""
        if not self.row(record_id)["IsDeleted"]:
            self.delete(record_id)
        gone = [*self._statuses_gone.pop(record_id, ()), *self._gone_with.pop(record_id, ())]
        for child_id in gone:
            row = self.find(child_id)
            if row is not None and row["IsDeleted"]:
                self.purge(child_id)
        self._sorted.pop(_object(record_id), None)
        del self._rows[record_id]

    def merge(self, winner_id: str, *loser_ids: str) -> None:
        """Merge rows into the first; what a loser had, such as Contacts, moves to the winner."""
        for loser_id in loser_ids:
            for row in list(self.rows(SObject.CONTACT)):
                if row["AccountId"] == loser_id:
                    self.edit(row["Id"], {"AccountId": winner_id})
            if not loser_id.startswith(_PREFIXES[SObject.ACCOUNT]):
                campaigns.move_members(self, _object(loser_id), loser_id, winner_id)
            opportunities.move(self, loser_id, winner_id)
            self.edit(loser_id, {"IsDeleted": True, "MasterRecordId": winner_id})
        self.edit(winner_id, {})

    def convert(
        self,
        lead_id: str,
        *,
        account_id: str | None = None,
        contact_id: str | None = None,
        opportunity_name: str | None = None,
    ) -> str:
        """Convert a lead and return the Contact's id; only blanks of an existing one are filled."""
        lead = self.row(lead_id)
        if contact_id is not None:
            account_id = account_id or self.row(contact_id)["AccountId"]
        account_id = account_id or self.add(SObject.ACCOUNT, {"Name": lead["Company"]})
        known = self.types[SObject.CONTACT].keys() - SYSTEM.keys() - {EXTERNAL_ID}
        moved = {_MOVES.get(name, name): value for name, value in lead.items()}
        person = {name: moved[name] for name in known & moved.keys()}
        if contact_id is None:
            contact_id = self.add(SObject.CONTACT, person | {"AccountId": account_id})
        else:
            there = self.row(contact_id)
            blanks = {name: value for name, value in person.items() if there[name] is None}
            self.edit(contact_id, blanks | {"AccountId": there["AccountId"] or account_id})
        self.edit(
            lead_id,
            {
                "IsConverted": True,
                "ConvertedAccountId": account_id,
                "ConvertedContactId": contact_id,
            },
        )
        if opportunity_name:
            opportunities.of_lead(
                self, opportunity_name, account_id=account_id, contact_id=contact_id
            )
        campaigns.convert_members(self, lead_id, contact_id)
        return contact_id

    # --- What the API does ----------------------------------------------------------------------

    def objection(
        self, sobject: str, values: Mapping[str, Any], record_id: str | None, key: str
    ) -> Refusal | None:
        """Return why a write is refused, if it is.

        Args:
            record_id: The row to be changed; `None` for one to be created.
            key: The id or external id by which a test may have ordered a refusal.
        """
        row = self.find(record_id) if record_id else None
        busy = record_id in self.locked or record_id in self._pending
        obstacles = (
            (record_id and not row, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
            (row and row["IsDeleted"], "ENTITY_IS_DELETED", "entity is deleted"),
            (
                row and row.get("IsConverted"),
                "CANNOT_UPDATE_CONVERTED_LEAD",
                "cannot reference converted lead",
            ),
            (
                busy,
                "UNABLE_TO_LOCK_ROW",
                "unable to obtain exclusive access to this record or 1 records",
            ),
        )
        for stands, code, message in obstacles:
            if stands:
                return Refusal(code=code, message=message)
        values = self._spelt(sobject, values)
        fixed = [path for path in values if (sobject, path) in self.read_only]
        refusal = (
            self.refusals.get(key)
            or objection(sobject, values, row, self.places(sobject))
            or unwritable(fixed)
        )
        after = (row or {}) | self._stored(sobject, values)
        return refusal or next(filter(None, (rule(sobject, after) for rule in self.rules)), None)

    def suspicion(
        self, sobject: SObject, values: Mapping[str, Any], *, allow_duplicates: bool
    ) -> Refusal | None:
        """Return why a new row is held for a duplicate, if it is.

        People are known by their address, Accounts by their name.
        """
        if self.duplicate_rule == "off" or (self.duplicate_rule == "alert" and allow_duplicates):
            return None
        own = "Email" if sobject.is_person else "Name"
        wanted = str(values.get(own) or "").lower()
        alike = tuple(
            row["Id"]
            for other in SObject
            if other.is_person == sobject.is_person
            for row in self.rows(other)
            if wanted and str(row[own] or "").lower() == wanted
            if not (row["IsDeleted"] or row.get("IsConverted"))
        )
        if not alike:
            return None
        return Refusal(
            code="DUPLICATES_DETECTED", message="Use one of these records?", matches=alike
        )

    # --- How rows are kept ----------------------------------------------------------------------

    def _place(self, sobject: str, path: str) -> Place:
        known = self._shapes.get((sobject, path))
        place = known or place_of(path, self.types[sobject][path])
        return replace(place, writable=False) if (sobject, path) in self.read_only else place

    def _spelt(self, sobject: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return values by the names of their fields, which ignore case."""
        if values.keys() <= self.types[sobject].keys():
            return values
        known = {path.lower(): path for path in self.types[sobject]}
        return {known.get(path.lower(), path): value for path, value in values.items()}

    def _stored(self, sobject: str, values: Mapping[str, Any]) -> Row:
        values = self._spelt(sobject, values)
        known = self.types[sobject]
        return stored(
            values, {path: self._place(sobject, path) for path in values if path in known}
        )

    def _put(self, row: Row, commit_at: datetime | None = None) -> None:
        if commit_at is not None and commit_at > self.now():
            self._pending[row["Id"]] = _Pending(row=row, commit_at=commit_at)
            return
        sobject = _object(row["Id"])
        if sobject == CampaignObject.MEMBER:
            row = campaigns.settle(self, row)
        elif sobject == OPPORTUNITY:
            row = opportunities.settle(row)
        self._rows[row["Id"]] = row
        self._sorted.pop(sobject, None)
        if row.get(EXTERNAL_ID):
            self._external[sobject, row[EXTERNAL_ID].lower()] = row["Id"]

    def _commit(self) -> None:
        if not self._pending:
            return
        now = self.now()
        due = [each for each in self._pending.values() if each.commit_at <= now]
        # First of all: a member looks at the rows of its campaign as it is put.
        self._pending = {
            each: pending for each, pending in self._pending.items() if pending.commit_at > now
        }
        for pending in due:
            self._put(pending.row)


def _object(record_id: str) -> str:
    return _OBJECTS[record_id[:3]]
