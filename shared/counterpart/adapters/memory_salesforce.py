"""Salesforce in memory, for tests of the stories and for measuring everything but Salesforce."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.adapters import memory_creating as creating
from counterpart.adapters import memory_pages as pages
from counterpart.adapters import memory_plain as plain
from counterpart.adapters.memory_jobs import InMemoryJobs
from counterpart.adapters.memory_records import lacks, records_of
from counterpart.adapters.memory_schema import facts
from counterpart.domain.budget import BELIEVED_FOR
from counterpart.errors import QuotaExhaustedError, TransientError
from counterpart.ports import ApiUsage, Poll, RowAnswer, WriteAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.adapters.memory_org import MemoryOrg
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import PlainRecord, Record, SObject
    from counterpart.errors import CounterpartError
    from counterpart.ports import (
        FieldFacts,
        LookUp,
        NewRecord,
        PageQuery,
        PlainQuery,
        RecordChange,
        RecordPage,
    )

_A_DAY = timedelta(days=1)
_MOST_QUERIES = 5


class InMemorySalesforce:
    """Reads, writes and creates in a `MemoryOrg`, call by call as the real API would.

    Args:
        page_size: Rows that one page holds at most, as if they were wide.
        daily_calls: The org's allowance; 0 is without limit.

    Attributes:
        jobs: Its bulk jobs.
        most_looked_at: Rows in a query's window that Salesforce can look at before it gives up.
    """

    def __init__(self, org: MemoryOrg, *, page_size: int = 2000, daily_calls: int = 0) -> None:
        self.org = org
        self._page_size = page_size
        self._daily_calls = daily_calls
        self._calls = 0
        # Those of the last 24 hours, and what the last answer said of them.
        self._made: deque[datetime] = deque()
        self._told: tuple[datetime, int] | None = None
        self._troubles: list[CounterpartError] = []
        self._lost_answers = 0
        self.jobs = InMemoryJobs(org, call=self._call, write=self._updated)
        self.most_looked_at: int | None = None

    # --- Accidents ------------------------------------------------------------------------------

    def fail(self, *errors: CounterpartError) -> None:
        """Let the next calls fail before anything happens, each with one of *errors*."""
        self._troubles += errors

    def lose_answers(self, times: int = 1) -> None:
        """Let the next writes happen and their answers get lost."""
        self._lost_answers += times

    # --- RecordReader ---------------------------------------------------------------------------

    def poll(
        self, queries: Sequence[PageQuery], describe: Collection[SObject] = ()
    ) -> Poll[Record]:
        if not 0 < len(queries) <= _MOST_QUERIES:
            raise ValueError(f"a poll asks 1 to {_MOST_QUERIES} queries, not {len(queries)}")
        self._call()
        return Poll(
            as_of=self.org.now(),
            pages=[self._page(query) for query in queries],
            facts={
                sobject: self.describe(sobject)
                for sobject in describe
                if sobject not in self.org.hidden_objects
            },
        )

    def read(
        self, wanted: Mapping[SObject, Collection[str]], fields: Sequence[FieldMapping]
    ) -> Mapping[str, Record]:
        if any(wanted.values()):
            self._call()
        found: dict[str, Record] = {}
        for sobject, record_ids in wanted.items():
            rows = (row for key in record_ids if (row := self.org.find(key)) is not None)
            found |= {record.id: record for record in records_of(self.org, sobject, rows, fields)}
        return found

    def count(self, query: PageQuery) -> int | None:
        self._call()
        pages.require_selectable(self.org, query)
        rows = [
            row
            for row in self.org.rows(query.object)
            if (query.lower is None or row["SystemModstamp"] >= query.lower)
            and (query.upper is None or row["SystemModstamp"] < query.upper)
        ]
        if self.most_looked_at is not None and len(rows) > self.most_looked_at:
            return None
        return sum(pages.belongs(self.org, query, row) for row in rows)

    # --- PlainReader ----------------------------------------------------------------------------

    def hidden(self, sobject: str, paths: Collection[str]) -> Collection[str]:
        self.org.seen_fields(sobject)
        return {path for path in paths if lacks(self.org, sobject, path)}

    def describe(self, sobject: str) -> Mapping[str, FieldFacts]:
        places = self.org.places(sobject)
        return {path: facts(path, place) for path, place in places.items()}

    def poll_plain(self, queries: Sequence[PlainQuery]) -> Poll[PlainRecord]:
        self._call()
        return Poll(as_of=self.org.now(), pages=[self._plain_page(query) for query in queries])

    def read_plain(
        self, sobject: str, paths: Sequence[str], *, among: Mapping[str, Collection[str]]
    ) -> Sequence[PlainRecord]:
        if not all(among.values()):
            return []
        self._call()
        rows = plain.chosen(self.org, self.org.rows(sobject), among)
        return plain.records(self.org, sobject, rows, paths)

    # --- All of them ----------------------------------------------------------------------------

    def usage(self) -> ApiUsage:
        if self._told is None or self.org.now() - self._told[0] > BELIEVED_FOR:
            return ApiUsage(calls=self._calls)
        return ApiUsage(calls=self._calls, used=self._told[1], allowed=self._daily_calls)

    # --- RecordWriter ---------------------------------------------------------------------------

    def update(self, changes: Sequence[RecordChange]) -> WriteAnswer:
        return self.write(lambda: [self._updated(change) for change in changes])

    def write(self, rows: Callable[[], Sequence[RowAnswer]]) -> WriteAnswer:
        """Write rows in one call, with all that may befall it."""
        self._call()
        return self._answer(rows())

    # --- RecordCreator --------------------------------------------------------------------------

    def look_up(
        self,
        *,
        emails: Collection[str],
        domains: Collection[str],
        fields: Sequence[FieldMapping],
        contact_ids: Collection[str] = (),
        company_ids: Collection[str] = (),
    ) -> LookUp:
        if emails or domains or contact_ids or company_ids:
            self._call()
        return creating.look_up(
            self.org,
            emails=emails,
            domains=domains,
            fields=fields,
            contact_ids=contact_ids,
            company_ids=company_ids,
        )

    def create(
        self,
        records: Sequence[NewRecord],
        *,
        allow_duplicates: bool = False,
        assignment_rule: str = "",  # noqa: ARG002 - nobody is there to be assigned to
    ) -> WriteAnswer:
        keys = [(record.object, record.external_id) for record in records]
        if len(set(keys)) < len(keys):
            raise ValueError("an external id stands twice in one list")
        self._call()
        made = creating.create(self.org, records, allow_duplicates=allow_duplicates)
        return self._answer([made[key] for key in keys])

    # --- How it is done -------------------------------------------------------------------------

    def _call(self) -> None:
        now = self.org.now()
        while self._made and now - self._made[0] >= _A_DAY:
            self._made.popleft()
        spent = self._daily_calls and len(self._made) >= self._daily_calls
        if not spent:
            self._calls += 1
            self._made.append(now)
        self._told = (now, len(self._made))
        if spent:
            raise QuotaExhaustedError("TotalRequests Limit exceeded.")
        if self._troubles:
            raise self._troubles.pop(0)

    def _answer(self, rows: Sequence[RowAnswer]) -> WriteAnswer:
        if self._lost_answers:
            self._lost_answers -= 1
            raise TransientError("the answer was lost")
        return WriteAnswer(rows=rows, as_of=self.org.now())

    def _page(self, query: PageQuery) -> RecordPage[Record]:
        return pages.page(
            self.org, query, page_size=self._page_size, most_looked_at=self.most_looked_at
        )

    def _plain_page(self, query: PlainQuery) -> RecordPage[PlainRecord]:
        return pages.plain_page(
            self.org, query, page_size=self._page_size, most_looked_at=self.most_looked_at
        )

    def _updated(self, change: RecordChange) -> RowAnswer:
        record_id, values = change.record_id, change.values
        if refusal := self.org.objection(change.object, values, record_id, record_id):
            return RowAnswer(refusal=refusal)
        self.org.edit(record_id, values)
        return RowAnswer(record_id=record_id)
