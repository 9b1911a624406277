"""Salesforce as the product sees it: each call is a point at which an invocation can be struck."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from counterpart.adapters.salesforce.rows import EXTERNAL_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Record, SObject
    from counterpart.domain.values import Value
    from counterpart.ports import (
        ApiUsage,
        Clock,
        FieldFacts,
        LookUp,
        NewRecord,
        PageQuery,
        Poll,
        RecordChange,
        RowAnswer,
        WriteAnswer,
    )
    from tests.convergence.hands import Hands
    from tests.convergence.watch import Calls


@dataclass(frozen=True, kw_only=True)
class Sight:
    """Whose counterpart a record was when its contact was read here, and when that was."""

    contact_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OurWrite:
    """What we asked Salesforce to write to one record, by API name, and when by our clock.

    Attributes:
        subject_id: The contact or company whose values these are.
        taken: It was not refused.
        read_at: When it was last read before it was decided what to write.
        sight: The last of its contact before that, by which it was decided.
        answered: We were told so, and did not forget it.
    """

    at: datetime
    values: Mapping[str, Value]
    subject_id: str | None
    taken: bool
    read_at: datetime | None = None
    sight: Sight | None = None
    answered: bool = True


class WatchedSalesforce:
    """The three ports of an org, with points before and after each call."""

    def __init__(
        self,
        hands: Hands,
        calls: Calls,
        clock: Clock,
        holders: Callable[[str], Sequence[str]],
        sights: Mapping[str, Sight],
    ) -> None:
        self._hands, self._calls, self.clock, self._holders = hands, calls, clock, holders
        self._sights = sights
        self.writes = 0
        self.updates: dict[str, list[OurWrite]] = defaultdict(list)
        # By record, when it was last read by its id, and when by anybody for the first time.
        self.read_at: dict[str, datetime] = {}
        # By record, whose it was for those who read it then.
        self.sights: dict[str, Sight] = {}
        self.first_read: dict[str, datetime] = {}
        # By contact or company, when records were made under its id, or written once more.
        self.made: dict[str, list[datetime]] = defaultdict(list)

    def poll(
        self, queries: Sequence[PageQuery], describe: Collection[SObject] = ()
    ) -> Poll[Record]:
        """Pass it on."""
        with self._calls.one():
            answer = self._hands.reader.poll(queries, describe)
            for page in answer.pages:
                self._note_sight([record.id for record in page.records])
        return answer

    def read(
        self, wanted: Mapping[SObject, Collection[str]], fields: Sequence[FieldMapping]
    ) -> Mapping[str, Record]:
        """Pass it on."""
        with self._calls.one():
            answer = self._hands.reader.read(wanted, fields)
            for record_ids in wanted.values():
                self.read_at |= dict.fromkeys(record_ids, self.clock())
                known = [each for each in record_ids if each in self._sights]
                self.sights |= {each: self._sights[each] for each in known}
                self._note_sight(record_ids)
        return answer

    def _note_sight(self, record_ids: Iterable[str]) -> None:
        for record_id in record_ids:
            self.first_read.setdefault(record_id, self.clock())

    def count(self, query: PageQuery) -> int | None:
        """Pass it on."""
        with self._calls.one():
            return self._hands.reader.count(query)

    def hidden(self, sobject: SObject, paths: Collection[str]) -> Collection[str]:
        """Pass it on."""
        with self._calls.one():
            return self._hands.reader.hidden(sobject, paths)

    def describe(self, sobject: str) -> Mapping[str, FieldFacts]:
        """Pass it on; most of the time it is known already, so there is no point to pass."""
        return self._hands.reader.describe(sobject)

    def usage(self) -> ApiUsage:
        """Pass it on."""
        return self._hands.reader.usage()

    def update(self, changes: Sequence[RecordChange]) -> WriteAnswer:
        """Pass it on, and take note."""
        read_at = {change.record_id: self.read_at.get(change.record_id) for change in changes}
        sights = {change.record_id: self.sights.get(change.record_id) for change in changes}
        with self._calls.one():
            self.writes += len(changes)
            owners = self.owners(changes)
            rows: Sequence[RowAnswer] = ()
            try:
                answer = self._hands.writer.update(changes)
                rows = answer.rows
            finally:
                # Where the answer was lost, the org knows what came of it.
                seen = [] if rows else self._written_now()
                taken = [not row.refusal for row in rows] or [
                    any(row["Id"] == change.record_id for row in seen) for change in changes
                ]
                for change, owner, took in zip(changes, owners, taken, strict=True):
                    write = OurWrite(
                        at=self.clock(),
                        values=dict(change.values),
                        subject_id=owner,
                        taken=took,
                        read_at=read_at[change.record_id],
                        sight=sights[change.record_id],
                        answered=bool(rows),
                    )
                    self.note(change.record_id, write)
        return answer

    def look_up(
        self,
        *,
        emails: Collection[str],
        domains: Collection[str],
        fields: Sequence[FieldMapping],
        contact_ids: Collection[str] = (),
        company_ids: Collection[str] = (),
    ) -> LookUp:
        """Pass it on."""
        with self._calls.one():
            return self._hands.creator.look_up(
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
        assignment_rule: str = "",
    ) -> WriteAnswer:
        """Pass it on, and take note."""
        with self._calls.one():
            self.writes += len(records)
            rows: Sequence[RowAnswer] = ()
            try:
                answer = self._hands.creator.create(
                    records, allow_duplicates=allow_duplicates, assignment_rule=assignment_rule
                )
                rows = answer.rows
            finally:
                made = (
                    {row[EXTERNAL_ID]: row["Id"] for row in self._written_now()} if not rows else {}
                )
                ids = [row.record_id for row in rows] or [
                    made.get(one.external_id) for one in records
                ]
                for record, record_id in zip(records, ids, strict=True):
                    if record_id:
                        write = OurWrite(
                            at=self.clock(),
                            values=dict(record.values),
                            subject_id=record.external_id,
                            taken=True,
                        )
                        self.note(record_id, write)
                        self.made[record.external_id].append(self.clock())
        return answer

    def note(self, record_id: str, write: OurWrite) -> None:
        """Take note of a write."""
        self.updates[record_id].append(write)

    def lose_answers(self, since: datetime, *, kept: Mapping[str, Contact | Company]) -> None:
        """Let answers be lost that an invocation which crashed had got, and did not store.

        Args:
            since: When it began.
            kept: What is stored by now, by id.
        """
        for record_id, writes in self.updates.items():
            self.updates[record_id] = [
                write
                if write.at < since
                or _is_stored(write, record_id, kept.get(write.subject_id or ""))
                else replace(write, answered=False)
                for write in writes
            ]

    def owners(self, changes: Sequence[RecordChange]) -> list[str | None]:
        """Return whose values these are; `None` where two follow the record at this moment."""
        held = [self._holders(change.record_id) for change in changes]
        # While a deletion of a contact is half done, another one may have its record already.
        return [holders[0] if len(holders) == 1 else None for holders in held]

    def _written_now(self) -> list[Row]:
        """Return the rows that were written in this very second."""
        now = self._hands.now()
        return [row for row in self._hands.rows() if row["LastModifiedDate"] == now]


def _is_stored(write: OurWrite, record_id: str, subject: Contact | Company | None) -> bool:
    held = subject.counterpart if subject else None
    if held is None or held.record_id != record_id:
        return False
    # Whoever follows a record that was made for it has stored the answer.
    return write.read_at is None or (held.written_at or held.linked_at) >= write.at
