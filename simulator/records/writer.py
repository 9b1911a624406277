"""Creates, changes and upserts records, one at a time and each all or nothing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.errors import SalesforceError, not_found
from simulator.ids import long_id
from simulator.records import assignment, automation, duplicates, members, person_accounts
from simulator.records.derive import RULES
from simulator.records.given import Act, read_record
from simulator.records.options import WriteOptions
from simulator.schema import Field, ObjectType
from simulator.store import Row
from simulator.values import malformed_id, read_value

if TYPE_CHECKING:
    from simulator.org import Org

# Requests that touch one of these get in each other's way.
LOCKED_PARENTS = {"AccountId": "Account", "CampaignId": "Campaign"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one record."""

    record_id: str
    created: bool = False


class ManyMatchesError(Exception):
    """An upsert whose key names more than one record; nothing is written."""

    def __init__(self, record_ids: list[str]) -> None:
        super().__init__(", ".join(record_ids))
        self.record_ids = record_ids


class Writer:
    """Writes records as one caller asks for it."""

    def __init__(self, org: "Org", options: WriteOptions) -> None:
        self.org = org
        self.options = options

    def create(self, kind: ObjectType, given: dict[str, Any]) -> Outcome:
        """Create a record."""
        self.permit(kind, "createable", "create")
        with self.org.store.transaction():
            given = person_accounts.complete(self.org, kind, given)
            values = read_record(self.org, kind, given, "create")
            row = self.org.new_row(kind, self.options.user_id) | values
            self._save(kind, row, None, set(values))
            return Outcome(record_id=row["Id"], created=True)

    def update(self, kind: ObjectType, record_id: str, given: dict[str, Any]) -> Outcome:
        """Change the given fields of a record."""
        self.permit(kind, "updateable", "update")
        with self.org.store.transaction():
            before = self.existing(kind, record_id)
            if before.get("IsConverted") and kind.name == "Lead":
                raise SalesforceError(
                    "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", fields=[]
                )
            values = read_record(self.org, kind, given, "update")
            row = before | values | self.org.stamped(kind, self.options.user_id)
            self._save(kind, row, before, set(values))
            return Outcome(record_id=row["Id"])

    def upsert(
        self,
        kind: ObjectType,
        key: Field,
        value: Any,  # noqa: ANN401 - as the client sent it
        given: dict[str, Any],
        *,
        update_only: bool = False,
    ) -> Outcome:
        """Change the record that the key names, or create it."""
        wanted = read_value(key, value)
        if key.type == "id":
            if wanted is not None:
                return self.update(kind, str(wanted), given)
            return self.create(kind, given)
        found = self.org.store.matches(kind, key, wanted, limit=200) if wanted is not None else []
        if len(found) > 1:
            raise ManyMatchesError(found)
        if found:
            return self.update(kind, found[0], given)
        if wanted is None:
            raise SalesforceError(
                "MISSING_ARGUMENT", f"{key.name} not specified", fields=[key.name]
            )
        if update_only:
            raise not_found()
        return self.create(kind, {**given, key.name: value})

    def existing(self, kind: ObjectType, record_id: str) -> Row:
        """Return the row of a record that is not deleted."""
        full = long_id(record_id)
        if full is None:
            raise SalesforceError(
                "NOT_FOUND",
                f"Provided external ID field does not exist or is not accessible: {record_id}",
            )
        if full[:3] != kind.prefix:
            raise malformed_id(kind.fields[0], record_id)
        row = self.org.store.get(kind, full)
        if row is None:
            raise not_found()
        if row.get("IsDeleted"):
            raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted", fields=[])
        return row

    def permit(self, kind: ObjectType, flag: str, act: str) -> None:
        """Refuse what the object does not take, or what the org does not take now."""
        if self.org.features.maintenance:
            raise SalesforceError(
                "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
                "The organization is in read-only mode during maintenance.",
                fields=[],
            )
        if not kind.flags[flag]:
            raise SalesforceError(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                f"entity type {kind.name} does not support {act}",
                fields=[],
            )

    def _save(self, kind: ObjectType, row: Row, before: Row | None, given: set[str]) -> None:
        act: Act = "create" if before is None else "update"
        self._lock(kind, row, before)
        person_accounts.settle(self.org, kind, row, before)
        rule = RULES.get(kind.name)
        if rule is not None:
            rule(self.org, row, before)
        self._check_required(kind, row, given if before is not None else None)
        self._check_unique(kind, row, before)
        duplicates.check(self.org, kind, row, before, self.options)
        self._write(kind, row, before)
        if kind.name == "Campaign" and before is None:
            members.give_first_statuses(self.org, row)
        automation.run(self.org, kind, row["Id"], act)
        automation.validate(self.org, kind, row["Id"])
        assignment.run(self.org, kind, row["Id"], self.options.auto_assign)
        person_accounts.mirror(self.org, kind, row["Id"])

    def _write(self, kind: ObjectType, row: Row, before: Row | None) -> None:
        if before is None:
            self.org.store.insert(kind, row)
            return
        changed = {
            name: value
            for name, value in row.items()
            if before.get(name, _MISSING) != value and name != "Id"
        }
        if changed:
            self.org.store.update(kind, row["Id"], changed)

    def _check_required(self, kind: ObjectType, row: Row, touched: set[str] | None) -> None:
        missing = [
            item.name
            for item in kind.never_empty
            if row.get(item.column) is None
            and (item.required if touched is None else item.column in touched)
        ]
        if missing:
            raise SalesforceError(
                "REQUIRED_FIELD_MISSING",
                f"Required fields are missing: [{', '.join(missing)}]",
                fields=missing,
            )

    def _check_unique(self, kind: ObjectType, row: Row, before: Row | None) -> None:
        for item in kind.unique:
            value = row.get(item.column)
            if value is None or (before is not None and before.get(item.column) == value):
                continue
            found = self.org.store.matches(kind, item, value, but=row["Id"])
            if found:
                raise SalesforceError(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {item.name} duplicates value on record with id: "
                    f"{found[0][:15]}",
                    fields=[],
                )

    def _lock(self, kind: ObjectType, row: Row, before: Row | None) -> None:
        keys = {row["Id"]} if kind.name in LOCKED_PARENTS.values() else set()
        for column in LOCKED_PARENTS:
            for one in (row, before or {}):
                if one.get(column):
                    keys.add(one[column])
        if before is not None and self.options.transaction is not None:
            keys.add(row["Id"])
        held = {row["Id"]} if before is not None else set()
        self.org.locks.take(self.options.request_number, self.options.transaction, keys, held=held)
        if self.options.transaction is not None:
            self.org.locks.hold(self.options.transaction, keys)


_MISSING = object()


def key_field(kind: ObjectType, name: str) -> Field:
    """Return the field by which records can be upserted."""
    item = kind.get(name)
    if item is None:
        raise SalesforceError(
            "NOT_FOUND",
            f"Provided external ID field does not exist or is not accessible: {name}",
        )
    if not (item.external_id or item.id_lookup):
        raise SalesforceError(
            "INVALID_FIELD", f"{name} is not an External ID or indexed field for {kind.name}"
        )
    return item
