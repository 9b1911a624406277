"""Salesforce in memory, for tests of the stories and for measuring everything but Salesforce."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from counterpart.adapters import memory_plain as plain
from counterpart.adapters.memory_jobs import InMemoryJobs
from counterpart.adapters.memory_schema import facts
from counterpart.adapters.memory_selection import takes
from counterpart.adapters.salesforce.rows import EXTERNAL_ID, IS_PERSON_ACCOUNT, row_reader
from counterpart.domain.budget import BELIEVED_FOR
from counterpart.domain.emails import email_key
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal, Remedy
from counterpart.domain.selection import SelectionMode
from counterpart.domain.streams import Rows
from counterpart.errors import MissingFieldError, QuotaExhaustedError, TransientError
from counterpart.ports import (
    AccountFound,
    ApiUsage,
    FieldFacts,
    LookUp,
    NewRecord,
    PageQuery,
    PersonFound,
    Poll,
    RecordChange,
    RecordPage,
    RowAnswer,
    WriteAnswer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from counterpart.adapters.memory_org import MemoryOrg
    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import PlainRecord, Record
    from counterpart.errors import CounterpartError
    from counterpart.ports import PlainQuery

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
            found |= {record.id: record for record in self._records(sobject, rows, fields)}
        return found

    def count(self, query: PageQuery) -> int | None:
        self._call()
        rows = [
            row
            for row in self.org.rows(query.object)
            if (query.lower is None or row["SystemModstamp"] >= query.lower)
            and (query.upper is None or row["SystemModstamp"] < query.upper)
        ]
        if self.most_looked_at is not None and len(rows) > self.most_looked_at:
            return None
        return sum(self._belongs(query, row) for row in rows)

    def hidden(self, sobject: SObject, paths: Collection[str]) -> Collection[str]:
        self.org.seen_fields(sobject)
        return {path for path in paths if self._lacks(sobject, path)}

    # --- PlainReader ----------------------------------------------------------------------------

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
        rows = plain.chosen(self.org.rows(sobject), among)
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
        wanted = {email_key(email) for email in emails}
        people = [
            PersonFound(record=record, email_key=key or "", external_id=borne)
            for sobject in (SObject.CONTACT, SObject.LEAD)
            for row in self.org.rows(sobject)
            for key, borne in [(email_key(row["Email"] or ""), self._borne(sobject, row))]
            if ((key and key in wanted) or borne in contact_ids) and not _is_gone(row)
            for record in self._records(sobject, [row], fields)
        ]
        accounts = [
            AccountFound(
                record_id=row["Id"],
                name=row["Name"],
                website=row["Website"],
                modified_at=row["LastModifiedDate"],
                external_id=borne,
            )
            for row in self.org.rows(SObject.ACCOUNT)
            if not (row["IsDeleted"] or row.get(IS_PERSON_ACCOUNT))
            for site, borne in [((row["Website"] or "").lower(), self._borne(SObject.ACCOUNT, row))]
            if any(domain in site for domain in domains) or borne in company_ids
        ]
        return LookUp(people=people, accounts=accounts)

    def _borne(self, sobject: SObject, row: Row) -> str | None:
        """Return the id of ours that a row bears, as far as our user sees it."""
        return row[EXTERNAL_ID] if EXTERNAL_ID in self.org.seen_fields(sobject) else None

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
        answers: dict[tuple[SObject, str], RowAnswer] = {}
        # In the order of their declaration: Accounts come first.
        for record in sorted(records, key=lambda record: list(SObject).index(record.object)):
            above = answers.get((SObject.ACCOUNT, record.account_external_id or ""))
            made = above.record_id if above else None
            answer = self._upserted(record, made, allow_duplicates=allow_duplicates)
            if answer.refusal and above and above.refusal and above.refusal.remedy is Remedy.RETRY:
                answer = above
            answers[record.object, record.external_id] = answer
        return self._answer([answers[key] for key in keys])

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
        chosen_by = query.selection
        if chosen_by and chosen_by.mode is SelectionMode.MARKED:
            self._seen(query.object, chosen_by.marker)
        window = self._window(query)
        if window is None:
            return RecordPage(records=(), finished=False, timed_out=True)
        taken = (row for row in window if self._belongs(query, row))
        chosen, finished = self._first(taken, query.limit)
        return RecordPage(
            records=list(self._records(query.object, chosen, query.fields)), finished=finished
        )

    def _plain_page(self, query: PlainQuery) -> RecordPage[PlainRecord]:
        window = self._window(query)
        if window is None:
            return RecordPage(records=(), finished=False, timed_out=True)
        chosen, finished = self._first(plain.chosen(window, query.among), query.limit)
        return RecordPage(
            records=plain.records(self.org, query.object, chosen, query.paths), finished=finished
        )

    def _window(self, query: PageQuery | PlainQuery) -> Iterator[Row] | None:
        """Return the rows between the bounds; `None` if they are too many to look at."""
        rows = self.org.rows(query.object)
        start, end = 0, len(rows)
        if query.lower:
            start = bisect_left(rows, (query.lower, ""), key=_place)
        if query.after:
            after = (query.after.modstamp, query.after.record_id)
            start = max(start, bisect_right(rows, after, key=_place))
        if query.upper:
            end = bisect_left(rows, (query.upper, ""), key=_place)
        if self.most_looked_at is not None and end - start > self.most_looked_at:
            return None
        return islice(rows, start, end)

    def _first(self, rows: Iterable[Row], limit: int) -> tuple[list[Row], bool]:
        """Return the rows of one page, and whether it is the last."""
        most = min(limit, self._page_size)
        found = list(islice(rows, most + 1))
        return found[:most], len(found) <= most and len(found) < limit

    def _belongs(self, query: PageQuery, row: Row) -> bool:
        gone = _is_gone(row)
        if query.ids and row["Id"] not in query.ids:
            return False
        if query.rows is Rows.GONE or (gone and query.rows is Rows.ALL):
            return gone
        early = query.live_from is not None and row["SystemModstamp"] < query.live_from
        if gone or early or query.selection is None:
            return not (gone or early)
        if query.object is SObject.ACCOUNT and row.get(IS_PERSON_ACCOUNT):
            return False
        if query.selection.mode is SelectionMode.ALL:
            return True
        return takes(query.selection, self._with_parents(row))

    def _records(
        self, sobject: SObject, rows: Iterable[Row], fields: Sequence[FieldMapping]
    ) -> Iterable[Record]:
        """Return the records of *rows*.

        Raises:
            MissingFieldError: the org lacks a field, or hides it.
        """
        paths = [field.paths[sobject] for field in fields if sobject in field.paths]
        self._seen(sobject, *paths)
        read = row_reader(sobject, fields, to_moment=lambda moment: moment)
        if any("." in path for path in paths):
            return (read(self._with_parents(row)) for row in rows)
        return map(read, rows)

    def _seen(self, sobject: SObject, *paths: str) -> None:
        """Make sure that our user sees these fields.

        Raises:
            MissingFieldError: it does not, or not even the object.
        """
        self.org.seen_fields(sobject)
        for path in paths:
            if self._lacks(sobject, path):
                raise MissingFieldError(f"No such column '{path}' on sobject of type {sobject}")

    def _lacks(self, sobject: SObject, path: str) -> bool:
        """Return whether our user does not see a field; of parents, an org has Accounts alone."""
        parent, _, name = path.lower().rpartition(".")
        if parent == SObject.ACCOUNT.lower():
            if SObject.ACCOUNT in self.org.hidden_objects:
                return True
            return name not in map(str.lower, self.org.seen_fields(SObject.ACCOUNT))
        return not parent and name not in map(str.lower, self.org.seen_fields(sobject))

    def _with_parents(self, row: Row) -> Row:
        account_id = row.get("AccountId")
        return row | {"Account": self.org.find(account_id) if account_id else None}

    def _updated(self, change: RecordChange) -> RowAnswer:
        record_id, values = change.record_id, change.values
        if refusal := self.org.objection(change.object, values, record_id, record_id):
            return RowAnswer(refusal=refusal)
        self.org.edit(record_id, values)
        return RowAnswer(record_id=record_id)

    def _upserted(
        self, record: NewRecord, account_made: str | None, *, allow_duplicates: bool
    ) -> RowAnswer:
        values: dict[str, Any] = {EXTERNAL_ID: record.external_id, **record.values}
        keyed = EXTERNAL_ID in self.org.seen_fields(record.object)
        if not keyed:
            del values[EXTERNAL_ID]
        if record.object is not SObject.CONTACT:
            pass
        elif record.account_id:
            values["AccountId"] = record.account_id
        elif account_made:
            values["AccountId"] = account_made
        elif record.account_external_id:
            account = self.org.by_external_id(SObject.ACCOUNT, record.account_external_id)
            if account is None:
                return RowAnswer(
                    refusal=Refusal(
                        code="INVALID_FIELD",
                        message=f"Foreign key external ID: {record.account_external_id.lower()}"
                        f" not found for field {EXTERNAL_ID} in entity Account",
                    )
                )
            values["AccountId"] = account["Id"]
        row = self.org.by_external_id(record.object, record.external_id) if keyed else None
        record_id = row["Id"] if row else None
        key = record.external_id
        if refusal := self.org.objection(record.object, values, record_id, key):
            return RowAnswer(refusal=refusal)
        if record_id:
            self.org.edit(record_id, values)
            return RowAnswer(record_id=record_id)
        if refusal := self.org.suspicion(record.object, values, allow_duplicates=allow_duplicates):
            return RowAnswer(refusal=refusal)
        return RowAnswer(record_id=self.org.add(record.object, values), created=True)


def _place(row: Row) -> tuple[Any, str]:
    return row["SystemModstamp"], row["Id"]


def _is_gone(row: Row) -> bool:
    return bool(row["IsDeleted"] or row.get("IsConverted"))
