"""Runs queries: plans are kept for like queries, and long answers are read through cursors."""

import json
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulator.clock import Clock
from simulator.errors import SalesforceError
from simulator.ids import make_id
from simulator.schema import Schema
from simulator.soql.compiler import Compiler, Plan
from simulator.soql.literals import Moment
from simulator.soql.parser import parse
from simulator.soql.shapes import Record
from simulator.store import Store

DEFAULT_PAGE = 2_000
SMALLEST_PAGE = 200
CURSOR_LIFE_S = 2 * 24 * 3600
# A user's cursors beyond this number are closed, oldest first.
CURSORS_PER_USER = 10
_VALUES = re.compile(
    r"'(?:[^'\\]|\\.)*'|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)",
    re.DOTALL | re.IGNORECASE,
)
PLANS_KEPT = 1_000


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of an answer."""

    records: list[Record]
    total: int
    locator: str | None = None


@dataclass(kw_only=True)
class Cursor:
    """The rest of an answer: which rows, in which order; their values are read page by page."""

    plan: Plan
    ids: list[str]
    user_id: str
    opened_at: float
    page_size: int
    slots: tuple[str, ...]


class QueryEngine:
    """Answers queries from a store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._plans: OrderedDict[tuple[object, ...], Plan] = OrderedDict()
        self._cursors: OrderedDict[str, Cursor] = OrderedDict()
        self._opened = 0

    def forget_plans(self) -> None:
        """Compile anew: the schema has changed."""
        self._plans.clear()

    def close_cursors(self) -> int:
        """Lose every cursor, and return how many there were."""
        count = len(self._cursors)
        self._cursors.clear()
        return count

    def plan(
        self, text: str, *, schema: Schema, root: str, all_rows: bool
    ) -> tuple[Plan, tuple[str, ...]]:
        """Return the plan of a query and the values that fill it."""
        slots: list[str] = []

        def mark(found: re.Match[str]) -> str:
            value = found[0]
            slots.append(value)
            return f"\0{_class(value)}"

        shape = _VALUES.sub(mark, text)
        key = (shape, root, all_rows, id(schema))
        plan = self._plans.get(key)
        if plan is None:
            compiler = Compiler(schema, root=root, text=text, all_rows=all_rows)
            plan = compiler.compile(parse(text))
            self._plans[key] = plan
            if len(self._plans) > PLANS_KEPT:
                self._plans.popitem(last=False)
        return plan, tuple(slots)

    def run(
        self,
        text: str,
        *,
        schema: Schema,
        root: str,
        user_id: str,
        all_rows: bool = False,
        page_size: int = DEFAULT_PAGE,
    ) -> Page:
        """Return the first page of the answer to a query."""
        plan, slots = self.plan(text, schema=schema, root=root, all_rows=all_rows)
        moment = Moment(today=self._clock.now().date(), user_id=user_id)
        values = [parameter(slots, moment) for parameter in plan.parameters]
        core = f"FROM {plan.source} WHERE {plan.where}{plan.tail}"
        bound = f" LIMIT {plan.limit if plan.limit is not None else -1} OFFSET {plan.offset}"
        if plan.counting:
            sql = f"SELECT COUNT(*) FROM (SELECT 1 {core}{bound})"
            return Page(records=[], total=self._store.db.execute(sql, values).fetchone()[0])
        most = page_size + 1 if plan.limit is None else min(plan.limit, page_size + 1)
        sql = f"SELECT {plan.columns} {core} LIMIT {most} OFFSET {plan.offset}"
        rows = self._store.db.execute(sql, values).fetchall()
        if len(rows) <= page_size:
            return Page(records=self._records(plan, rows, slots, moment), total=len(rows))
        if plan.grouped:
            raise SalesforceError(
                "EXCEEDED_ID_LIMIT", "Aggregate query does not support queryMore(), use LIMIT"
            )
        ids = self._store.db.execute(f"SELECT {plan.id_sql} {core}{bound}", values).fetchall()
        cursor = Cursor(
            plan=plan,
            ids=[row[0] for row in ids],
            user_id=user_id,
            opened_at=self._clock.timestamp(),
            page_size=page_size,
            slots=slots,
        )
        first = rows[:page_size]
        if [row[0] for row in first] != cursor.ids[:page_size]:
            # Where nothing says which row comes first, SQLite need not answer twice alike.
            first = self._rows(plan, cursor.ids[:page_size])
        records = self._records(plan, first, slots, moment)
        return Page(records=records, total=len(ids), locator=f"{self._open(cursor)}-{page_size}")

    def more(self, locator: str, *, user_id: str) -> Page:
        """Return the page of a cursor that *locator* names."""
        name, _, start = locator.partition("-")
        cursor = self._cursors.get(name)
        if cursor is None or not start.isdecimal() or int(start) >= len(cursor.ids):
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        if self._clock.timestamp() - cursor.opened_at > CURSOR_LIFE_S:
            del self._cursors[name]
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        if cursor.user_id != user_id:
            raise SalesforceError(
                "INVALID_QUERY_LOCATOR", "the query locator belongs to another user"
            )
        begin = int(start)
        end = begin + cursor.page_size
        wanted = cursor.ids[begin:end]
        plan = cursor.plan
        rows = self._rows(plan, wanted)
        moment = Moment(today=self._clock.now().date(), user_id=user_id)
        return Page(
            records=self._records(plan, rows, cursor.slots, moment),
            total=len(cursor.ids),
            locator=f"{name}-{end}" if end < len(cursor.ids) else None,
        )

    def by_ids(
        self, text: str, ids: Sequence[str], *, schema: Schema, root: str, user_id: str
    ) -> dict[str, Record]:
        """Return the living records among *ids*, by id; *text* is a query without conditions."""
        plan, slots = self.plan(text, schema=schema, root=root, all_rows=False)
        moment = Moment(today=self._clock.now().date(), user_id=user_id)
        sql = (
            f"SELECT {plan.columns} FROM {plan.source} "
            f"WHERE {plan.id_sql} IN (SELECT value FROM json_each(?)) AND {plan.where}"
        )
        rows = self._store.db.execute(sql, [json.dumps(ids)]).fetchall()
        records = self._records(plan, rows, slots, moment)
        return {row[0]: record for row, record in zip(rows, records, strict=True)}

    def _rows(self, plan: Plan, wanted: Sequence[str]) -> list[Any]:
        """Return the rows of these ids that are still there, in this order."""
        sql = (
            f"SELECT {plan.columns} FROM {plan.source} "
            f"WHERE {plan.id_sql} IN (SELECT value FROM json_each(?))"
        )
        found = {row[0]: row for row in self._store.db.execute(sql, [json.dumps(wanted)])}
        return [found[one] for one in wanted if one in found]

    def _open(self, cursor: Cursor) -> str:
        self._opened += 1
        name = make_id("01g", self._opened)
        self._cursors[name] = cursor
        own = [key for key, one in self._cursors.items() if one.user_id == cursor.user_id]
        for key in own[:-CURSORS_PER_USER]:
            del self._cursors[key]
        return name

    def _records(
        self, plan: Plan, rows: Sequence[Any], slots: Sequence[str], moment: Moment
    ) -> list[Record]:
        records = [plan.builder(row) for row in rows]
        for child in plan.children:
            ids = json.dumps([row[0] for row in rows])
            values = [ids, *(parameter(slots, moment) for parameter in child.parameters)]
            found: dict[str, list[Record]] = {}
            for row in self._store.db.execute(child.sql, values):
                found.setdefault(row[0], []).append(child.builder(row[1:]))
            for row, record in zip(rows, records, strict=True):
                own = found.get(row[0])
                record[child.relationship] = own and {
                    "totalSize": len(own),
                    "done": True,
                    "records": own,
                }
        return records


def _class(value: str) -> str:
    """Return what kind of SQL a value needs, so that unlike values get plans of their own."""
    if not value.startswith("'"):
        return "t"
    if value == "''":
        return "e"
    width = "w" if not value.isascii() or "\\u" in value else "s"
    return f"{width}{value.count(';')}"
