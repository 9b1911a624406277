"""The org itself: its schema, its rows, its clock and its set-up; no HTTP."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from simulator.catalog import read_standard_objects
from simulator.clock import Clock
from simulator.errors import SalesforceError
from simulator.features import Features
from simulator.ids import make_id
from simulator.jobs.desk import JobDesk
from simulator.locks import Locks
from simulator.optional_fields import with_currencies, with_person_accounts
from simulator.records.lifecycle import purge_expired
from simulator.schema import Field, ObjectType, Schema
from simulator.sfdx import extend
from simulator.soql.engine import QueryEngine
from simulator.soql.shapes import Record
from simulator.store import Row, Store
from simulator.transactions import Transactions

ROOT = "/services/data/v66.0"
DAY_S = 86_400
SCHEMAS_KEPT = 32
MARKETING = frozenset({"Campaign", "CampaignMember", "CampaignMemberStatus"})


class Org:
    """Everything an org holds, for one integration user."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        project: Path | None = None,
        database: str = ":memory:",
        username: str = "integration@example.com",
        setup: dict[str, Any] | None = None,
    ) -> None:
        self.clock = clock or Clock()
        objects = read_standard_objects()
        self._plain = extend(objects, project) if project is not None else objects
        # Columns are made for person accounts too, so that the mode can be switched on later.
        self.store = Store(Schema(with_person_accounts(with_currencies(self._plain))), database)
        self.engine = QueryEngine(self.store, self.clock)
        self._setup = setup or {}
        self.features = Features()
        self.locks = Locks()
        self.transactions = Transactions(self)
        self.jobs = JobDesk(self)
        self.username = username
        self._schemas: dict[str, tuple[Schema, Schema]] = {}
        self.base = self.schema = Schema(self._plain)
        self.described_at = self.clock.stamp()
        self._next_purge = 0.0
        self._fixed_ids()
        self._set_up()
        if self.store.state("born") is None:
            self._be_born()

    def _set_up(self) -> None:
        """Start with the features that the org was declared with."""
        self.features = Features()
        self.features.change(self._setup)
        self.refresh_schema()

    def _fixed_ids(self) -> None:
        self.org_id = make_id("00D", 1)
        self.user_id, self.admin_id, self.assignee_id = (make_id("005", n) for n in (1, 2, 3))
        self.queue_id = make_id("00G", 1)
        self.assignment_rule_id = make_id("01Q", 1)

    def reset(self) -> None:
        """Become an empty org whose clock runs, without faults or open transactions."""
        self.clock.reset()
        self.store.clear()
        self.transactions.clear()
        self.jobs.clear()
        self.locks.clear()
        self.engine.close_cursors()
        self._set_up()
        self._next_purge = 0.0
        self._be_born()

    def _be_born(self) -> None:
        organization = self.base.objects["Organization"]
        users, groups = self.base.objects["User"], self.base.objects["Group"]
        with self.store.transaction():
            row = self.new_row(organization, self.admin_id) | {
                "Name": "Example Works",
                "DefaultLocaleSidKey": "en_US",
                "TimeZoneSidKey": "GMT",
                "LanguageLocaleKey": "en_US",
                "FiscalYearStartMonth": 1,
                "OrganizationType": "Developer Edition",
                "InstanceName": "SIM1",
            }
            self.store.insert(organization, row)
            for first, last, username, title in (
                (None, "Integration", self.username, "Integration user"),
                ("Ada", "Admin", "admin@example.com", "Administrator"),
                ("Sam", "Sales", "sales@example.com", "Takes new leads"),
            ):
                name = " ".join(part for part in (first, last) if part)
                row = self.new_row(users, self.admin_id) | {
                    "FirstName": first,
                    "LastName": last,
                    "Name": name,
                    "Username": username,
                    "Email": username,
                    "Alias": last[:8].lower(),
                    "CommunityNickname": last.lower(),
                    "IsActive": 1,
                    "Title": title,
                    "UserPermissionsMarketingUser": 1,
                }
                self.store.insert(users, row)
            row = self.new_row(groups, self.admin_id) | {
                "Name": "Lead Queue",
                "DeveloperName": "Lead_Queue",
                "Type": "Queue",
            }
            self.store.insert(groups, row)
            self.store.set_state("born", self.clock.stamp())

    def refresh_schema(self) -> None:
        """Work out what the org has and what the integration user sees of it.

        A set-up that was there before brings its schemas back, and with them its queries' plans.
        """
        setup = json.dumps(self.features.as_dict(), sort_keys=True)
        if setup not in self._schemas:
            if len(self._schemas) == SCHEMAS_KEPT:
                self._schemas.clear()
                self.engine.forget_plans()
            self._schemas[setup] = self._worked_out()
        self.base, self.schema = self._schemas[setup]
        self.described_at = self.clock.stamp()

    def _worked_out(self) -> tuple[Schema, Schema]:
        objects = self._plain
        if self.features.multi_currency:
            objects = with_currencies(objects)
        if self.features.person_accounts:
            objects = with_person_accounts(objects)
        renamed = {name.lower(): new for name, new in self.features.rename_fields.items()}
        objects = [_renamed(item, renamed) for item in objects]
        base = Schema(objects).without(map(split_name, self.features.delete_fields))
        seen = base.without(map(split_name, self.features.hide_fields))
        hidden = {name.lower() for name in self.features.hide_objects}
        if not self.features.marketing_user:
            hidden |= {name.lower() for name in MARKETING}
        shown = Schema(
            self._as_seen(item) for item in seen.objects.values() if item.name.lower() not in hidden
        )
        return base, shown

    def _as_seen(self, item: ObjectType) -> ObjectType:
        fixed = {
            name.lower()
            for kind, name in map(split_name, self.features.read_only_fields)
            if kind.lower() == item.name.lower()
        }
        if fixed:
            fields = tuple(
                replace(one, createable=False, updateable=False)
                if one.name.lower() in fixed
                else one
                for one in item.fields
            )
            item = replace(item, fields=fields)
        if item.name == "CampaignMemberStatus" and not self.features.create_member_statuses:
            return replace(item, flags={**item.flags, "createable": False})
        return item

    def kind(self, name: str) -> ObjectType:
        """Return an object that the integration user sees."""
        found = self.schema.find(name)
        if found is None:
            raise SalesforceError("NOT_FOUND", "The requested resource does not exist")
        return found

    def new_row(self, kind: ObjectType, user_id: str) -> Row:
        """Return a row of defaults with an id and stamps of its own."""
        # What is hidden from the caller has its defaults all the same.
        kind = self.base.objects[kind.name]
        now = self.clock.stamp()
        row: Row = dict(kind.defaults)
        row["Id"] = self.store.next_id(kind.prefix)
        row |= {"CreatedDate": now, "CreatedById": user_id, **self.stamped(kind, user_id)}
        if kind.has("OwnerId"):
            row["OwnerId"] = user_id
        for item in kind.numbered:
            number = self.store.next_number(f"{kind.name}.{item.name}")
            row[item.column] = numbered(item.auto_number or "{0}", number)
        return row

    def stamped(self, kind: ObjectType, user_id: str) -> Row:
        """Return the stamps of a change that a user makes."""
        now = self.clock.stamp()
        stamps: Row = {"SystemModstamp": now}
        if kind.has("LastModifiedDate"):
            stamps |= {"LastModifiedDate": now, "LastModifiedById": user_id}
        return stamps

    def touched(self) -> Row:
        """Return the stamp of a change that nobody made."""
        return {"SystemModstamp": self.clock.stamp()}

    def alive(self, kind: ObjectType, record_id: str) -> bool:
        """Return whether a record exists and is not deleted."""
        living = "Id = ? AND IsDeleted = 0" if kind.has("IsDeleted") else "Id = ?"
        return bool(self.store.ids(kind, living, [record_id]))

    def system_query(self, text: str) -> list[Record]:
        """Return the records of a query that sees everything."""
        page = self.engine.run(text, schema=self.base, root=ROOT, user_id=self.admin_id)
        return page.records

    def empty_recycle_bin(self) -> None:
        """Purge, once a day, what was deleted too long ago."""
        now = self.clock.timestamp()
        if now >= self._next_purge:
            self._next_purge = now + DAY_S
            purge_expired(self)

    @contextmanager
    def writing(self, transaction: str | None = None) -> Iterator[None]:
        """Make the writes inside one unit, or part of an open transaction."""
        if transaction is None:
            with self.store.transaction():
                yield
        else:
            with self.transactions.inside(transaction):
                yield


def numbered(pattern: str, number: int) -> str:
    """Return a number in a display format such as ``INV-{0000}``."""
    return re.sub(r"\{(0+)\}", lambda found: str(number).zfill(len(found[1])), pattern)


def split_name(name: str) -> tuple[str, str]:
    """Return the object and the field of a name such as Lead.Title."""
    kind, _, item = name.partition(".")
    if not item:
        raise SalesforceError("INVALID_FIELD", f"{name} is not of the form Object.Field.")
    return kind, item


def _renamed(item: ObjectType, names: dict[str, str]) -> ObjectType:
    def renamed(one: Field) -> Field:
        new = names.get(f"{item.name}.{one.name}".lower())
        return replace(one, name=new) if new is not None else one

    return replace(item, fields=tuple(renamed(one) for one in item.fields))
