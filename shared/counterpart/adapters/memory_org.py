"""A Salesforce org in memory: its rows, its clock, and what people and accidents do to it.

It keeps the rules that the sync depends on: stamps of whole seconds, the recycle bin, merges,
conversions, read-only converted leads, unique external ids, rows that are committed later than
they are stamped. It has no triggers and no rights.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from counterpart.adapters import memory_campaigns as campaigns
from counterpart.adapters import memory_merges as merges
from counterpart.adapters import memory_opportunities as opportunities
from counterpart.adapters import memory_write_checks as write_checks
from counterpart.adapters.memory_recycle_bin import RecycleBin
from counterpart.adapters.memory_rows import MemoryRows, Pending, object_of
from counterpart.adapters.memory_schema import PLAIN, SYSTEM, place_of, stored, types_of
from counterpart.adapters.salesforce.rows import IS_PERSON_ACCOUNT, Row
from counterpart.domain.bounces import BOUNCED_DATE, BOUNCED_REASON
from counterpart.domain.opportunities import OPPORTUNITY
from counterpart.domain.places import Place
from counterpart.domain.records import CampaignObject, SObject
from counterpart.domain.standard_fields import COMPANY_FIELDS, CONTACT_FIELDS
from counterpart.errors import MissingFieldError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.refusals import Refusal
    from counterpart.ports import Clock


class MemoryOrg:
    """The rows of an org.

    Args:
        fields: What the org has, besides the fields that every org has.

    Attributes:
        kept: Its rows, and those that are under way.
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
        self.kept = MemoryRows()
        self._bin = RecycleBin(self, self.kept)

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

    def places(self, sobject: str, among: Collection[str] | None = None) -> Mapping[str, Place]:
        """Return what our user sees of an object's fields, or of those *among* them.

        Raises:
            MissingFieldError: it does not see the object at all.
        """
        return {
            path: self._place(sobject, path)
            for path in self.seen_fields(sobject)
            if among is None or path in among
        }

    def row(self, record_id: str) -> Row:
        """Return a row by API names, be it in the recycle bin or not."""
        self._commit()
        return self.kept.row(record_id)

    def find(self, record_id: str) -> Row | None:
        """Return a row, or `None` if there is none."""
        self._commit()
        return self.kept.find(record_id)

    def rows(self, sobject: str) -> Sequence[Row]:
        """Return all rows of an object in the order (`SystemModstamp`, `Id`)."""
        self._commit()
        return self.kept.all_of(sobject)

    def by_external_id(self, sobject: str, external_id: str) -> Row | None:
        """Return the live row of this external id; its case does not matter."""
        row = self.find(self.kept.id_behind(sobject, external_id) or "")
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
        record_id = self.kept.new_id(sobject)
        blank = {
            name: False if kind == "boolean" else None for name, kind in self.types[sobject].items()
        }
        now = self.now()
        row = blank | {"Id": record_id, "CreatedDate": now, "LastModifiedDate": now}
        self._put(row | self.stored(sobject, values) | {"SystemModstamp": now}, commit_at)
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
        before, given = self.row(record_id), self.stored(object_of(record_id), values)
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
        self._bin.delete(record_id)

    def undelete(self, record_id: str) -> None:
        """Take a row out of the recycle bin, and what went with it."""
        self._bin.undelete(record_id)

    def gone_with(self, record_id: str) -> Sequence[str]:
        """Return the ids of what comes back with a row."""
        return self._bin.gone_with(record_id)

    def purge(self, record_id: str) -> None:
        """Delete a row for good, and what went into the recycle bin with it."""
        self._bin.purge(record_id)

    # As they stand there; the org is their first argument.
    merge = merges.merge
    convert = merges.convert

    # --- What the API does ----------------------------------------------------------------------

    def objection(
        self, sobject: str, values: Mapping[str, Any], record_id: str | None, key: str
    ) -> Refusal | None:
        """Return why a write is refused, if it is; *key* is that of a refusal that was ordered."""
        return write_checks.objection(self, sobject, values, record_id, key)

    def spelt(self, sobject: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return values by the names of their fields, which ignore case."""
        if values.keys() <= self.types[sobject].keys():
            return values
        known = {path.lower(): path for path in self.types[sobject]}
        return {known.get(path.lower(), path): value for path, value in values.items()}

    def stored(self, sobject: str, values: Mapping[str, Any]) -> Row:
        """Return values as a row of the object holds them."""
        values = self.spelt(sobject, values)
        known = self.types[sobject]
        return stored(
            values, {path: self._place(sobject, path) for path in values if path in known}
        )

    # --- How rows are kept ----------------------------------------------------------------------

    def _place(self, sobject: str, path: str) -> Place:
        known = self._shapes.get((sobject, path))
        place = known or place_of(path, self.types[sobject][path])
        return replace(place, writable=False) if (sobject, path) in self.read_only else place

    def _put(self, row: Row, commit_at: datetime | None = None) -> None:
        if commit_at is not None and commit_at > self.now():
            self.kept.pending[row["Id"]] = Pending(row=row, commit_at=commit_at)
            return
        sobject = object_of(row["Id"])
        if sobject == CampaignObject.MEMBER:
            row = campaigns.settle(self, row)
        elif sobject == OPPORTUNITY:
            row = opportunities.settle(row)
        self.kept.put(row)

    def _commit(self) -> None:
        if not self.kept.pending:
            return
        # All that are due are taken before one is put: a member that is put looks at the rows of
        # its campaign.
        for row in self.kept.take_due(self.now()):
            self._put(row)
